import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { diffusionEngine } from '../../../../src/inference/engines/diffusion/engine.js'
import { syntheticInputs } from '../../../../src/inference/engines/diffusion/model/diffusion-model.js'
import { isTooLargeFor } from '../../../../src/inference/engines/diffusion/model/memory-budget.js'
import { readModelFiles } from '../../../../src/inference/engines/diffusion/model/read-model-files.js'
import { openOnnxSession } from '../../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../../src/inference/onnx/verified-session.js'
import { createCanvas } from '../../../../src/inference/pipeline/canvas.js'
import { layoutCanvas } from '../../../../src/inference/pipeline/layout.js'
import type { MemoryFallback } from '../../../../src/inference/pipeline/memory-fallback.js'
import { MODEL_SIZES } from '../../../../tools/model-shapes.js'
import { writeModel } from '../../../../tools/write-model.js'
import { landscape } from '../../../contracts/engine.js'
import { writeSingleFile } from '../../../support/checkpoints.js'

let folder: string
let checkpoint: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-budget-'))
  checkpoint = join(folder, 'sd1.safetensors')
  await writeSingleFile('sd1', checkpoint)
})
afterAll(() => rm(folder, { recursive: true }))

/** What a job reports, on a CPU with so much free memory. */
async function fallbacksWith(free: number | undefined) {
  const asked: string[] = []
  const engine = diffusionEngine('sd1', checkpoint, 'cpu', undefined, async device => {
    asked.push(device)
    return free
  })
  const layout = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, { width: 96, height: 64 })
  const fallbacks: MemoryFallback[] = []
  const options = { steps: 1, content: 'original' } as const
  const task = { seeds: [1], prompt: 'the sea', signal: new AbortController().signal, onProgress: () => {}, options }
  const canvas = createCanvas(layout, landscape(layout.old.width, layout.old.height))
  await engine.paint(canvas, { ...task, onMemoryFallback: one => fallbacks.push(one) })
  await engine.close()
  return { fallbacks, asked }
}

test('a job says that the autoencoder worked in tiles because little memory was free', async () => {
  const { fallbacks, asked } = await fallbacksWith(1000)
  expect(fallbacks).toEqual([{ kind: 'tiles' }])
  expect(new Set(asked)).toEqual(new Set(['cpu']))
})

test('nothing changes with enough memory, or if nothing is known', async () => {
  expect((await fallbacksWith(8e9)).fallbacks).toEqual([])
  expect((await fallbacksWith(undefined)).fallbacks).toEqual([])
})

test('SDXL is too large for a card of 8 GB, but not for one of 24 GB', async () => {
  const path = join(folder, 'sdxl')
  await writeModel(path, MODEL_SIZES.sdxl, 'zeros')
  const files = await readModelFiles(path)
  expect(await isTooLargeFor('cuda', files, async () => 8e9)).toBe(true)
  expect(await isTooLargeFor('cuda', files, async () => 24e9)).toBe(false)
  expect(await isTooLargeFor('cuda', files, async () => undefined)).toBe(false)
  // The CPU maps the weights.
  expect(await isTooLargeFor('cpu', files, async () => 1e9)).toBe(false)
})

test('a suspended graph opens itself again with the same result', async () => {
  const { textEncoders } = await readModelFiles(checkpoint)
  const session = await openOnnxSession(textEncoders[0]!.source, CPU_PROVIDER)
  const run = async () => (await session.run(syntheticInputs(session), ['last_hidden_state'])).last_hidden_state.data
  const before = await run()
  await session.suspend()
  await session.suspend()
  expect(await run()).toEqual(before)
  await session.close()
  await expect(run()).rejects.toThrow('text_encoder is closed')
})
