import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readControlNet } from '../../src/inference/checkpoint/controlnet.js'
import { controlNetGraph } from '../../src/inference/checkpoint/controlnet-graph.js'
import { moduleWeights } from '../../src/inference/checkpoint/module-weights.js'
import { bytesField, concatBytes, packedField, readFields, varintField } from '../../src/inference/onnx/protobuf.js'
import { writeControlNet } from './checkpoints.js'

/** Field numbers of onnx.proto (ONNX 1.17). */
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 } as const
const [FLOAT, INT64] = [1, 7]

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
  const count = readFields(graphOf(model)).filter(({ field }) => field === GRAPH.output).length
  await writeFile(
    join(folder, 'model.onnx'),
    withGraph(model, graph => asTorchExport(graph, count)),
  )
}

/** Rewrite the graph of a model in a file: what each of its inputs is called. */
export async function renameInput(file: string, from: string, to: string): Promise<void> {
  const rename = (graph: Uint8Array) =>
    mapFields(graph, GRAPH.input, one => (nameOf(one) === from ? withName(one, to) : one))
  await writeFile(file, withGraph(await readFile(file), rename))
}

function asTorchExport(graph: Uint8Array, count: number): Uint8Array {
  const scalar = bytesField(1, varintField(1, FLOAT))
  const outputs = new Map<string, string>()
  const renamed = mapFields(graph, GRAPH.output, one => {
    const own = outputs.size === 0 ? 'down_block_res_samples' : String(4000 + 7 * outputs.size)
    outputs.set(nameOf(one), own)
    return withName(one, own)
  })
  const wired = mapFields(renamed, GRAPH.node, node =>
    concatBytes(
      readFields(node).map(({ field, content, encoded }) => {
        const value = new TextDecoder().decode(content)
        if (field === 1 && value === 'conditioning_scale') return bytesField(1, 'scales')
        return field === 2 && outputs.has(value) ? bytesField(2, outputs.get(value)!) : encoded
      }),
    ),
  )
  const declared = mapFields(wired, GRAPH.input, one =>
    nameOf(one) === 'conditioning_scale'
      ? concatBytes([bytesField(1, 'conditioning_scale'), bytesField(2, withEmptyShape(scalar))])
      : one,
  )
  const expand = [bytesField(1, 'conditioning_scale'), bytesField(1, 'scales_shape'), bytesField(2, 'scales')]
  const shape = [packedField(1, [2]), varintField(2, INT64), packedField(7, [1, count]), bytesField(8, 'scales_shape')]
  return concatBytes([
    bytesField(GRAPH.node, concatBytes([...expand, bytesField(4, 'Expand')])),
    bytesField(GRAPH.initializer, concatBytes(shape)),
    declared,
  ])
}

/** A tensor type of no axes. */
function withEmptyShape(tensor: Uint8Array): Uint8Array {
  const content = readFields(tensor).map(one => one.content)
  return bytesField(1, concatBytes([...content, bytesField(2, new Uint8Array())]))
}

function graphOf(model: Uint8Array): Uint8Array {
  return readFields(model).find(({ field }) => field === 7)!.content
}

function withGraph(model: Uint8Array, change: (graph: Uint8Array) => Uint8Array): Uint8Array {
  return mapFields(model, 7, change)
}

function mapFields(message: Uint8Array, wanted: number, change: (content: Uint8Array) => Uint8Array): Uint8Array {
  return concatBytes(
    readFields(message).map(({ field, content, encoded }) =>
      field === wanted ? bytesField(field, change(content)) : encoded,
    ),
  )
}

function nameOf(value: Uint8Array): string {
  return new TextDecoder().decode(readFields(value).find(({ field }) => field === 1)?.content)
}

function withName(value: Uint8Array, name: string): Uint8Array {
  return concatBytes([bytesField(1, name), ...readFields(value).flatMap(one => (one.field === 1 ? [] : [one.encoded]))])
}
