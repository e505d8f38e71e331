import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { readPicture } from '../../../src/inference/image/decode.js'
import { encodePng } from '../../../src/inference/image/png.js'
import { readPngTexts } from '../../../src/inference/image/png-texts.js'
import { stripMetadata } from '../../../src/inference/image/strip-metadata.js'
import { parseParameters } from '../../../src/inference/pipeline/recipe.js'
import { shared, testWithShared } from '../../support/shared.js'

/** 24×10 pixels of all colours, as a camera would leave them. */
async function photo(format: 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff', orientation: number): Promise<Buffer> {
  const data = Buffer.from(Array.from({ length: 24 * 10 * 3 }, (_, at) => (at * 37) % 256))
  return sharp(data, { raw: { width: 24, height: 10, channels: 3 } })
    .withExif({ IFD0: { Make: 'Camera-7' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '48/1 8/1 14/1' } })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><p>Camera-7 at home</p></x:xmpmeta>')
    .withMetadata({ orientation })
    .toFormat(format)
    .toBuffer()
}

const SAID = /Camera-7|GPS|at home/

async function saidIn(file: Uint8Array): Promise<string> {
  const { exif, xmp } = await sharp(file).metadata()
  // GPSInfo's tag, 0x8825, in a directory of little-endian EXIF.
  const hasPlace = exif?.includes(Buffer.from([0x25, 0x88])) ?? false
  return `${exif?.toString('latin1') ?? ''}${xmp?.toString('latin1') ?? ''}${hasPlace ? 'GPS' : ''}`
}

describe.each(['jpeg', 'png', 'webp', 'avif', 'tiff'] as const)('of a photo as %s', format => {
  test.each([1, 6])(
    'nothing is left of the camera and the place, and all of the picture (orientation %i)',
    async turn => {
      const file = await photo(format, turn)
      expect(await saidIn(file)).toMatch(SAID)
      const bare = stripMetadata(file)
      expect(await saidIn(bare)).not.toMatch(SAID)
      expect(Buffer.from(bare).toString('latin1')).not.toMatch(SAID)
      expect(await readPicture(bare)).toEqual(await readPicture(file))
      expect(Buffer.compare(stripMetadata(bare), bare)).toBe(0)
    },
  )
})

test('a recipe of ours stays, and so do the parameters of other programs', async () => {
  const recipe = JSON.stringify(
    JSON.stringify({
      version: 1,
      edit: { kind: 'square' },
      old: { x: 0, y: 0, width: 1, height: 1 },
      prompt: '',
      seed: 1,
      engine: 'fill',
      source: '',
    }),
  )
  const pixels = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) }
  const ours = await encodePng(pixels, { parameters: `\nSeed: 1, Overscan: ${recipe}`, Author: 'me' })
  expect(parseParameters(readPngTexts(ours).parameters!)).toBeDefined()
  const bare = stripMetadata(ours)
  expect(readPngTexts(bare)).toEqual({ parameters: readPngTexts(ours).parameters })
  const withoutAuthor = await encodePng(pixels, { parameters: readPngTexts(ours).parameters! })
  expect(stripMetadata(withoutAuthor)).toEqual(withoutAuthor)
  const theirs = await encodePng(pixels, { parameters: 'a lighthouse\nSteps: 20', Author: 'me' })
  expect(readPngTexts(stripMetadata(theirs))).toEqual({ parameters: 'a lighthouse\nSteps: 20' })
})

testWithShared('masks/icc_profile_test.jpg', 'a colour profile stays', async () => {
  const file = await readFile(shared('masks/icc_profile_test.jpg'))
  const bare = stripMetadata(file)
  expect((await sharp(bare).metadata()).icc).toEqual((await sharp(file).metadata()).icc)
  expect(await readPicture(bare)).toEqual(await readPicture(file))
})

test('what is cut off, broken or not a picture is no worse afterwards, and never an error', async () => {
  const files = await Promise.all((['jpeg', 'png', 'webp'] as const).map(format => photo(format, 6)))
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files, Buffer.from('this is not a picture')),
      fc.nat(1200),
      fc.nat(1200),
      fc.nat(255),
      async (file, length, at, value) => {
        const broken = Buffer.from(file.subarray(0, length))
        if (at < broken.length) broken[at] = value
        expect(stripMetadata(broken).length).toBeLessThanOrEqual(file.length + 1200)
      },
    ),
    { numRuns: 60 },
  )
})
