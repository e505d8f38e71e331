import { basename, join } from 'node:path'
import { UserError } from '../../user-error.js'
import { readGraphInterface } from '../onnx/graph-interface.js'
import { EXPORTED_GRAPH } from './controlnet-files.js'

/**
 * A ControlNet that was exported to ONNX: a graph with the inputs and outputs of diffusers' ControlNetModel. Inputs are
 * sample, timestep, encoder_hidden_states and controlnet_cond, for SDXL text_embeds and time_ids; conditioning_scale is
 * optional. The names of the outputs differ between exports: they are the residuals, in order, that of the middle block last.
 */
export type ControlNetExport = {
  readonly name: string
  readonly file: string
  readonly encoder: EncoderInterface
  readonly precision: 'fp32' | 'fp16'
}

/** What a ControlNet and the model that it controls have in common. */
export type EncoderInterface = {
  /** Width of the prompt's embeddings. */
  readonly contextWidth: number | undefined
  /** The number of residuals: one for each skip connection, and one for the middle block. */
  readonly residuals: number
}

const REQUIRED_INPUTS = ['sample', 'timestep', 'encoder_hidden_states', 'controlnet_cond'] as const
const KNOWN_INPUTS: readonly string[] = [...REQUIRED_INPUTS, 'conditioning_scale', 'text_embeds', 'time_ids']

/** Whether a folder holds the graph of a ControlNet. */
export function isControlNetExport(folder: string): boolean {
  return readGraphInterface(join(folder, EXPORTED_GRAPH))?.inputs.has('controlnet_cond') ?? false
}

/** @throws UserError `controlnet-unsupported`, `model-unreadable` */
export function readControlNetExport(folder: string): ControlNetExport {
  const name = basename(folder)
  const file = join(folder, EXPORTED_GRAPH)
  const unreadable = (detail: string) =>
    new UserError({ code: 'model-unreadable', model: name, detail: `${EXPORTED_GRAPH}: ${detail}` })
  const graph = readGraphInterface(file)
  if (!graph) throw unreadable('it isn’t an ONNX graph')
  const { inputs, outputs } = graph
  if (!inputs.has('controlnet_cond'))
    throw new UserError({ code: 'controlnet-unsupported', controlnet: name, kind: 'other' })
  const missing = REQUIRED_INPUTS.find(input => !inputs.has(input))
  if (missing !== undefined) throw unreadable(`it has no input called ${missing}`)
  const unknown = [...inputs.keys()].find(input => !KNOWN_INPUTS.includes(input))
  if (unknown !== undefined) throw unreadable(`it has an input called ${unknown}, which isn’t known`)
  const [batch, , height, width] = inputs.get('sample')!.dims
  const isFixed = [height, width].some(side => typeof side === 'number') || (typeof batch === 'number' && batch !== 1)
  if (isFixed) throw unreadable('it has a fixed size: export it with free axes for batch, height and width')
  const contextWidth = inputs.get('encoder_hidden_states')!.dims[2]
  if (typeof contextWidth !== 'number') throw unreadable('the width of encoder_hidden_states isn’t stated')
  const precision = inputs.get('sample')!.type === 'F16' ? 'fp16' : 'fp32'
  return { name, file, encoder: { contextWidth, residuals: outputs.length }, precision }
}

/** A ControlNet adds to every skip connection of a model, and reads the same prompt. */
export function fitsInterface(one: EncoderInterface, model: EncoderInterface): boolean {
  return one.contextWidth === model.contextWidth && one.residuals === model.residuals
}

const CONTEXT_WEIGHT = /(?:input_blocks|middle_block|down_blocks|mid_block)\..*\.attn2\.to_k\.weight$/

/** The modules of both layouts whose outputs are skip connections, except the first convolution. */
const SKIP_MODULE = /(?:^|\.)(input_blocks\.[1-9]\d*|down_blocks\.\d+\.(?:resnets\.\d+|downsamplers\.0))\./

/** The interface of a model's encoder, from the names and shapes of its UNet's tensors in the layout of diffusers or LDM. */
export function encoderInterface(
  tensors: Iterable<readonly [name: string, shape: readonly number[] | undefined]>,
): EncoderInterface {
  const skips = new Set<string>()
  let contextWidth: number | undefined
  for (const [name, shape] of tensors) {
    const module = SKIP_MODULE.exec(name)?.[1]
    if (module !== undefined) skips.add(module)
    if (CONTEXT_WEIGHT.test(name)) contextWidth ??= shape?.[1]
  }
  return { contextWidth, residuals: skips.size + 2 }
}
