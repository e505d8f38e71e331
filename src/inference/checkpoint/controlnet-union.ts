import type { GraphValue } from '../onnx/graph-builder.js'
import type { LayerBuilder } from './layer-builder.js'
import type { ModuleWeights } from './module-weights.js'
import { sinusoidalEmbedding } from './unet-blocks.js'

/** Width of the sinusoidal embedding of each task. */
const TASK_CHANNELS = 256

/** Heads of the transformer that fuses hint and sample. */
const FUSION_HEADS = 8

/** What is added to the time embedding: which of the tasks is asked for, as one of several numbers. */
export function embedTask(
  layers: LayerBuilder,
  w: ModuleWeights,
  task: number,
  mlp: (x: GraphValue, at: ModuleWeights) => GraphValue,
): GraphValue {
  const { g, reshape, shape, cast, type } = layers
  const tasks = w.get('task_embedding').shape[0]!
  const chosen = Array.from({ length: tasks }, (_, index) => Number(index === task))
  const embedded = sinusoidalEmbedding(layers, g.constant('F32', chosen, [tasks]), TASK_CHANNELS)
  const row = reshape(embedded, shape(1, tasks * TASK_CHANNELS))
  return mlp(type === 'F16' ? cast(row) : row, w.submodule('control_add_embedding'))
}

/**
 * The hint with a shift of each channel, which a small transformer computes from the means of hint and sample.
 *
 * @param sample shape [batch, channels, height, width]
 * @param hint shape [1, channels, height, width]
 */
export function fuseHint(
  layers: LayerBuilder,
  w: ModuleWeights,
  task: number,
  sample: GraphValue,
  hint: GraphValue,
): GraphValue {
  const { g, add, mul, linear, layerNorm, reshape, shape, scalar } = layers
  const table = w.get('task_embedding')
  const width = table.shape[1]!
  const meanOf = (value: GraphValue) => g.node('ReduceMean', [value, shape(2, 3)], { keepdims: 0 })
  const sampleMean = meanOf(sample)
  const taskRow = g.node('Gather', [layers.weight(table), g.constant('I64', [task], [])], { axis: 0 })
  const hintMean = g.node('Expand', [add(meanOf(hint), taskRow), g.node('Shape', [sampleMean])])
  // As in the authors' code, the items of a batch attend to each other, not the two tokens of an item.
  let rows = g.node('Concat', [hintMean, sampleMean], { axis: 0 }) // [2 · batch, width]
  for (let index = 0; index < w.countSubmodules('transformer_layes'); index++) {
    const block = w.submodule(`transformer_layes.${index}`)
    const normed = layerNorm(rows, block.submodule('ln_1'))
    const [q, k, v] = ['to_q', 'to_k', 'to_v'].map(part => linear(normed, block.submodule(`attn.${part}`)))
    const attended = layers.attention(q!, k!, v!, shape(2), FUSION_HEADS, width)
    rows = add(rows, linear(attended, block.submodule('attn.out_proj')))
    const inner = linear(layerNorm(rows, block.submodule('ln_2')), block.submodule('mlp.c_fc'))
    const activated = mul(inner, g.node('Sigmoid', [mul(inner, scalar(1.702))]))
    rows = add(rows, linear(activated, block.submodule('mlp.c_proj')))
  }
  const first = g.node('Gather', [reshape(rows, shape(2, -1, width)), g.constant('I64', [0], [])], { axis: 0 })
  return add(hint, reshape(linear(first, w.submodule('spatial_ch_projs')), shape(-1, width, 1, 1)))
}
