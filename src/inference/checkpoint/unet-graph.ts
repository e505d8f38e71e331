import { type GraphValue, graphBuilder } from '../onnx/graph-builder.js'
import type { GraphVariant } from '../onnx/session.js'
import { layerBuilder } from './layer-builder.js'
import type { ModuleWeights } from './module-weights.js'
import { type UnetConfig, unetBlocks } from './unet-blocks.js'
import type { WeightUpdates } from './weight-update.js'

/**
 * The denoising network of Stable Diffusion (Rombach et al. 2022; SDXL: Podell et al. 2023) as an ONNX graph with the
 * inputs and outputs of Optimum's: sample, timestep, encoder_hidden_states, for SDXL text_embeds and time_ids, for
 * latent consistency models timestep_cond; out_sample. Blocks, depths and widths follow from the weights.
 */
export function unetGraph(
  w: ModuleWeights,
  config: UnetConfig,
  variant: GraphVariant,
  weightUpdates: WeightUpdates,
  folder: string,
) {
  const g = graphBuilder('unet', folder)
  const layers = layerBuilder(g, variant, weightUpdates)
  const { add, silu, conv, groupNorm, cast, type } = layers
  const blocks = unetBlocks(layers, w, config)

  function controlNetResidual(name: string): GraphValue {
    return blocks.toPrecision(
      g.input(name, 'F32', [`${name}.batch`, `${name}.channels`, `${name}.height`, `${name}.width`]),
    )
  }

  let { x, skips } = blocks.down(conv(blocks.sample, w.submodule('conv_in')))
  // Residuals are added to the skip connections, not to the down blocks' own path.
  if (config.acceptsControlNet) {
    skips = skips.map((skip, index) => add(skip, controlNetResidual(`down_block_res_samples.${index}`)))
  }
  x = blocks.middle(x)
  if (config.acceptsControlNet) x = add(x, controlNetResidual('mid_block_res_sample'))
  for (let up = 0; up < w.countSubmodules('up_blocks'); up++) {
    const block = w.submodule(`up_blocks.${up}`)
    for (let index = 0; index < block.countSubmodules('resnets'); index++) {
      x = blocks.resnet(g.node('Concat', [x, skips.pop()!], { axis: 1 }), block.submodule(`resnets.${index}`))
      if (index < block.countSubmodules('attentions'))
        x = blocks.transformer(x, block.submodule(`attentions.${index}`), blocks.levels - 1 - up)
    }
    if (block.has('upsamplers.0.conv.weight')) {
      // An odd side became half of the next even one on its way down.
      const upsampled = layers.cropToSize(layers.upsample2x(x), skips.at(-1)!)
      x = conv(upsampled, block.submodule('upsamplers.0.conv'))
    }
  }
  const out = conv(silu(groupNorm(x, w.submodule('conv_norm_out'), config.groups, 1e-5)), w.submodule('conv_out'))
  g.output('out_sample', type === 'F16' ? cast(out, 'F32') : out, 'F32', ['batch', 4, 'height', 'width'])
  return g.bytes()
}
