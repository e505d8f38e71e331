import { basename, dirname } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../../user-error.js'
import { vaeDecoderGraph, vaeEncoderGraph } from '../../../checkpoint/autoencoder-graph.js'
import { type Checkpoint, readCheckpoint } from '../../../checkpoint/checkpoint.js'
import type { LoraDeltas } from '../../../checkpoint/layers.js'
import { type LoraRequest, readLoras } from '../../../checkpoint/lora.js'
import { textEncoderGraph } from '../../../checkpoint/text-graph.js'
import { unetGraph } from '../../../checkpoint/unet-graph.js'
import { type ModuleWeights, moduleWeights } from '../../../checkpoint/weights.js'
import { commonFolder, type StoredTensor } from '../../../onnx/graph-builder.js'
import type { GraphSource, GraphVariant } from '../../../onnx/network.js'
import { defaultClipTokenizer, readTokenizer } from '../prompt/tokenizer.js'
import { schedulerConfigSchema } from '../sampling/noise-schedule.js'
import { findPreviewDecoder, type ModelFiles } from './diffusers-folder.js'

/** So many missing names are told, of how many there are. */
const MAX_MISSING_NAMES = 5

/**
 * A checkpoint as a model: its graphs are written when they are opened, and point into its files.
 *
 * @throws ProblemError those of `readCheckpoint`, `checkpoint-incomplete` with the names of what is missing, those of `readLoras`
 */
export async function readCheckpointModel(path: string, loraRequests: readonly LoraRequest[]): Promise<ModelFiles> {
  const checkpoint = await readCheckpoint(path)
  const { name, kind, unet, unetConfig, vae, vaeGroups, textEncoders: texts } = checkpoint
  const isXl = kind === 'SDXL'
  const loras = await readLoras(dirname(path), loraRequests, {
    name,
    unet,
    textEncoders: texts.map(({ tensors }) => tensors),
  })
  const parsed = schedulerConfigSchema.safeParse(checkpoint.schedulerConfig)
  if (!parsed.success) {
    throw new UserError({ code: 'model-unreadable', model: name, detail: z.prettifyError(parsed.error) })
  }
  const noLoras: LoraDeltas = () => []
  const files: ModelFiles = {
    name,
    family: isXl ? 'sdxl' : 'sd',
    schedulerConfig: parsed.data,
    scalingFactor: checkpoint.scalingFactor,
    sampleSize: checkpoint.sampleSize,
    precision: computePrecision(checkpoint),
    checkpoint,
    unet: generatedGraph('unet', [unet, ...loras.tensors], (variant, w, folder) =>
      unetGraph(w, unetConfig, variant, loras.unet, folder),
    ),
    // Autoencoders overflow in half precision.
    vaeEncoder: generatedGraph('vae_encoder', [vae], ({ attention }, w, folder) =>
      vaeEncoderGraph(w, vaeGroups, { attention, precision: 'single' }, folder),
    ),
    vaeDecoder: generatedGraph('vae_decoder', [vae], ({ attention }, w, folder) =>
      vaeDecoderGraph(w, vaeGroups, { attention, precision: 'single' }, folder),
    ),
    textEncoders: texts.map(({ tensors, config, tokenizerFolder, padToken: pad }, index) => ({
      source: generatedGraph(
        `text_encoder${index === 0 ? '' : '_2'}`,
        [tensors, ...loras.tensors],
        (variant, w, folder) => textEncoderGraph(w, config, variant, loras.textEncoders[index] ?? noLoras, folder),
      ),
      openTokenizer: () => (tokenizerFolder ? readTokenizer(tokenizerFolder) : defaultClipTokenizer(pad)),
    })),
    previewDecoder: findPreviewDecoder(path, isXl),
  }
  requireAllWeights(basename(path), [
    files.unet,
    files.vaeEncoder,
    files.vaeDecoder,
    ...files.textEncoders.map(({ source }) => source),
  ])
  return files
}

/** Any will do to see what is missing. */
const ANY_VARIANT: GraphVariant = { precision: 'single', attention: 'fused' }

type Tensors = ReadonlyMap<string, StoredTensor>
type WriteGraph = (variant: GraphVariant, weights: ModuleWeights, folder: string) => Uint8Array
type GeneratedGraph = GraphSource & { readonly missing: ReadonlySet<string> }

/** @param tensors those of the part itself first */
function generatedGraph(name: string, tensors: readonly Tensors[], write: WriteGraph): GeneratedGraph {
  const missing = new Set<string>()
  const files = [...new Set(tensors.flatMap(one => [...one.values()].map(({ file }) => file)))]
  const weights = moduleWeights(tensors[0]!, missing)
  const folder = commonFolder(files)
  return { name, folder, missing, writeGraph: variant => write(variant, weights, folder) }
}

/** @throws ProblemError `checkpoint-incomplete` */
function requireAllWeights(file: string, sources: readonly GraphSource[]): void {
  const missing: string[] = []
  for (const source of sources) {
    if (!('writeGraph' in source)) continue
    source.writeGraph(ANY_VARIANT)
    missing.push(...[...(source as GeneratedGraph).missing].map(weight => `${source.name}/${weight}`))
  }
  if (missing.length === 0) return
  const more = missing.length > MAX_MISSING_NAMES ? ` (${missing.length})` : ''
  throw new UserError({
    code: 'checkpoint-incomplete',
    file,
    missing: missing.slice(0, MAX_MISSING_NAMES).join(', ') + more,
  })
}

/** Half where most of the UNet's weights are; Stable Diffusion 2's attention overflows in it. */
function computePrecision({ unet, kind }: Checkpoint): GraphVariant['precision'] {
  if (kind === 'SD 2') return 'single'
  return unet.get('conv_in.weight')?.type === 'F16' ? 'half' : 'single'
}
