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
import type { TextEncoderConfig } from './text-graph.js'
import type { UnetConfig } from './unet-graph.js'

type Tensors = ReadonlyMap<string, StoredTensor>

/** A text encoder of a checkpoint. */
export type CheckpointTextEncoder = {
  readonly tensors: Tensors
  readonly config: TextEncoderConfig
  /** Where its vocabulary lies; undefined for CLIP's own. */
  readonly tokenizerFolder: string | undefined
  /** The token that prompts are filled up with: the one that ends them, or the first of all. */
  readonly pad: 'end' | 'first'
}

/** Stable Diffusion's weights, by diffusers' names, and what shapes and files tell of how they are used. */
export type Checkpoint = {
  readonly name: string
  readonly kind: 'SD 1' | 'SD 2' | 'SDXL'
  readonly unet: Tensors
  readonly unetConfig: UnetConfig
  readonly vae: Tensors
  readonly vaeGroups: number
  readonly texts: readonly CheckpointTextEncoder[]
  /** What `scheduler_config.json` says, or would say. */
  readonly schedule: unknown
  readonly scaling: number
  /** The side of the squares that it was trained at, in latents. */
  readonly trained: number
}

/** What a file of this name holds: a whole model, as A1111's web UI and Civitai have them. */
export const CHECKPOINT_EXTENSION = '.safetensors'

/** Beside a checkpoint, an autoencoder that takes the place of its own. */
const OWN_VAE = '.vae.safetensors'

/**
 * Read what a checkpoint holds, not the weights themselves: a `.safetensors` file, or a folder in diffusers' layout.
 *
 * @throws ProblemError `checkpoint-is-pickle`, `checkpoint-truncated`, `checkpoint-corrupt`, `checkpoint-unknown`,
 *   `checkpoint-incomplete`, `checkpoint-is-lora`, `model-unreadable`
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? readFolder(path) : readSingle(path)
}

async function readSingle(path: string): Promise<Checkpoint> {
  const file = basename(path)
  const { tensors } = await readSafetensors(path)
  if (!tensors.has(`${LDM_UNET_PREFIX}input_blocks.0.0.weight`)) {
    const isLora = [...tensors.keys()].some(name => /(?:^|\.)lora_|\.lora\.|_lora\./.test(name))
    throw new UserError(isLora ? { code: 'checkpoint-is-lora', file } : { code: 'checkpoint-unknown', file })
  }
  const unet = renameUnetTensors(stripPrefix(tensors, LDM_UNET_PREFIX))
  const found = textsIn(tensors)
  // Its refiner has the second text encoder only, and paints nothing by itself.
  const isRefiner = !found && tensors.has('conditioner.embedders.0.model.ln_final.weight')
  if (isRefiner) throw new UserError({ code: 'checkpoint-unknown', file })
  if (!found) throw new UserError({ code: 'checkpoint-incomplete', file, missing: 'cond_stage_model' })
  const beside = `${path.slice(0, -CHECKPOINT_EXTENSION.length)}${OWN_VAE}`
  const vae = existsSync(beside) ? await readVae(beside) : renameVaeTensors(stripPrefix(tensors, 'first_stage_model.'))
  if (vae.size === 0) throw new UserError({ code: 'checkpoint-incomplete', file, missing: 'first_stage_model' })
  const isLinear = tensorEnding(unet, 'attentions.0.proj_in.weight')?.shape.length === 2
  const prediction = await predictionOf(unet, tensors, found.kind)
  const isLcm = unet.has('time_embedding.cond_proj.weight')
  return {
    name: basename(file, CHECKPOINT_EXTENSION),
    kind: found.kind,
    unet,
    // As in the files that Stability and CompVis published with their models.
    unetConfig: { heads: channels => (isLinear ? Math.max(1, channels / HEAD) : 8), groups: 32 },
    vae,
    vaeGroups: 32,
    texts: found.texts,
    schedule: {
      ...SCHEDULE,
      prediction_type: prediction,
      rescale_betas_zero_snr: tensors.has('ztsnr'),
      ...(isLcm && { _class_name: 'LCMScheduler' }),
    },
    scaling: found.kind === 'SDXL' ? 0.13025 : 0.18215,
    trained: found.kind === 'SDXL' ? 128 : prediction === 'v_prediction' ? 96 : 64,
  }
}

/** Heads have so many channels each where the projections are linear layers; where they are convolutions there are 8. */
const HEAD = 64

/** The same for text encoders. */
const TEXT_HEAD = 64

/** How all of Stable Diffusion's were trained. */
const SCHEDULE = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear', steps_offset: 1 }

/** Text encoders by where they lie. */
function textsIn(tensors: Tensors): { kind: Checkpoint['kind']; texts: CheckpointTextEncoder[] } | undefined {
  const openai = (prefix: string) => plain(stripPrefix(tensors, prefix))
  const openClip = (prefix: string) => renameOpenClipTensors(stripPrefix(tensors, prefix))
  const xl = 'conditioner.embedders.'
  const [large, big] = [openai(`${xl}0.transformer.`), openClip(`${xl}1.model.`)]
  if (large.size > 0 && big.size > 0) {
    return { kind: 'SDXL', texts: [textPart(large, 'quick_gelu', 0, 'end'), textPart(big, 'gelu', 0, 'first')] }
  }
  const first = openai('cond_stage_model.transformer.')
  if (first.size > 0) return { kind: 'SD 1', texts: [textPart(first, 'quick_gelu', 0, 'end')] }
  const second = openClip('cond_stage_model.model.')
  // What its last layer says is not used.
  if (second.size > 0) {
    second.delete('text_projection')
    return { kind: 'SD 2', texts: [textPart(second, 'gelu', 1, 'first')] }
  }
  return undefined
}

function textPart(
  tensors: Tensors,
  activation: TextEncoderConfig['activation'],
  unused: number,
  pad: CheckpointTextEncoder['pad'],
): CheckpointTextEncoder {
  const width = tensors.get('final_layer_norm.weight')?.shape[0] ?? TEXT_HEAD
  let layers = 0
  while (tensors.has(`encoder.layers.${layers}.layer_norm1.weight`)) layers++
  const config = { heads: Math.max(1, width / TEXT_HEAD), activation, layers: layers - unused }
  return { tensors, config, tokenizerFolder: undefined, pad }
}

/** Without the module that older versions of transformers put all of it into. */
function plain(tensors: Tensors): Map<string, StoredTensor> {
  return new Map([...tensors].map(([name, tensor]) => [name.replace(/^text_model\./, ''), tensor]))
}

async function readVae(path: string): Promise<Map<string, StoredTensor>> {
  const { tensors } = await readSafetensors(path)
  const own = stripPrefix(tensors, 'first_stage_model.')
  const all = own.size > 0 ? own : tensors
  const vae = all.has('encoder.down_blocks.0.resnets.0.norm1.weight') ? renameVaeAttention(all) : renameVaeTensors(all)
  if (!vae.has('encoder.conv_in.weight')) throw new UserError({ code: 'checkpoint-unknown', file: basename(path) })
  return vae
}

/**
 * Whether the UNet predicts noise or velocity, which nothing in such a file says: newer ones hold a tensor called `v_pred`; of
 * Stable Diffusion 2's, those that predict velocity have larger biases in their last attention (as ComfyUI tells them apart).
 */
async function predictionOf(unet: Tensors, tensors: Tensors, kind: Checkpoint['kind']): Promise<string> {
  if (tensors.has('v_pred')) return 'v_prediction'
  if (kind !== 'SD 2' || unet.get('conv_in.weight')?.shape[1] !== 4) return 'epsilon'
  const last = [...unet.keys()].filter(name => /^up_blocks\..*transformer_blocks\.0\.norm1\.bias$/.test(name)).sort()
  const biases = last.length > 0 ? await readTensor(unet.get(last.at(-1)!)!) : new Float32Array(1)
  const mean = biases.reduce((sum, value) => sum + value, 0) / biases.length
  const spread = Math.sqrt(biases.reduce((sum, value) => sum + (value - mean) ** 2, 0) / biases.length)
  return spread > VELOCITY ? 'v_prediction' : 'epsilon'
}

const VELOCITY = 0.09

/** The numbers of a tensor. */
export async function readTensor({ file, type, offset, length }: StoredTensor): Promise<Float32Array> {
  const handle = await open(file)
  const data = Buffer.alloc(length)
  await handle.read(data, 0, length, offset).finally(() => handle.close())
  const halves = () => new Uint16Array(data.buffer, data.byteOffset, length / 2)
  switch (type) {
    case 'F32':
      return new Float32Array(data.buffer, data.byteOffset, length / 4)
    case 'F16':
      return halfToFloat(halves())
    case 'BF16':
      return new Float32Array(Uint32Array.from(halves(), half => half << 16).buffer)
    default:
      throw new TypeError(`numbers of type ${type} are not read`)
  }
}

function tensorEnding(tensors: Tensors, end: string): StoredTensor | undefined {
  for (const [name, tensor] of tensors) if (name.endsWith(end)) return tensor
  return undefined
}

const perLevel = z.union([z.int().positive(), z.array(z.int().positive()).min(1)])
const unetSchema = z.object({
  // How many heads there are: the name is older than what it stands for.
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

/** Whether a folder holds a model in diffusers' layout, of safetensors. */
export function isCheckpointFolder(folder: string): boolean {
  return WEIGHTS.some(name => existsSync(join(folder, 'unet', name)))
}

const WEIGHTS = [
  'diffusion_pytorch_model.safetensors',
  'diffusion_pytorch_model.fp16.safetensors',
  'diffusion_pytorch_model.safetensors.index.json',
  'model.safetensors',
  'model.fp16.safetensors',
] as const

async function readFolder(folder: string): Promise<Checkpoint> {
  const name = basename(folder)
  const isXl = existsSync(join(folder, 'text_encoder_2'))
  const unetFile = await parsed(folder, 'unet/config.json', unetSchema)
  const vaeFile = await parsed(folder, 'vae/config.json', vaeSchema)
  const heads = unetFile.num_attention_heads ?? unetFile.attention_head_dim
  const texts: CheckpointTextEncoder[] = []
  for (const part of ['', ...(isXl ? ['_2'] : [])]) {
    const file = await parsed(folder, `text_encoder${part}/config.json`, textSchema)
    const tokenizer = join(folder, `tokenizer${part}`)
    texts.push({
      tensors: plain(await tensorsIn(folder, `text_encoder${part}`)),
      config: { heads: file.num_attention_heads, activation: file.hidden_act, layers: file.num_hidden_layers },
      tokenizerFolder: existsSync(tokenizer) ? tokenizer : undefined,
      pad: file.hidden_act === 'gelu' ? 'first' : 'end',
    })
  }
  const kind = isXl ? 'SDXL' : texts[0]!.config.activation === 'gelu' ? 'SD 2' : 'SD 1'
  return {
    name,
    kind,
    unet: await tensorsIn(folder, 'unet'),
    unetConfig: {
      heads: (_, level) => (typeof heads === 'number' ? heads : heads[Math.min(level, heads.length - 1)]!),
      groups: unetFile.norm_num_groups,
    },
    vae: renameVaeAttention(await tensorsIn(folder, 'vae')),
    vaeGroups: vaeFile.norm_num_groups,
    texts,
    schedule: await parsed(folder, 'scheduler/scheduler_config.json', z.unknown()),
    scaling: vaeFile.scaling_factor ?? (isXl ? 0.13025 : 0.18215),
    trained: unetFile.sample_size ?? (isXl ? 128 : 64),
  }
}

/** The weights of a part, which may lie in several files. */
async function tensorsIn(folder: string, part: string): Promise<Tensors> {
  const found = WEIGHTS.find(file => existsSync(join(folder, part, file)))
  if (!found) {
    const [file, missing] = [
      basename(folder),
      `${part}/${part === 'text_encoder' ? 'model' : 'diffusion_pytorch_model'}.safetensors`,
    ]
    throw new UserError({ code: 'checkpoint-incomplete', file, missing })
  }
  const path = join(folder, part, found)
  if (!found.endsWith('.json')) return (await readSafetensors(path)).tensors
  const index = await parsed(folder, `${part}/${found}`, z.object({ weight_map: z.record(z.string(), z.string()) }))
  const all = new Map<string, StoredTensor>()
  for (const file of new Set(Object.values(index.weight_map))) {
    // A name, not a way out of the folder.
    const { tensors } = await readSafetensors(join(dirname(path), basename(file)))
    for (const [name, tensor] of tensors) all.set(name, tensor)
  }
  return all
}

/** What a file of JSON says. */
async function parsed<T>(folder: string, file: string, schema: z.ZodType<T>): Promise<T> {
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

/** Whether a file of this name is a model, and not an autoencoder that belongs to one. */
export function isCheckpointFile(name: string): boolean {
  return name.endsWith(CHECKPOINT_EXTENSION) && !name.endsWith(OWN_VAE)
}
