import { type GraphValue, graphBuilder } from '../onnx/graph-builder.js'
import type { GraphVariant } from '../onnx/session.js'
import { embedTask, fuseHint } from './controlnet-union.js'
import { layerBuilder } from './layer-builder.js'
import type { ModuleWeights } from './module-weights.js'
import { type UnetConfig, unetBlocks } from './unet-blocks.js'

/**
 * A ControlNet (Zhang et al. 2023) as an ONNX graph. Inputs are those of the UNet, and
 * - `controlnet_cond`: the hint, shape [1, 3, 8 · height, 8 · width], 0 to 1
 * - `conditioning_scale`: what each residual is multiplied by, shape [batch, residuals]
 *
 * @param task of a union's tasks, which is built into the graph; undefined for other ControlNets
 *
 * Outputs are the residuals `down_block_res_samples.N` and `mid_block_res_sample`, which is the last one.
 */
export function controlNetGraph(
  w: ModuleWeights,
  config: UnetConfig,
  variant: GraphVariant,
  folder: string,
  task?: number,
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
  const scales = blocks.toPrecision(g.input('conditioning_scale', 'F32', ['batch', unscaled.length]))
  for (const [index, residual] of unscaled.entries()) {
    const column = g.node('Gather', [scales, g.constant('I64', [index], [])], { axis: 1 })
    const scaled = mul(residual, layers.reshape(column, layers.shape(-1, 1, 1, 1)))
    const isLast = index === unscaled.length - 1
    const name = isLast ? 'mid_block_res_sample' : `down_block_res_samples.${index}`
    const sides = [`${name}.channels`, `${name}.height`, `${name}.width`]
    g.output(name, type === 'F16' ? cast(scaled, 'F32') : scaled, 'F32', ['batch', ...sides])
  }
  return g.bytes()

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
