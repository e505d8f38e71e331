import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InferenceError, type OnnxSession, OutOfMemoryError } from '../../../../src/inference/onnx/session.js'
import { CONTROLLED_JOBS, openControlled } from '../../../support/controlnet-jobs.js'

type Controlled = Awaited<ReturnType<typeof openControlled>>

/** The largest difference, relative to the largest latent. */
function difference(one: Float32Array, other: Float32Array): number {
  const largest = one.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at]!)), 0) / largest
}

/** Residuals that are not disposed of. */
const remaining = ({ left }: Controlled) => left.filter(({ tensor }) => tensor.tensor.location !== 'none')

/** Opens with a session of one graph whose run fails in a way. */
function openFailing(name: string, run: (session: OnnxSession) => Partial<OnnxSession>): Promise<Controlled> {
  return openControlled('cpu', (session, own) => (own === name ? { ...session, ...run(session) } : session))
}

describe('residuals that are handed on as they are', () => {
  let handedOn: Controlled
  let throughArrays: Controlled
  beforeAll(async () => {
    handedOn = await openControlled('cpu')
    throughArrays = await openControlled('cpu', ({ runOnDevice: _, ...session }) => session)
  })
  afterAll(async () => {
    await handedOn.close()
    await throughArrays.close()
  })

  test.each(Object.entries(CONTROLLED_JOBS))('paint what they paint through arrays: %s', async (name, job) => {
    const before = handedOn.left.length
    const latents = await handedOn.denoise(job)
    expect(difference(await throughArrays.denoise(job), latents)).toBeLessThan(1e-5)
    const isHandedOn = job.nets.length > 0 && name !== 'one that does not add, twice'
    expect(handedOn.left.length > before).toBe(isHandedOn)
    expect(throughArrays.left).toEqual([])
    expect(remaining(handedOn)).toEqual([])
    if (name === 'no ControlNet') return
    expect(difference(await handedOn.denoise(CONTROLLED_JOBS['no ControlNet']), latents)).toBeGreaterThan(1e-3)
  })

  test('are disposed of when a job is cancelled', async () => {
    const cancel = new AbortController()
    const job = { ...CONTROLLED_JOBS.two, signal: cancel.signal, onStep: () => cancel.abort(new Error('no more')) }
    await expect(handedOn.denoise(job)).rejects.toThrow('no more')
    expect(remaining(handedOn)).toEqual([])
  })
})

test.each([
  ['unet', { run: () => Promise.reject(new InferenceError('it fails')) }],
  ['second', { runOnDevice: () => Promise.reject(new InferenceError('it fails')) }],
])('residuals are disposed of when the graph called %s fails', async (name, failing) => {
  const controlled = await openFailing(name, () => failing)
  await expect(controlled.denoise(CONTROLLED_JOBS.two)).rejects.toThrow('it fails')
  expect(controlled.left.length).toBeGreaterThan(0)
  expect(remaining(controlled)).toEqual([])
  await controlled.close()
})

test('where memory is short for two rows, each row gets its own residuals', async () => {
  const whole = await openControlled('cpu')
  const short = await openFailing('unet', session => ({
    run: (inputs, wanted) =>
      inputs.sample!.dims[0] === 2
        ? Promise.reject(new OutOfMemoryError('too large', false))
        : session.run(inputs, wanted),
  }))
  for (const job of Object.values(CONTROLLED_JOBS)) {
    expect(difference(await whole.denoise(job), await short.denoise(job))).toBeLessThan(1e-5)
  }
  expect(remaining(short)).toEqual([])
  await whole.close()
  await short.close()
})
