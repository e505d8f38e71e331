import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  loadDiffusionModel,
  syntheticInputs,
} from '../../../../src/inference/engines/diffusion/model/diffusion-model.js'
import { isTooLargeFor } from '../../../../src/inference/engines/diffusion/model/memory-budget.js'
import { readModelFiles } from '../../../../src/inference/engines/diffusion/model/read-model-files.js'
import { LATENT_CHANNELS } from '../../../../src/inference/engines/diffusion/model/vae.js'
import { openOnnxSession } from '../../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../../src/inference/onnx/verified-session.js'
import { MODEL_SIZES } from '../../../../tools/model-shapes.js'
import { writeModel } from '../../../../tools/write-model.js'
import { writeSingleFile } from '../../../support/checkpoints.js'

let folder: string
let checkpoint: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-budget-'))
  checkpoint = join(folder, 'sd1.safetensors')
  await writeSingleFile('sd1', checkpoint)
})
afterAll(() => rm(folder, { recursive: true }))

/** The lines that a model logs when it decodes a small picture, on a CPU with this free memory. */
async function decodeWith(free: number | undefined) {
  const [asked, lines]: [string[], string[]] = [[], []]
  const freeMemory = async (device: string) => {
    asked.push(device)
    return free
  }
  const model = await loadDiffusionModel(checkpoint, 'cpu', { freeMemory, log: line => lines.push(line) })
  const size = { width: 192, height: 128 }
  const decode = () => model.vae.decode(new Float32Array(LATENT_CHANNELS * 24 * 16), size)
  expect((await decode()).length).toBe(3 * size.width * size.height)
  await decode()
  const isTiled = model.vae.isTiled()
  await model.close()
  return { isTiled, asked, lines }
}

test('a model works in tiles if little memory is free, which is asked once for each size', async () => {
  const { isTiled, asked, lines } = await decodeWith(1000)
  expect(isTiled).toBe(true)
  expect(asked).toEqual(['cpu'])
  expect(lines).toEqual([expect.stringMatching(/^the VAE would need \d\.\d GB of 0\.0 GB, using tiles of 16 latents$/)])
})

test('nothing changes with enough memory, or if nothing is known', async () => {
  expect(await decodeWith(8e9)).toMatchObject({ isTiled: false, lines: [] })
  expect(await decodeWith(undefined)).toMatchObject({ isTiled: false, lines: [] })
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
