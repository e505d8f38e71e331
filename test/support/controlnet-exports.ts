import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { readControlNet } from '../../src/inference/checkpoint/controlnet.js'
import { controlNetGraph } from '../../src/inference/checkpoint/controlnet-graph.js'
import { moduleWeights } from '../../src/inference/checkpoint/module-weights.js'
import {
  type GraphProto,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
} from '../../src/inference/onnx/generated/onnx_pb.js'
import { ONNX_DATA_TYPES, tensorType } from '../../src/inference/onnx/graph-builder.js'
import { writeControlNet } from './checkpoints.js'

/**
 * Write a ControlNet of `tools/reference/controlnets.py` as torch exports it to ONNX: one scale for all residuals, and outputs
 * without names that say anything.
 */
export async function writeControlNetExport(name: string, folder: string): Promise<void> {
  const weights = join(folder, 'model.onnx_data')
  await writeControlNet(name, weights)
  const { tensors, config } = await readControlNet(weights)
  const variant = { precision: 'single', attention: 'fused' } as const
  const model = controlNetGraph(moduleWeights(tensors, new Set()), config, variant, folder)
  await writeFile(join(folder, 'model.onnx'), withGraph(model, likeTorchExport))
}

/** Rewrite the graph of a model in a file: what each of its inputs is called. */
export async function renameInput(file: string, from: string, to: string): Promise<void> {
  const rename = (graph: GraphProto) => {
    for (const input of graph.input) if (input.name === from) input.name = to
  }
  await writeFile(file, withGraph(await readFile(file), rename))
}

function likeTorchExport(graph: GraphProto): void {
  const names = new Map<string, string>()
  for (const output of graph.output) {
    const own = names.size === 0 ? 'down_block_res_samples' : String(4000 + 7 * names.size)
    names.set(output.name, own)
    output.name = own
  }
  for (const node of graph.node) {
    node.input = node.input.map(name => (name === 'conditioning_scale' ? 'scales' : name))
    node.output = node.output.map(name => names.get(name) ?? name)
  }
  for (const input of graph.input) if (input.name === 'conditioning_scale') input.type = tensorType('F32', [])
  const expand = { opType: 'Expand', input: ['conditioning_scale', 'scales_shape'], output: ['scales'] }
  graph.node.unshift(create(NodeProtoSchema, expand))
  graph.initializer.unshift(
    create(TensorProtoSchema, {
      name: 'scales_shape',
      dims: [2n],
      dataType: ONNX_DATA_TYPES.I64,
      int64Data: [1n, BigInt(names.size)],
    }),
  )
}

function withGraph(bytes: Uint8Array, change: (graph: GraphProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes)
  change(model.graph!)
  return toBinary(ModelProtoSchema, model)
}
