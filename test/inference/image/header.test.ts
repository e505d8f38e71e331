import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { readSizeAndAlpha } from '../../../src/inference/image/decode.js'
import { readHeader } from '../../../src/inference/image/header.js'
import { stripMetadata } from '../../../src/inference/image/strip-metadata.js'
import { problemOf } from '../../support/problems.js'

const picture = (channels: 3 | 4 = 3) =>
  sharp(Buffer.alloc(48 * 32 * channels, 90), { raw: { width: 48, height: 32, channels } })

/** Whole files of each format, in its variants. */
const VARIANTS = {
  jpeg: () => picture().jpeg(),
  'progressive jpeg': () => picture().jpeg({ progressive: true }),
  png: () => picture().png(),
  'png with transparency': () => picture(4).png(),
  'png with a palette': () => picture(4).png({ palette: true }),
  webp: () => picture().webp(),
  'lossless webp': () => picture().webp({ lossless: true }),
  'webp with transparency': () => picture(4).webp(),
  gif: () => picture().gif(),
  tiff: () => picture().tiff(),
  'tiled tiff': () => picture().tiff({ tile: true, tileWidth: 16, tileHeight: 16 }),
  'big tiff': () => picture().tiff({ bigtiff: true }),
  avif: () => picture().avif(),
}

describe.each(Object.entries(VARIANTS))('the header of %s', (_, make) => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'says the size that the decoder says, turned by orientation %i',
    async orientation => {
      const file = await make().withMetadata({ orientation }).toBuffer()
      for (const one of [file, stripMetadata(file)]) {
        const { width, height, hasAlpha } = await readSizeAndAlpha(one)
        const header = readHeader(one)
        expect(header).toMatchObject({ width, height })
        // It may say yes where the decoder says no, and not the other way.
        if (hasAlpha) expect(header.mayHaveAlpha).toBe(true)
      }
    },
  )

  test('is refused where it breaks off, or says too much', async () => {
    const file = await make().toBuffer()
    for (let length = 0; length < Math.min(file.length, 400); length++) {
      const problem = problemOf(() => readHeader(file.subarray(0, length)))
      if (problem) expect(['not-a-picture', 'picture-too-large', 'picture-format-unsupported']).toContain(problem.code)
    }
  })
})

test('a JPEG or an opaque PNG has no transparent pixels', async () => {
  expect(readHeader(await picture().jpeg().toBuffer()).mayHaveAlpha).toBe(false)
  expect(readHeader(await picture().png().toBuffer()).mayHaveAlpha).toBe(false)
  expect(readHeader(await picture(4).png().toBuffer()).mayHaveAlpha).toBe(true)
})
