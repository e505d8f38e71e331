import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { readPicture, readSize } from '../../../src/inference/image/decode.js'
import { detectFormat } from '../../../src/inference/image/format.js'
import { problemIn } from '../../support/problems.js'
import { shared, testWithShared } from '../../support/shared.js'

const picture = () => sharp(Buffer.alloc(32 * 32 * 3, 90), { raw: { width: 32, height: 32, channels: 3 } })
const SVG = Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')

test.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('%s is known by its first bytes', async format => {
  expect(detectFormat(await picture().toFormat(format).toBuffer())).toBe(format)
})

test.each([
  ['SVG', SVG],
  ['SVG in gzip', gzipSync(SVG)],
  ['PDF', Buffer.from('%PDF-1.7\n')],
  ['a Netpbm file', Buffer.from('P6 1 1 255\n\0\0\0')],
  ['a Radiance file', Buffer.from('#?RADIANCE\n\n-Y 1 +X 1\n\0\0\0\0')],
  ['a film', Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1')],
  ['one byte', Buffer.from([0xff])],
])('%s is not a picture', async (_, file) => {
  expect(detectFormat(file)).toBeUndefined()
  expect(await problemIn(readSize(file))).toEqual({ code: 'not-a-picture' })
})

test('an SVG does not reach its decoder either', async () => {
  // In a separate process: other tests allow that decoder in theirs, to draw their pictures.
  const decodeBoth = `
    import sharp from 'sharp'
    import { readSize } from './dist/inference/image/decode.js'
    const picture = sharp(Buffer.alloc(3), { raw: { width: 1, height: 1, channels: 3 } })
    await readSize(await picture.png().toBuffer())
    await sharp(Buffer.from('${SVG}')).metadata()`
  const argv = ['--input-type=module', '--eval', decodeBoth]
  await expect(promisify(execFile)(process.execPath, argv)).rejects.toThrow(/unsupported image format/)
})

test.each([
  ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'],
  ['HEIC', '\0\0\0\x18ftypmif1\0\0\0\0mif1heix'],
  ['JPEG XL', '\xff\x0a\0\0'],
  ['JPEG XL', '\0\0\0\x0cJXL \r\n\x87\n'],
  ['JPEG 2000', '\0\0\0\x0cjP  \r\n\x87\n'],
  ['BMP', 'BM\x46\0\0\0\0\0\0\0\x36'],
])('%s is refused by its name', async (format, start) => {
  expect(await problemIn(readSize(Buffer.from(start, 'latin1')))).toEqual({
    code: 'picture-format-unsupported',
    format,
  })
})

testWithShared('cases/heic-called-damaged', 'a photo of a phone is called HEIC', async () => {
  const file = await readFile(shared('cases/heic-called-damaged/f.heic'))
  expect(await problemIn(readPicture(file))).toEqual({ code: 'picture-format-unsupported', format: 'HEIC' })
})

describe('a JPEG without its end marker', () => {
  const noise = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, at) => (at * 7919) & 255))
  const jpeg = (progressive: boolean) =>
    sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg({ progressive })
      .toBuffer()

  test.each([
    [false, 1],
    [false, 2],
    [true, 1],
    [true, 2],
  ])('is read whole (progressive: %s, %d bytes missing)', async (progressive, missing) => {
    const file = await jpeg(progressive)
    expect(await readPicture(file.subarray(0, -missing))).toEqual(await readPicture(file))
  })

  test.each([10, 100, 1000])('is refused where %d bytes of pixels are missing as well', async missing => {
    const file = await jpeg(false)
    expect(await problemIn(readPicture(file.subarray(0, -2 - missing)))).toEqual({ code: 'picture-corrupt' })
  })

  testWithShared('cases/jpeg-without-eoi', 'as it came from the field', async () => {
    const file = await readFile(shared('cases/jpeg-without-eoi/noeoi.jpg'))
    const whole = Buffer.concat([file, Buffer.from([0xff, 0xd9])])
    expect(await readPicture(file)).toEqual(await readPicture(whole))
  })
})
