import { type GraphValue, graphBuilder, type StoredTensor } from '../onnx/graph-builder.js'
import type { GraphVariant } from '../onnx/session.js'
import { type LayerBuilder, layerBuilder } from './layer-builder.js'
import type { ModuleWeights } from './module-weights.js'
import type { WeightUpdates } from './weight-update.js'

/** The configuration of a text encoder that doesn't follow from the shapes of its weights. */
export type TextEncoderConfig = {
  readonly heads: number
  /** OpenAI's CLIP uses an approximation of GELU, OpenCLIP the exact one. */
  readonly activation: 'quick_gelu' | 'gelu'
  /** The number of layers whose hidden states are outputs. Later layers only count for `text_embeds`. */
  readonly layers: number
  /** Vectors of further tokens, whose ids follow those of the vocabulary. Shape [tokens, width] each. */
  readonly furtherTokens?: readonly StoredTensor[]
}

/**
 * CLIP's text encoder (Radford et al. 2021) as an ONNX graph: input `input_ids` of shape [1, tokens]; outputs
 * `last_hidden_state`, `hidden_states.N` before and `normed_states.N` after the last layer norm for each layer (0 is
 * what goes into the first), and where there is a projection `text_embeds`, the prompt as a whole.
 */
export function textEncoderGraph(
  w: ModuleWeights,
  config: TextEncoderConfig,
  variant: GraphVariant,
  weightUpdates: WeightUpdates,
  folder: string,
) {
  const g = graphBuilder('text_encoder', folder)
  const layers = layerBuilder(g, variant, weightUpdates)
  const { layerNorm, cast, type } = layers
  const [length, width] = w.get('embeddings.position_embedding.weight').shape as [number, number]
  const toFloat = (value: GraphValue) => (type === 'F16' ? cast(value, 'F32') : value)

  const ids = g.input('input_ids', 'I64', [1, length])
  const { furtherTokens = [] } = config
  const states = [embedTokens(layers, w, ids, furtherTokens)]
  const attentionBias = causalMask(layers, length)
  for (let index = 0; index < w.countSubmodules('encoder.layers'); index++) {
    states.push(
      encoderLayer(layers, w.submodule(`encoder.layers.${index}`), config, width, states.at(-1)!, attentionBias),
    )
  }

  const final = w.submodule('final_layer_norm')
  const outputState = (label: string, rows: GraphValue) => {
    const shaped = layers.reshape(toFloat(rows), layers.shape(1, length, width))
    g.output(label, shaped, 'F32', [1, length, width])
  }
  for (const [index, state] of states.slice(0, config.layers + 1).entries()) {
    outputState(`hidden_states.${index}`, state)
    const normed = layerNorm(state, final)
    outputState(`normed_states.${index}`, normed)
    if (index === config.layers) outputState('last_hidden_state', normed)
  }
  const pooled = pooledPrompt(layers, w, ids, furtherTokens.length > 0, states.at(-1)!)
  if (pooled) g.output('text_embeds', toFloat(pooled.value), 'F32', [1, pooled.width])
  return g.bytes()
}

/** The tokens' vectors with their positions, shape [tokens, width]. */
function embedTokens(
  { g, add, weight, reshape, shape }: LayerBuilder,
  w: ModuleWeights,
  ids: GraphValue,
  furtherTokens: readonly StoredTensor[],
): GraphValue {
  const vectors = [w.get('embeddings.token_embedding.weight'), ...furtherTokens].map(one => weight(one))
  const table = vectors.length === 1 ? vectors[0]! : g.node('Concat', vectors, { axis: 0 })
  const positions = w.get('embeddings.position_embedding.weight')
  const embedded = g.node('Gather', [table, ids], { axis: 0 })
  return add(reshape(embedded, shape(-1, positions.shape[1]!)), weight(positions))
}

/** Added to the scores of the attention: a token attends only to earlier ones. Shape [1, 1, tokens, tokens]. */
function causalMask({ g, type, cast }: LayerBuilder, length: number): GraphValue {
  const values = Float32Array.from({ length: length * length }, (_, index) => {
    return index % length > Math.floor(index / length) ? -10_000 : 0
  })
  const mask = g.constant('F32', values, [1, 1, length, length])
  return type === 'F16' ? cast(mask) : mask
}

/** Attention and a feed-forward network, each after a layer norm and with a residual connection. */
function encoderLayer(
  layers: LayerBuilder,
  layer: ModuleWeights,
  { heads, activation }: TextEncoderConfig,
  width: number,
  x: GraphValue,
  attentionBias: GraphValue,
): GraphValue {
  const { g, add, mul, linear, layerNorm, shape, scalar } = layers
  const attention = layer.submodule('self_attn')
  const normed = layerNorm(x, layer.submodule('layer_norm1'))
  const project = (name: string) => linear(normed, attention.submodule(name))
  const [q, k, v] = [project('q_proj'), project('k_proj'), project('v_proj')]
  const attended = layers.attention(q, k, v, shape(1), heads, width, attentionBias)
  const sum = add(x, linear(attended, attention.submodule('out_proj')))
  const inner = linear(layerNorm(sum, layer.submodule('layer_norm2')), layer.submodule('mlp.fc1'))
  const activated =
    activation === 'gelu' ? g.node('Gelu', [inner]) : mul(inner, g.node('Sigmoid', [mul(inner, scalar(1.702))]))
  return add(sum, linear(activated, layer.submodule('mlp.fc2')))
}

/**
 * The prompt as a whole, of its end token.
 *
 * @param last the last hidden state
 * @returns a value of shape [1, width]; undefined where there is no projection
 */
function pooledPrompt(
  { g, weight, layerNorm }: LayerBuilder,
  w: ModuleWeights,
  ids: GraphValue,
  hasFurtherTokens: boolean,
  last: GraphValue,
): { value: GraphValue; width: number } | undefined {
  const projection = ['text_projection.weight', 'text_projection'].find(name => w.has(name))
  if (projection === undefined) return undefined
  // The end token has the highest id of the vocabulary; the first one ends the prompt.
  const size = g.constant('I64', [w.get('embeddings.token_embedding.weight').shape[0]!], [1])
  const known = hasFurtherTokens ? g.node('Mod', [ids, size]) : ids
  const endPosition = g.node('ArgMax', [known], { axis: 1, keepdims: 0 })
  const row = g.node('Gather', [layerNorm(last, w.submodule('final_layer_norm')), endPosition], { axis: 0 })
  const tensor = w.get(projection)
  const isTransposed = Number(projection === 'text_projection.weight')
  const value = g.node('Gemm', [row, weight(tensor)], { transB: isTransposed })
  return { value, width: tensor.shape[1 - isTransposed]! }
}
