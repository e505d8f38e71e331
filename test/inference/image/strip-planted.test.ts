import { readFile } from 'node:fs/promises'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { readPicture } from '../../../src/inference/image/decode.js'
import { encodePng } from '../../../src/inference/image/png.js'
import { pngChunk, setPngProfile } from '../../../src/inference/image/png-chunks.js'
import { stripMetadata } from '../../../src/inference/image/strip-metadata.js'
import { encodeWebp } from '../../../src/inference/image/webp.js'
import { readWebpParameters } from '../../../src/inference/image/webp-parameters.js'
import { ICC_PROFILES } from '../../support/icc-profiles.js'
import { shared, testWithShared } from '../../support/shared.js'

const SECRET = Buffer.from('SECRET-HOME', 'latin1')

const width = 40
const height = 24
const raw = Buffer.from(Array.from({ length: width * height * 4 }, (_, at) => (at % 4 === 3 ? 255 : (at * 37) % 251)))
const picture = () => sharp(raw, { raw: { width, height, channels: 4 } }).removeAlpha()

/** Every stripped file: no secret, the same picture, and nothing more to strip. */
async function expectClean(file: Buffer, hasProfile = false): Promise<void> {
  expect(file.includes(SECRET)).toBe(true)
  const bare = stripMetadata(file)
  expect(Buffer.from(bare).includes(SECRET)).toBe(false)
  expect(await readPicture(bare)).toEqual(await readPicture(file))
  expect(stripMetadata(bare)).toEqual(bare)
  expect((await sharp(bare).metadata()).hasProfile).toBe(hasProfile)
}

function segment(marker: number, ...parts: (string | Uint8Array)[]): Buffer {
  const body = Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}

/** A big-endian TIFF with an orientation, a text and a GPS directory. */
function exif(orientation: number): Buffer {
  const tiff = Buffer.alloc(80)
  tiff.write('MM\0*', 'latin1')
  tiff.writeUInt32BE(8, 4)
  tiff.writeUInt16BE(2, 8)
  tiff.writeUInt16BE(0x010f, 10)
  tiff.writeUInt16BE(2, 12)
  tiff.writeUInt32BE(SECRET.length, 14)
  tiff.writeUInt32BE(60, 18)
  tiff.writeUInt16BE(0x0112, 22)
  tiff.writeUInt16BE(3, 24)
  tiff.writeUInt32BE(1, 26)
  tiff.writeUInt16BE(orientation, 30)
  SECRET.copy(tiff, 60)
  return tiff
}

describe('of a JPEG', () => {
  const MARKERS = Array.from({ length: 16 }, (_, at) => 0xe0 + at)
  test.each<[string, Buffer]>([
    ...MARKERS.map((marker): [string, Buffer] => [`APP${marker - 0xe0}`, segment(marker, SECRET)]),
    ['a comment', segment(0xfe, SECRET)],
    ['EXIF', segment(0xe1, 'Exif\0\0', exif(1))],
    ['a second EXIF segment', Buffer.concat([segment(0xe1, 'Exif\0\0', exif(1)), segment(0xe1, 'Exif\0\0', SECRET)])],
    ['EXIF with an orientation', segment(0xe1, 'Exif\0\0', exif(6))],
    ['XMP', segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', SECRET)],
    ['extended XMP', segment(0xe1, 'http://ns.adobe.com/xmp/extension/\0', SECRET)],
    ['a multi-picture directory', segment(0xe2, 'MPF\0', SECRET)],
    ['FlashPix', segment(0xe2, 'FPXR\0', SECRET)],
    ['IPTC', segment(0xed, 'Photoshop 3.0\0', SECRET)],
    ['a JFIF thumbnail', segment(0xe0, 'JFIF\0\x01\x01\0\0\x01\0\x01\x04\x01', SECRET, '\0')],
    ['an extension of JFIF', segment(0xe0, 'JFXX\0', SECRET)],
    ['a profile that is none', segment(0xe2, 'ICC_PROFILE\0\x01\x01', SECRET)],
    ['bytes between segments', Buffer.concat([segment(0xfe), SECRET])],
  ])('%s', async (_, planted) => {
    const file = await picture().jpeg().toBuffer()
    await expectClean(Buffer.concat([file.subarray(0, 2), planted, file.subarray(2)]))
  })

  test('what is behind the picture: a second JPEG, a film, a trailer', async () => {
    const file = await picture().jpeg({ progressive: true }).toBuffer()
    const second = Buffer.concat([file.subarray(0, 2), segment(0xfe, SECRET), file.subarray(2)])
    await expectClean(Buffer.concat([file, second]))
    await expectClean(Buffer.concat([file, Buffer.from('\0\0\0\x18ftypmp42', 'latin1'), SECRET]))
  })

  test('between the scans of a progressive one', async () => {
    const file = await picture().jpeg({ progressive: true }).toBuffer()
    const scan = file.lastIndexOf(Buffer.from([0xff, 0xda]))
    await expectClean(Buffer.concat([file.subarray(0, scan), segment(0xfe, SECRET), file.subarray(scan)]))
  })

  test('a color profile stays, without what is behind it', async () => {
    const file = await picture().jpeg().toBuffer()
    const profile = segment(0xe2, 'ICC_PROFILE\0\x01\x01', ICC_PROFILES.adobe.RGB, SECRET)
    const planted = Buffer.concat([file.subarray(0, 2), profile, file.subarray(2)])
    await expectClean(planted, true)
    expect((await sharp(stripMetadata(planted)).metadata()).icc).toEqual(ICC_PROFILES.adobe.RGB)
  })

  test('restart markers stay', async () => {
    const file = await readFile(new URL('../../../examples/harbour.png', import.meta.url)).catch(() => undefined)
    const jpeg = await (file ? sharp(file) : picture()).jpeg().toBuffer()
    expect(await readPicture(stripMetadata(jpeg))).toEqual(await readPicture(jpeg))
  })
})

describe('of a PNG', () => {
  test.each([
    ['tEXt', pngChunk('tEXt', Buffer.concat([Buffer.from('Comment\0'), SECRET]))],
    [
      'zTXt',
      Buffer.concat([
        pngChunk('zTXt', Buffer.concat([Buffer.from('Raw\0\0'), deflateSync(SECRET)])),
        pngChunk('zTXt', SECRET),
      ]),
    ],
    ['iTXt', pngChunk('iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0'), SECRET]))],
    ['eXIf', pngChunk('eXIf', exif(1))],
    ['eXIf with an orientation', pngChunk('eXIf', exif(6))],
    ['tIME', pngChunk('tIME', SECRET)],
    ['a private chunk', pngChunk('caBX', SECRET)],
    ['sPLT', pngChunk('sPLT', SECRET)],
    ['hIST', pngChunk('hIST', SECRET)],
    ['a long gAMA', pngChunk('gAMA', SECRET)],
    ['an iDOT', pngChunk('iDOT', SECRET)],
    ['a profile that is none', pngChunk('iCCP', Buffer.concat([SECRET, Buffer.from([0, 0]), deflateSync(SECRET)]))],
  ])('%s', async (_, planted) => {
    const file = await picture().png().toBuffer()
    await expectClean(Buffer.concat([file.subarray(0, 33), planted, file.subarray(33)]))
    if (!/eXIf|profile/.test(_)) await expectClean(Buffer.concat([file.subarray(0, -12), planted, file.subarray(-12)]))
  })

  test('what is behind its end', async () => {
    await expectClean(Buffer.concat([await picture().png().toBuffer(), SECRET]))
  })

  test('the name of its profile', async () => {
    const file = setPngProfile(await picture().png().toBuffer(), ICC_PROFILES.adobe.RGB)
    const at = file.indexOf('iCCP') + 4
    const body = file.subarray(at + 5, at + file.readUInt32BE(at - 8))
    const chunk = pngChunk('iCCP', Buffer.concat([SECRET, Buffer.from([0, 0]), body]))
    await expectClean(Buffer.concat([file.subarray(0, 33), chunk, file.subarray(file.indexOf('IDAT') - 4)]), true)
  })

  test('a million tiny chunks take no time', async () => {
    const file = await picture().png().toBuffer()
    const junk = Buffer.concat(Array.from({ length: 1_000_000 }, () => pngChunk('IDAT', Buffer.alloc(0))))
    const started = performance.now()
    stripMetadata(Buffer.concat([file.subarray(0, 33), junk, file.subarray(33)]))
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('of a WebP', () => {
  const chunk = (type: string, data: Uint8Array) => {
    const head = Buffer.from(`${type}\0\0\0\0`, 'latin1')
    head.writeUInt32LE(data.length, 4)
    return Buffer.concat([head, data, Buffer.alloc(data.length & 1)])
  }
  const append = (file: Buffer, ...chunks: Buffer[]) => {
    const whole = Buffer.concat([file, ...chunks])
    whole.writeUInt32LE(whole.length - 8, 4)
    return whole
  }
  // With transparency, so that it has the extended header.
  const webp = () =>
    sharp(Buffer.from(raw).fill(200, 3, 4), { raw: { width, height, channels: 4 } })
      .webp()
      .toBuffer()

  test.each([
    ['EXIF', chunk('EXIF', exif(1))],
    ['EXIF with an orientation', chunk('EXIF', exif(6))],
    ['XMP', chunk('XMP ', SECRET)],
    ['an unknown chunk', chunk('SECR', SECRET)],
    ['a profile that is none', chunk('ICCP', SECRET)],
  ])('%s', async (_, planted) => {
    const file = await webp()
    file[20]! |= { EXIF: 0x08, 'XMP ': 0x04, ICCP: 0x20 }[planted.toString('latin1', 0, 4)] ?? 0
    await expectClean(append(file, planted))
  })

  test('what is behind its end', async () => {
    await expectClean(Buffer.concat([await webp(), SECRET]))
  })

  test('chunks in the frames of an animation', async () => {
    const frames = Buffer.concat([raw, Buffer.from(raw).reverse().fill(255, 3, 4)])
    const file = await sharp(frames, { raw: { width, height: height * 2, channels: 4, pageHeight: height } })
      .webp({ lossless: true })
      .toBuffer()
    const at = file.indexOf('ANMF')
    const end = at + 8 + file.readUInt32LE(at + 4)
    const planted = append(Buffer.concat([file.subarray(0, end), chunk('SECR', SECRET), file.subarray(end)]))
    planted.writeUInt32LE(file.readUInt32LE(at + 4) + 20, at + 4)
    await expectClean(planted)
  })

  test('the parameters of a result stay, and nothing else', async () => {
    const pixels = await readPicture(await picture().png().toBuffer())
    const result = await encodeWebp(await encodePng(pixels.pixels), 'a <lighthouse> & sea', 1e6)
    const bare = stripMetadata(append(result!, chunk('SECR', SECRET)))
    expect(readWebpParameters(bare)).toBe('a <lighthouse> & sea')
    expect(Buffer.from(bare).includes(SECRET)).toBe(false)
  })
})

describe('of a GIF', () => {
  const blocks = (label: number, ...parts: Uint8Array[]) =>
    Buffer.concat([
      Buffer.from([0x21, label]),
      ...parts.flatMap(part => [Buffer.from([part.length]), part]),
      Buffer.alloc(1),
    ])
  test.each([
    ['a comment', blocks(0xfe, SECRET)],
    ['a text', blocks(0x01, Buffer.alloc(12), SECRET)],
    ['XMP', blocks(0xff, Buffer.from('XMP DataXMP'), SECRET)],
    ['a loop with more', blocks(0xff, Buffer.from('NETSCAPE2.0'), Buffer.from([1, 0, 0]), SECRET)],
  ])('%s', async (_, planted) => {
    const file = await picture().gif().toBuffer()
    const head = 13 + (file[10]! & 0x80 ? 3 << ((file[10]! & 7) + 1) : 0)
    await expectClean(Buffer.concat([file.subarray(0, head), planted, file.subarray(head)]))
    await expectClean(Buffer.concat([file.subarray(0, -1), planted, file.subarray(-1)]))
  })

  test('what is behind its end', async () => {
    await expectClean(Buffer.concat([await picture().gif().toBuffer(), SECRET]))
  })

  test('two million frames are cut off', () => {
    const head = Buffer.from('GIF89a\x01\0\x01\0\0\0\0', 'latin1')
    const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0])
    expect(stripMetadata(Buffer.concat([head, Buffer.alloc(2_000_000 * frame.length, frame)])).length).toBeLessThan(
      20_000,
    )
  })
})

describe('of a TIFF', () => {
  test.each([
    ['lzw', false],
    ['deflate', true],
    ['jpeg', false],
  ] as const)('tags, text and what is behind its end (%s, tiles: %s)', async (compression, tile) => {
    const file = await picture()
      .withExif({ IFD0: { ImageDescription: SECRET.toString(), Artist: SECRET.toString() } })
      .withXmp(`<x>${SECRET}</x>`)
      .withIccProfile('p3')
      .tiff({ compression, tile, tileWidth: 16, tileHeight: 16 })
      .toBuffer()
    await expectClean(Buffer.concat([file, SECRET]), true)
  })

  test('its orientation stays', async () => {
    const file = await picture().withMetadata({ orientation: 6 }).tiff().toBuffer()
    await expectClean(Buffer.concat([file, SECRET]), true)
    expect((await sharp(stripMetadata(file)).metadata()).orientation).toBe(6)
  })

  test('strips that all lie on the same bytes are not multiplied', async () => {
    const file = Buffer.from(stripMetadata(await picture().tiff({ compression: 'none' }).toBuffer()))
    expect(stripMetadata(Buffer.concat([file, Buffer.alloc(10)])).length).toBeLessThanOrEqual(file.length)
  })
})

describe('of an AVIF', () => {
  const box = (type: string, data: Uint8Array) => {
    const head = Buffer.alloc(8)
    head.writeUInt32BE(8 + data.length)
    head.write(type, 4, 'latin1')
    return Buffer.concat([head, data])
  }
  test('EXIF, XMP, boxes behind it', async () => {
    const file = await picture()
      .withExif({ IFD0: { Make: SECRET.toString() } })
      .withXmp(`<x>${SECRET}</x>`)
      .avif({ quality: 90 })
      .toBuffer()
    await expectClean(file)
    await expectClean(Buffer.concat([file, box('uuid', SECRET), box('moov', SECRET), SECRET]))
  })

  test('transparency and the profile stay', async () => {
    const file = await sharp(Buffer.from(raw).fill(40, 0, width * 16), { raw: { width, height, channels: 4 } })
      .withIccProfile('p3')
      .avif()
      .toBuffer()
    await expectClean(Buffer.concat([file, box('free', SECRET)]), true)
  })
})

testWithShared('cases/traces-left', 'nothing is left in pictures as phones and programs write them', async () => {
  for (const name of ['tr-com.jpg', 'tr-gif.gif', 'tr-mp4.jpg', 'tr-samsung.jpg', 'uhdr-o1.jpg']) {
    const file = await readFile(shared(`cases/traces-left/${name}`))
    expect(file.includes('SECRET'), name).toBe(true)
    const bare = stripMetadata(file)
    expect(Buffer.from(bare).includes('SECRET'), name).toBe(false)
    expect(await readPicture(bare), name).toEqual(await readPicture(file))
  }
})
