import { type GraphBuilder, type GraphValue, graphBuilder } from '../onnx/graph-builder.js'
import type { GraphVariant } from '../onnx/session.js'
import { layerBuilder } from './layer-builder.js'
import type { ModuleWeights } from './module-weights.js'

const GROUP_NORM_EPSILON = 1e-6

/** The blocks of the VAE's encoder and decoder (Esser et al. 2021, as in Stable Diffusion). */
function vaeBlocks(g: GraphBuilder, variant: GraphVariant, groups: number) {
  const layers = layerBuilder(g, variant, () => [])
  const { add, silu, conv, groupNorm, linear } = layers

  function resnet(x: GraphValue, at: ModuleWeights): GraphValue {
    const inner = conv(silu(groupNorm(x, at.submodule('norm1'), groups, GROUP_NORM_EPSILON)), at.submodule('conv1'))
    const outer = conv(silu(groupNorm(inner, at.submodule('norm2'), groups, GROUP_NORM_EPSILON)), at.submodule('conv2'))
    return add(at.has('conv_shortcut.weight') ? conv(x, at.submodule('conv_shortcut'), 1, [0, 0, 0, 0]) : x, outer)
  }

  function attention(x: GraphValue, at: ModuleWeights): GraphValue {
    const width = at.get('group_norm.weight').shape[0]!
    const { rows, channelsLastShape } = layers.flattenPixels(
      groupNorm(x, at.submodule('group_norm'), groups, GROUP_NORM_EPSILON),
      width,
    )
    const [q, k, v] = ['to_q', 'to_k', 'to_v'].map(name => linear(rows, at.submodule(name))) as [
      GraphValue,
      GraphValue,
      GraphValue,
    ]
    const attended = linear(layers.attention(q, k, v, layers.batchSizeOf(x), 1, width), at.submodule('to_out.0'))
    return add(x, layers.unflattenPixels(attended, channelsLastShape))
  }

  function middle(x: GraphValue, at: ModuleWeights): GraphValue {
    const inner = attention(resnet(x, at.submodule('resnets.0')), at.submodule('attentions.0'))
    return resnet(inner, at.submodule('resnets.1'))
  }

  return { ...layers, resnet, middle }
}

/**
 * The VAE's encoder. Input `sample` of shape [batch, 3, height, width], −1 to 1; output `latent_parameters` of shape
 * [batch, 8, height / 8, width / 8], mean and log variance.
 */
export function vaeEncoderGraph(w: ModuleWeights, groups: number, variant: GraphVariant, folder: string): Uint8Array {
  const g = graphBuilder('vae_encoder', folder)
  const { resnet, middle, conv, groupNorm, silu } = vaeBlocks(g, variant, groups)
  const at = w.submodule('encoder')
  let x = conv(g.input('sample', 'F32', ['batch', 3, 'height', 'width']), at.submodule('conv_in'))
  for (let level = 0; level < at.countSubmodules('down_blocks'); level++) {
    const block = at.submodule(`down_blocks.${level}`)
    for (let index = 0; index < block.countSubmodules('resnets'); index++)
      x = resnet(x, block.submodule(`resnets.${index}`))
    // Asymmetric padding: one pixel on the right and below.
    if (block.has('downsamplers.0.conv.weight')) x = conv(x, block.submodule('downsamplers.0.conv'), 2, [0, 0, 1, 1])
  }
  x = conv(
    silu(groupNorm(middle(x, at.submodule('mid_block')), at.submodule('conv_norm_out'), groups, GROUP_NORM_EPSILON)),
    at.submodule('conv_out'),
  )
  if (w.has('quant_conv.weight')) x = conv(x, w.submodule('quant_conv'), 1, [0, 0, 0, 0])
  g.output('latent_parameters', x, 'F32', ['batch', 8, 'down', 'across'])
  return g.bytes()
}

/**
 * The VAE's decoder. Input `latent_sample` of shape [batch, 4, height, width]; output `sample` of 8 times the size, −1
 * to 1.
 */
export function vaeDecoderGraph(w: ModuleWeights, groups: number, variant: GraphVariant, folder: string): Uint8Array {
  const g = graphBuilder('vae_decoder', folder)
  const { resnet, middle, conv, groupNorm, silu, upsample2x } = vaeBlocks(g, variant, groups)
  const at = w.submodule('decoder')
  let x = g.input('latent_sample', 'F32', ['batch', 4, 'height', 'width'])
  if (w.has('post_quant_conv.weight')) x = conv(x, w.submodule('post_quant_conv'), 1, [0, 0, 0, 0])
  x = middle(conv(x, at.submodule('conv_in')), at.submodule('mid_block'))
  for (let level = 0; level < at.countSubmodules('up_blocks'); level++) {
    const block = at.submodule(`up_blocks.${level}`)
    for (let index = 0; index < block.countSubmodules('resnets'); index++)
      x = resnet(x, block.submodule(`resnets.${index}`))
    if (block.has('upsamplers.0.conv.weight')) x = conv(upsample2x(x), block.submodule('upsamplers.0.conv'))
  }
  const out = conv(
    silu(groupNorm(x, at.submodule('conv_norm_out'), groups, GROUP_NORM_EPSILON)),
    at.submodule('conv_out'),
  )
  g.output('sample', out, 'F32', ['batch', 3, 'down', 'across'])
  return g.bytes()
}
