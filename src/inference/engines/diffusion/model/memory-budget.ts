import type { Extent } from '../../../image/geometry.js'
import { parseDevice } from '../../../onnx/device-names.js'
import type { FreeMemory } from '../../../onnx/free-memory.js'
import type { GraphSource, OnnxSession } from '../../../onnx/session.js'
import { estimateModelMemory, estimateSource, type MemoryScenario, totalBytes } from './estimate-memory.js'
import type { ModelFiles } from './model-files.js'
import { VAE_SCALE_FACTOR, type VaeBudgets } from './vae.js'
import type { MemoryBudget } from './vae-tiles.js'

/**
 * What is needed, relative to what is computed. On the CPU both differ by up to 5% (`npm run bench -- memory`). A GPU's
 * memory pool has gaps, and its convolutions need room for themselves; how much has not been measured.
 */
const MARGIN = { cpu: 1.1, gpu: 1.25 } as const

/** How the graphs of a model are run on a device, as `openVerified` tries it first. */
function scenarioOn(device: string, files: ModelFiles): Omit<MemoryScenario, 'size'> {
  const name = parseDevice(device)?.name ?? device
  const kind = name === 'cpu' ? 'cpu' : 'gpu'
  // WebGPU may need the plain attention, which takes more.
  const attention = name === 'webgpu' ? 'primitive' : 'fused'
  const precision = kind === 'cpu' ? 'single' : files.precision
  return { device: kind, batch: kind === 'cpu' ? 1 : 2, variant: { precision, attention } }
}

/**
 * What tells whether the halves of a model's VAE fit into the memory that a device has left.
 *
 * @param sessions of the encoder and the decoder
 */
export function vaeBudgets(
  files: ModelFiles,
  sessions: readonly [encoder: OnnxSession, decoder: OnnxSession],
  device: string,
  free: FreeMemory,
): VaeBudgets {
  const budget = (source: GraphSource, { variant }: OnnxSession): MemoryBudget => ({
    free: () => free(device),
    needed({ width, height }: Extent) {
      const size = { width: width * VAE_SCALE_FACTOR, height: height * VAE_SCALE_FACTOR }
      const scenario = { ...scenarioOn(device, files), batch: 1, size }
      const estimate = estimateSource(source, { ...scenario, variant: variant ?? scenario.variant })
      return estimate && estimate.activations * MARGIN[scenario.device]
    },
  })
  return { encoder: budget(files.vaeEncoder, sessions[0]), decoder: budget(files.vaeDecoder, sessions[1]) }
}

/**
 * The graphs that a GPU has no room for while the others run, at the size of the model's training pictures: the text encoders, and also
 * the UNet, which then runs in parts, where not even it fits by itself. Unknown sizes count as enough.
 */
export async function graphsWithoutRoom(
  device: string,
  files: ModelFiles,
  free: FreeMemory,
): Promise<ReadonlySet<GraphSource>> {
  const scenario = scenarioOn(device, files)
  if (scenario.device === 'cpu') return new Set()
  const side = files.sampleSize * VAE_SCALE_FACTOR
  // Whether half precision is right for the VAE is not known before it is open.
  const size = { width: side, height: side }
  const estimate = estimateModelMemory(files, { ...scenario, vaePrecision: 'single', size })
  const bytes = estimate && (await free(device))
  if (!estimate || bytes === undefined || totalBytes(estimate, 'gpu') * MARGIN.gpu <= bytes) return new Set()
  const textEncoders = files.textEncoders.map(({ source }) => source)
  // Without a margin: each step of a UNet in parts reads all of its weights again.
  const { weights, activations } = estimate.unet
  return new Set(weights + activations > bytes ? [...textEncoders, files.unet] : textEncoders)
}
