import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../user-error.js'
import { readModelText } from '../onnx/model-file.js'
import { checkConfiguration } from './check-configuration.js'
import { type Checkpoint, type CheckpointTextEncoder, REFINER_TIME_IDS } from './checkpoint.js'
import type { ConfigurationFile } from './configuration-fields.js'
import { findWeightFile, readFolderJson, readWeights } from './folder-weights.js'
import { headsFromConfig, headsSchema } from './heads-config.js'
import { latentScaleFields, latentScaleOf } from './latent-scale.js'
import { renameVaeAttention, stripTextModelPrefix } from './ldm-names.js'
import { parsePythonJson } from './python-json.js'

const latentSide = z.int().min(1).max(1024)

/** Side of the training pictures, in latents; height and width if they were not square. */
export const sampleSizeSchema = z.union([latentSide, z.tuple([latentSide, latentSide])]).nullish()

/** The side of the square with the same area; undefined if the config doesn't state a size. */
export function squareSide(size: z.infer<typeof sampleSizeSchema>): number | undefined {
  return typeof size === 'object' && size ? Math.round(Math.sqrt(size[0] * size[1])) : (size ?? undefined)
}

const unetSchema = headsSchema.extend({
  mid_block_type: z.enum(['UNetMidBlock2DCrossAttn', 'UNetMidBlock2D']).nullable().default('UNetMidBlock2DCrossAttn'),
  sample_size: sampleSizeSchema,
})
const vaeSchema = z.object({
  norm_num_groups: z.int().positive().default(32),
  ...latentScaleFields,
})
const textSchema = z.object({
  hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
  num_attention_heads: z.int().positive(),
  num_hidden_layers: z.int().positive(),
})

/** Whether a folder is a model in diffusers' layout with safetensors weights. */
export function isCheckpointFolder(folder: string): boolean {
  return findWeightFile(folder, 'unet') !== undefined
}

/** A checkpoint as a folder in diffusers' layout. @throws UserError as `readCheckpoint` does */
export async function readFolderCheckpoint(folder: string): Promise<Checkpoint> {
  const name = basename(folder)
  await checkFolderConfiguration(folder)
  const suffixes = await textEncoderSuffixes(folder)
  const isXl = suffixes.includes('_2')
  const isRefiner = isXl && suffixes.length === 1
  const unetConfig = await readFolderJson(folder, 'unet/config.json', unetSchema)
  const vaeConfig = await readFolderJson(folder, 'vae/config.json', vaeSchema)
  const textEncoders: CheckpointTextEncoder[] = []
  for (const suffix of suffixes) {
    const file = await readFolderJson(folder, `text_encoder${suffix}/config.json`, textSchema)
    const tokenizerFolder = join(folder, `tokenizer${suffix}`)
    textEncoders.push({
      tensors: stripTextModelPrefix(await readWeights(folder, `text_encoder${suffix}`)),
      config: { heads: file.num_attention_heads, activation: file.hidden_act, layers: file.num_hidden_layers },
      tokenizerFolder: existsSync(tokenizerFolder) ? tokenizerFolder : undefined,
      padToken: file.hidden_act === 'gelu' ? 'first' : 'end',
    })
  }
  const kind = isXl ? 'SDXL' : textEncoders[0]!.config.activation === 'gelu' ? 'SD 2' : 'SD 1'
  return {
    name,
    kind,
    unet: await readWeights(folder, 'unet'),
    unetConfig: {
      ...headsFromConfig(unetConfig),
      ...(isRefiner && { timeIds: REFINER_TIME_IDS }),
      ...(unetConfig.mid_block_type === null && { middleBlock: 'none' as const }),
      ...(unetConfig.mid_block_type === 'UNetMidBlock2D' && { middleBlock: 'resnet' as const }),
    },
    vae: renameVaeAttention(await readWeights(folder, 'vae')),
    vaeGroups: vaeConfig.norm_num_groups,
    textEncoders,
    schedulerConfig: await readFolderJson(folder, 'scheduler/scheduler_config.json', z.unknown()),
    latentScale: latentScaleOf(vaeConfig, isXl),
    sampleSize: squareSide(unetConfig.sample_size) ?? (isXl ? 128 : 64),
    zerosForNoPrompt: await readZerosForNoPrompt(folder, isXl),
    isRefiner,
  }
}

/** What follows `text_encoder` in the names of a folder's text encoders. SDXL's refiner has only the second one. */
export async function textEncoderSuffixes(folder: string): Promise<('' | '_2')[]> {
  if (!existsSync(join(folder, 'text_encoder_2'))) return ['']
  const text = await readConfiguration(folder, 'model_index.json')
  const index = modelIndexSchema.safeParse(parsePythonJson(text))
  return index.success && index.data.requires_aesthetics_score ? ['_2'] : ['', '_2']
}

/**
 * Check all configuration files of a folder before anything else of it is read.
 *
 * @throws UserError `model-unsupported`, `model-unreadable`
 */
export async function checkFolderConfiguration(folder: string): Promise<void> {
  const files: readonly (readonly [string, ConfigurationFile])[] = [
    ['model_index.json', 'model_index.json'],
    ['scheduler/scheduler_config.json', 'scheduler/scheduler_config.json'],
    ['unet/config.json', 'unet/config.json'],
    // Of Stable Diffusion 3 and Flux, which have no UNet.
    ['transformer/config.json', 'unet/config.json'],
    ['vae/config.json', 'vae/config.json'],
    ['vae_decoder/config.json', 'vae/config.json'],
    ['text_encoder/config.json', 'text_encoder/config.json'],
    ['text_encoder_2/config.json', 'text_encoder/config.json'],
  ]
  for (const [file, rules] of files) {
    const text = await readConfiguration(folder, file)
    let config: unknown
    try {
      config = parsePythonJson(text)
    } catch {
      // Whoever reads this file says that it is not JSON.
      continue
    }
    checkConfiguration(basename(folder), rules, config)
  }
}

/**
 * Whether the pipeline replaces the embeddings of a missing prompt with zeros: SDXL's does unless `model_index.json` says
 * otherwise.
 */
export async function readZerosForNoPrompt(folder: string, isXl: boolean): Promise<boolean> {
  const text = await readConfiguration(folder, 'model_index.json')
  const index = modelIndexSchema.safeParse(parsePythonJson(text))
  return (index.success ? index.data.force_zeros_for_empty_prompt : undefined) ?? isXl
}

/** A missing file counts as `{}`. @throws UserError `model-unreadable` */
async function readConfiguration(folder: string, file: string): Promise<string> {
  try {
    return (await readModelText(join(folder, file))) ?? '{}'
  } catch (cause) {
    const detail = `${file}: ${(cause as Error).message}`
    throw new UserError({ code: 'model-unreadable', model: basename(folder), detail }, { cause })
  }
}

const modelIndexSchema = z.object({
  force_zeros_for_empty_prompt: z.boolean().optional(),
  requires_aesthetics_score: z.boolean().optional(),
})
