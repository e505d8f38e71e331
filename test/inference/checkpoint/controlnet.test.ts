import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readControlNet } from '../../../src/inference/checkpoint/controlnet.js'
import { controlNetGraph } from '../../../src/inference/checkpoint/controlnet-graph.js'
import { moduleWeights } from '../../../src/inference/checkpoint/module-weights.js'
import { openOnnxSession } from '../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../src/inference/onnx/verified-session.js'
import { CONTROLNET_LAYOUTS, encodeSafetensors, tensorValues, writeControlNet } from '../../support/checkpoints.js'
import { problemIn } from '../../support/problems.js'

const [HEIGHT, WIDTH] = [6, 8]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-controlnet-'))
})
afterAll(() => rm(folder, { recursive: true }))

const given = (name: string, dims: number[], exponent = 9) => ({ data: tensorValues(name, dims, exponent), dims })

/** All residuals of a ControlNet, one after the other. */
async function residualsOf(file: string, scale: number, attention: 'fused' | 'primitive'): Promise<Float32Array> {
  const { tensors, config } = await readControlNet(file)
  const missing = new Set<string>()
  const graph = controlNetGraph(moduleWeights(tensors, missing), config, { precision: 'single', attention }, folder)
  expect([...missing]).toEqual([])
  const session = await openOnnxSession({ name: 'controlnet', folder, graph }, CPU_PROVIDER)
  const context = session.inputs.get('encoder_hidden_states')!.dims[2] as number
  const count = session.outputs.length
  const isXl = session.inputs.has('text_embeds')
  const inputs = {
    sample: given('sample', [1, 4, HEIGHT, WIDTH]),
    timestep: { data: Float32Array.of(500), dims: [1] },
    encoder_hidden_states: given('context', [1, 77, context]),
    controlnet_cond: given('hint', [1, 3, 8 * HEIGHT, 8 * WIDTH], 10),
    conditioning_scale: { data: new Float32Array(count).fill(scale), dims: [1, count] },
    ...(isXl && {
      text_embeds: given('text_embeds', [1, 128]),
      time_ids: { data: Float32Array.of(48, 64, 0, 0, 48, 64), dims: [1, 6] },
    }),
  }
  const found = await session.run(inputs, session.outputs)
  await session.close()
  return Float32Array.from(session.outputs.flatMap(name => [...found[name]!.data]))
}

describe.each(['sd1', 'sd2', 'sdxl'] as const)('a ControlNet for %s', kind => {
  test.each(CONTROLNET_LAYOUTS)(
    'in the layout of %s gives the same residuals as diffusers',
    async layout => {
      const file = join(folder, `${kind}-${layout}.safetensors`)
      await writeControlNet(`controlnet-${kind}`, file, layout)
      const bytes = await readFile(`test/fixtures/diffusion/controlnets/controlnet-${kind}.f32`)
      const expected = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
      const found = await residualsOf(file, 0.7, layout === 'diffusers' ? 'fused' : 'primitive')
      expect(found.length).toBe(expected.length)
      const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      const largest = expected.reduce((most, value, at) => Math.max(most, Math.abs(value - found[at]!)), 0)
      // SDXL's sizes are large numbers, whose embeddings lose digits.
      expect(largest / size).toBeLessThan(kind === 'sdxl' ? 1e-4 : 2e-5)
    },
    60_000,
  )
})

test.each([
  ['lora_controlnet', 'Control-LoRA'],
  ['difference', 'difference'],
  ['lllite_unet_down_blocks_0.down.0.weight', 'ControlNet-LLLite'],
  ['adapter.body.0.in_conv.weight', 'other'],
])('a file with %s is refused by its kind', async (tensor, kind) => {
  const file = join(folder, 'one.safetensors')
  const one = { shape: [1], values: new Float32Array(1) }
  await writeFile(file, encodeSafetensors(new Map([[tensor, one]]), 'F32'))
  expect(await problemIn(readControlNet(file))).toEqual({ code: 'controlnet-unsupported', controlnet: 'one', kind })
})
