import { existsSync, statSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../user-error.js'
import type { StoredTensor } from '../onnx/graph-builder.js'
import { halfToFloat } from '../onnx/half-precision.js'
import {
  LDM_UNET_PREFIX,
  renameOpenClipTensors,
  renameUnetTensors,
  renameVaeAttention,
  renameVaeTensors,
  stripPrefix,
} from './ldm-names.js'
import { readSafetensors } from './safetensors.js'
import type { TextEncoderConfig } from './text-encoder-graph.js'
import type { UnetConfig } from './unet-graph.js'

type Tensors = ReadonlyMap<string, StoredTensor>

/** A text encoder of a checkpoint. */
export type CheckpointTextEncoder = {
  readonly tensors: Tensors
  readonly config: TextEncoderConfig
  /** Folder of its vocabulary; undefined for CLIP's. */
  readonly tokenizerFolder: string | undefined
  /** Padding of prompts: the end token, or token 0. */
  readonly padToken: 'end' | 'first'
}

/** Stable Diffusion's tensors by diffusers' names, and the configuration that follows from their shapes and from config files. */
export type Checkpoint = {
  readonly name: string
  readonly kind: 'SD 1' | 'SD 2' | 'SDXL'
  readonly unet: Tensors
  readonly unetConfig: UnetConfig
  readonly vae: Tensors
  readonly vaeGroups: number
  readonly textEncoders: readonly CheckpointTextEncoder[]
  /** The content of `scheduler_config.json`, not validated; derived from the tensors for single files. */
  readonly schedulerConfig: unknown
  readonly scalingFactor: number
  /** Side of the training pictures, in latents. */
  readonly sampleSize: number
}

/** Extension of a whole model in one file, as in A1111's web UI and on Civitai. */
export const CHECKPOINT_EXTENSION = '.safetensors'

/** Extension of a VAE next to a checkpoint of the same name, which replaces the checkpoint's own. */
const VAE_EXTENSION = '.vae.safetensors'

/**
 * Read the tensor list and configuration of a checkpoint, without its weights: a `.safetensors` file, or a folder in diffusers' layout.
 *
 * @throws UserError `checkpoint-is-pickle`, `checkpoint-truncated`, `checkpoint-corrupt`, `checkpoint-unknown`,
 *   `checkpoint-incomplete`, `checkpoint-is-lora`, `model-unreadable`
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? readFolder(path) : readSingleFile(path)
}

async function readSingleFile(path: string): Promise<Checkpoint> {
  const file = basename(path)
  const { tensors } = await readSafetensors(path)
  if (!tensors.has(`${LDM_UNET_PREFIX}input_blocks.0.0.weight`)) {
    const isLora = [...tensors.keys()].some(name => /(?:^|\.)lora_|\.lora\.|_lora\./.test(name))
    throw new UserError(isLora ? { code: 'checkpoint-is-lora', file } : { code: 'checkpoint-unknown', file })
  }
  const unet = renameUnetTensors(stripPrefix(tensors, LDM_UNET_PREFIX))
  const encoders = readTextEncoders(tensors)
  // SDXL's refiner has only the second text encoder and can't generate pictures by itself.
  const isRefiner = !encoders && tensors.has('conditioner.embedders.0.model.ln_final.weight')
  if (isRefiner) throw new UserError({ code: 'checkpoint-unknown', file })
  if (!encoders) throw new UserError({ code: 'checkpoint-incomplete', file, missing: 'cond_stage_model' })
  const vaeFile = `${path.slice(0, -CHECKPOINT_EXTENSION.length)}${VAE_EXTENSION}`
  const vae = existsSync(vaeFile)
    ? await readVae(vaeFile)
    : renameVaeTensors(stripPrefix(tensors, 'first_stage_model.'))
  if (vae.size === 0) throw new UserError({ code: 'checkpoint-incomplete', file, missing: 'first_stage_model' })
  const hasLinearProjections = findTensorBySuffix(unet, 'attentions.0.proj_in.weight')?.shape.length === 2
  const predictionType = await detectPredictionType(unet, tensors, encoders.kind)
  const isLcm = unet.has('time_embedding.cond_proj.weight')
  return {
    name: basename(file, CHECKPOINT_EXTENSION),
    kind: encoders.kind,
    unet,
    // As in the configs that CompVis and Stability published with their models.
    unetConfig: { heads: channels => (hasLinearProjections ? Math.max(1, channels / HEAD_CHANNELS) : 8), groups: 32 },
    vae,
    vaeGroups: 32,
    textEncoders: encoders.textEncoders,
    schedulerConfig: {
      ...DEFAULT_SCHEDULER_CONFIG,
      prediction_type: predictionType,
      rescale_betas_zero_snr: tensors.has('ztsnr'),
      ...(isLcm && { _class_name: 'LCMScheduler' }),
    },
    scalingFactor: encoders.kind === 'SDXL' ? 0.13025 : 0.18215,
    sampleSize: encoders.kind === 'SDXL' ? 128 : predictionType === 'v_prediction' ? 96 : 64,
  }
}

/** Channels per attention head of UNets with linear projections. UNets with convolutions have 8 heads instead. */
const HEAD_CHANNELS = 64

/** Channels per attention head of text encoders. */
const TEXT_HEAD_CHANNELS = 64

/** The training schedule of all Stable Diffusion models. */
const DEFAULT_SCHEDULER_CONFIG = {
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  steps_offset: 1,
}

/** The text encoders of a single file; which ones there are tells the kind of model. */
function readTextEncoders(
  tensors: Tensors,
): { kind: Checkpoint['kind']; textEncoders: CheckpointTextEncoder[] } | undefined {
  const clipTensors = (prefix: string) => stripTextModelPrefix(stripPrefix(tensors, prefix))
  const openClipTensors = (prefix: string) => renameOpenClipTensors(stripPrefix(tensors, prefix))
  const sdxlPrefix = 'conditioner.embedders.'
  const [clipL, openClipG] = [clipTensors(`${sdxlPrefix}0.transformer.`), openClipTensors(`${sdxlPrefix}1.model.`)]
  if (clipL.size > 0 && openClipG.size > 0) {
    return {
      kind: 'SDXL',
      textEncoders: [
        describeTextEncoder(clipL, 'quick_gelu', 0, 'end'),
        describeTextEncoder(openClipG, 'gelu', 0, 'first'),
      ],
    }
  }
  const clip = clipTensors('cond_stage_model.transformer.')
  if (clip.size > 0) return { kind: 'SD 1', textEncoders: [describeTextEncoder(clip, 'quick_gelu', 0, 'end')] }
  const openClip = openClipTensors('cond_stage_model.model.')
  // SD 2 uses the second to last layer and no pooled output.
  if (openClip.size > 0) {
    openClip.delete('text_projection')
    return { kind: 'SD 2', textEncoders: [describeTextEncoder(openClip, 'gelu', 1, 'first')] }
  }
  return undefined
}

function describeTextEncoder(
  tensors: Tensors,
  activation: TextEncoderConfig['activation'],
  unusedLayers: number,
  padToken: CheckpointTextEncoder['padToken'],
): CheckpointTextEncoder {
  const width = tensors.get('final_layer_norm.weight')?.shape[0] ?? TEXT_HEAD_CHANNELS
  let layers = 0
  while (tensors.has(`encoder.layers.${layers}.layer_norm1.weight`)) layers++
  const config = { heads: Math.max(1, width / TEXT_HEAD_CHANNELS), activation, layers: layers - unusedLayers }
  return { tensors, config, tokenizerFolder: undefined, padToken }
}

/** Names without the `text_model.` module of older versions of transformers. */
function stripTextModelPrefix(tensors: Tensors): Map<string, StoredTensor> {
  return new Map([...tensors].map(([name, tensor]) => [name.replace(/^text_model\./, ''), tensor]))
}

async function readVae(path: string): Promise<Map<string, StoredTensor>> {
  const { tensors } = await readSafetensors(path)
  const embedded = stripPrefix(tensors, 'first_stage_model.')
  const weights = embedded.size > 0 ? embedded : tensors
  const vae = weights.has('encoder.down_blocks.0.resnets.0.norm1.weight')
    ? renameVaeAttention(weights)
    : renameVaeTensors(weights)
  if (!vae.has('encoder.conv_in.weight')) throw new UserError({ code: 'checkpoint-unknown', file: basename(path) })
  return vae
}

/**
 * Detect whether the UNet predicts noise or velocity, which a single file doesn't state. Newer files have a tensor called `v_pred`. Of
 * Stable Diffusion 2's models, those that predict velocity have larger biases in the last attention (ComfyUI's heuristic).
 */
async function detectPredictionType(unet: Tensors, tensors: Tensors, kind: Checkpoint['kind']): Promise<string> {
  if (tensors.has('v_pred')) return 'v_prediction'
  if (kind !== 'SD 2' || unet.get('conv_in.weight')?.shape[1] !== 4) return 'epsilon'
  const biasNames = [...unet.keys()]
    .filter(name => /^up_blocks\..*transformer_blocks\.0\.norm1\.bias$/.test(name))
    .sort()
  const biases = biasNames.length > 0 ? await readTensor(unet.get(biasNames.at(-1)!)!) : new Float32Array(1)
  const mean = biases.reduce((sum, value) => sum + value, 0) / biases.length
  const deviation = Math.sqrt(biases.reduce((sum, value) => sum + (value - mean) ** 2, 0) / biases.length)
  return deviation > V_PREDICTION_BIAS_DEVIATION ? 'v_prediction' : 'epsilon'
}

/** Standard deviation of the biases above which a model predicts velocity (ComfyUI). */
const V_PREDICTION_BIAS_DEVIATION = 0.09

/** The values of a tensor. @throws TypeError for types other than F32, F16 and BF16 */
export async function readTensor({ file, type, offset, length }: StoredTensor): Promise<Float32Array> {
  const handle = await open(file)
  const data = Buffer.alloc(length)
  await handle.read(data, 0, length, offset).finally(() => handle.close())
  const uint16 = () => new Uint16Array(data.buffer, data.byteOffset, length / 2)
  switch (type) {
    case 'F32':
      return new Float32Array(data.buffer, data.byteOffset, length / 4)
    case 'F16':
      return halfToFloat(uint16())
    case 'BF16':
      return new Float32Array(Uint32Array.from(uint16(), half => half << 16).buffer)
    default:
      throw new TypeError(`numbers of type ${type} are not read`)
  }
}

function findTensorBySuffix(tensors: Tensors, end: string): StoredTensor | undefined {
  for (const [name, tensor] of tensors) if (name.endsWith(end)) return tensor
  return undefined
}

const perLevel = z.union([z.int().positive(), z.array(z.int().positive()).min(1)])
const unetSchema = z.object({
  // Despite its name, the number of heads.
  attention_head_dim: perLevel.default(8),
  num_attention_heads: perLevel.nullish(),
  norm_num_groups: z.int().positive().default(32),
  sample_size: z.int().min(1).max(1024).optional(),
})
const vaeSchema = z.object({
  norm_num_groups: z.int().positive().default(32),
  scaling_factor: z.number().positive().optional(),
})
const textSchema = z.object({
  hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
  num_attention_heads: z.int().positive(),
  num_hidden_layers: z.int().positive(),
})

/** Whether a folder is a model in diffusers' layout with safetensors weights. */
export function isCheckpointFolder(folder: string): boolean {
  return WEIGHT_FILES.some(name => existsSync(join(folder, 'unet', name)))
}

const WEIGHT_FILES = [
  'diffusion_pytorch_model.safetensors',
  'diffusion_pytorch_model.fp16.safetensors',
  'diffusion_pytorch_model.safetensors.index.json',
  'model.safetensors',
  'model.fp16.safetensors',
] as const

async function readFolder(folder: string): Promise<Checkpoint> {
  const name = basename(folder)
  const isXl = existsSync(join(folder, 'text_encoder_2'))
  const unetJson = await readJson(folder, 'unet/config.json', unetSchema)
  const vaeFile = await readJson(folder, 'vae/config.json', vaeSchema)
  const heads = unetJson.num_attention_heads ?? unetJson.attention_head_dim
  const textEncoders: CheckpointTextEncoder[] = []
  for (const part of ['', ...(isXl ? ['_2'] : [])]) {
    const file = await readJson(folder, `text_encoder${part}/config.json`, textSchema)
    const tokenizerFolder = join(folder, `tokenizer${part}`)
    textEncoders.push({
      tensors: stripTextModelPrefix(await readWeights(folder, `text_encoder${part}`)),
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
      groups: unetJson.norm_num_groups,
    },
    vae: renameVaeAttention(await readWeights(folder, 'vae')),
    vaeGroups: vaeFile.norm_num_groups,
    textEncoders,
    schedulerConfig: await readJson(folder, 'scheduler/scheduler_config.json', z.unknown()),
    scalingFactor: vaeFile.scaling_factor ?? (isXl ? 0.13025 : 0.18215),
    sampleSize: unetJson.sample_size ?? (isXl ? 128 : 64),
  }
}

/** The tensors of one network, possibly from several files. @throws UserError `checkpoint-incomplete` */
async function readWeights(folder: string, part: string): Promise<Tensors> {
  const found = WEIGHT_FILES.find(file => existsSync(join(folder, part, file)))
  if (!found) {
    const [file, missing] = [
      basename(folder),
      `${part}/${part === 'text_encoder' ? 'model' : 'diffusion_pytorch_model'}.safetensors`,
    ]
    throw new UserError({ code: 'checkpoint-incomplete', file, missing })
  }
  const path = join(folder, part, found)
  if (!found.endsWith('.json')) return (await readSafetensors(path)).tensors
  const index = await readJson(folder, `${part}/${found}`, z.object({ weight_map: z.record(z.string(), z.string()) }))
  const all = new Map<string, StoredTensor>()
  for (const file of new Set(Object.values(index.weight_map))) {
    // `basename`: the index must not point outside the folder.
    const { tensors } = await readSafetensors(join(dirname(path), basename(file)))
    for (const [name, tensor] of tensors) all.set(name, tensor)
  }
  return all
}

/** A JSON file by its schema. @throws UserError `checkpoint-incomplete`, `model-unreadable` */
async function readJson<T>(folder: string, file: string, schema: z.ZodType<T>): Promise<T> {
  const model = basename(folder)
  const text = await readFile(join(folder, file), 'utf8').catch(cause => {
    throw new UserError({ code: 'checkpoint-incomplete', file: model, missing: file }, { cause })
  })
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    const detail = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new UserError({ code: 'model-unreadable', model, detail: `${file}: ${detail}` }, { cause: error })
  }
}

/** Whether a file name is that of a checkpoint, not of a VAE next to one. */
export function isCheckpointFile(name: string): boolean {
  return name.endsWith(CHECKPOINT_EXTENSION) && !name.endsWith(VAE_EXTENSION)
}
