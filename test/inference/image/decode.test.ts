import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { readPicture, readSize } from '../../../src/inference/image/decode.js'
import { pngBomb } from '../../support/bomb.js'
import { problemIn } from '../../support/problems.js'

const width = 24
const height = 16

/** Left half red, right half blue; the top row green. */
function sample(channels: 3 | 4 = 3, alpha = 255) {
  const data = Buffer.alloc(width * height * channels)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = y === 0 ? [0, 255, 0] : x < width / 2 ? [255, 0, 0] : [0, 0, 255]
      data.set([...colour, alpha].slice(0, channels), (y * width + x) * channels)
    }
  }
  return sharp(data, { raw: { width, height, channels } })
}

function pixelAt(pixels: { width: number; data: Uint8Array }, x: number, y: number): number[] {
  return [...pixels.data.subarray((y * pixels.width + x) * 3, (y * pixels.width + x) * 3 + 3)]
}

function near(actual: number[], expected: number[], tolerance: number): void {
  actual.forEach((value, channel) => {
    expect(Math.abs(value - expected[channel]!)).toBeLessThanOrEqual(tolerance)
  })
}

describe('reading a picture', () => {
  test('gives the very bytes of an 8-bit sRGB PNG', async () => {
    const { pixels, alpha } = await readPicture(await sample().png().toBuffer())
    expect(Buffer.from(pixels.data)).toEqual(await sample().raw().toBuffer())
    expect(alpha).toBeUndefined()
  })

  test.each(['jpeg', 'webp', 'avif', 'gif', 'tiff'] as const)('reads %s', async format => {
    const { pixels } = await readPicture(await sample().toFormat(format).toBuffer())
    expect([pixels.width, pixels.height]).toEqual([width, height])
    near(pixelAt(pixels, 3, 12), [255, 0, 0], 12)
    near(pixelAt(pixels, 20, 12), [0, 0, 255], 12)
  })

  test.each([
    [3, [0, height - 1]], // turned by 180°
    [6, [width - 1, 0]], // by 90° to the right: the top row becomes the right column
    [8, [0, 0]],
  ])('turns a picture with EXIF orientation %i upright', async (orientation, _corner) => {
    const file = await sample().withMetadata({ orientation }).png().toBuffer()
    const size = await readSize(file)
    expect(size).toEqual(orientation === 3 ? { width, height } : { width: height, height: width })
    const { pixels } = await readPicture(file)
    expect([pixels.width, pixels.height]).toEqual([size.width, size.height])
    const green = { 3: [5, height - 1], 6: [height - 1, 5], 8: [0, 5] }[orientation]!
    expect(pixelAt(pixels, green[0]!, green[1]!)).toEqual([0, 255, 0])
  })

  test('reads greyscale as equal red, green and blue', async () => {
    const data = Buffer.from([0, 60, 128, 255])
    const file = await sharp(data, { raw: { width: 4, height: 1, channels: 1 } })
      .png()
      .toBuffer()
    const { pixels } = await readPicture(file)
    expect([...pixels.data]).toEqual([0, 0, 0, 60, 60, 60, 128, 128, 128, 255, 255, 255])
  })

  test('reads 16 bits as 8', async () => {
    const data = Uint16Array.from([0, 65535, 32896, 257 * 10, 257 * 20, 257 * 30])
    const file = await sharp(data, { raw: { width: 2, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer()
    expect((await sharp(file).metadata()).depth).toBe('ushort')
    const { pixels } = await readPicture(file)
    near([...pixels.data], [0, 255, 128, 10, 20, 30], 1)
  })

  test('reads CMYK', async () => {
    const file = await sample().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()
    expect((await sharp(file).metadata()).space).toBe('cmyk')
    const { pixels } = await readPicture(file)
    const [red, , blue] = pixelAt(pixels, 20, 12)
    expect(blue! - red!).toBeGreaterThan(80) // inks are no match for a screen's blue, but blue it is
    expect(pixels.data.length).toBe(width * height * 3)
  })

  test('keeps every level of alpha', async () => {
    const data = Buffer.from([10, 20, 30, 255, 40, 50, 60, 128, 70, 80, 90, 127, 1, 2, 3, 0])
    const file = await sharp(data, { raw: { width: 4, height: 1, channels: 4 } })
      .png()
      .toBuffer()
    const { pixels, alpha } = await readPicture(file)
    expect([...alpha!.data]).toEqual([255, 128, 127, 0])
    expect([...pixels.data]).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 1, 2, 3])
  })

  test('resamples to the size that is asked for', async () => {
    const { pixels } = await readPicture(await sample().png().toBuffer(), { size: { width: 7, height: 5 } })
    expect([pixels.width, pixels.height, pixels.data.length]).toEqual([7, 5, 105])
    near(pixelAt(pixels, 1, 3), [255, 0, 0], 30)
  })
})

test('a part of a picture is taken as it is', async () => {
  const { pixels } = await readPicture(await sample().png().toBuffer(), { part: { x: 11, y: 0, width: 2, height: 2 } })
  expect([...pixels.data]).toEqual([0, 255, 0, 0, 255, 0, 255, 0, 0, 0, 0, 255])
})

describe('what is not a good picture is refused', () => {
  test.each([
    ['text', Buffer.from('this is not a picture')],
    ['nothing', Buffer.alloc(0)],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['half a PNG header', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0])],
  ])('%s', async (_, file) => {
    expect((await problemIn(readPicture(file)))?.code).toBe('not-a-picture')
  })

  test('a file that was cut off', async () => {
    const noise = Buffer.from(Array.from({ length: 200 * 200 * 3 }, (_, at) => (at * 7919) & 255))
    const file = await sharp(noise, { raw: { width: 200, height: 200, channels: 3 } })
      .png()
      .toBuffer()
    const problem = await problemIn(readPicture(file.subarray(0, file.length / 2)))
    expect(problem?.code).toBe('picture-corrupt')
  })

  test('a small file of 200 megapixels, from its header alone', async () => {
    const bomb = pngBomb()
    expect(bomb.length).toBeLessThan(100_000)
    const problem = await problemIn(readSize(bomb))
    expect(problem).toMatchObject({ code: 'picture-too-large', megapixels: 200, side: 20_000 })
  })

  test('one that is see-through all over', async () => {
    const file = await sample(4, 0).png().toBuffer()
    expect((await problemIn(readPicture(file)))?.code).toBe('picture-transparent')
  })
})
