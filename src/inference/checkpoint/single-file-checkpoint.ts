import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { UserError } from '../../user-error.js'
import type { StoredTensor } from '../onnx/graph-builder.js'
import {
  CHECKPOINT_EXTENSION,
  type Checkpoint,
  type CheckpointTextEncoder,
  REFINER_TIME_IDS,
  type Tensors,
  VAE_EXTENSION,
} from './checkpoint.js'
import { readDistillation, saysVelocity } from './distillation.js'
import { defaultScalingFactor } from './latent-scale.js'
import {
  hasPrefix,
  LDM_UNET_PREFIX,
  renameOpenClipTensors,
  renameUnetTensors,
  renameVaeAttention,
  renameVaeTensors,
  stripPrefix,
  stripTextModelPrefix,
} from './ldm-names.js'
import { readSafetensors, readTensor } from './safetensors.js'
import { readEdm } from './single-file-edm.js'
import type { TextEncoderConfig } from './text-encoder-graph.js'
import { headsFromWeights } from './unet-blocks.js'

/**
 * A checkpoint in one file, in the layout of CompVis' and Stability's code.
 *
 * @throws UserError as `readCheckpoint` does
 */
export async function readSingleFileCheckpoint(path: string): Promise<Checkpoint> {
  const file = basename(path)
  const { tensors, metadata } = await readSafetensors(path)
  const name = basename(file, CHECKPOINT_EXTENSION)
  const feature = unsupportedFeature(tensors)
  if (feature !== undefined) throw new UserError({ code: 'model-unsupported', model: name, feature })
  const unetPrefix = UNET_PREFIXES.find(prefix => tensors.has(`${prefix}input_blocks.0.0.weight`))
  if (unetPrefix === undefined) {
    if (hasPrefix(tensors, 'model_ema.')) {
      throw new UserError({ code: 'checkpoint-incomplete', file, missing: LDM_UNET_PREFIX })
    }
    const isLora = [...tensors.keys()].some(name => /(?:^|\.)lora_|\.lora\.|_lora\./.test(name))
    throw new UserError(isLora ? { code: 'checkpoint-is-lora', file } : { code: 'checkpoint-unknown', file })
  }
  const unet = renameUnetTensors(stripPrefix(tensors, unetPrefix))
  const encoders = readTextEncoders(tensors)
  if (!encoders) {
    const missing = unet.has('add_embedding.linear_1.weight') ? 'conditioner.embedders' : 'cond_stage_model'
    throw new UserError({ code: 'checkpoint-incomplete', file, missing })
  }
  const vaeFile = `${path.slice(0, -CHECKPOINT_EXTENSION.length)}${VAE_EXTENSION}`
  const vae = existsSync(vaeFile)
    ? await readVae(vaeFile)
    : renameVaeTensors(stripPrefix(tensors, 'first_stage_model.'))
  if (vae.size === 0) throw new UserError({ code: 'checkpoint-incomplete', file, missing: 'first_stage_model' })
  const predictionType = (await saysVelocity(path))
    ? 'v_prediction'
    : await detectPredictionType(unet, tensors, encoders.kind)
  const edm = await readEdm(tensors)
  const isLcm = unet.has('time_embedding.cond_proj.weight')
  return {
    name,
    kind: encoders.kind,
    unet,
    // As in the configs that CompVis and Stability published with their models.
    unetConfig: {
      heads: headsFromWeights(unet),
      groups: 32,
      ...(encoders.isRefiner && { timeIds: REFINER_TIME_IDS }),
    },
    vae,
    vaeGroups: 32,
    textEncoders: encoders.textEncoders,
    schedulerConfig: {
      ...DEFAULT_SCHEDULER_CONFIG,
      prediction_type: predictionType,
      rescale_betas_zero_snr: tensors.has('ztsnr'),
      ...(isLcm && { _class_name: 'LCMScheduler' }),
      ...edm?.schedulerConfig,
    },
    distillation: await readDistillation(path, name, metadata),
    latentScale: edm?.latentScale ?? { factor: defaultScalingFactor(encoders.kind === 'SDXL') },
    zerosForNoPrompt: encoders.kind === 'SDXL' && !encoders.isRefiner,
    isRefiner: encoders.isRefiner,
    sampleSize: encoders.kind === 'SDXL' ? 128 : predictionType === 'v_prediction' ? 96 : 64,
  }
}

/** Prefixes of the UNet's tensors: in whole checkpoints, and in files that ComfyUI writes. */
const UNET_PREFIXES = [LDM_UNET_PREFIX, 'diffusion_model.', ''] as const

/** What a file holds that is not computed, by the names of its tensors; undefined if there is nothing of the kind. */
function unsupportedFeature(tensors: Tensors): string | undefined {
  for (const [pattern, feature] of UNSUPPORTED_TENSORS) {
    for (const name of tensors.keys()) if (pattern.test(name)) return feature
  }
  return undefined
}

const UNSUPPORTED_TENSORS: readonly (readonly [RegExp, string])[] = [
  [/(?:^|\.)joint_blocks\.\d/, 'Stable Diffusion 3'],
  [/(?:^|\.)double_blocks\.\d/, 'Flux'],
  [/(?:^|\.)scaled_fp8$|\.(?:scale_weight|weight_scale)$/, 'scaled fp8 weights'],
]

/** Channels per attention head of text encoders. */
const TEXT_HEAD_CHANNELS = 64

/** The training schedule of all Stable Diffusion models. */
const DEFAULT_SCHEDULER_CONFIG = {
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  steps_offset: 1,
}

type TextEncoders = Pick<Checkpoint, 'kind' | 'isRefiner' | 'textEncoders'>

/** The text encoders of a single file; which ones there are tells the kind of model. */
function readTextEncoders(tensors: Tensors): TextEncoders | undefined {
  const clipTensors = (prefix: string) => stripTextModelPrefix(stripPrefix(tensors, prefix))
  const openClipTensors = (prefix: string) => renameOpenClipTensors(stripPrefix(tensors, prefix))
  const sdxlPrefix = 'conditioner.embedders.'
  const [clipL, openClipG] = [clipTensors(`${sdxlPrefix}0.transformer.`), openClipTensors(`${sdxlPrefix}1.model.`)]
  const refinerClip = openClipTensors(`${sdxlPrefix}0.model.`)
  if (refinerClip.size > 0) {
    return { kind: 'SDXL', isRefiner: true, textEncoders: [describeTextEncoder(refinerClip, 'gelu', 0, 'first')] }
  }
  if (clipL.size > 0 && openClipG.size > 0) {
    return {
      kind: 'SDXL',
      isRefiner: false,
      textEncoders: [
        describeTextEncoder(clipL, 'quick_gelu', 0, 'end'),
        describeTextEncoder(openClipG, 'gelu', 0, 'first'),
      ],
    }
  }
  const clip = clipTensors('cond_stage_model.transformer.')
  if (clip.size > 0) {
    return { kind: 'SD 1', isRefiner: false, textEncoders: [describeTextEncoder(clip, 'quick_gelu', 0, 'end')] }
  }
  const openClip = openClipTensors('cond_stage_model.model.')
  // SD 2 uses the second to last layer and no pooled output.
  if (openClip.size > 0) {
    openClip.delete('text_projection')
    return { kind: 'SD 2', isRefiner: false, textEncoders: [describeTextEncoder(openClip, 'gelu', 1, 'first')] }
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
 * Detect whether the UNet predicts noise or velocity, which a single file doesn't state. Newer files have a tensor
 * called `v_pred`. Of Stable Diffusion 2's models, those that predict velocity have larger biases in the last attention
 * (ComfyUI's heuristic).
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
