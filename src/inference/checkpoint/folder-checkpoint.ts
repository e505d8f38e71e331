import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../user-error.js'
import type { StoredTensor } from '../onnx/graph-builder.js'
import { readModelText } from '../onnx/model-file.js'
import { checkConfiguration } from './check-configuration.js'
import { type Checkpoint, type CheckpointTextEncoder, REFINER_TIME_IDS, type Tensors } from './checkpoint.js'
import type { ConfigurationFile } from './configuration-fields.js'
import { latentScaleFields, latentScaleOf } from './latent-scale.js'
import { renameVaeAttention, stripTextModelPrefix } from './ldm-names.js'
import { parsePythonJson } from './python-json.js'
import { readSafetensors } from './safetensors.js'

const perLevel = z.union([z.int().positive(), z.array(z.int().positive()).min(1)])
const latentSide = z.int().min(1).max(1024)

/** Side of the training pictures, in latents; height and width if they were not square. */
export const sampleSizeSchema = z.union([latentSide, z.tuple([latentSide, latentSide])]).nullish()

/** The side of the square with the same area; undefined if the config doesn't state a size. */
export function squareSide(size: z.infer<typeof sampleSizeSchema>): number | undefined {
  return typeof size === 'object' && size ? Math.round(Math.sqrt(size[0] * size[1])) : (size ?? undefined)
}

const unetSchema = z.object({
  // Despite its name, the number of heads.
  attention_head_dim: perLevel.default(8),
  num_attention_heads: perLevel.nullish(),
  norm_num_groups: z.int().positive().default(32),
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

/** The files that diffusers and transformers write: one, or an index of several; the full precision comes first. */
const WEIGHT_FILES = ['diffusion_pytorch_model', 'model'].flatMap(name => [
  `${name}.safetensors`,
  `${name}.safetensors.index.json`,
  `${name}.fp16.safetensors`,
  `${name}.safetensors.index.fp16.json`,
  `${name}.fp16.safetensors.index.json`,
])

/** Weights of one network as torch writes them, relative to the model's folder; undefined if there are none. */
export function findPickle(folder: string, part: string): string | undefined {
  const names = ['diffusion_pytorch_model', 'pytorch_model'].flatMap(name => [
    `${name}.bin`,
    `${name}.fp16.bin`,
    `${name}.bin.index.json`,
  ])
  return names.map(name => `${part}/${name}`).find(name => existsSync(join(folder, name)))
}

/** A checkpoint as a folder in diffusers' layout. @throws UserError as `readCheckpoint` does */
export async function readFolderCheckpoint(folder: string): Promise<Checkpoint> {
  const name = basename(folder)
  await checkFolderConfiguration(folder)
  const suffixes = await textEncoderSuffixes(folder)
  const isXl = suffixes.includes('_2')
  const isRefiner = isXl && suffixes.length === 1
  const unetConfig = await readJson(folder, 'unet/config.json', unetSchema)
  const vaeConfig = await readJson(folder, 'vae/config.json', vaeSchema)
  const heads = unetConfig.num_attention_heads ?? unetConfig.attention_head_dim
  const textEncoders: CheckpointTextEncoder[] = []
  for (const suffix of suffixes) {
    const file = await readJson(folder, `text_encoder${suffix}/config.json`, textSchema)
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
      heads: (_, level) => (typeof heads === 'number' ? heads : heads[Math.min(level, heads.length - 1)]!),
      groups: unetConfig.norm_num_groups,
      ...(isRefiner && { timeIds: REFINER_TIME_IDS }),
      ...(unetConfig.mid_block_type === null && { middleBlock: 'none' as const }),
      ...(unetConfig.mid_block_type === 'UNetMidBlock2D' && { middleBlock: 'resnet' as const }),
    },
    vae: renameVaeAttention(await readWeights(folder, 'vae')),
    vaeGroups: vaeConfig.norm_num_groups,
    textEncoders,
    schedulerConfig: await readJson(folder, 'scheduler/scheduler_config.json', z.unknown()),
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

/** The file of a network's weights, or the index of several, in its part of the folder. */
export function findWeightFile(folder: string, part: string): string | undefined {
  return WEIGHT_FILES.find(file => existsSync(join(folder, part, file)))
}

/** The tensors of one network, possibly from several files. @throws UserError `checkpoint-incomplete` */
async function readWeights(folder: string, part: string): Promise<Tensors> {
  const weightFile = findWeightFile(folder, part)
  if (!weightFile) {
    const pickle = findPickle(folder, part)
    if (pickle !== undefined)
      throw new UserError({ code: 'checkpoint-is-pickle', file: `${basename(folder)}/${pickle}` })
    const [file, missing] = [
      basename(folder),
      `${part}/${part === 'text_encoder' ? 'model' : 'diffusion_pytorch_model'}.safetensors`,
    ]
    throw new UserError({ code: 'checkpoint-incomplete', file, missing })
  }
  const path = join(folder, part, weightFile)
  if (!weightFile.endsWith('.json')) return (await readSafetensors(path)).tensors
  const index = await readJson(
    folder,
    `${part}/${weightFile}`,
    z.object({ weight_map: z.record(z.string(), z.string()) }),
  )
  const all = new Map<string, StoredTensor>()
  for (const file of new Set(Object.values(index.weight_map))) {
    // `basename`: the index must not point outside the folder.
    const shard = join(dirname(path), basename(file))
    if (!existsSync(shard)) {
      throw new UserError({
        code: 'checkpoint-incomplete',
        file: basename(folder),
        missing: `${part}/${basename(file)}`,
      })
    }
    const { tensors } = await readSafetensors(shard)
    for (const [name, tensor] of tensors) all.set(name, tensor)
  }
  return all
}

/** A JSON file by its schema. @throws UserError `checkpoint-incomplete`, `model-unreadable` */
async function readJson<T>(folder: string, file: string, schema: z.ZodType<T>): Promise<T> {
  const model = basename(folder)
  try {
    const text = await readModelText(join(folder, file))
    if (text === undefined) throw new UserError({ code: 'checkpoint-incomplete', file: model, missing: file })
    return schema.parse(parsePythonJson(text))
  } catch (error) {
    if (error instanceof UserError) throw error
    const detail = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new UserError({ code: 'model-unreadable', model, detail: `${file}: ${detail}` }, { cause: error })
  }
}
