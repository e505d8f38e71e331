import { previousName, residualName } from '../../src/inference/checkpoint/controlnet-graph.js'
import { type GraphBuilder, type GraphValue, graphBuilder } from '../../src/inference/onnx/graph-builder.js'

/** Channels and side of each residual. */
export type ResidualShapes = readonly (readonly [channels: number, side: number])[]

/** Stable Diffusion 1.5 at 512×512: 27 MB in single precision. */
export const SD_RESIDUALS: ResidualShapes = [
  ...Array<[number, number]>(3).fill([320, 64]),
  [320, 32],
  ...Array<[number, number]>(2).fill([640, 32]),
  [640, 16],
  ...Array<[number, number]>(2).fill([1280, 16]),
  ...Array<[number, number]>(4).fill([1280, 8]),
]

/**
 * A ControlNet whose residuals have these shapes, and depend on all of its inputs: one number for each row, repeated.
 *
 * @param width of the prompt's embeddings
 */
export function shellControlNet(shapes: ResidualShapes, width: number, addsPrevious: boolean): Uint8Array {
  const g = graphBuilder('controlnet', '/')
  const read = [
    rowMeans(g, g.input('sample', 'F32', ['batch', 4, 'height', 'width']), 3),
    rowMeans(g, g.input('encoder_hidden_states', 'F32', ['batch', 'tokens', width]), 2),
    rowMeans(g, g.input('controlnet_cond', 'F32', [1, 3, 'hint_height', 'hint_width']), 3),
    g.node('Mul', [rowMeans(g, g.input('timestep', 'F32', ['batch']), 0), g.constant('F32', [1e-3], [])]),
  ]
  const total = read.reduce((one, other) => g.node('Add', [one, other]))
  const scales = g.input('conditioning_scale', 'F32', ['rows', shapes.length])
  for (const [index, [channels, side]] of shapes.entries()) {
    const column = g.node('Gather', [scales, g.constant('I64', [index], [])], { axis: 1 })
    const factor = g.node('Reshape', [column, g.constant('I64', [-1, 1, 1, 1], [4])])
    const shape = g.constant('I64', [1, channels, side, side], [4])
    const residual = g.node('Expand', [g.node('Mul', [total, factor]), shape])
    const name = residualName(index, shapes.length)
    const sum = addsPrevious ? g.node('Add', [residual, residualInput(g, previousName(name))]) : residual
    g.output(name, sum, 'F32', ['rows', channels, side, side])
  }
  return g.bytes()
}

/** A UNet that reads each of its inputs once. */
export function shellUnet(shapes: ResidualShapes, width: number): Uint8Array {
  const g = graphBuilder('unet', '/')
  const sample = g.input('sample', 'F32', ['batch', 4, 'height', 'width'])
  const read = [
    rowMeans(g, g.input('encoder_hidden_states', 'F32', ['batch', 'tokens', width]), 2),
    g.node('Mul', [rowMeans(g, g.input('timestep', 'F32', ['batch']), 0), g.constant('F32', [1e-3], [])]),
    ...shapes.map((_, index) => rowMeans(g, residualInput(g, residualName(index, shapes.length)), 3)),
  ]
  const total = read.reduce((one, other) => g.node('Add', [one, other]))
  const half = g.node('Mul', [sample, g.constant('F32', [0.5], [])])
  g.output('out_sample', g.node('Add', [half, total]), 'F32', ['batch', 4, 'height', 'width'])
  return g.bytes()
}

/** The mean of each row, shape [rows, 1, 1, 1]. @param sides the number of axes after the first one */
function rowMeans(g: GraphBuilder, value: GraphValue, sides: number): GraphValue {
  const axes = Array.from({ length: sides }, (_, index) => index + 1)
  const means = sides > 0 ? g.node('ReduceMean', [value, g.constant('I64', axes, [sides])], { keepdims: 0 }) : value
  return g.node('Reshape', [means, g.constant('I64', [-1, 1, 1, 1], [4])])
}

function residualInput(g: GraphBuilder, name: string): GraphValue {
  return g.input(name, 'F32', [`${name}.rows`, `${name}.channels`, `${name}.height`, `${name}.width`])
}
