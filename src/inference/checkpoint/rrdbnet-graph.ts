import { type GraphValue, graphBuilder } from '../onnx/graph-builder.js'
import type { GraphVariant } from '../onnx/session.js'
import type { Tensors } from './checkpoint.js'
import { layerBuilder } from './layer-builder.js'
import type { ModuleWeights } from './module-weights.js'

/** Residuals are scaled by this before they are added (Wang et al. 2018, "ESRGAN", 3.1). */
const RESIDUAL_SCALE = 0.2

const LEAKY_SLOPE = 0.2

/** The convolutions of a dense block. */
const DENSE_CONVS = 5

/**
 * The names of BasicSR for the tensors of an RRDBNet with any of three namings: BasicSR's own (Real-ESRGAN), that of ESRGAN's
 * repository (`RRDB_trunk`), and the older one, in which layers are only numbered (`model.1.sub`).
 */
export function renameRrdbnetTensors(tensors: Tensors): Tensors {
  const numbered = [...tensors.keys()].flatMap(name => /^model\.(\d+)\.weight$/.exec(name)?.[1] ?? []).map(Number)
  const tail = numbered.sort((one, other) => one - other).slice(1)
  /** The name of a layer behind the blocks: one for each doubling, and two more. */
  const tailName = (layer: number) => {
    const index = tail.indexOf(layer)
    return ['conv_last', 'conv_hr'][tail.length - 1 - index] ?? `conv_up${index + 1}`
  }
  const renamed = [...tensors].map(([name, tensor]) => {
    const own = name
      .replace(/^RRDB_trunk\./, 'body.')
      .replace(/^trunk_conv\./, 'conv_body.')
      .replace(/^upconv(\d)\./, 'conv_up$1.')
      .replace(/^HRconv\./, 'conv_hr.')
      .replace(/^model\.0\./, 'conv_first.')
      .replace(/^model\.1\.sub\.(\d+)\.(weight|bias)$/, 'conv_body.$2')
      .replace(/^model\.1\.sub\./, 'body.')
      .replace(/^model\.(\d+)\./, (_, layer: string) => `${tailName(Number(layer))}.`)
      .replace(/\.RDB(\d)\.conv(\d)(?:\.0)?\./, '.rdb$1.conv$2.')
    return [own, tensor] as const
  })
  return new Map(renamed)
}

/** What the shapes say of an RRDBNet. */
export type RrdbnetShape = {
  /** How many times as wide and high the result is. */
  readonly scale: number
  /** Sides of the input are multiples of this. */
  readonly multiple: number
  readonly tensorCount: number
}

/** @param w by BasicSR's names */
export function rrdbnetShape(w: ModuleWeights): RrdbnetShape {
  const { doublings, unshuffle } = structureOf(w)
  const convs = w.countSubmodules('body') * 3 * DENSE_CONVS + doublings + 4
  return { scale: 2 ** doublings / unshuffle, multiple: unshuffle, tensorCount: convs * 2 }
}

function structureOf(w: ModuleWeights) {
  let doublings = 0
  while (w.has(`conv_up${doublings + 1}.weight`)) doublings++
  const inputs = w.get('conv_first.weight').shape[1]!
  return { doublings, unshuffle: Math.sqrt(inputs / 3) }
}

/**
 * The generator of ESRGAN (Wang et al. 2018) and Real-ESRGAN (Wang et al. 2021): residual-in-residual dense blocks, then
 * nearest-neighbour upsampling by 2 with a convolution each. For small scales the picture is first unshuffled: a square of pixels
 * becomes the channels of one. Input `image` [batch, 3, height, width], 0 to 1; output `upscaled`.
 */
export function rrdbnetGraph(w: ModuleWeights, variant: GraphVariant, folder: string): Uint8Array {
  const g = graphBuilder('rrdbnet', folder)
  const layers = layerBuilder(g, variant, () => [])
  const { add, mul, conv, cast, type, scalar, upsample2x } = layers
  const { doublings, unshuffle } = structureOf(w)
  const leaky = (x: GraphValue) => g.node('LeakyRelu', [x], { alpha: { float: LEAKY_SLOPE } })
  const residual = scalar(RESIDUAL_SCALE)

  function denseBlock(x: GraphValue, at: ModuleWeights): GraphValue {
    const known = [x]
    for (let index = 1; index < DENSE_CONVS; index++) {
      const all = known.length === 1 ? x : g.node('Concat', known, { axis: 1 })
      known.push(leaky(conv(all, at.submodule(`conv${index}`))))
    }
    const last = conv(g.node('Concat', known, { axis: 1 }), at.submodule(`conv${DENSE_CONVS}`))
    return add(mul(last, residual), x)
  }
  function block(x: GraphValue, at: ModuleWeights): GraphValue {
    const inner = [1, 2, 3].reduce((value, index) => denseBlock(value, at.submodule(`rdb${index}`)), x)
    return add(mul(inner, residual), x)
  }

  const image = g.input('image', 'F32', ['batch', 3, 'height', 'width'])
  const start = type === 'F16' ? cast(image) : image
  const first = conv(unshuffle === 1 ? start : pixelUnshuffle(start), w.submodule('conv_first'))
  let x = first
  for (let index = 0; index < w.countSubmodules('body'); index++) x = block(x, w.submodule(`body.${index}`))
  x = add(first, conv(x, w.submodule('conv_body')))
  for (let index = 1; index <= doublings; index++) x = leaky(conv(upsample2x(x), w.submodule(`conv_up${index}`)))
  const out = conv(leaky(conv(x, w.submodule('conv_hr'))), w.submodule('conv_last'))
  g.output('upscaled', type === 'F16' ? cast(out, 'F32') : out, 'F32', ['batch', 3, 'high', 'wide'])
  return g.bytes()

  /** torch's pixel_unshuffle, as a convolution that picks one pixel for each channel: ONNX's SpaceToDepth has another order. */
  function pixelUnshuffle(value: GraphValue): GraphValue {
    const area = unshuffle * unshuffle
    const picks = new Float32Array(3 * area * 3 * area)
    for (let channel = 0; channel < 3; channel++) {
      for (let at = 0; at < area; at++) picks[((channel * area + at) * 3 + channel) * area + at] = 1
    }
    const kernel = g.constant('F32', picks, [3 * area, 3, unshuffle, unshuffle])
    const sides = [unshuffle, unshuffle]
    const attributes = { strides: sides, kernel_shape: sides, pads: [0, 0, 0, 0] }
    return g.node('Conv', [value, type === 'F16' ? cast(kernel) : kernel], attributes)
  }
}
