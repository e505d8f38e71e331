import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { ProblemError } from '../../../../user-error.js'
import type { Checkpoint } from '../../../checkpoint/checkpoint.js'
import type { Form, Source } from '../../../onnx/network.js'
import { hasTokenizer, type PromptReader, readTokenizer } from '../prompt/tokenizer.js'
import { type ScheduleConfig, scheduleSchema } from '../sampling/noise-schedule.js'
import type { Family } from '../sampling/timestep-spacing.js'

/** What a model is made of, before anything of it is loaded. */
export type ModelFiles = {
  readonly name: string
  readonly family: Family
  readonly schedule: ScheduleConfig
  /** Latents are what the encoder says, times this. */
  readonly scaling: number
  /** The side of the squares that it was trained at, in latents. */
  readonly trained: number
  /** In which precision its weights lie. */
  readonly precision: Form['precision']
  /** Where the graphs are written from, if they are. */
  readonly checkpoint?: Checkpoint
  readonly unet: Source
  readonly encoder: Source
  readonly decoder: Source
  readonly texts: readonly { readonly source: Source; readonly reader: () => Promise<PromptReader> }[]
  /** The graph of a small decoder for previews, where there is one. */
  readonly smallDecoder: Source | undefined
}

/** What every model has besides its text encoders. */
const PARTS = ['unet/model.onnx', 'vae_encoder/model.onnx', 'vae_decoder/model.onnx'] as const

const unetSchema = z.object({ sample_size: z.int().min(1).max(1024).optional() })
const vaeSchema = z.object({ scaling_factor: z.number().positive().optional() })

/**
 * See what is in a folder in the layout that Optimum and diffusers write, with ONNX graphs. What kind of model it is follows
 * from its files, not from what they are called.
 *
 * @throws ProblemError `model-incomplete`, `model-unreadable`
 */
export async function readModelFolder(folder: string): Promise<ModelFiles> {
  const name = basename(folder)
  const isXl = existsSync(join(folder, 'text_encoder_2'))
  const parts = ['', ...(isXl ? ['_2'] : [])]
  const needed = [...PARTS, ...parts.map(part => `text_encoder${part}/model.onnx`)]
  const missing = needed.filter(file => !existsSync(join(folder, file)))
  for (const part of parts) {
    if (!hasTokenizer(join(folder, `tokenizer${part}`))) missing.push(`tokenizer${part}/vocab.json and merges.txt`)
  }
  if (missing.length > 0) throw new ProblemError({ code: 'model-incomplete', model: name, missing: missing.join(', ') })
  const schedule = await parsed(folder, 'scheduler/scheduler_config.json', scheduleSchema)
  const vae = await Promise.all(
    ['vae_decoder/config.json', 'vae/config.json'].map(file => parsed(folder, file, vaeSchema)),
  )
  const scaling = vae.find(one => one.scaling_factor !== undefined)?.scaling_factor ?? (isXl ? 0.13025 : 0.18215)
  const { sample_size: trained = isXl ? 128 : 64 } = await parsed(folder, 'unet/config.json', unetSchema)
  const graph = (part: string): Source => ({ name: part, file: join(folder, part, 'model.onnx') })
  return {
    name,
    family: isXl ? 'sdxl' : 'sd',
    schedule,
    scaling,
    trained,
    precision: 'single',
    unet: graph('unet'),
    encoder: graph('vae_encoder'),
    decoder: graph('vae_decoder'),
    texts: parts.map(part => ({
      source: graph(`text_encoder${part}`),
      reader: () => readTokenizer(join(folder, `tokenizer${part}`)),
    })),
    smallDecoder: smallDecoderFor(folder, isXl),
  }
}

/** In a model's folder, or beside it for all of a kind. */
export function smallDecoderFor(model: string, isXl: boolean): Source | undefined {
  const places = [join(model, 'taesd_decoder'), join(dirname(model), isXl ? 'taesdxl' : 'taesd', 'vae_decoder')]
  const file = places.map(place => join(place, 'model.onnx')).find(existsSync)
  return file === undefined ? undefined : { name: 'taesd_decoder', file }
}

/** What a file of JSON says, or what goes without saying if there is none. */
async function parsed<T>(folder: string, file: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readFile(join(folder, file), 'utf8').catch(() => '{}')
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    const detail = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new ProblemError(
      { code: 'model-unreadable', model: basename(folder), detail: `${file}: ${detail}` },
      { cause: error },
    )
  }
}
