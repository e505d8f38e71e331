import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { createEngineRegistry } from '../../../src/inference/engines/registry.js'
import { encodeMask } from '../../../src/inference/image/mask-file.js'
import { interpretMask } from '../../../src/inference/mask/interpret.js'
import { createMaskService } from '../../../src/inference/mask/mask-service.js'
import type { Engine } from '../../../src/inference/pipeline/engine.js'
import { paint } from '../../../src/inference/pipeline/paint.js'
import { createRandom } from '../../../src/inference/random.js'
import { shared, testWithShared } from '../../support/shared.js'

// From a mask as somebody gives it to the pixels of the result.

const size = { width: 120, height: 80 }
const count = size.width * size.height

/** Inverts every channel: no pixel stays what it was. */
const inverting = (before: Uint8Array): Engine => ({
  name: 'inverting',
  async paint({ pixels: { width, height } }, { seeds }) {
    return seeds.map(() => ({ width, height, data: before.map(value => 255 - value) }))
  },
  async close() {},
})

const service = createMaskService()
afterAll(() => service.close())

type Shape = { x: number; y: number; width: number; height: number; isRound: boolean }
const shape = fc.record({
  x: fc.integer({ min: 4, max: 70 }),
  y: fc.integer({ min: 4, max: 40 }),
  width: fc.integer({ min: 8, max: 40 }),
  height: fc.integer({ min: 8, max: 30 }),
  isRound: fc.boolean(),
})

function isIn({ x, y, width, height, isRound }: Shape, at: number): boolean {
  const across = (2 * ((at % size.width) - x) + 1) / width - 1
  const down = (2 * (Math.floor(at / size.width) - y) + 1) / height - 1
  if (Math.abs(across) > 1 || Math.abs(down) > 1) return false
  return !isRound || across * across + down * down <= 1
}

/** A picture with the texture of a photo. */
function photo(seed: number): Buffer {
  const random = createRandom(seed)
  const [across, down, base] = [random() * 9 + 3, random() * 7 + 3, 70 + random() * 90]
  return Buffer.from(
    Array.from({ length: count }, (_, at) => {
      const wave = 30 * Math.sin((at % size.width) / across) + 25 * Math.cos(at / size.width / down)
      const grain = random() * 24
      return [base + wave + grain, base + wave * 0.6 - grain, base - wave * 0.5 + grain].map(value => Math.round(value))
    }).flat(),
  )
}

function file(channels: 1 | 3 | 4, colour: (at: number) => readonly number[]): Promise<Buffer> {
  const data = Buffer.from(Array.from({ length: count }, (_, at) => [...colour(at)]).flat())
  return sharp(data, { raw: { ...size, channels } })
    .png()
    .toBuffer()
}

const rgb = (pixels: Buffer, at: number) => [...pixels.subarray(at * 3, at * 3 + 3)]
const interpreted = async (drawn: Buffer, picture: Buffer) => encodeMask((await interpretMask(drawn, picture)).mask)

/** Each way to say which pixels are meant, up to the canonical mask. */
const WAYS: Record<
  string,
  (isMarked: (at: number) => boolean, pixels: Buffer, picture: Buffer) => Promise<Uint8Array>
> = {
  'a black and white file': async (isMarked, _, picture) =>
    interpreted(await file(1, at => [isMarked(at) ? 255 : 0]), picture),
  'a transparent part': async (isMarked, pixels, picture) =>
    interpreted(await file(4, at => [...rgb(pixels, at), isMarked(at) ? 0 : 255]), picture),
  'a marked copy': async (isMarked, pixels, picture) =>
    interpreted(await file(3, at => (isMarked(at) ? [255, 0, 255] : rgb(pixels, at))), picture),
  'the editor': async (isMarked, _, picture) => {
    const drawn = await file(4, at => (isMarked(at) ? [255, 255, 255, 255] : [0, 0, 0, 255]))
    return (await service.adjust(drawn, picture, 'same')).mask
  },
}

test.each(Object.entries(WAYS))('the marked pixels are painted and no others, with %s', async (_, toMask) => {
  const engines = createEngineRegistry({ modelFolder: 'no-models' })
  const context = { engines, signal: new AbortController().signal, onProgress: () => {} }
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), shape, async (seed, one) => {
      const pixels = photo(seed)
      const source = await file(3, at => rgb(pixels, at))
      const mask = await toMask(at => isIn(one, at), pixels, source)
      const edit = { kind: 'inpaint', area: 'whole', padding: 0, blur: 0 } as const
      const request = { edit, source, mask, prompt: '', seeds: [1], engine: 'inverting' }
      const { pictures } = await paint(request, inverting(pixels), context)
      const after = await sharp(pictures[0]!.png).raw().toBuffer()
      const expected = pixels.map((value, at) => (isIn(one, Math.floor(at / 3)) ? 255 - value : value))
      const wrong = expected.findIndex((value, at) => value !== after[at])
      if (wrong >= 0) expect.fail(`value ${wrong}: ${after[wrong]}, not ${expected[wrong]}`)
    }),
    { numRuns: 12 },
  )
})

testWithShared('cases/blur-paints-nothing', 'a blur that is wider than the mask leaves its middle new', async () => {
  const folder = 'cases/blur-paints-nothing'
  const [source, small, large] = await Promise.all(
    ['base.png', 'mask-20px.png', 'mask.png'].map(name => readFile(shared(`${folder}/${name}`))),
  )
  const { data, info } = await sharp(source).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const engines = createEngineRegistry({ modelFolder: 'no-models' })
  const context = { engines, signal: new AbortController().signal, onProgress: () => {} }
  for (const [drawn, blur] of [
    [small, 12],
    [large, 64],
  ] as const) {
    const { mask } = await interpretMask(drawn!, source!)
    const edit = { kind: 'inpaint', area: 'whole', padding: 32, blur } as const
    const request = { edit, source: source!, mask: await encodeMask(mask), prompt: '', seeds: [1], engine: 'inverting' }
    const { pictures } = await paint(request, inverting(data), context)
    const after = await sharp(pictures[0]!.png).raw().toBuffer()
    const isNew = (at: number) => [0, 1, 2].every(channel => after[at * 3 + channel] === 255 - data[at * 3 + channel]!)
    expect([...mask.data.keys()].some(at => mask.data[at] === 255 && isNew(at))).toBe(true)
    for (let at = 0; at < info.width * info.height; at++) {
      if (mask.data[at] === 0) expect(after[at * 3]).toBe(data[at * 3])
    }
  }
})
