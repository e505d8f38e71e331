import type { Extent } from '../../../image/geometry.js'
import { estimateGraphMemory, type GraphMemory } from '../../../onnx/memory/estimate.js'
import { type GraphInput, readGraph } from '../../../onnx/memory/read-graph.js'
import type { GraphSource, GraphVariant } from '../../../onnx/session.js'
import { CHUNK_TOKENS } from '../prompt/tokenizer.js'
import type { ModelFiles } from './model-files.js'
import { RESIDUAL_INPUT } from './unet.js'
import { VAE_SCALE_FACTOR } from './vae.js'

/** How a model is run. */
export type MemoryScenario = {
  readonly device: 'cpu' | 'gpu'
  readonly variant: GraphVariant
  /** Of the VAE, if it differs: where half precision is wrong in it, it is computed in single precision. */
  readonly vaePrecision?: GraphVariant['precision']
  /** Of the picture, in pixels. */
  readonly size: Extent
  /** Rows of the UNet's batch. */
  readonly batch: number
  /** The longest side of the VAE's tiles, in pixels; undefined for no tiles. */
  readonly vaeTile?: number | undefined
}

/** What each of a model's graphs needs. */
export type ModelMemory = {
  readonly unet: GraphMemory
  readonly vaeEncoder: GraphMemory
  readonly vaeDecoder: GraphMemory
  readonly textEncoders: readonly GraphMemory[]
}

/** The memory of each graph of a model; undefined for models whose graphs are not generated. */
export function estimateModelMemory(files: ModelFiles, scenario: MemoryScenario): ModelMemory | undefined {
  const unet = estimateSource(files.unet, scenario)
  const vaeEncoder = estimateSource(files.vaeEncoder, vaeScenario(scenario))
  const vaeDecoder = estimateSource(files.vaeDecoder, vaeScenario(scenario))
  const textEncoders = files.textEncoders.flatMap(({ source }) => estimateSource(source, scenario) ?? [])
  return unet && vaeEncoder && vaeDecoder && { unet, vaeEncoder, vaeDecoder, textEncoders }
}

/** The VAE runs one picture at a time, at most as large as a tile. */
export function vaeScenario(scenario: MemoryScenario): MemoryScenario {
  const side = (length: number) => Math.min(length, scenario.vaeTile ?? length)
  const { precision } = scenario.variant
  const variant = { ...scenario.variant, precision: scenario.vaePrecision ?? precision }
  return {
    ...scenario,
    variant,
    batch: 1,
    size: { width: side(scenario.size.width), height: side(scenario.size.height) },
  }
}

/** What a graph of a diffusion model needs; undefined if it is not generated. */
export function estimateSource(source: GraphSource, scenario: MemoryScenario): GraphMemory | undefined {
  if (!('writeGraph' in source)) return undefined
  const graph = source.writeGraph(scenario.variant)
  const shapes = [...readGraph(graph).inputs].map(([name, input]) => [name, inputShape(name, input, scenario)] as const)
  return estimateGraphMemory(graph, Object.fromEntries(shapes), scenario.device)
}

function inputShape(name: string, { dims }: GraphInput, { size, batch }: MemoryScenario): number[] {
  const isPicture = (name === 'sample' && dims[1] === 3) || name === 'controlnet_cond'
  const scale = isPicture ? 1 : VAE_SCALE_FACTOR
  const sides = [size.height / scale, size.width / scale]
  const isResidual = name.includes(RESIDUAL_INPUT)
  return dims.map((length, axis) => {
    if (typeof length === 'number') return length
    // A residual that is not used is a single zero.
    if (isResidual) return 1
    return axis === 0 ? batch : axis === 1 ? CHUNK_TOKENS + 2 : sides[axis - 2]!
  })
}

/** The bytes that a whole model takes while it paints. */
export function totalBytes({ unet, vaeEncoder, vaeDecoder, textEncoders }: ModelMemory, device: 'cpu' | 'gpu'): number {
  const all = [unet, vaeEncoder, vaeDecoder, ...textEncoders]
  const weights = all.reduce((sum, one) => sum + one.weights, 0)
  const activations = all.map(one => one.activations)
  // On a GPU each graph keeps the memory of its last run; on the CPU only the UNet does.
  if (device === 'gpu') return weights + activations.reduce((sum, one) => sum + one, 0)
  return weights + unet.activations + Math.max(...activations.slice(1))
}
