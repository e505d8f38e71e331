import { type GraphBuilder, graphBuilder, type Value } from '../onnx/graph-builder.js'
import type { Form } from '../onnx/network.js'
import { layersFor } from './layers.js'
import type { Weights } from './weights.js'

const EPSILON = 1e-6

/** The parts that both halves of the autoencoder are made of (Esser et al. 2021, as Stable Diffusion uses them). */
function blocksFor(g: GraphBuilder, form: Form, groups: number) {
  const layers = layersFor(g, form, () => [])
  const { add, silu, conv, groupNorm, linear } = layers

  function resnet(x: Value, at: Weights): Value {
    const inner = conv(silu(groupNorm(x, at.in('norm1'), groups, EPSILON)), at.in('conv1'))
    const outer = conv(silu(groupNorm(inner, at.in('norm2'), groups, EPSILON)), at.in('conv2'))
    return add(at.has('conv_shortcut.weight') ? conv(x, at.in('conv_shortcut'), 1, [0, 0, 0, 0]) : x, outer)
  }

  function attention(x: Value, at: Weights): Value {
    const width = at.get('group_norm.weight').shape[0]!
    const { rows, turned } = layers.toRows(groupNorm(x, at.in('group_norm'), groups, EPSILON), width)
    const [q, k, v] = ['to_q', 'to_k', 'to_v'].map(name => linear(rows, at.in(name))) as [Value, Value, Value]
    const mixed = linear(layers.attention(q, k, v, layers.rowsOf(x), 1, width), at.in('to_out.0'))
    return add(x, layers.fromRows(mixed, turned))
  }

  function middle(x: Value, at: Weights): Value {
    const inner = attention(resnet(x, at.in('resnets.0')), at.in('attentions.0'))
    return resnet(inner, at.in('resnets.1'))
  }

  return { ...layers, resnet, middle }
}

/**
 * From pictures to latents: input `sample` of shape [batch, 3, height, width], −1 to 1; output `latent_parameters`, means and
 * logarithms of variances.
 */
export function encoderGraph(w: Weights, groups: number, form: Form, folder: string): Uint8Array {
  const g = graphBuilder('vae_encoder', folder)
  const { resnet, middle, conv, groupNorm, silu } = blocksFor(g, form, groups)
  const at = w.in('encoder')
  let x = conv(g.input('sample', 'F32', ['batch', 3, 'height', 'width']), at.in('conv_in'))
  for (let level = 0; level < at.count('down_blocks'); level++) {
    const block = at.in(`down_blocks.${level}`)
    for (let index = 0; index < block.count('resnets'); index++) x = resnet(x, block.in(`resnets.${index}`))
    // A pixel more on the right and below, and none on the other sides.
    if (block.has('downsamplers.0.conv.weight')) x = conv(x, block.in('downsamplers.0.conv'), 2, [0, 0, 1, 1])
  }
  x = conv(silu(groupNorm(middle(x, at.in('mid_block')), at.in('conv_norm_out'), groups, EPSILON)), at.in('conv_out'))
  if (w.has('quant_conv.weight')) x = conv(x, w.in('quant_conv'), 1, [0, 0, 0, 0])
  g.output('latent_parameters', x, 'F32', ['batch', 8, 'down', 'across'])
  return g.bytes()
}

/** And back: input `latent_sample` of shape [batch, 4, height, width], output `sample`. */
export function decoderGraph(w: Weights, groups: number, form: Form, folder: string): Uint8Array {
  const g = graphBuilder('vae_decoder', folder)
  const { resnet, middle, conv, groupNorm, silu, doubled } = blocksFor(g, form, groups)
  const at = w.in('decoder')
  let x = g.input('latent_sample', 'F32', ['batch', 4, 'height', 'width'])
  if (w.has('post_quant_conv.weight')) x = conv(x, w.in('post_quant_conv'), 1, [0, 0, 0, 0])
  x = middle(conv(x, at.in('conv_in')), at.in('mid_block'))
  for (let level = 0; level < at.count('up_blocks'); level++) {
    const block = at.in(`up_blocks.${level}`)
    for (let index = 0; index < block.count('resnets'); index++) x = resnet(x, block.in(`resnets.${index}`))
    if (block.has('upsamplers.0.conv.weight')) x = conv(doubled(x), block.in('upsamplers.0.conv'))
  }
  const out = conv(silu(groupNorm(x, at.in('conv_norm_out'), groups, EPSILON)), at.in('conv_out'))
  g.output('sample', out, 'F32', ['batch', 3, 'down', 'across'])
  return g.bytes()
}
