import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { pixelsToPlanes } from '../../../../src/inference/engines/diffusion/model/planes.js'
import {
  createVae,
  LATENT_CHANNELS,
  VAE_SCALE_FACTOR,
  type Vae,
} from '../../../../src/inference/engines/diffusion/model/vae.js'
import { readPicture } from '../../../../src/inference/image/decode.js'
import { graphBuilder } from '../../../../src/inference/onnx/graph-builder.js'
import {
  InferenceError,
  type OnnxSession,
  OutOfMemoryError,
  openOnnxSession,
} from '../../../../src/inference/onnx/session.js'
import { CPU_PROVIDER } from '../../../../src/inference/onnx/verified-session.js'
import { landscape } from '../../../contracts/engine.js'
import { shared, testWithShared } from '../../../support/shared.js'

/** A session that runs out of memory above an area. @param maxArea in latents or pixels */
function withMemoryFor(session: OnnxSession, maxArea: number, requestedAreas: number[] = []): OnnxSession {
  return {
    ...session,
    run(inputs, wanted) {
      const [, , height, width] = Object.values(inputs)[0]!.dims
      requestedAreas.push(height! * width!)
      if (height! * width! > maxArea) return Promise.reject(new OutOfMemoryError('there is no room', false))
      return session.run(inputs, wanted)
    },
  }
}

/** A VAE with a receptive field of one latent: average pooling and linear upsampling. */
async function smallReceptiveField() {
  const e = graphBuilder('encoder', '/')
  const pooled = e.node('AveragePool', [e.input('sample', 'F32', [1, 3, 'down', 'across'])], {
    kernel_shape: [8, 8],
    strides: [8, 8],
  })
  e.output('latents', e.node('Pad', [pooled, e.constant('I64', [0, 0, 0, 0, 0, 1, 0, 0], [8])]), 'F32', [
    1,
    4,
    'h',
    'w',
  ])
  const d = graphBuilder('decoder', '/')
  const latents = d.input('latents', 'F32', [1, 4, 'h', 'w'])
  const index = (at: number) => d.constant('I64', [at], [1])
  const colours = d.node('Slice', [latents, index(0), index(3), index(1)])
  const large = d.node('Resize', [colours, undefined, d.constant('F32', [1, 1, 8, 8], [4])], { mode: 'linear' })
  d.output('sample', large, 'F32', [1, 3, 'down', 'across'])
  const open = (graph: Uint8Array) => openOnnxSession({ name: 'half', folder: '/', graph }, CPU_PROVIDER)
  return { encoder: await open(e.bytes()), decoder: await open(d.bytes()) }
}

const size = { width: 640, height: 400 }

/** The largest absolute difference. */
function largestDifference(one: Float32Array, other: Float32Array): number {
  expect(one.length).toBe(other.length)
  return one.reduce((maxArea, value, at) => Math.max(maxArea, Math.abs(value - other[at]!)), 0)
}

describe('a VAE that runs out of memory', () => {
  test.each([40, 33, 20])(
    'gives the same result in tiles if its receptive field is smaller than the overlap: room for %i latents',
    async side => {
      const { encoder, decoder } = await smallReceptiveField()
      const whole = createVae(encoder, decoder, { factor: 0.5 })
      const logLines: string[] = []
      const tiled = createVae(
        withMemoryFor(encoder, (side * VAE_SCALE_FACTOR) ** 2),
        withMemoryFor(decoder, side ** 2),
        { factor: 0.5 },
        line => logLines.push(line),
      )
      const picture = pixelsToPlanes(landscape(size.width, size.height))
      expect(tiled.isTiled()).toBe(false)
      const latents = await whole.encode(picture, size)
      expect(latents.length).toBe((LATENT_CHANNELS * size.width * size.height) / VAE_SCALE_FACTOR ** 2)
      expect(largestDifference(await tiled.encode(picture, size), latents)).toBeLessThan(1e-5)
      expect(largestDifference(await tiled.decode(latents, size), await whole.decode(latents, size))).toBeLessThan(1e-5)
      expect(tiled.isTiled()).toBe(true)
      const last = side >= 32 ? 32 : 16
      expect(logLines.at(-1)).toMatch(`tiles of ${last} latents (there is no room)`)
    },
  )

  test('doesn’t try a size again that failed, and runs small pictures as a whole', async () => {
    const { encoder, decoder } = await smallReceptiveField()
    const requestedAreas: number[] = []
    const { decode } = createVae(encoder, withMemoryFor(decoder, 40 * 40, requestedAreas), { factor: 1 })
    const latents = (across: number, down: number) => new Float32Array(LATENT_CHANNELS * across * down)
    await decode(latents(80, 50), size)
    expect(requestedAreas.slice(0, 3)).toEqual([80 * 50, 64 * 50, 32 * 32])
    requestedAreas.length = 0
    await decode(latents(80, 50), size)
    expect(new Set(requestedAreas)).toEqual(new Set([32 * 32]))
    requestedAreas.length = 0
    await decode(latents(32, 20), { width: 256, height: 160 })
    expect(requestedAreas).toEqual([32 * 20])
  })

  test('fails if the smallest tile is too large, and with other errors', async () => {
    const { encoder, decoder } = await smallReceptiveField()
    const latents = new Float32Array(LATENT_CHANNELS * 80 * 50)
    await expect(createVae(encoder, withMemoryFor(decoder, 10), { factor: 1 }).decode(latents, size)).rejects.toThrow(
      OutOfMemoryError,
    )
    const broken = { ...decoder, run: () => Promise.reject(new InferenceError('broken')) }
    await expect(createVae(encoder, broken, { factor: 1 }).decode(latents, size)).rejects.toThrow('broken')
    const gone = { ...decoder, run: () => Promise.reject(new OutOfMemoryError('gone', true)) }
    await expect(createVae(encoder, gone, { factor: 1 }).decode(latents, size)).rejects.toThrow('gone')
  })
})

describe('a VAE that is told how much memory is free', () => {
  const latents = () => new Float32Array(LATENT_CHANNELS * 80 * 50)
  const decoderWith = async (free: number | undefined) => {
    const { encoder, decoder } = await smallReceptiveField()
    const [requestedAreas, logLines]: [number[], string[]] = [[], []]
    const budget = {
      free: async () => free,
      needed: ({ width, height }: { width: number; height: number }) => width * height * 1e6,
    }
    const vae = createVae(
      encoder,
      withMemoryFor(decoder, Number.POSITIVE_INFINITY, requestedAreas),
      { factor: 1 },
      line => logLines.push(line),
      { encoder: budget, decoder: budget },
    )
    return { vae, requestedAreas, logLines }
  }

  test('works in the largest tiles that fit, without running out of memory first', async () => {
    const { vae, requestedAreas, logLines } = await decoderWith(33 * 33 * 1e6)
    await vae.decode(latents(), size)
    expect(new Set(requestedAreas)).toEqual(new Set([32 * 32]))
    expect(vae.isTiled()).toBe(true)
    expect(logLines).toEqual(['the VAE would need 4.0 GB of 1.1 GB, using tiles of 32 latents'])
  })

  test('tries the smallest tiles where none fit', async () => {
    const { vae, requestedAreas } = await decoderWith(1)
    await vae.decode(latents(), size)
    expect(new Set(requestedAreas)).toEqual(new Set([16 * 16]))
  })

  test.each([80 * 50 * 1e6, undefined])('works on the whole picture if it fits or nothing is known: %s', async free => {
    const { vae, requestedAreas, logLines } = await decoderWith(free)
    await vae.decode(latents(), size)
    expect([requestedAreas, logLines]).toEqual([[80 * 50], []])
  })
})

/** The largest step of the difference of two pictures between neighbouring columns, as a mean over all rows. */
function largestStep(
  tiled: Float32Array,
  expected: Float32Array,
  { width, height }: { width: number; height: number },
): number {
  let largest = 0
  for (let x = 1; x < width; x++) {
    let sum = 0
    for (let row = 0; row < 3 * height; row++) {
      const at = row * width + x
      sum += Math.abs(tiled[at]! - expected[at]! - (tiled[at - 1]! - expected[at - 1]!))
    }
    largest = Math.max(largest, sum / (3 * height))
  }
  return largest
}

testWithShared('weights', 'tiles of TAESD leave no seam in a photograph', async () => {
  const open = (name: string) =>
    openOnnxSession({ name, file: shared(`weights/taesd/taesd_${name}.onnx`) }, CPU_PROVIDER)
  const [encoder, decoder] = [await open('encoder'), await open('decoder')]
  const photo = { width: 384, height: 288 }
  const { pixels } = await readPicture(await readFile(shared('photos/chelsea.png')), { size: photo })
  const planes = pixelsToPlanes(pixels).map(value => (value + 1) / 2)
  const whole: Vae = createVae(encoder, decoder, { factor: 1 })
  const latents = await whole.encode(planes, photo)
  const expected = await whole.decode(latents, photo)
  const tiled = await createVae(encoder, withMemoryFor(decoder, 32 * 32), { factor: 1 }).decode(latents, photo)
  const mean = tiled.reduce((sum, value, at) => sum + Math.abs(value - expected[at]!), 0) / tiled.length
  // Less than a grey level; values are 0 to 1.
  expect(mean).toBeLessThan(1 / 255)
  // Compared with tiles without overlap.
  const cut = new Float32Array(expected.length)
  for (const x of [0, 192]) {
    for (const y of [0, 144]) {
      const [across, down] = [24, 18]
      const part = Float32Array.from({ length: LATENT_CHANNELS * across * down }, (_, at) => {
        const [column, row, plane] = [at % across, Math.floor(at / across) % down, Math.floor(at / across / down)]
        return latents[(plane * 36 + y / 8 + row) * 48 + x / 8 + column]!
      })
      const decodedPart = await whole.decode(part, { width: 192, height: 144 })
      for (let line = 0; line < 3 * 144; line++) {
        const to = (Math.floor(line / 144) * 288 + y + (line % 144)) * 384 + x
        cut.set(decodedPart.subarray(line * 192, (line + 1) * 192), to)
      }
    }
  }
  expect(largestStep(tiled, expected, photo)).toBeLessThan(largestStep(cut, expected, photo) / 5)
})
