import type { Checkpoint } from '../../../checkpoint/checkpoint.js'
import type { ControlNetRequest } from '../../../checkpoint/controlnet.js'
import type { Distillation } from '../../../checkpoint/distillation.js'
import type { LatentScale } from '../../../checkpoint/latent-scale.js'
import type { GraphSource, GraphVariant } from '../../../onnx/session.js'
import type { PromptTokenizer } from '../prompt/tokenizer.js'
import type { SchedulerConfig } from '../sampling/noise-schedule.js'
import type { ModelFamily } from '../sampling/timestep-spacing.js'

/** The files and the configuration of a diffusion model. Nothing of it is loaded yet. */
export type ModelFiles = {
  readonly name: string
  readonly family: ModelFamily
  readonly schedulerConfig: SchedulerConfig
  readonly latentScale: LatentScale
  /** Side of the training pictures, in latents. */
  readonly sampleSize: number
  /** A missing prompt is embedded as zeros, not as the empty text. */
  readonly zerosForNoPrompt: boolean
  /** SDXL's refiner, which can't paint by itself. */
  readonly isRefiner: boolean
  /** Precision of the weights. */
  readonly precision: GraphVariant['precision']
  /** Where the graphs are generated from; undefined for ONNX models. */
  readonly checkpoint?: Checkpoint
  /** Recommended steps and guidance of a distilled model; undefined if nothing is known. */
  readonly distillation?: Distillation | undefined
  readonly unet: GraphSource
  /** ControlNets that the UNet takes the residuals of. */
  readonly controlNets: readonly (ControlNetRequest & { readonly source: GraphSource; readonly isUnion: boolean })[]
  readonly vaeEncoder: GraphSource
  readonly vaeDecoder: GraphSource
  readonly textEncoders: readonly {
    readonly source: GraphSource
    readonly openTokenizer: () => Promise<PromptTokenizer>
  }[]
  /** A small decoder (TAESD) for previews; undefined where none is installed. */
  readonly previewDecoder: GraphSource | undefined
}
