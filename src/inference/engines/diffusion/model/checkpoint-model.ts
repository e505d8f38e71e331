import { basename, dirname } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../../user-error.js'
import type { Checkpoint } from '../../../checkpoint/checkpoint.js'
import { type ControlNetRequest, type FittingControlNet, readControlNets } from '../../../checkpoint/controlnet.js'
import { controlNetGraph } from '../../../checkpoint/controlnet-graph.js'
import { bundledEmbeddings, type Embedding, readEmbeddings } from '../../../checkpoint/embeddings.js'
import { type LoraRequest, readLoras } from '../../../checkpoint/lora.js'
import { type ModuleWeights, moduleWeights } from '../../../checkpoint/module-weights.js'
import { readCheckpoint } from '../../../checkpoint/read-checkpoint.js'
import { textEncoderGraph } from '../../../checkpoint/text-encoder-graph.js'
import { type UnetPart, unetGraph } from '../../../checkpoint/unet-graph.js'
import { vaeDecoderGraph, vaeEncoderGraph } from '../../../checkpoint/vae-graph.js'
import type { WeightUpdates } from '../../../checkpoint/weight-update.js'
import { commonFolder, type StoredTensor } from '../../../onnx/graph-builder.js'
import type { GraphSource, GraphVariant } from '../../../onnx/session.js'
import type { PromptEmbedding } from '../prompt/prompt-embeddings.js'
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
  controls: readonly ControlNetRequest[] = [],
): Promise<ModelFiles> {
  const checkpoint = await readCheckpoint(path)
  const { name, kind, unet, unetConfig, vae, vaeGroups, textEncoders } = checkpoint
  const isXl = kind === 'SDXL'
  if (checkpoint.distillation?.hint !== undefined) log?.(checkpoint.distillation.hint)
  // LoRAs of SDXL don't fit its refiner.
  const requests = checkpoint.isRefiner ? [] : loraRequests
  const loraTarget = { name, unet, textEncoders: textEncoders.map(({ tensors }) => tensors) }
  const loras = await readLoras(dirname(path), requests, loraTarget, log)
  const tokenTables = textEncoders.map(({ tensors }) => tensors.get('embeddings.token_embedding.weight'))
  const widths = tokenTables.map(table => table?.shape[1] ?? 0)
  const embeddings = [
    ...(await readEmbeddings(dirname(path), widths, log)),
    ...loras.tensors.flatMap(tensors => bundledEmbeddings(tensors, widths)),
  ]
  const parsed = schedulerConfigSchema.safeParse(checkpoint.schedulerConfig)
  if (!parsed.success) {
    throw new UserError({ code: 'model-unreadable', model: name, detail: z.prettifyError(parsed.error) })
  }
  const acceptsControlNet = controls.length > 0
  const unetPart = (graphName: string, part?: UnetPart) =>
    generatedGraph(graphName, [unet, ...loras.tensors], (variant, weights, folder) =>
      unetGraph(weights, { ...unetConfig, acceptsControlNet }, variant, loras.unet, folder, part),
    )
  const parts = [unetPart('unet, first half', 'first'), unetPart('unet, second half', 'second')] as const
  const unetSource = { ...unetPart('unet'), parts }
  const controlNets = (await readControlNets(dirname(path), controls, { name, unet })).map((one, index) => ({
    ...controls[index]!,
    isUnion: 'unionTask' in one && one.unionTask !== undefined,
    source: controlNetSource(one, controls.length > 1),
  }))
  // Autoencoders can overflow in half precision although the UNet does not.
  const vaeGraph = (name: string, write: typeof vaeEncoderGraph) => ({
    ...generatedGraph(name, [vae], (variant, weights, folder) => write(weights, vaeGroups, variant, folder)),
    mayBeSingle: true as const,
  })
  const vaeEncoder = vaeGraph('vae_encoder', vaeEncoderGraph)
  const vaeDecoder = vaeGraph('vae_decoder', vaeDecoderGraph)
  const noUpdates: WeightUpdates = () => []
  const textEncoderSources = textEncoders.map(({ tensors, config: ownConfig }, index) => {
    const furtherTokens = embeddings.map(({ vectors }) => vectors[index]!)
    const config = { ...ownConfig, furtherTokens }
    const added = new Map(furtherTokens.map((tensor, at) => [String(at), tensor]))
    const name = `text_encoder${index === 0 ? '' : '_2'}`
    return generatedGraph(name, [tensors, ...loras.tensors, added], (variant, weights, folder) =>
      textEncoderGraph(weights, config, variant, loras.textEncoders[index] ?? noUpdates, folder),
    )
  })
  requireAllWeights(basename(path), [
    unetSource,
    vaeEncoder,
    vaeDecoder,
    ...textEncoderSources,
    ...controlNets.flatMap(({ source }) => ('missing' in source ? [source] : [])),
  ])
  return {
    name,
    family: isXl ? 'sdxl' : 'sd',
    schedulerConfig: isXl ? parsed.data : { ...parsed.data, steps_offset: SD_STEPS_OFFSET },
    latentScale: checkpoint.latentScale,
    sampleSize: checkpoint.sampleSize,
    zerosForNoPrompt: checkpoint.zerosForNoPrompt,
    isRefiner: checkpoint.isRefiner,
    precision: computePrecision(checkpoint),
    checkpoint,
    distillation: checkpoint.distillation,
    unet: unetSource,
    controlNets,
    vaeEncoder,
    vaeDecoder,
    textEncoders: textEncoders.map(({ tokenizerFolder, padToken }, index) => {
      const words = promptEmbeddings(embeddings, tokenTables[index]?.shape[0] ?? 0)
      return {
        source: textEncoderSources[index]!,
        openTokenizer: () =>
          tokenizerFolder ? readTokenizer(tokenizerFolder, words) : defaultClipTokenizer(padToken, words),
      }
    }),
    previewDecoder: findPreviewDecoder(path, isXl),
  }
}

/** @param addsPrevious it adds to what other ControlNets found */
function controlNetSource(
  one: FittingControlNet,
  addsPrevious: boolean,
): GeneratedGraph | (GraphSource & { readonly file: string }) {
  if ('exported' in one) return { name: 'controlnet', file: one.exported.file }
  const { checkpoint, unionTask: task } = one
  const graph = generatedGraph('controlnet', [checkpoint.tensors], (variant, weights, folder) =>
    controlNetGraph(weights, checkpoint.config, variant, folder, { task, addsPrevious }),
  )
  return { ...graph, outputsStayOnDevice: true }
}

/** The ids of embeddings follow those of the vocabulary. */
function promptEmbeddings(embeddings: readonly Embedding[], vocabularySize: number): PromptEmbedding[] {
  let firstId = vocabularySize
  return embeddings.map(({ name, count }) => {
    firstId += count
    return { name, count, firstId: firstId - count }
  })
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
