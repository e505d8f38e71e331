import { type GraphValue, graphBuilder } from '../onnx/graph-builder.js'
import type { GraphVariant } from '../onnx/session.js'
import { layerBuilder } from './layer-builder.js'
import type { ModuleWeights } from './module-weights.js'
import { type UnetConfig, unetBlocks } from './unet-blocks.js'
import type { WeightUpdates } from './weight-update.js'

/** Half of a UNet. */
export type UnetPart = 'first' | 'second'

/** What the first half hands over to the second one. */
const MIDDLE = 'middle'

/** The names of the skip connections: the first convolution, each resnet of a down block, and each downsampler. */
function skipNames(w: ModuleWeights): string[] {
  let count = 1
  for (let level = 0; level < w.countSubmodules('down_blocks'); level++) {
    const block = w.submodule(`down_blocks.${level}`)
    count += block.countSubmodules('resnets') + Number(block.has('downsamplers.0.conv.weight'))
  }
  return Array.from({ length: count }, (_, index) => `skip.${index}`)
}

/**
 * The denoising network of Stable Diffusion (Rombach et al. 2022; SDXL: Podell et al. 2023) as an ONNX graph with the
 * inputs and outputs of Optimum's: sample, timestep, encoder_hidden_states, for SDXL text_embeds and time_ids, for
 * latent consistency models timestep_cond; out_sample. Blocks, depths and widths follow from the weights.
 *
 * @param part half of the network, for devices without room for all of it: the first one computes the middle block and the skip
 *   connections, which are inputs of the second one
 */
export function unetGraph(
  w: ModuleWeights,
  config: UnetConfig,
  variant: GraphVariant,
  weightUpdates: WeightUpdates,
  folder: string,
  part?: UnetPart,
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

  /** The output of the middle block, and the skip connections. */
  function encode(): { x: GraphValue; skips: GraphValue[] } {
    const { x, skips } = blocks.down(conv(blocks.sample, w.submodule('conv_in')))
    const middle = blocks.middle(x)
    if (!config.acceptsControlNet) return { x: middle, skips }
    // Residuals are added to the skip connections, not to the down blocks' own path.
    return {
      skips: skips.map((skip, index) => add(skip, controlNetResidual(`down_block_res_samples.${index}`))),
      x: add(middle, controlNetResidual('mid_block_res_sample')),
    }
  }

  const toSingle = (value: GraphValue) => (type === 'F16' ? cast(value, 'F32') : value)
  const axesOf = (name: string) => ['batch', `${name}.channels`, `${name}.height`, `${name}.width`]
  const handedOver = (name: string) => blocks.toPrecision(g.input(name, 'F32', axesOf(name)))

  const encoded =
    part === 'second' ? { x: handedOver(MIDDLE), skips: skipNames(w).map(name => handedOver(name)) } : encode()
  const { skips } = encoded
  let { x } = encoded
  if (part === 'first') {
    for (const [index, name] of skipNames(w).entries()) g.output(name, toSingle(skips[index]!), 'F32', axesOf(name))
    g.output(MIDDLE, toSingle(x), 'F32', axesOf(MIDDLE))
    return g.bytes()
  }
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
  g.output('out_sample', toSingle(out), 'F32', ['batch', 4, 'height', 'width'])
  return g.bytes()
}
