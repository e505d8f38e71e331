import type { StoredTensor } from '../onnx/graph-builder.js'
import type { Distillation } from './distillation.js'
import type { LatentScale } from './latent-scale.js'
import type { TextEncoderConfig } from './text-encoder-graph.js'
import type { UnetConfig } from './unet-blocks.js'

/** Tensors by name. */
export type Tensors = ReadonlyMap<string, StoredTensor>

/** A text encoder of a checkpoint. */
export type CheckpointTextEncoder = {
  readonly tensors: Tensors
  readonly config: TextEncoderConfig
  /** Folder of its vocabulary; undefined for CLIP's. */
  readonly tokenizerFolder: string | undefined
  /** Padding of prompts: the end token, or token 0. */
  readonly padToken: 'end' | 'first'
}

/**
 * Stable Diffusion's tensors by diffusers' names, and the configuration that follows from their shapes and from config
 * files.
 */
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
  readonly latentScale: LatentScale
  /** Side of the training pictures, in latents. */
  readonly sampleSize: number
  /** For single files of distilled models. */
  readonly distillation?: Distillation | undefined
  /** A missing prompt is embedded as zeros, not as the empty text. */
  readonly zerosForNoPrompt: boolean
  /** SDXL's refiner: one text encoder, and a score of the picture's beauty instead of its target size. */
  readonly isRefiner: boolean
}

/** SDXL's refiner gets the original size, the crop offset and the score. */
export const REFINER_TIME_IDS = 5

/** Extension of a whole model in one file, as in A1111's web UI and on Civitai. */
export const CHECKPOINT_EXTENSION = '.safetensors'

/** Extension of a VAE next to a checkpoint of the same name, which replaces the checkpoint's own. */
export const VAE_EXTENSION = '.vae.safetensors'

/** Whether a file name is that of a checkpoint, not of a VAE next to one. */
export function isCheckpointFile(name: string): boolean {
  return name.endsWith(CHECKPOINT_EXTENSION) && !name.endsWith(VAE_EXTENSION)
}
