import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticInputs } from '../../../src/inference/engines/diffusion/model/diffusion-model.js'
import type { ModelFiles } from '../../../src/inference/engines/diffusion/model/model-files.js'
import { readModelFiles } from '../../../src/inference/engines/diffusion/model/read-model-files.js'
import { appendToGraph, parseGraph } from '../../../src/inference/onnx/edit-graph.js'
import { tensorType } from '../../../src/inference/onnx/graph-builder.js'
import { withPrecisionFallback } from '../../../src/inference/onnx/precision-fallback.js'
import { type GraphVariant, type OnnxSession, openOnnxSession } from '../../../src/inference/onnx/session.js'
import { CPU_PROVIDER, graphVariants, relativeDifference } from '../../../src/inference/onnx/verified-session.js'
import { encodeSafetensors, singleFileTensors } from '../../support/checkpoints.js'

/** The largest number in half precision (IEEE 754 binary16). */
const LARGEST_HALF = 65_504

/** Make the values between the group norms about ten times as large as half precision allows. */
const BOOSTS: Readonly<Record<string, number>> = { decoder: 2 ** 13, encoder: 2 ** 17 }

let folder: string
let files: ModelFiles
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-vae-'))
  const tensors = [...(await singleFileTensors('sd1'))].map(([name, tensor]) => {
    const [, part] = /^first_stage_model\.(decoder|encoder)\.conv_in/.exec(name) ?? []
    return [name, part ? { ...tensor, values: tensor.values.map(value => value * BOOSTS[part]!) } : tensor] as const
  })
  await writeFile(join(folder, 'large.safetensors'), encodeSafetensors(new Map(tensors), 'F32'))
  files = await readModelFiles(join(folder, 'large.safetensors'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The result on the CPU, and the largest value that a convolution or a sum makes on the way there. */
async function run(part: 'vaeDecoder' | 'vaeEncoder', variant: GraphVariant) {
  const source = files[part]
  if (!('writeGraph' in source)) throw new Error('not generated')
  const graph = source.writeGraph(variant)
  const type = tensorType(variant.precision === 'half' ? 'F16' : 'F32')
  const made = parseGraph(graph).nodes.filter(({ opType }) => opType === 'Conv' || opType === 'Add')
  const names = made.map(({ output }) => output[0]!)
  const exposed = appendToGraph(graph, [], new Map(names.map(name => [name, type])))
  const session = await openOnnxSession({ name: part, folder: source.folder, graph: exposed }, CPU_PROVIDER, true)
  const [output] = session.outputs
  const results = await session.run(syntheticInputs(session), session.outputs)
  await session.close()
  const { [output!]: result, ...others } = results
  const largest = Object.values(others).reduce(
    (max, { data }) => data.reduce((a, b) => Math.max(a, Math.abs(b)), max),
    0,
  )
  return { result: result!, largest }
}

describe.each(['vaeDecoder', 'vaeEncoder'] as const)(
  'the %s of an autoencoder with values too large for half precision',
  part => {
    test.each(['fused', 'primitive'] as const)('gives the same result in it, with %s attention', async attention => {
      const single = await run(part, { precision: 'single', attention })
      expect(single.largest).toBeGreaterThan(4 * LARGEST_HALF)
      const half = await run(part, { precision: 'half', attention })
      expect(half.largest).toBeLessThan(LARGEST_HALF / 2)
      expect(relativeDifference(single.result, half.result)).toBeLessThan(0.005)
    })
  },
)

test('an autoencoder is tried in single precision before the UNet is', () => {
  const half = { name: 'cuda', variant: { precision: 'half', attention: 'fused' } } as const
  const single = { name: 'cuda', variant: { precision: 'single', attention: 'fused' } } as const
  expect(graphVariants(files.vaeDecoder, half)).toEqual([half, single])
  expect(graphVariants(files.vaeDecoder, single)).toEqual([single])
  expect(graphVariants(files.unet, half)).toEqual([half])
})

test('an autoencoder whose result is not finite is computed in single precision from then on', async () => {
  const source = files.vaeDecoder
  const half = await openOnnxSession(source, { name: 'cpu', variant: { precision: 'half', attention: 'fused' } })
  let halfRuns = 0
  const overflowing: OnnxSession = {
    ...half,
    async run(inputs, wanted) {
      halfRuns++
      const results = await half.run(inputs, wanted)
      for (const name of wanted) results[name].data.fill(Number.NaN)
      return results
    },
  }
  const session = withPrecisionFallback(overflowing, () => openOnnxSession(source, CPU_PROVIDER))
  const decode = async () => (await session.run(syntheticInputs(session), ['sample'])).sample
  expect(session.variant?.precision).toBe('half')
  const first = await decode()
  expect(session.variant?.precision).toBe('single')
  const single = await openOnnxSession(source, CPU_PROVIDER)
  const { sample } = await single.run(syntheticInputs(single), ['sample'])
  expect([first, await decode()]).toEqual([sample, sample])
  expect(halfRuns).toBe(1)
  await session.close()
  await single.close()
})
