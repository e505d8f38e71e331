import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../../user-error.js'
import {
  checkFolderConfiguration,
  readZerosForNoPrompt,
  sampleSizeSchema,
  squareSide,
  textEncoderSuffixes,
} from '../../../checkpoint/folder-checkpoint.js'
import { latentScaleFields, latentScaleOf } from '../../../checkpoint/latent-scale.js'
import { parsePythonJson } from '../../../checkpoint/python-json.js'
import { isRegularFile, readModelText } from '../../../onnx/model-file.js'
import type { GraphSource } from '../../../onnx/session.js'
import { hasTokenizer, readTokenizer } from '../prompt/tokenizer.js'
import { SD_STEPS_OFFSET, schedulerConfigSchema } from '../sampling/noise-schedule.js'
import type { ModelFiles } from './model-files.js'

/** Graphs of every model, except its text encoders. */
const REQUIRED_GRAPHS = ['unet/model.onnx', 'vae_encoder/model.onnx', 'vae_decoder/model.onnx'] as const

const unetSchema = z.object({ sample_size: sampleSizeSchema })
const vaeSchema = z.object(latentScaleFields)

/**
 * Read a folder with ONNX graphs in the layout of diffusers and Optimum. A folder with a second text encoder is SDXL.
 *
 * @throws UserError `model-incomplete`, `model-unreadable`, `model-unsupported`
 */
export async function readDiffusersFolder(folder: string): Promise<ModelFiles> {
  const name = basename(folder)
  await checkFolderConfiguration(folder)
  const suffixes = await textEncoderSuffixes(folder)
  const isXl = suffixes.includes('_2')
  const requiredFiles = [...REQUIRED_GRAPHS, ...suffixes.map(suffix => `text_encoder${suffix}/model.onnx`)]
  const missing = requiredFiles.filter(file => !existsSync(join(folder, file)))
  for (const suffix of suffixes) {
    if (!hasTokenizer(join(folder, `tokenizer${suffix}`))) missing.push(`tokenizer${suffix}/vocab.json and merges.txt`)
  }
  if (missing.length > 0) throw new UserError({ code: 'model-incomplete', model: name, missing: missing.join(', ') })
  const schedulerConfig = await readJson(folder, 'scheduler/scheduler_config.json', schedulerConfigSchema)
  const vaeConfigs = await Promise.all(
    ['vae_decoder/config.json', 'vae/config.json'].map(file => readJson(folder, file, vaeSchema)),
  )
  const vaeConfig = vaeConfigs.find(one => one.scaling_factor !== undefined) ?? {}
  const { sample_size: sampleSize } = await readJson(folder, 'unet/config.json', unetSchema)
  const graph = (suffix: string): GraphSource => ({ name: suffix, file: join(folder, suffix, 'model.onnx') })
  return {
    name,
    family: isXl ? 'sdxl' : 'sd',
    schedulerConfig: isXl ? schedulerConfig : { ...schedulerConfig, steps_offset: SD_STEPS_OFFSET },
    latentScale: latentScaleOf(vaeConfig, isXl),
    sampleSize: squareSide(sampleSize) ?? (isXl ? 128 : 64),
    zerosForNoPrompt: await readZerosForNoPrompt(folder, isXl),
    isRefiner: isXl && suffixes.length === 1,
    precision: 'single',
    unet: graph('unet'),
    controlNets: [],
    vaeEncoder: graph('vae_encoder'),
    vaeDecoder: graph('vae_decoder'),
    textEncoders: suffixes.map(suffix => ({
      source: graph(`text_encoder${suffix}`),
      openTokenizer: () => readTokenizer(join(folder, `tokenizer${suffix}`)),
    })),
    previewDecoder: findPreviewDecoder(folder, isXl),
  }
}

/** The TAESD decoder inside the model's folder, or next to it for all models of a family. */
export function findPreviewDecoder(model: string, isXl: boolean): GraphSource | undefined {
  const candidates = [join(model, 'taesd_decoder'), join(dirname(model), isXl ? 'taesdxl' : 'taesd', 'vae_decoder')]
  const file = candidates.map(candidate => join(candidate, 'model.onnx')).find(isRegularFile)
  return file === undefined ? undefined : { name: 'taesd_decoder', file }
}

/** A JSON file by its schema; a missing file counts as `{}`. @throws UserError `model-unreadable` */
async function readJson<T>(folder: string, file: string, schema: z.ZodType<T>): Promise<T> {
  try {
    return schema.parse(parsePythonJson((await readModelText(join(folder, file))) ?? '{}'))
  } catch (error) {
    const detail = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new UserError(
      { code: 'model-unreadable', model: basename(folder), detail: `${file}: ${detail}` },
      { cause: error },
    )
  }
}
