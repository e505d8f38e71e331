import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { moduleWeights } from '../../../src/inference/checkpoint/module-weights.js'
import { readCheckpoint } from '../../../src/inference/checkpoint/read-checkpoint.js'
import { unetGraph } from '../../../src/inference/checkpoint/unet-graph.js'
import { openOnnxSession } from '../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../src/inference/onnx/verified-session.js'
import { compareParityCases } from '../../../tools/compare.js'
import {
  type Precision,
  TINY_CHECKPOINTS,
  tensorValues,
  writeDiffusersFolder,
  writeParityCase,
  writeSingleFile,
} from '../../support/checkpoints.js'

/** All layouts have the same values, which half precision represents exactly. Each kind of model is in two of them, one in all. */
const LAYOUTS = {
  sd1: [
    ['single file', 'F32'],
    ['single file', 'F16'],
    ['folder', 'F32'],
    ['folder', 'F16'],
  ],
  'sd1-inpaint': [
    ['single file', 'F32'],
    ['folder', 'F16'],
  ],
  'sd2-v': [
    ['single file', 'F16'],
    ['folder', 'F32'],
  ],
  sdxl: [
    ['single file', 'F16'],
    ['folder', 'F32'],
  ],
} as const satisfies Record<(typeof TINY_CHECKPOINTS)[number], readonly (readonly [string, Precision])[]>

describe.each(TINY_CHECKPOINTS)('%s gives the same picture as diffusers with the same checkpoint,', name => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overscan-checkpoints-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test.each<readonly [string, Precision]>(LAYOUTS[name])(
    '%s of %s',
    async (layout, precision) => {
      const at = join(folder, `${layout}-${precision}`)
      const model = join(folder, layout === 'folder' ? `${name}-${precision}` : `${name}-${precision}.safetensors`)
      await (layout === 'folder' ? writeDiffusersFolder : writeSingleFile)(name, model, precision)
      await writeParityCase(name, join(at, name), model)
      const found = []
      for await (const one of compareParityCases(at)) found.push(one)
      expect(found.map(({ of, isSame }) => [of, isSame])).toEqual([
        ['latents', true],
        ['picture', true],
      ])
    },
    60_000,
  )
})

test.each([
  ['the rescaling of guidance', 'sd2-v-guidance-rescale', 'sd2-v', undefined],
  ['only the masked area with its padding', 'sd1-inpaint-padding-mask-crop', 'sd1-inpaint', undefined],
  ['a refiner that takes over half way', 'sdxl-refined', 'sdxl', 'sdxl-refiner'],
])(
  '%s gives the same picture as in diffusers',
  async (_, name, model, refiner) => {
    const folder = await mkdtemp(join(tmpdir(), 'overscan-checkpoints-'))
    const paths = [model, refiner].map(one => one && join(folder, `${one}.safetensors`))
    await writeSingleFile(model, paths[0]!)
    if (refiner) await writeSingleFile(refiner, paths[1]!)
    await writeParityCase(name, join(folder, 'cases', name), paths[0]!, paths[1])
    const found = []
    for await (const one of compareParityCases(join(folder, 'cases'))) found.push(one)
    expect(found.map(({ of, isSame }) => [of, isSame])).toEqual([
      ['latents', true],
      ['picture', true],
    ])
    await rm(folder, { recursive: true })
  },
  60_000,
)

test('a UNet uses a ControlNet’s residuals as diffusers’ does', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-controlled-'))
  await writeSingleFile('sd1', join(folder, 'sd1.safetensors'))
  const { unet, unetConfig } = await readCheckpoint(join(folder, 'sd1.safetensors'))
  const config = { ...unetConfig, acceptsControlNet: true }
  const missing = new Set<string>()
  const form = { precision: 'single', attention: 'fused' } as const
  const graph = unetGraph(moduleWeights(unet, missing), config, form, () => [], folder)
  const session = await openOnnxSession({ name: 'unet', folder, graph }, CPU_PROVIDER)
  const given = (name: string, dims: number[]) => ({ data: tensorValues(name, dims, 9), dims })
  const residuals = [
    [32, 8],
    [32, 8],
    [32, 4],
    [64, 4],
  ].map(([channels, side], index) => {
    return [`down_block_res_samples.${index}`, given(`residual.${index}`, [1, channels!, side!, side!])]
  })
  const inputs = {
    sample: given('sample', [1, 4, 8, 8]),
    timestep: { data: Float32Array.of(500), dims: [1] },
    encoder_hidden_states: given('context', [1, 77, 64]),
    ...Object.fromEntries(residuals),
    mid_block_res_sample: given('residual.mid', [1, 64, 4, 4]),
  }
  const { out_sample: found } = await session.run(inputs, ['out_sample'])
  const bytes = await readFile('test/fixtures/diffusion/checkpoints/controlled.f32')
  const expected = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
  const largestValue = Math.max(...expected.map(Math.abs))
  for (const [at, value] of expected.entries())
    expect(Math.abs(found!.data[at]! - value)).toBeLessThan(1e-5 * largestValue)
  // Other residuals give another output.
  const nothing = { ...inputs, mid_block_res_sample: { data: new Float32Array(1024), dims: [1, 64, 4, 4] } }
  const { out_sample: other } = await session.run(nothing, ['out_sample'])
  expect(Buffer.compare(Buffer.from(other!.data.buffer), Buffer.from(found!.data.buffer))).not.toBe(0)
  await session.close()
  await rm(folder, { recursive: true })
}, 60_000)
