import { type GraphValue, graphBuilder, type StoredTensor } from '../onnx/graph-builder.js'
import type { GraphVariant } from '../onnx/session.js'
import { layerBuilder } from './layer-builder.js'
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
  const { add, mul, linear, layerNorm, weight, cast, type } = layers
  const positionEmbedding = w.get('embeddings.position_embedding.weight')
  const [length, width] = [positionEmbedding.shape[0]!, positionEmbedding.shape[1]!]
  const toFloat = (value: GraphValue) => (type === 'F16' ? cast(value, 'F32') : value)

  const ids = g.input('input_ids', 'I64', [1, length])
  const vocabulary = w.get('embeddings.token_embedding.weight')
  const furtherTokens = config.furtherTokens ?? []
  const tokenVectors =
    furtherTokens.length === 0
      ? weight(vocabulary)
      : g.node(
          'Concat',
          [vocabulary, ...furtherTokens].map(one => weight(one)),
          { axis: 0 },
        )
  const tokenEmbedding = g.node('Gather', [tokenVectors, ids], { axis: 0 })
  let x = add(layers.reshape(tokenEmbedding, layers.shape(-1, width)), weight(positionEmbedding))
  const batch = layers.shape(1)
  // Causal mask: a token attends only to earlier ones.
  const causalValues = Float32Array.from({ length: length * length }, (_, index) => {
    return index % length > Math.floor(index / length) ? -10_000 : 0
  })
  const causalMask = g.constant('F32', causalValues, [1, 1, length, length])
  const attentionBias = type === 'F16' ? cast(causalMask) : causalMask

  const layerCount = w.countSubmodules('encoder.layers')
  const states = [x]
  for (let index = 0; index < layerCount; index++) {
    const layer = w.submodule(`encoder.layers.${index}`)
    const attention = layer.submodule('self_attn')
    const normed = layerNorm(x, layer.submodule('layer_norm1'))
    const [q, k, v] = ['q_proj', 'k_proj', 'v_proj'].map(name => linear(normed, attention.submodule(name))) as [
      GraphValue,
      GraphValue,
      GraphValue,
    ]
    x = add(
      x,
      linear(layers.attention(q, k, v, batch, config.heads, width, attentionBias), attention.submodule('out_proj')),
    )
    const inner = linear(layerNorm(x, layer.submodule('layer_norm2')), layer.submodule('mlp.fc1'))
    const activated =
      config.activation === 'gelu'
        ? g.node('Gelu', [inner])
        : mul(inner, g.node('Sigmoid', [mul(inner, layers.scalar(1.702))]))
    x = add(x, linear(activated, layer.submodule('mlp.fc2')))
    states.push(x)
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
  const projection = ['text_projection.weight', 'text_projection'].find(name => w.has(name))
  if (projection !== undefined) {
    // The end token has the highest id of the vocabulary; the first one ends the prompt.
    const size = g.constant('I64', [vocabulary.shape[0]!], [1])
    const known = furtherTokens.length === 0 ? ids : g.node('Mod', [ids, size])
    const endPosition = g.node('ArgMax', [known], { axis: 1, keepdims: 0 })
    const row = g.node('Gather', [layerNorm(states[layerCount]!, final), endPosition], { axis: 0 })
    const tensor = w.get(projection)
    const isTransposed = Number(projection === 'text_projection.weight')
    const pooled = g.node('Gemm', [row, weight(tensor)], { transB: isTransposed })
    g.output('text_embeds', toFloat(pooled), 'F32', [1, tensor.shape[1 - isTransposed]!])
  }
  return g.bytes()
}
