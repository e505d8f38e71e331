import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { filledPixels } from '../../../src/inference/image/pixels.js'
import { encodePng } from '../../../src/inference/image/png.js'
import { readPngTexts } from '../../../src/inference/image/png-texts.js'
import { encodeWebp } from '../../../src/inference/image/webp.js'
import { readWebpParameters } from '../../../src/inference/image/webp-parameters.js'

const pixels = filledPixels({ width: 5, height: 3 }, 77)

describe('texts in a PNG', () => {
  test('come back, in any script, and leave a picture that reads as before', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 }).filter(one => !one.includes('\0'))
    await fc.assert(
      fc.asyncProperty(text, async parameters => {
        const png = await encodePng(pixels, { parameters })
        expect(readPngTexts(png)).toEqual({ parameters })
        expect(await sharp(png).raw().toBuffer()).toEqual(Buffer.from(pixels.data))
      }),
      { numRuns: 40 },
    )
  })

  test('are seen by another reader', async () => {
    const png = await encodePng(pixels, { parameters: 'a “lighthouse” – 灯台' })
    expect((await sharp(png).metadata()).comments).toEqual([{ keyword: 'parameters', text: 'a “lighthouse” – 灯台' }])
  })

  test('of a broken or foreign file are none, and never an error', async () => {
    const png = await encodePng(pixels, { parameters: 'x'.repeat(500) })
    fc.assert(
      fc.property(fc.nat(png.length), fc.nat(png.length - 1), fc.nat(255), (length, at, value) => {
        const broken = Buffer.from(png)
        broken[at] = value
        const texts = readPngTexts(broken.subarray(0, length))
        expect(Object.keys(texts).length).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('a WebP that takes the place of a PNG', () => {
  const parameters = 'a <b> & "c" – 灯台\nSeed: 1, Overscan: "{\\"version\\":1}"'

  test('keeps the parameters', async () => {
    const webp = await encodeWebp(await encodePng(pixels), parameters, 100_000)
    expect(await readWebpParameters(webp!)).toBe(parameters)
    expect((await sharp(webp).metadata()).format).toBe('webp')
  })

  test('fits the limit, or is not made', async () => {
    const data = new Uint8Array(200 * 200 * 3).map((_, at) => (at * 7919 + (at >> 4) * 31) & 255)
    const png = await encodePng({ width: 200, height: 200, data })
    const best = await encodeWebp(png, parameters, 1e9)
    const smaller = await encodeWebp(png, parameters, best!.length - 1)
    expect(smaller!.length).toBeLessThan(best!.length)
    expect(await encodeWebp(png, parameters, 500)).toBeUndefined()
  })

  test('that somebody else made has no parameters', async () => {
    expect(
      await readWebpParameters(
        await sharp(await encodePng(pixels))
          .webp()
          .toBuffer(),
      ),
    ).toBeUndefined()
  })
})
