import { type GraphValue, graphBuilder } from '../onnx/graph-builder.js'
import type { GraphVariant } from '../onnx/network.js'
import { type LayerBuilder, type LoraDeltas, layerBuilder } from './layers.js'
import type { ModuleWeights } from './weights.js'

/** What the shapes of a UNet's weights do not tell. */
export type UnetConfig = {
  /** How many attention heads a block of so many channels has, on this level, from 0 for the outermost. */
  readonly heads: (channels: number, level: number) => number
  /** Of the group norms. */
  readonly groups: number
  /**
   * It takes what a ControlNet adds (Zhang et al. 2023): inputs `down_block_res_samples.N` for each value that skips to the other
   * half, in the order in which they come about, and `mid_block_res_sample`.
   */
  readonly acceptsControlNet?: boolean
}

/** How wide a timestep and each of SDXL's sizes is told. */
const SIZE_WIDTH = 256

/**
 * The denoising network of Stable Diffusion (Rombach et al. 2022; SDXL: Podell et al. 2023) as an ONNX graph with the inputs
 * and outputs of Optimum's: sample, timestep, encoder_hidden_states, for SDXL text_embeds and time_ids, for latent consistency
 * models timestep_cond; out_sample. Its blocks, their depths and widths are read off the weights.
 */
export function unetGraph(
  w: ModuleWeights,
  config: UnetConfig,
  form: GraphVariant,
  additions: LoraDeltas,
  folder: string,
) {
  const g = graphBuilder('unet', folder)
  const layers = layerBuilder(g, form, additions)
  const { add, silu, linear, conv, groupNorm, rowsOf, cast, type } = layers
  const first = w.get('conv_in.weight')
  const levels = w.countSubmodules('down_blocks')
  const given = (value: GraphValue) => (type === 'F16' ? cast(value) : value)

  const sample = given(g.input('sample', 'F32', ['batch', first.shape[1]!, 'height', 'width']))
  const timestep = g.input('timestep', 'F32', ['timesteps'])
  const context = crossAttentionWidth(w)
  const told = given(g.input('encoder_hidden_states', 'F32', ['batch', 'tokens', context]))
  const batch = rowsOf(sample)
  const tokens = layers.reshape(told, layers.shape(-1, context))

  const time = embedding()

  /** Everything besides the latents and the prompt, in one row for each picture. */
  function embedding(): GraphValue {
    let waves = given(sinusoidalEmbedding(layers, timestep, first.shape[0]!))
    if (w.has('time_embedding.cond_proj.weight')) {
      const projection = w.submodule('time_embedding.cond_proj')
      const width = projection.get('weight').shape[1]!
      waves = add(waves, linear(given(g.input('timestep_cond', 'F32', ['batch', width])), projection))
    }
    const sum = mlp(waves, w.submodule('time_embedding'))
    if (!w.has('add_embedding.linear_1.weight')) return silu(sum)
    const whole = w.get('add_embedding.linear_1.weight').shape[1]!
    const pooled = whole - SIZES * SIZE_WIDTH
    const embeds = given(g.input('text_embeds', 'F32', ['batch', pooled]))
    const sizes = g.input('time_ids', 'F32', ['batch', SIZES])
    const flat = sinusoidalEmbedding(layers, layers.reshape(sizes, layers.shape(-1)), SIZE_WIDTH)
    const all = given(layers.reshape(flat, layers.shape(-1, SIZES * SIZE_WIDTH)))
    return silu(add(sum, mlp(g.node('Concat', [embeds, all], { axis: 1 }), w.submodule('add_embedding'))))
  }
  function residual(name: string): GraphValue {
    return given(g.input(name, 'F32', ['batch', `${name}.channels`, `${name}.height`, `${name}.width`]))
  }
  function mlp(x: GraphValue, at: ModuleWeights): GraphValue {
    return linear(silu(linear(x, at.submodule('linear_1'))), at.submodule('linear_2'))
  }

  function resnet(x: GraphValue, at: ModuleWeights): GraphValue {
    const inner = conv(silu(groupNorm(x, at.submodule('norm1'), config.groups, 1e-5)), at.submodule('conv1'))
    const moved = layers.reshape(linear(time, at.submodule('time_emb_proj')), layers.shape(0, -1, 1, 1))
    const outer = conv(
      silu(groupNorm(add(inner, moved), at.submodule('norm2'), config.groups, 1e-5)),
      at.submodule('conv2'),
    )
    const straight = at.has('conv_shortcut.weight') ? conv(x, at.submodule('conv_shortcut'), 1, [0, 0, 0, 0]) : x
    return add(straight, outer)
  }

  function transformer(x: GraphValue, at: ModuleWeights, level: number): GraphValue {
    const channels = at.get('norm.weight').shape[0]!
    const heads = config.heads(channels, level)
    const { rows, turned } = layers.toRows(groupNorm(x, at.submodule('norm'), config.groups, 1e-6), channels)
    let inside = linear(rows, at.submodule('proj_in'))
    const width = at.get('proj_in.weight').shape[0]!
    for (let depth = 0; depth < at.countSubmodules('transformer_blocks'); depth++) {
      const block = at.submodule(`transformer_blocks.${depth}`)
      const attend = (name: string, from: GraphValue, to: GraphValue | undefined) => {
        const own = block.submodule(name)
        const sources = to ?? from
        const [q, k, v] = [
          linear(from, own.submodule('to_q')),
          linear(sources, own.submodule('to_k')),
          linear(sources, own.submodule('to_v')),
        ]
        return linear(layers.attention(q, k, v, batch, heads, width), own.submodule('to_out.0'))
      }
      inside = add(inside, attend('attn1', layers.layerNorm(inside, block.submodule('norm1')), undefined))
      inside = add(inside, attend('attn2', layers.layerNorm(inside, block.submodule('norm2')), tokens))
      inside = add(
        inside,
        feedForward(layers, layers.layerNorm(inside, block.submodule('norm3')), block.submodule('ff.net')),
      )
    }
    return add(x, layers.fromRows(linear(inside, at.submodule('proj_out')), turned))
  }

  const skips: GraphValue[] = []
  let x = conv(sample, w.submodule('conv_in'))
  skips.push(x)
  for (let level = 0; level < levels; level++) {
    const block = w.submodule(`down_blocks.${level}`)
    for (let index = 0; index < block.countSubmodules('resnets'); index++) {
      x = resnet(x, block.submodule(`resnets.${index}`))
      if (index < block.countSubmodules('attentions')) x = transformer(x, block.submodule(`attentions.${index}`), level)
      skips.push(x)
    }
    if (block.has('downsamplers.0.conv.weight')) {
      x = conv(x, block.submodule('downsamplers.0.conv'), 2)
      skips.push(x)
    }
  }
  // What skips goes on as it is; only what arrives is added to.
  if (config.acceptsControlNet) {
    for (const [index, skip] of skips.entries()) skips[index] = add(skip, residual(`down_block_res_samples.${index}`))
  }
  const middle = w.submodule('mid_block')
  x = resnet(x, middle.submodule('resnets.0'))
  if (middle.countSubmodules('attentions') > 0) x = transformer(x, middle.submodule('attentions.0'), levels - 1)
  x = resnet(x, middle.submodule('resnets.1'))
  if (config.acceptsControlNet) x = add(x, residual('mid_block_res_sample'))
  for (let up = 0; up < w.countSubmodules('up_blocks'); up++) {
    const block = w.submodule(`up_blocks.${up}`)
    for (let index = 0; index < block.countSubmodules('resnets'); index++) {
      x = resnet(g.node('Concat', [x, skips.pop()!], { axis: 1 }), block.submodule(`resnets.${index}`))
      if (index < block.countSubmodules('attentions'))
        x = transformer(x, block.submodule(`attentions.${index}`), levels - 1 - up)
    }
    if (block.has('upsamplers.0.conv.weight')) x = conv(layers.doubled(x), block.submodule('upsamplers.0.conv'))
  }
  const out = conv(silu(groupNorm(x, w.submodule('conv_norm_out'), config.groups, 1e-5)), w.submodule('conv_out'))
  g.output('out_sample', type === 'F16' ? cast(out, 'F32') : out, 'F32', ['batch', 4, 'height', 'width'])
  return g.bytes()
}

/** How many numbers about sizes SDXL is told. */
const SIZES = 6

/** How wide a prompt's tokens are, as the first layer wants them that sees them. */
export function crossAttentionWidth(w: ModuleWeights): number {
  for (const kind of ['down_blocks', 'up_blocks']) {
    for (let level = 0; level < w.countSubmodules(kind); level++) {
      const name = `${kind}.${level}.attentions.0.transformer_blocks.0.attn2.to_k.weight`
      if (w.has(name)) return w.get(name).shape[1]!
    }
  }
  return w.get('mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight').shape[1]!
}

/** Numbers as cosines and sines of many frequencies (Vaswani et al. 2017, as diffusion models order them). */
export function sinusoidalEmbedding(
  { g, mul, shape, reshape }: LayerBuilder,
  numbers: GraphValue,
  width: number,
): GraphValue {
  const half = width / 2
  const frequencies = Float32Array.from({ length: half }, (_, at) => Math.exp((-Math.log(10_000) * at) / half))
  const angles = mul(reshape(numbers, shape(-1, 1)), g.constant('F32', frequencies, [1, half]))
  return g.node('Concat', [g.node('Cos', [angles]), g.node('Sin', [angles])], { axis: 1 })
}

/** Gated by a GELU (Shazeer 2020, "GLU variants"). */
export function feedForward({ g, mul, linear }: LayerBuilder, x: GraphValue, at: ModuleWeights): GraphValue {
  const [values, gates] = g.nodeWithOutputs(
    'Split',
    [linear(x, at.submodule('0.proj'))],
    { axis: -1, num_outputs: 2 },
    2,
  )
  return linear(mul(values!, g.node('Gelu', [gates!])), at.submodule('2'))
}
