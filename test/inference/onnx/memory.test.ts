import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { measurePeak } from '../../../bench/memory/measure-peak.js'
import { syntheticInputs } from '../../../src/inference/engines/diffusion/model/diffusion-model.js'
import { estimateModelMemory } from '../../../src/inference/engines/diffusion/model/estimate-memory.js'
import type { ModelFiles } from '../../../src/inference/engines/diffusion/model/model-files.js'
import { readModelFiles } from '../../../src/inference/engines/diffusion/model/read-model-files.js'
import { onnxruntime } from '../../../src/inference/onnx/cuda-folder.js'
import { graphBuilder } from '../../../src/inference/onnx/graph-builder.js'
import { estimateGraphMemory } from '../../../src/inference/onnx/memory/estimate.js'
import { executionOrder, optimizeGraph } from '../../../src/inference/onnx/memory/execution-order.js'
import { readGraph } from '../../../src/inference/onnx/memory/read-graph.js'
import { inferShapes } from '../../../src/inference/onnx/memory/shapes.js'
import { openOnnxSession } from '../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../src/inference/onnx/verified-session.js'
import { MODEL_SIZES } from '../../../tools/model-shapes.js'
import { writeModel } from '../../../tools/write-model.js'
import { writeSingleFile } from '../../support/checkpoints.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-memory-'))
})
afterAll(() => rm(folder, { recursive: true }))

const KB = 1000
/** A graph of two convolutions without padding, whose sizes are easy to compute. Input [1, 1, 10, 25]: 1 kB. */
function twoLayers(operator = 'Sin') {
  const g = graphBuilder('test', '/')
  const x = g.input('x', 'F32', [1, 1, 'height', 'width'])
  const weight = g.constant('F32', [1, 2, 3, 4], [4, 1, 1, 1])
  const a = g.node('Conv', [x, weight], { kernel_shape: [1, 1] }) // 4 kB
  const b = g.node(operator, [a]) // 4 kB
  const c = g.node('Sin', [b]) // 4 kB
  g.output('y', g.node('Concat', [a, c], { axis: 1 }), 'F32', [1, 8, 'height', 'width']) // 8 kB
  return g.bytes()
}

describe('the estimate of a graph', () => {
  test('is the largest sum of the values that exist together', () => {
    const estimate = estimateGraphMemory(twoLayers(), { x: [1, 1, 10, 25] }, 'cpu')
    // a, c and their concatenation; b is gone.
    expect(estimate).toEqual({ weights: 16, activations: 16 * KB })
  })

  test('on a GPU includes the inputs', () => {
    const estimate = estimateGraphMemory(twoLayers(), { x: [1, 1, 20, 25] }, 'gpu')
    expect(estimate).toEqual({ weights: 16, activations: 32 * KB })
  })

  test('counts a reshaped value once', () => {
    const g = graphBuilder('test', '/')
    const x = g.node('Cos', [g.input('x', 'F32', [250])]) // 1 kB
    const reshaped = g.node('Reshape', [x, g.constant('I64', [25, 10], [2])])
    g.output('y', g.node('Sin', [reshaped]), 'F32', [25, 10]) // 1 kB
    expect(estimateGraphMemory(g.bytes(), { x: [250] }, 'cpu').activations).toBe(2 * KB)
  })

  test('says which shape is missing, and which operator is unknown', () => {
    expect(() => estimateGraphMemory(twoLayers(), {}, 'cpu')).toThrow('the input x has no shape')
    expect(() => estimateGraphMemory(twoLayers('Einsum'), { x: [1, 1, 2, 2] }, 'cpu')).toThrow('Einsum is not known')
  })
})

describe('of a checkpoint', () => {
  let files: ModelFiles
  beforeAll(async () => {
    await writeSingleFile('sd1', join(folder, 'sd1.safetensors'), 'F16')
    files = await readModelFiles(join(folder, 'sd1.safetensors'))
  })

  test.each(['unet', 'vaeDecoder', 'vaeEncoder'] as const)(
    'onnxruntime runs the nodes of the %s in the computed order',
    async part => {
      const source = files[part]
      if (!('writeGraph' in source)) throw new Error('not generated')
      const model = source.writeGraph({ precision: 'single', attention: 'fused' })
      const graph = optimizeGraph(readGraph(model))
      const order = executionOrder(graph)
      const session = await openOnnxSession(source, CPU_PROVIDER)
      const inputs = syntheticInputs(session)
      await session.close()
      const sizes = Object.fromEntries(Object.entries(inputs).map(([name, { dims }]) => [name, dims]))
      const shapes = inferShapes(graph, order, sizes)
      const computed = order.map(index => {
        const { operator, outputs } = graph.nodes[index]!
        return `${operator} ${shapes.get(outputs[0]!)!.dims}`
      })
      expect(computed).toEqual(await profiledOrder(model, source.folder, inputs, join(folder, part)))
    },
  )

  test('a weight of another type is cast just before it is read', () => {
    const [encoder] = estimateModelMemory(files, {
      device: 'cpu',
      variant: { precision: 'single', attention: 'fused' },
      size: { width: 64, height: 64 },
      batch: 1,
    })!.textEncoders
    // The vocabulary is cast whole; all other weights of the encoder would take more than what is allowed here.
    expect(encoder!.activations).toBeLessThan(2.5 * encoder!.weights)
  })
})

describe.skipIf(process.platform !== 'linux')('compared with the processor', () => {
  const size = { ...MODEL_SIZES.sd15, vaeWidths: [32, 32, 64, 64], texts: [{ width: 64, layers: 1 }] }
  test.each([
    ['vaeDecoder', 512],
    ['vaeEncoder', 512],
  ] as const)('the peak of the %s at %i² is within 20%', async (part, side) => {
    const path = join(folder, 'measured')
    await writeModel(path, size, 'zeros')
    const scenario = { device: 'cpu', variant: { precision: 'single', attention: 'fused' }, batch: 1 } as const
    const extent = { width: side, height: side }
    const { activations } = estimateModelMemory(await readModelFiles(path), { ...scenario, size: extent })![part]
    // At this size the memory that the process had before, and reuses, is a small part.
    const measured = await measurePeak(path, part, side)
    expect(measured).toBeGreaterThan(0.8 * activations)
    expect(measured).toBeLessThan(1.2 * activations)
  })
})

/** The operators with the shapes of their results in the order in which onnxruntime ran them, by its profiler. */
async function profiledOrder(
  model: Uint8Array,
  weightFolder: string,
  inputs: ReturnType<typeof syntheticInputs>,
  prefix: string,
): Promise<string[]> {
  const { InferenceSession, Tensor } = onnxruntime()
  const session = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'extended',
    enableProfiling: true,
    profileFilePrefix: prefix,
    extra: {
      session: { disable_prepacking: '1', model_external_initializers_file_folder_path: weightFolder },
      optimization: { disable_specified_optimizers: 'ConstantFolding' },
    },
  })
  const feeds = Object.entries(inputs).map(([name, { data, dims }]) => [name, new Tensor('float32', data, dims)])
  await session.run(Object.fromEntries(feeds))
  session.endProfiling()
  await session.release()
  const file = (await readdir(folder)).find(name => name.startsWith(`${prefix.split('/').at(-1)}_`))
  const events: ProfileEvent[] = JSON.parse(await readFile(join(folder, file!), 'utf8'))
  return events
    .filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'))
    .map(({ args }) => `${args!.op_name} ${Object.values(args!.output_type_shape![0]!)[0]}`)
}

type ProfileEvent = {
  readonly cat: string
  readonly name: string
  readonly args?: { readonly op_name: string; readonly output_type_shape?: readonly Record<string, number[]>[] }
}
