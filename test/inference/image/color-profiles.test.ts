import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import { readPicture } from '../../../src/inference/image/decode.js'
import { setPngProfile } from '../../../src/inference/image/png-chunks.js'
import { brokenProfile, ICC_PROFILES } from '../../support/icc-profiles.js'
import { problemIn } from '../../support/problems.js'
import { shared, testWithShared } from '../../support/shared.js'

const folder = mkdtempSync(join(tmpdir(), 'overscan-profiles-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** ImageMagick 6, as Debian packages it. */
const CONVERT = '/usr/bin/convert'

const srgb = join(folder, 'srgb.icc')
writeFileSync(srgb, ICC_PROFILES.srgb.RGB)

const LEVELS = [0, 20, 64, 128, 200, 255]
/** 216 colors: the edges of the gamut, and colors inside it. */
const RGB_COLORS = LEVELS.flatMap(red => LEVELS.flatMap(green => LEVELS.map(blue => [red, green, blue])))
const GREY_LEVELS = Array.from({ length: 216 }, (_, at) => [at + 20])

const PROFILES = ['none', 'srgb', 'p3', 'adobe', 'linear', 'prophoto', 'broken'] as const
type ProfileName = (typeof PROFILES)[number]
type Layout = { readonly bits: 8 | 16; readonly isGrey: boolean; readonly hasAlpha: boolean }

function profileFor(name: ProfileName, isGrey: boolean): Buffer | undefined {
  const space = isGrey ? 'GRAY' : 'RGB'
  if (name === 'none') return undefined
  return name === 'broken' ? brokenProfile(space) : ICC_PROFILES[name][space]
}

/** 24×9 pixels, opaque. */
async function png(profile: ProfileName, { bits, isGrey, hasAlpha }: Layout): Promise<Buffer> {
  const values = (isGrey ? GREY_LEVELS : RGB_COLORS).flatMap(color => [...color, ...(hasAlpha ? [255] : [])])
  const data = bits === 16 ? Uint16Array.from(values, value => value * 257) : Uint8Array.from(values)
  const channels = ((isGrey ? 1 : 3) + (hasAlpha ? 1 : 0)) as 1 | 2 | 3 | 4
  const space = isGrey ? (bits === 16 ? 'grey16' : 'b-w') : bits === 16 ? 'rgb16' : 'srgb'
  const file = await sharp(data, { raw: { width: 24, height: 9, channels } })
    .toColourspace(space)
    .png()
    .toBuffer()
  const icc = profileFor(profile, isGrey)
  return icc ? setPngProfile(file, icc) : file
}

/** The same numbers and profile in another container. */
async function convert(file: Buffer, format: 'tiff' | 'avif'): Promise<Buffer> {
  const { space } = await sharp(file).metadata()
  const image = sharp(file).keepIccProfile().toColourspace(space)
  return (
    format === 'tiff' ? image.tiff({ compression: 'lzw' }) : image.avif({ lossless: true, chromaSubsampling: '4:4:4' })
  ).toBuffer()
}

/** As ImageMagick and Little CMS convert it. */
function truth(file: Buffer, name: string, profile: ProfileName): Buffer {
  const path = join(folder, name)
  writeFileSync(path, file)
  // A broken profile means none.
  const conversion = profile === 'none' || profile === 'broken' ? ['-strip'] : ['-profile', srgb]
  return execFileSync(CONVERT, [path, ...conversion, '-alpha', 'off', '-type', 'TrueColor', '-depth', '8', 'rgb:-'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

function largestDifference(one: Uint8Array, other: Uint8Array): number {
  expect(one.length).toBe(other.length)
  return one.reduce((largest, value, at) => Math.max(largest, Math.abs(value - other[at]!)), 0)
}

const LAYOUTS = ([8, 16] as const).flatMap(bits =>
  [false, true].flatMap(isGrey => [false, true].map(hasAlpha => ({ bits, isGrey, hasAlpha }))),
)

describe.each(PROFILES)('with profile %s, kept pixels are the colors that ImageMagick shows', profile => {
  test.each(LAYOUTS)('$bits bits, grey: $isGrey, alpha: $hasAlpha', async layout => {
    const file = await png(profile, layout)
    const right = truth(file, `${profile}.png`, profile)
    for (const container of ['png', 'tiff'] as const) {
      const { pixels } = await readPicture(container === 'png' ? file : await convert(file, container))
      expect(largestDifference(pixels.data, right), container).toBeLessThanOrEqual(1)
    }
  })
})

describe.each(PROFILES)('the same as AVIF of 8 bits, with profile %s', profile => {
  test.each([
    { bits: 8, isGrey: false, hasAlpha: false } as const,
    { bits: 8, isGrey: false, hasAlpha: true } as const,
  ])('alpha: $hasAlpha', async layout => {
    const file = await png(profile, layout)
    const { pixels } = await readPicture(await convert(file, 'avif'))
    // YCbCr rounds the colors, and a steep curve makes more of it.
    const { pixels: right } = await readPicture(file)
    const sum = right.data.reduce((total, value, at) => total + Math.abs(value - pixels.data[at]!), 0)
    expect(sum / right.data.length).toBeLessThan(1.5)
  })
})

testWithShared('cases/16-bit-with-profile', '16-bit pictures from the field keep their colors', async () => {
  const read = async (name: string) =>
    (await readPicture(await readFile(shared(`cases/16-bit-with-profile/${name}`)))).pixels.data
  expect(await read('swatch-16-srgb.png')).toEqual(await read('swatch-8.png'))
  expect(largestDifference(await read('p3-16.png'), await read('p3.png'))).toBeLessThanOrEqual(2)
})

testWithShared('cases/float-tiff-black', 'a TIFF of floats is refused', async () => {
  const file = await readFile(shared('cases/float-tiff-black/f-float.tif'))
  expect(await problemIn(readPicture(file))).toEqual({ code: 'picture-depth-unsupported' })
})

test('a TIFF of 32-bit integers is refused', async () => {
  const path = join(folder, 'wide.tif')
  execFileSync(CONVERT, ['-size', '8x8', 'gradient:', '-depth', '32', path])
  const file = await readFile(path)
  expect((await sharp(file).metadata()).depth).toBe('uint')
  expect(await problemIn(readPicture(file))).toEqual({ code: 'picture-depth-unsupported' })
})
