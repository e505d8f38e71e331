import { type GraphBuilder, type GraphValue, graphBuilder } from '../onnx/graph-builder.js'
import type { GraphVariant } from '../onnx/session.js'
import { layerBuilder } from './layer-builder.js'
import type { ModuleWeights } from './module-weights.js'

const GROUP_NORM_EPSILON = 1e-6

/**
 * What all values between group norms are multiplied by in half precision, whose largest number is 65,504: those of SDXL's
 * autoencoder are larger. Results are the same, because a group norm removes the factor (the idea of Ollin Boer Bohan's
 * `sdxl-vae-fp16-fix`, without training). A power of two, so that nothing is rounded.
 */
const HALF_PRECISION_FACTOR = 1 / 32

/** The blocks of the VAE's encoder and decoder (Esser et al. 2021, as in Stable Diffusion). */
function vaeBlocks(g: GraphBuilder, variant: GraphVariant, groups: number) {
  const layers = layerBuilder(g, variant, () => [])
  const { add, silu, groupNorm, linear, cast, type } = layers
  const factor = type === 'F16' ? HALF_PRECISION_FACTOR : 1
  // The epsilon is added to a variance.
  const norm = (x: GraphValue, at: ModuleWeights) => groupNorm(x, at, groups, GROUP_NORM_EPSILON * factor ** 2)
  /** From values that are not multiplied by the factor to values that are. */
  const scalingConv = (x: GraphValue, at: ModuleWeights) =>
    layers.conv(x, at, 1, [1, 1, 1, 1], { weight: factor, bias: factor })
  /** From values that are multiplied by the factor to values that are, too. */
  const scaledConv = (x: GraphValue, at: ModuleWeights, stride?: number, pads?: readonly number[]) =>
    layers.conv(x, at, stride, pads, { weight: 1, bias: factor })

  function resnet(x: GraphValue, at: ModuleWeights): GraphValue {
    const inner = scalingConv(silu(norm(x, at.submodule('norm1'))), at.submodule('conv1'))
    const outer = scalingConv(silu(norm(inner, at.submodule('norm2'))), at.submodule('conv2'))
    const shortcut = at.submodule('conv_shortcut')
    return add(shortcut.has('weight') ? scaledConv(x, shortcut, 1, [0, 0, 0, 0]) : x, outer)
  }

  function attention(x: GraphValue, at: ModuleWeights): GraphValue {
    const width = at.get('group_norm.weight').shape[0]!
    const { rows, channelsLastShape } = layers.flattenPixels(norm(x, at.submodule('group_norm')), width)
    const [q, k, v] = ['to_q', 'to_k', 'to_v'].map(name => linear(rows, at.submodule(name))) as [
      GraphValue,
      GraphValue,
      GraphValue,
    ]
    const attention = layers.attention(q, k, v, layers.batchSizeOf(x), 1, width)
    const attended = linear(attention, at.submodule('to_out.0'), true, { weight: factor, bias: factor })
    return add(x, layers.unflattenPixels(attended, channelsLastShape))
  }

  function middle(x: GraphValue, at: ModuleWeights): GraphValue {
    const inner = attention(resnet(x, at.submodule('resnets.0')), at.submodule('attentions.0'))
    return resnet(inner, at.submodule('resnets.1'))
  }

  /** Inputs and outputs are in single precision. */
  const input = (name: string, axes: readonly (number | string)[]) => {
    const value = g.input(name, 'F32', axes)
    return type === 'F16' ? cast(value) : value
  }
  const output = (name: string, value: GraphValue, axes: readonly (number | string)[]) =>
    g.output(name, type === 'F16' ? cast(value, 'F32') : value, 'F32', axes)

  return { ...layers, norm, scalingConv, scaledConv, resnet, middle, input, output }
}

/**
 * The VAE's encoder. Input `sample` of shape [batch, 3, height, width], −1 to 1; output `latent_parameters` of shape
 * [batch, 8, height / 8, width / 8], mean and log variance.
 */
export function vaeEncoderGraph(w: ModuleWeights, groups: number, variant: GraphVariant, folder: string): Uint8Array {
  const g = graphBuilder('vae_encoder', folder)
  const { resnet, middle, conv, scalingConv, scaledConv, norm, silu, input, output } = vaeBlocks(g, variant, groups)
  const at = w.submodule('encoder')
  let x = scalingConv(input('sample', ['batch', 3, 'height', 'width']), at.submodule('conv_in'))
  for (let level = 0; level < at.countSubmodules('down_blocks'); level++) {
    const block = at.submodule(`down_blocks.${level}`)
    for (let index = 0; index < block.countSubmodules('resnets'); index++)
      x = resnet(x, block.submodule(`resnets.${index}`))
    // Asymmetric padding: one pixel on the right and below.
    const downsampler = block.submodule('downsamplers.0.conv')
    if (downsampler.has('weight')) x = scaledConv(x, downsampler, 2, [0, 0, 1, 1])
  }
  x = conv(silu(norm(middle(x, at.submodule('mid_block')), at.submodule('conv_norm_out'))), at.submodule('conv_out'))
  if (w.has('quant_conv.weight')) x = conv(x, w.submodule('quant_conv'), 1, [0, 0, 0, 0])
  output('latent_parameters', x, ['batch', 8, 'down', 'across'])
  return g.bytes()
}

/**
 * The VAE's decoder. Input `latent_sample` of shape [batch, 4, height, width]; output `sample` of 8 times the size, −1
 * to 1.
 */
export function vaeDecoderGraph(w: ModuleWeights, groups: number, variant: GraphVariant, folder: string): Uint8Array {
  const g = graphBuilder('vae_decoder', folder)
  const blocks = vaeBlocks(g, variant, groups)
  const { resnet, middle, conv, scalingConv, scaledConv, norm, silu, upsample2x } = blocks
  const at = w.submodule('decoder')
  let x = blocks.input('latent_sample', ['batch', 4, 'height', 'width'])
  if (w.has('post_quant_conv.weight')) x = conv(x, w.submodule('post_quant_conv'), 1, [0, 0, 0, 0])
  x = middle(scalingConv(x, at.submodule('conv_in')), at.submodule('mid_block'))
  for (let level = 0; level < at.countSubmodules('up_blocks'); level++) {
    const block = at.submodule(`up_blocks.${level}`)
    for (let index = 0; index < block.countSubmodules('resnets'); index++)
      x = resnet(x, block.submodule(`resnets.${index}`))
    if (block.has('upsamplers.0.conv.weight')) x = scaledConv(upsample2x(x), block.submodule('upsamplers.0.conv'))
  }
  const out = conv(silu(norm(x, at.submodule('conv_norm_out'))), at.submodule('conv_out'))
  blocks.output('sample', out, ['batch', 3, 'down', 'across'])
  return g.bytes()
}
