import { basename, dirname, extname } from 'node:path'
import { UserError } from '../../user-error.js'
import type { GraphSource } from '../onnx/session.js'
import type { Tensors } from './checkpoint.js'
import { moduleWeights } from './module-weights.js'
import { renameRrdbnetTensors, rrdbnetGraph, rrdbnetShape } from './rrdbnet-graph.js'
import { readSafetensors } from './safetensors.js'
import { srvggGraph, srvggShape } from './srvgg-graph.js'

/** A network that enlarges pictures, as a graph to open. */
export type UpscalerFile = {
  readonly source: GraphSource
  readonly architecture: 'RRDBNet' | 'SRVGGNetCompact'
  /** How many times as wide and high the result is. */
  readonly scale: number
  /** Sides of the input are multiples of this. */
  readonly multiple: number
  /** How far a pixel of the result looks, in pixels of the input; undefined if farther than is worth computing. */
  readonly reach: number | undefined
  readonly precision: 'fp32' | 'fp16' | 'bf16'
}

/** Training code wraps the weights of a network in these. */
const WRAPPERS = ['params_ema.', 'params.', 'module.']

/**
 * Read an upscaler from a `.safetensors` file. Its architecture, scale and depth follow from its tensors.
 *
 * @throws UserError `upscaler-unknown`, `checkpoint-incomplete`, and those of `readSafetensors`
 */
export async function readUpscaler(path: string): Promise<UpscalerFile> {
  const { file, tensors } = await readSafetensors(path)
  const name = basename(path)
  const unknown = () => new UserError({ code: 'upscaler-unknown', file: name })
  const own = withoutWrapper(tensors)
  const isCompact = own.has('body.0.weight') && own.has('body.1.weight')
  const missing = new Set<string>()
  const w = moduleWeights(isCompact ? own : renameRrdbnetTensors(own), missing)
  if (!isCompact && !w.has('conv_first.weight')) throw unknown()
  const shape = isCompact ? { ...srvggShape(w), multiple: 1 } : { ...rrdbnetShape(w), convs: undefined }
  const { scale, multiple, convs, tensorCount } = shape
  const writeGraph = isCompact ? srvggGraph : rrdbnetGraph
  const folder = dirname(file)
  // Writing the graph asks for all weights.
  writeGraph(w, { precision: 'single', attention: 'fused' }, folder)
  if (missing.size > 0) {
    throw new UserError({ code: 'checkpoint-incomplete', file: name, missing: [...missing].slice(0, 5).join(', ') })
  }
  // Other tensors belong to a variant that would be computed wrong.
  if (own.size !== tensorCount || ![scale, multiple].every(Number.isInteger) || scale < 2) throw unknown()
  const { type } = own.get(isCompact ? 'body.0.weight' : [...own.keys()][0]!)!
  return {
    source: { name: basename(path, extname(path)), folder, writeGraph: variant => writeGraph(w, variant, folder) },
    architecture: isCompact ? 'SRVGGNetCompact' : 'RRDBNet',
    scale,
    multiple,
    reach: convs,
    precision: type === 'F16' ? 'fp16' : type === 'BF16' ? 'bf16' : 'fp32',
  }
}

function withoutWrapper(tensors: Tensors): Tensors {
  const prefix = WRAPPERS.find(wrapper => [...tensors.keys()].every(name => name.startsWith(wrapper)))
  if (prefix === undefined) return tensors
  return new Map([...tensors].map(([name, tensor]) => [name.slice(prefix.length), tensor]))
}
