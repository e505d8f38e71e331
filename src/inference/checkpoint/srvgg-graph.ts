import { graphBuilder } from '../onnx/graph-builder.js'
import type { GraphVariant } from '../onnx/session.js'
import { layerBuilder } from './layer-builder.js'
import type { ModuleWeights } from './module-weights.js'

/** What the shapes say of an SRVGGNetCompact. */
export type SrvggShape = {
  /** How many times as wide and high the result is. */
  readonly scale: number
  /** The convolutions, each of 3×3. */
  readonly convs: number
  readonly tensorCount: number
}

export function srvggShape(w: ModuleWeights): SrvggShape {
  const convs = convCount(w)
  const channels = w.get(`body.${2 * (convs - 1)}.weight`).shape[0]!
  // A PReLU follows each convolution but the last.
  return { scale: Math.sqrt(channels / 3), convs, tensorCount: convs * 3 - 1 }
}

/** In `body`, convolutions and PReLUs take turns. */
function convCount(w: ModuleWeights): number {
  return Math.ceil(w.countSubmodules('body') / 2)
}

/**
 * Real-ESRGAN's compact network (Wang et al. 2021): convolutions at the size of the input, whose last channels are the pixels of the
 * result, added to the enlarged input. Input `image` [batch, 3, height, width], 0 to 1; output `upscaled`.
 */
export function srvggGraph(w: ModuleWeights, variant: GraphVariant, folder: string): Uint8Array {
  const g = graphBuilder('srvgg', folder)
  const { add, conv, cast, type, weight } = layerBuilder(g, variant, () => [])
  const { scale, convs } = srvggShape(w)
  const image = g.input('image', 'F32', ['batch', 3, 'height', 'width'])
  const start = type === 'F16' ? cast(image) : image
  let x = start
  for (let index = 0; index < convs; index++) {
    x = conv(x, w.submodule(`body.${2 * index}`))
    if (index === convs - 1) break
    const slopes = w.get(`body.${2 * index + 1}.weight`)
    x = g.node('PRelu', [x, weight(slopes, [slopes.shape[0]!, 1, 1])])
  }
  // The order of channels of torch's pixel_shuffle.
  const shuffled = g.node('DepthToSpace', [x], { blocksize: scale, mode: 'CRD' })
  const enlarged = g.node('Resize', [start, undefined, g.constant('F32', [1, 1, scale, scale], [4])], {
    mode: 'nearest',
    nearest_mode: 'floor',
    coordinate_transformation_mode: 'asymmetric',
  })
  const out = add(shuffled, enlarged)
  g.output('upscaled', type === 'F16' ? cast(out, 'F32') : out, 'F32', ['batch', 3, 'high', 'wide'])
  return g.bytes()
}
