import { type GraphValue, graphBuilder } from '../onnx/graph-builder.js'
import type { GraphVariant } from '../onnx/session.js'
import { embedTask, fuseHint } from './controlnet-union.js'
import { layerBuilder } from './layer-builder.js'
import type { ModuleWeights } from './module-weights.js'
import { type UnetConfig, unetBlocks } from './unet-blocks.js'

/** What the UNet's input for a residual is called, of as many as there are. The last one is for the middle block. */
export function residualName(index: number, count: number): string {
  return index === count - 1 ? 'mid_block_res_sample' : `down_block_res_samples.${index}`
}

/** What the input for the same residual of other ControlNets is called. */
export function previousName(residual: string): string {
  return `previous_${residual}`
}

/**
 * A ControlNet (Zhang et al. 2023) as an ONNX graph. Inputs are those of the UNet, and
 * - `controlnet_cond`: the hint, shape [1, 3, 8 · height, 8 · width], 0 to 1
 * - `conditioning_scale`: what each residual is multiplied by, shape [rows, residuals]. A batch of one item gives as many rows
 * - with `addsPrevious` those of `previousName`: residuals of other ControlNets, which are added; shapes that fit, such as [1, 1, 1, 1]
 *
 * @param options.task of a union's tasks, which is built into the graph; undefined for other ControlNets
 *
 * Outputs are the residuals `down_block_res_samples.N` and `mid_block_res_sample`, which is the last one.
 */
export function controlNetGraph(
  w: ModuleWeights,
  config: UnetConfig,
  variant: GraphVariant,
  folder: string,
  { task, addsPrevious = false }: { readonly task?: number | undefined; readonly addsPrevious?: boolean } = {},
) {
  const g = graphBuilder('controlnet', folder)
  const layers = layerBuilder(g, variant, () => [])
  const { add, mul, conv, silu, cast, type } = layers
  const blocks = unetBlocks(layers, w, config, task === undefined ? undefined : mlp => embedTask(layers, w, task, mlp))
  const encoded = encodeHint(blocks.toPrecision(g.input('controlnet_cond', 'F32', [1, 3, 'hint_height', 'hint_width'])))
  const sample = conv(blocks.sample, w.submodule('conv_in'))
  const hint = task === undefined ? encoded : fuseHint(layers, w, task, sample, encoded)
  const { x, skips } = blocks.down(add(sample, hint))
  const unscaled = [
    ...skips.map((skip, index) => pointwise(skip, w.submodule(`controlnet_down_blocks.${index}`))),
    pointwise(blocks.middle(x), w.submodule('controlnet_mid_block')),
  ]
  const scales = blocks.toPrecision(g.input('conditioning_scale', 'F32', ['rows', unscaled.length]))
  for (const [index, residual] of unscaled.entries()) {
    const column = g.node('Gather', [scales, g.constant('I64', [index], [])], { axis: 1 })
    const scaled = mul(residual, layers.reshape(column, layers.shape(-1, 1, 1, 1)))
    const single = type === 'F16' ? cast(scaled, 'F32') : scaled
    const name = residualName(index, unscaled.length)
    g.output(name, addsPrevious ? add(single, previous(name)) : single, 'F32', ['rows', ...sidesOf(name)])
  }
  return g.bytes()

  function previous(name: string): GraphValue {
    const input = previousName(name)
    return g.input(input, 'F32', [`${input}.rows`, ...sidesOf(input)])
  }

  /** Eight pixels in each direction become one latent. */
  function encodeHint(hint: GraphValue): GraphValue {
    const at = w.submodule('controlnet_cond_embedding')
    let current = silu(conv(hint, at.submodule('conv_in')))
    for (let index = 0; index < at.countSubmodules('blocks'); index++) {
      current = silu(conv(current, at.submodule(`blocks.${index}`), index % 2 === 1 ? 2 : 1))
    }
    return conv(current, at.submodule('conv_out'))
  }

  function pointwise(value: GraphValue, at: ModuleWeights): GraphValue {
    return conv(value, at, 1, [0, 0, 0, 0])
  }
}

/** The axes of a residual after the first one, each by itself. */
function sidesOf(name: string): string[] {
  return [`${name}.channels`, `${name}.height`, `${name}.width`]
}
