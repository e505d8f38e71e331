import type { GraphValue, StoredTensor } from '../onnx/graph-builder.js'
import type { LayerBuilder } from './layer-builder.js'
import type { ModuleWeights } from './module-weights.js'

/** The configuration of a UNet that doesn't follow from the shapes of its weights. */
export type UnetConfig = {
  /** The number of attention heads of a block. @param level from 0 for the full resolution */
  readonly heads: (channels: number, level: number) => number
  /** Groups of the group norms. */
  readonly groups: number
  /** The block between the down and the up blocks; default is two resnets around a transformer. */
  readonly middleBlock?: 'none' | 'resnet'
  /** The number of SDXL's time ids; its refiner has 5. Default is 6. */
  readonly timeIds?: number
  /**
   * The graph has inputs for a ControlNet's residuals (Zhang et al. 2023): `down_block_res_samples.N` for each skip
   * connection, in order of execution, and `mid_block_res_sample`.
   */
  readonly acceptsControlNet?: boolean
}

/** Channels per attention head of UNets with linear projections. UNets with convolutions have 8 heads instead. */
const HEAD_CHANNELS = 64

/** The number of heads where no configuration says it, as in the configs that CompVis and Stability published. */
export function headsFromWeights(weights: ReadonlyMap<string, Pick<StoredTensor, 'shape'>>): UnetConfig['heads'] {
  const projection = [...weights].find(([name]) => name.endsWith('attentions.0.proj_in.weight'))?.[1]
  const isLinear = projection?.shape.length === 2
  return channels => (isLinear ? Math.max(1, channels / HEAD_CHANNELS) : 8)
}

const { fround } = Math

/** Width of the sinusoidal embedding of each of SDXL's time ids. */
const TIME_ID_CHANNELS = 256

/**
 * The inputs and the blocks of a UNet, and of a ControlNet, which is a copy of its first half: sample, timestep,
 * encoder_hidden_states, for SDXL text_embeds and time_ids, for latent consistency models timestep_cond. Blocks, depths and
 * widths follow from the weights.
 *
 * @param furtherTimeEmbedding is added to the time embedding
 */
export function unetBlocks(
  layers: LayerBuilder,
  w: ModuleWeights,
  config: UnetConfig,
  furtherTimeEmbedding?: (mlp: (x: GraphValue, at: ModuleWeights) => GraphValue) => GraphValue,
) {
  const { g, add, silu, linear, conv, groupNorm, batchSizeOf, cast, type } = layers
  const convIn = w.get('conv_in.weight')
  const levels = w.countSubmodules('down_blocks')
  const toPrecision = (value: GraphValue) => (type === 'F16' ? cast(value) : value)

  const sample = toPrecision(g.input('sample', 'F32', ['batch', convIn.shape[1]!, 'height', 'width']))
  const timestep = g.input('timestep', 'F32', ['timesteps'])
  const context = crossAttentionWidth(w)
  const promptEmbeds = toPrecision(g.input('encoder_hidden_states', 'F32', ['batch', 'tokens', context]))
  const batch = batchSizeOf(sample)
  const tokens = layers.reshape(promptEmbeds, layers.shape(-1, context))

  const timeEmbedding = embedTime()

  /** The time embedding, with SDXL's additional conditioning. Shape [batch, channels]. */
  function embedTime(): GraphValue {
    let sinusoid = toPrecision(sinusoidalEmbedding(layers, timestep, convIn.shape[0]!))
    if (w.has('time_embedding.cond_proj.weight')) {
      const projection = w.submodule('time_embedding.cond_proj')
      const width = projection.get('weight').shape[1]!
      sinusoid = add(
        sinusoid,
        linear(toPrecision(g.input('timestep_cond', 'F32', ['batch', width])), projection, false),
      )
    }
    const own = mlp(sinusoid, w.submodule('time_embedding'))
    const sum = furtherTimeEmbedding ? add(own, furtherTimeEmbedding(mlp)) : own
    if (!w.has('add_embedding.linear_1.weight')) return silu(sum)
    const addChannels = w.get('add_embedding.linear_1.weight').shape[1]!
    const timeIdCount = config.timeIds ?? 6
    const pooled = addChannels - timeIdCount * TIME_ID_CHANNELS
    const embeds = toPrecision(g.input('text_embeds', 'F32', ['batch', pooled]))
    const timeIds = g.input('time_ids', 'F32', ['batch', timeIdCount])
    const flat = sinusoidalEmbedding(layers, layers.reshape(timeIds, layers.shape(-1)), TIME_ID_CHANNELS)
    const embedded = toPrecision(layers.reshape(flat, layers.shape(-1, timeIdCount * TIME_ID_CHANNELS)))
    return silu(add(sum, mlp(g.node('Concat', [embeds, embedded], { axis: 1 }), w.submodule('add_embedding'))))
  }
  function mlp(x: GraphValue, at: ModuleWeights): GraphValue {
    return linear(silu(linear(x, at.submodule('linear_1'))), at.submodule('linear_2'))
  }

  function resnet(x: GraphValue, at: ModuleWeights): GraphValue {
    const inner = conv(silu(groupNorm(x, at.submodule('norm1'), config.groups, 1e-5)), at.submodule('conv1'))
    const timeShift = layers.reshape(linear(timeEmbedding, at.submodule('time_emb_proj')), layers.shape(0, -1, 1, 1))
    const outer = conv(
      silu(groupNorm(add(inner, timeShift), at.submodule('norm2'), config.groups, 1e-5)),
      at.submodule('conv2'),
    )
    const shortcut = at.has('conv_shortcut.weight') ? conv(x, at.submodule('conv_shortcut'), 1, [0, 0, 0, 0]) : x
    return add(shortcut, outer)
  }

  /** Attention among the pixels, then to the prompt, then a feed-forward layer. @param rows shape [batch · pixels, width] */
  function transformerBlock(rows: GraphValue, at: ModuleWeights, heads: number, width: number): GraphValue {
    const attend = (name: string, from: GraphValue, sources: GraphValue) => {
      const attention = at.submodule(name)
      const [q, k, v] = [
        linear(from, attention.submodule('to_q'), false),
        linear(sources, attention.submodule('to_k'), false),
        linear(sources, attention.submodule('to_v'), false),
      ]
      return linear(layers.attention(q, k, v, batch, heads, width), attention.submodule('to_out.0'))
    }
    const normed = layers.layerNorm(rows, at.submodule('norm1'))
    const related = add(rows, attend('attn1', normed, normed))
    const prompted = add(related, attend('attn2', layers.layerNorm(related, at.submodule('norm2')), tokens))
    return add(prompted, feedForward(layers, layers.layerNorm(prompted, at.submodule('norm3')), at.submodule('ff.net')))
  }

  function transformer(x: GraphValue, at: ModuleWeights, level: number): GraphValue {
    const channels = at.get('norm.weight').shape[0]!
    const heads = config.heads(channels, level)
    const { rows, channelsLastShape } = layers.flattenPixels(
      groupNorm(x, at.submodule('norm'), config.groups, 1e-6),
      channels,
    )
    let hidden = linear(rows, at.submodule('proj_in'))
    const width = at.get('proj_in.weight').shape[0]!
    for (let depth = 0; depth < at.countSubmodules('transformer_blocks'); depth++) {
      hidden = transformerBlock(hidden, at.submodule(`transformer_blocks.${depth}`), heads, width)
    }
    return add(x, layers.unflattenPixels(linear(hidden, at.submodule('proj_out')), channelsLastShape))
  }

  /** The down blocks. @returns their output, and the skip connections with `x` as the first one */
  function down(x: GraphValue): { x: GraphValue; skips: GraphValue[] } {
    let current = x
    const skips = [current]
    for (let level = 0; level < levels; level++) {
      const block = w.submodule(`down_blocks.${level}`)
      for (let index = 0; index < block.countSubmodules('resnets'); index++) {
        current = resnet(current, block.submodule(`resnets.${index}`))
        if (index < block.countSubmodules('attentions')) {
          current = transformer(current, block.submodule(`attentions.${index}`), level)
        }
        skips.push(current)
      }
      if (block.has('downsamplers.0.conv.weight')) {
        current = conv(current, block.submodule('downsamplers.0.conv'), 2)
        skips.push(current)
      }
    }
    return { x: current, skips }
  }

  function middle(x: GraphValue): GraphValue {
    if (config.middleBlock === 'none') return x
    const at = w.submodule('mid_block')
    const first = resnet(x, at.submodule('resnets.0'))
    if (config.middleBlock === 'resnet') return first
    const hasAttention = at.countSubmodules('attentions') > 0
    const attended = hasAttention ? transformer(first, at.submodule('attentions.0'), levels - 1) : first
    return resnet(attended, at.submodule('resnets.1'))
  }

  return { sample, levels, toPrecision, resnet, transformer, down, middle }
}

/** Width of the prompt embeddings, from the first cross attention. */
export function crossAttentionWidth(w: ModuleWeights): number {
  for (const kind of ['down_blocks', 'up_blocks']) {
    for (let level = 0; level < w.countSubmodules(kind); level++) {
      const name = `${kind}.${level}.attentions.0.transformer_blocks.0.attn2.to_k.weight`
      if (w.has(name)) return w.get(name).shape[1]!
    }
  }
  return w.get('mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight').shape[1]!
}

/** Sinusoidal embedding of numbers, cosines first (Vaswani et al. 2017). Shape [numbers, width]. */
export function sinusoidalEmbedding(
  { g, mul, shape, reshape }: LayerBuilder,
  numbers: GraphValue,
  width: number,
): GraphValue {
  const half = width / 2
  // Exponents are rounded as torch rounds them: they are multiplied by up to 1000.
  const frequencies = Float32Array.from({ length: half }, (_, at) =>
    Math.exp(fround(fround(-Math.log(10_000) * at) / half)),
  )
  const angles = mul(reshape(numbers, shape(-1, 1)), g.constant('F32', frequencies, [1, half]))
  return g.node('Concat', [g.node('Cos', [angles]), g.node('Sin', [angles])], { axis: 1 })
}

/** A feed-forward layer with GEGLU (Shazeer 2020, "GLU variants"). */
export function feedForward({ g, mul, linear }: LayerBuilder, x: GraphValue, at: ModuleWeights): GraphValue {
  const [values, gates] = g.nodeWithOutputs(
    'Split',
    [linear(x, at.submodule('0.proj'))],
    { axis: -1, num_outputs: 2 },
    2,
  )
  return linear(mul(values!, g.node('Gelu', [gates!])), at.submodule('2'))
}
