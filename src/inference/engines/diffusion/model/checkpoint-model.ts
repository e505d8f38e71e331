import { basename, dirname } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../../user-error.js'
import type { Checkpoint } from '../../../checkpoint/checkpoint.js'
import type { LoraDeltas } from '../../../checkpoint/layer-builder.js'
import { type LoraRequest, readLoras } from '../../../checkpoint/lora.js'
import { type ModuleWeights, moduleWeights } from '../../../checkpoint/module-weights.js'
import { readCheckpoint } from '../../../checkpoint/read-checkpoint.js'
import { textEncoderGraph } from '../../../checkpoint/text-encoder-graph.js'
import { unetGraph } from '../../../checkpoint/unet-graph.js'
import { vaeDecoderGraph, vaeEncoderGraph } from '../../../checkpoint/vae-graph.js'
import { commonFolder, type StoredTensor } from '../../../onnx/graph-builder.js'
import type { GraphSource, GraphVariant } from '../../../onnx/session.js'
import { defaultClipTokenizer, readTokenizer } from '../prompt/tokenizer.js'
import { SD_STEPS_OFFSET, schedulerConfigSchema } from '../sampling/noise-schedule.js'
import { findPreviewDecoder } from './diffusers-folder.js'
import type { ModelFiles } from './model-files.js'

/** Names of missing weights in an error message; of the rest only the number is given. */
const MAX_MISSING_NAMES = 5

/**
 * Read a checkpoint as a model. Its ONNX graphs are generated when they are opened; their initializers point into its
 * files.
 *
 * @throws UserError those of `readCheckpoint` and `readLoras`, `model-unreadable`, `checkpoint-incomplete` with the
 *   names of the missing weights
 */
export async function readCheckpointModel(
  path: string,
  loraRequests: readonly LoraRequest[],
  log?: (line: string) => void,
): Promise<ModelFiles> {
  const checkpoint = await readCheckpoint(path)
  const { name, kind, unet, unetConfig, vae, vaeGroups, textEncoders } = checkpoint
  const isXl = kind === 'SDXL'
  const loraTarget = { name, unet, textEncoders: textEncoders.map(({ tensors }) => tensors) }
  const loras = await readLoras(dirname(path), loraRequests, loraTarget, log)
  const parsed = schedulerConfigSchema.safeParse(checkpoint.schedulerConfig)
  if (!parsed.success) {
    throw new UserError({ code: 'model-unreadable', model: name, detail: z.prettifyError(parsed.error) })
  }
  const unetSource = generatedGraph('unet', [unet, ...loras.tensors], (variant, weights, folder) =>
    unetGraph(weights, unetConfig, variant, loras.unet, folder),
  )
  // Always single precision: autoencoders overflow in half precision.
  const vaeEncoder = generatedGraph('vae_encoder', [vae], ({ attention }, weights, folder) =>
    vaeEncoderGraph(weights, vaeGroups, { attention, precision: 'single' }, folder),
  )
  const vaeDecoder = generatedGraph('vae_decoder', [vae], ({ attention }, weights, folder) =>
    vaeDecoderGraph(weights, vaeGroups, { attention, precision: 'single' }, folder),
  )
  const noLoras: LoraDeltas = () => []
  const textEncoderSources = textEncoders.map(({ tensors, config }, index) =>
    generatedGraph(`text_encoder${index === 0 ? '' : '_2'}`, [tensors, ...loras.tensors], (variant, weights, folder) =>
      textEncoderGraph(weights, config, variant, loras.textEncoders[index] ?? noLoras, folder),
    ),
  )
  requireAllWeights(basename(path), [unetSource, vaeEncoder, vaeDecoder, ...textEncoderSources])
  return {
    name,
    family: isXl ? 'sdxl' : 'sd',
    schedulerConfig: isXl ? parsed.data : { ...parsed.data, steps_offset: SD_STEPS_OFFSET },
    scalingFactor: checkpoint.scalingFactor,
    sampleSize: checkpoint.sampleSize,
    zerosForNoPrompt: checkpoint.zerosForNoPrompt,
    precision: computePrecision(checkpoint),
    checkpoint,
    unet: unetSource,
    vaeEncoder,
    vaeDecoder,
    textEncoders: textEncoders.map(({ tokenizerFolder, padToken }, index) => ({
      source: textEncoderSources[index]!,
      openTokenizer: () => (tokenizerFolder ? readTokenizer(tokenizerFolder) : defaultClipTokenizer(padToken)),
    })),
    previewDecoder: findPreviewDecoder(path, isXl),
  }
}

/** Missing weights are the same in all variants. */
const ANY_VARIANT: GraphVariant = { precision: 'single', attention: 'fused' }

type Tensors = ReadonlyMap<string, StoredTensor>
type WriteGraph = (variant: GraphVariant, weights: ModuleWeights, folder: string) => Uint8Array
type GeneratedGraph = Extract<GraphSource, { writeGraph: unknown }> & {
  /** Names of weights that the graph needs and the files don't have; filled by `writeGraph`. */
  readonly missing: ReadonlySet<string>
}

/** @param tensors first those of the network itself, then those of LoRAs */
function generatedGraph(name: string, tensors: readonly Tensors[], write: WriteGraph): GeneratedGraph {
  const missing = new Set<string>()
  const files = [...new Set(tensors.flatMap(one => [...one.values()].map(({ file }) => file)))]
  const weights = moduleWeights(tensors[0]!, missing)
  const folder = commonFolder(files)
  return { name, folder, missing, writeGraph: variant => write(variant, weights, folder) }
}

/** @throws UserError `checkpoint-incomplete` */
function requireAllWeights(file: string, graphs: readonly GeneratedGraph[]): void {
  const missing = graphs.flatMap(graph => {
    graph.writeGraph(ANY_VARIANT)
    return [...graph.missing].map(weight => `${graph.name}/${weight}`)
  })
  if (missing.length === 0) return
  const total = missing.length > MAX_MISSING_NAMES ? ` (${missing.length})` : ''
  const names = missing.slice(0, MAX_MISSING_NAMES).join(', ')
  throw new UserError({ code: 'checkpoint-incomplete', file, missing: names + total })
}

/** Half where the UNet is stored in half or less, except Stable Diffusion 2: its attention overflows in half precision. */
function computePrecision({ unet, kind }: Checkpoint): GraphVariant['precision'] {
  if (kind === 'SD 2') return 'single'
  const type = unet.get('conv_in.weight')?.type
  return type === 'F16' || type?.startsWith('F8') ? 'half' : 'single'
}
