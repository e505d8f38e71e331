import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  loadDiffusionModel,
  syntheticInputs,
} from '../../../../src/inference/engines/diffusion/model/diffusion-model.js'
import { graphsWithoutRoom } from '../../../../src/inference/engines/diffusion/model/memory-budget.js'
import { readModelFiles } from '../../../../src/inference/engines/diffusion/model/read-model-files.js'
import { LATENT_CHANNELS } from '../../../../src/inference/engines/diffusion/model/vae.js'
import { openOnnxSession } from '../../../../src/inference/onnx/session.js'
import { sessionInParts } from '../../../../src/inference/onnx/session-in-parts.js'
import { CPU_PROVIDER, relativeDifference } from '../../../../src/inference/onnx/verified-session.js'
import { MODEL_SIZES } from '../../../../tools/model-shapes.js'
import { writeModel } from '../../../../tools/write-model.js'
import { writeControlNet, writeSingleFile } from '../../../support/checkpoints.js'

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

test('SDXL’s text encoders have no room on a card of 8 GB, its UNet none on one of 4 GB', async () => {
  const path = join(folder, 'sdxl')
  await writeModel(path, MODEL_SIZES.sdxl, 'zeros')
  const files = await readModelFiles(path)
  const withoutRoom = async (device: string, free: number | undefined) =>
    [...(await graphsWithoutRoom(device, files, async () => free))].map(({ name }) => name)
  const texts = ['text_encoder', 'text_encoder_2']
  expect(await withoutRoom('cuda', 8e9)).toEqual(texts)
  expect(await withoutRoom('cuda', 4e9)).toEqual([...texts, 'unet'])
  expect(await withoutRoom('cuda', 24e9)).toEqual([])
  expect(await withoutRoom('cuda', undefined)).toEqual([])
  // The CPU maps the weights.
  expect(await withoutRoom('cpu', 1e9)).toEqual([])
})

test.each(['sd1', 'sd1-inpaint', 'sd2-v', 'sdxl'] as const)(
  'the halves of a UNet compute what the whole one does: %s',
  async kind => {
    const path = join(folder, `${kind}-halves.safetensors`)
    await writeSingleFile(kind, path, 'F16')
    const { unet } = await readModelFiles(path)
    if (!('writeGraph' in unet) || !unet.parts) throw new Error('it has no halves')
    const [whole, first, second] = [
      await openOnnxSession(unet, CPU_PROVIDER),
      await openOnnxSession(unet.parts[0], CPU_PROVIDER),
      await openOnnxSession(unet.parts[1], CPU_PROVIDER),
    ]
    const halves = sessionInParts(first, second)
    expect(new Map(halves.inputs)).toEqual(new Map(whole.inputs))
    expect(halves.outputs).toEqual(whole.outputs)
    const inputs = syntheticInputs(whole)
    const { out_sample: expected } = await whole.run(inputs, ['out_sample'])
    for (let round = 0; round < 2; round++) {
      const { out_sample: found } = await halves.run(inputs, ['out_sample'])
      expect(relativeDifference(expected, found)).toBeLessThan(1e-5)
    }
    await whole.close()
    await halves.close()
    await expect(halves.run(inputs, ['out_sample'])).rejects.toThrow('is closed')
  },
  30_000,
)

test('the halves of a UNet add what a ControlNet gives, as the whole one does', async () => {
  await writeControlNet('controlnet-sd1', join(folder, 'controlnet', 'net.safetensors'))
  const run = async (isInParts: boolean) => {
    const { unet, controlNets } = await readModelFiles(checkpoint, [], undefined, [{ name: 'net', task: 'inpaint' }])
    if (!('writeGraph' in unet) || !unet.parts) throw new Error('it has no halves')
    const net = await openOnnxSession(controlNets[0]!.source, CPU_PROVIDER)
    const residuals = await net.run(syntheticInputs(net), net.outputs)
    await net.close()
    const session = isInParts
      ? sessionInParts(
          await openOnnxSession(unet.parts[0], CPU_PROVIDER),
          await openOnnxSession(unet.parts[1], CPU_PROVIDER),
        )
      : await openOnnxSession(unet, CPU_PROVIDER)
    const { out_sample: found } = await session.run({ ...syntheticInputs(session), ...residuals }, ['out_sample'])
    await session.close()
    return found
  }
  expect(relativeDifference(await run(false), await run(true))).toBeLessThan(1e-5)
}, 30_000)

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
