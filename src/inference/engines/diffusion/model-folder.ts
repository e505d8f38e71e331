import { existsSync, readdirSync, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { ProblemError } from '../../../problem.js'
import { type ScheduleConfig, scheduleSchema } from './schedule.js'

/** A model in the layout that Optimum and diffusers write, before anything of it is loaded. */
export type ModelFolder = {
  readonly name: string
  readonly folder: string
  /** Two text encoders, as SDXL has. */
  readonly isXl: boolean
  readonly schedule: ScheduleConfig
  /** Latents are what the encoder says, times this. */
  readonly scaling: number
  /** The side of the squares that it was trained at, in latents. */
  readonly trained: number
  /** The graph of a small decoder for previews, where there is one. */
  readonly smallDecoder: string | undefined
}

/** What every model has; SDXL has a second text encoder besides. */
const PARTS = [
  'unet/model.onnx',
  'vae_encoder/model.onnx',
  'vae_decoder/model.onnx',
  'text_encoder/model.onnx',
] as const
const WORDS = ['vocab.json', 'merges.txt'] as const

const unetSchema = z.object({ sample_size: z.int().min(1).max(1024).optional() })
const vaeSchema = z.object({ scaling_factor: z.number().positive().optional() })

/**
 * See what is in a folder. What kind of model it is follows from its files, not from what they are called.
 *
 * @throws ProblemError `model-incomplete`, `model-unreadable`
 */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const name = basename(folder)
  const isXl = await isThere(join(folder, 'text_encoder_2'))
  const needed = [...PARTS, ...WORDS.map(file => `tokenizer/${file}`)]
  if (isXl) needed.push('text_encoder_2/model.onnx', ...WORDS.map(file => `tokenizer_2/${file}`))
  const missing: string[] = []
  for (const file of needed) if (!(await isThere(join(folder, file)))) missing.push(file)
  if (missing.length > 0) throw new ProblemError({ code: 'model-incomplete', model: name, missing: missing.join(', ') })
  const schedule = await parsed(folder, 'scheduler/scheduler_config.json', scheduleSchema)
  const vae = await Promise.all(
    ['vae_decoder/config.json', 'vae/config.json'].map(file => parsed(folder, file, vaeSchema)),
  )
  const scaling = vae.find(one => one.scaling_factor !== undefined)?.scaling_factor ?? (isXl ? 0.13025 : 0.18215)
  const { sample_size: trained = isXl ? 128 : 64 } = await parsed(folder, 'unet/config.json', unetSchema)
  const small = [join(folder, 'taesd_decoder'), join(folder, '..', isXl ? 'taesdxl' : 'taesd', 'vae_decoder')]
  let smallDecoder: string | undefined
  for (const part of small) {
    const graph = join(part, 'model.onnx')
    if (await isThere(graph)) smallDecoder ??= graph
  }
  return { name, folder, isXl, schedule, scaling, trained, smallDecoder }
}

/** The names of the folders that look like models, in the order of the alphabet; none if there is no such folder. */
export function modelNames(folder: string): string[] {
  if (!existsSync(folder)) return []
  const looks = (name: string) => MARKS.some(mark => existsSync(join(folder, name, mark)))
  // A colon in an engine's name parts what it is from its variants.
  return readdirSync(folder)
    .filter(name => !name.includes(':') && looks(name))
    .sort()
}

/** How large all files of a model are together. */
export function modelBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** One of these is in every model's folder. */
const MARKS = ['model_index.json', 'unet']

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
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
