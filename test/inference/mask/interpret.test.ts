import '../../support/allow-svg.js'
import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { KEEP, PAINT } from '../../../src/inference/image/pixels.js'
import { encodePng } from '../../../src/inference/image/png.js'
import { interpretMask } from '../../../src/inference/mask/interpret.js'
import { landscape } from '../../contracts/engine.js'
import { problemIn } from '../../support/problems.js'
import { shared, testWithShared } from '../../support/shared.js'

const size = { width: 3, height: 1 }
const raw = (bytes: number[], channels: 1 | 3 | 4, of = size) =>
  sharp(Buffer.from(bytes), { raw: { ...of, channels } })
    .png()
    .toBuffer()
const row = { width: 4, height: 1 }
const plain = (of = size) => raw(Array(of.width * of.height * 3).fill(90), 3, of)

describe('a black-and-white mask', () => {
  test('has white painted, and grey by half', async () => {
    const { mask, kind } = await interpretMask(await raw([0, 10, 127, 255], 1, row), await plain(row))
    expect([...mask.data]).toEqual([KEEP, KEEP, 127, PAINT])
    expect(kind).toBe('black-and-white')
  })

  test('may have soft edges, and be a JPEG', async () => {
    const picture = await encodePng(landscape(200, 160))
    const soft = await mask(200, 160, '<circle cx="100" cy="80" r="40" fill="white"/>', 'black')
    const blurred = await sharp(soft).blur(3).jpeg({ quality: 70 }).toBuffer()
    const one = await interpretMask(soft, picture)
    const other = await interpretMask(blurred, picture)
    expect(one).toMatchObject({ kind: 'black-and-white', certain: true })
    expect(overlap(one.mask.data, other.mask.data)).toBeGreaterThan(0.95)
  })

  test('that is mostly white is accepted, but needs a confirmation', async () => {
    const drawn = await mask(200, 160, '<rect width="50" height="160" fill="black"/>', 'white')
    const understood = await interpretMask(drawn, await encodePng(landscape(200, 160)))
    expect(understood).toMatchObject({ kind: 'black-and-white', certain: false, share: 0.75 })
  })

  test.each([
    [300, 240],
    [100, 80],
    [202, 160],
  ])('of %d×%d is scaled to 200×160', async (width, height) => {
    const drawn = await mask(width, height, `<rect width="${width / 2}" height="${height}" fill="white"/>`, 'black')
    const { mask: scaled, scaled: was, share } = await interpretMask(drawn, await encodePng(landscape(200, 160)))
    expect([scaled.width, scaled.height, was]).toEqual([200, 160, true])
    expect(share).toBeCloseTo(0.5, 1)
  })

  test('of another shape is declined, with both sizes', async () => {
    const drawn = await mask(200, 100, '<rect width="20" height="20" fill="white"/>', 'black')
    expect(await problemIn(interpretMask(drawn, await encodePng(landscape(200, 160))))).toEqual({
      code: 'mask-size-differs',
      mask: '200×100',
      picture: '200×160',
    })
  })

  test.each([
    ['mask-empty', '#000', ''],
    ['mask-full', '#fff', ''],
    ['mask-low-contrast', '#000', '<rect width="90" height="90" fill="#282828"/>'],
  ])('is declined as %s', async (code, ground, shapes) => {
    const drawn = await mask(200, 160, shapes, ground)
    expect((await problemIn(interpretMask(drawn, await encodePng(landscape(200, 160)))))?.code).toBe(code)
  })
})

describe('a transparent mask', () => {
  test('has its transparent pixels painted, and not its white ones', async () => {
    const bytes = [255, 255, 255, 255, 9, 9, 9, 0, 255, 255, 255, 255]
    const { mask, kind } = await interpretMask(await raw(bytes, 4), await plain())
    expect([...mask.data]).toEqual([KEEP, PAINT, KEEP])
    expect(kind).toBe('transparent')
  })

  test('does not count what is transparent in the picture, too', async () => {
    const picture = await raw([9, 9, 9, 0, 9, 9, 9, 255, 9, 9, 9, 255], 4)
    const drawn = await raw([9, 9, 9, 0, 9, 9, 9, 0, 9, 9, 9, 255], 4)
    expect([...(await interpretMask(drawn, picture)).mask.data]).toEqual([KEEP, PAINT, KEEP])
  })

  test('that lost its alpha channel is declined as empty', async () => {
    const picture = await encodePng(landscape(200, 160))
    const stripped = await sharp(picture).removeAlpha().jpeg({ quality: 85 }).toBuffer()
    expect((await problemIn(interpretMask(stripped, picture)))?.code).toBe('mask-empty')
  })
})

test('a different picture is not a mask', async () => {
  const picture = await encodePng(landscape(200, 160))
  const other = await sharp(picture).rotate(180).tint('#40c060').toBuffer()
  expect((await problemIn(interpretMask(other, picture)))?.code).toBe('mask-not-recognized')
})

/** What people draw, in a picture of 100×100 that is stretched over the photo, and what they mean by it. */
const DRAWINGS: Record<string, { stroke: string; meant: string }> = {
  'a scribble in red': {
    stroke:
      '<path d="M30 30 L60 35 L32 42 L62 47 L34 54 L64 60 L36 66" stroke="#ff2020" stroke-width="9" fill="none"/>',
    meant: '<path d="M30 30 L60 35 L32 42 L62 47 L34 54 L64 60 L36 66" stroke="#fff" stroke-width="9" fill="none"/>',
  },
  'a lasso in green': {
    stroke: '<ellipse cx="52" cy="55" rx="22" ry="25" stroke="#20e040" stroke-width="2.5" fill="none"/>',
    meant: '<ellipse cx="52" cy="55" rx="23.2" ry="26.2" fill="#fff"/>',
  },
  'a lasso in blue that is not quite closed': {
    stroke: '<path d="M50 30 A22 24 0 1 1 48.6 30.1" stroke="#2050ff" stroke-width="2.5" fill="none"/>',
    meant: '<ellipse cx="50" cy="54" rx="23.2" ry="25.2" fill="#fff"/>',
  },
  'a black marker': {
    stroke: '<rect x="20" y="55" width="34" height="22" fill="#000"/>',
    meant: '<rect x="20" y="55" width="34" height="22" fill="#fff"/>',
  },
  'a white marker': {
    stroke: '<rect x="40" y="20" width="30" height="34" fill="#fff"/>',
    meant: '<rect x="40" y="20" width="30" height="34" fill="#fff"/>',
  },
  'a half-transparent highlighter': {
    stroke: '<rect x="25" y="30" width="40" height="30" fill="#ff30ff" fill-opacity="0.5"/>',
    meant: '<rect x="25" y="30" width="40" height="30" fill="#fff"/>',
  },
}

/** What phones and chat programs do to a picture that passes through them. */
const TRIPS: Record<string, (file: Buffer, width: number) => Promise<Buffer>> = {
  'as PNG': async file => file,
  'as JPEG 90': file => sharp(file).jpeg({ quality: 90 }).toBuffer(),
  'as JPEG 60': file => sharp(file).jpeg({ quality: 60, chromaSubsampling: '4:2:0' }).toBuffer(),
  'at half the size': (file, width) =>
    sharp(file)
      .resize({ width: Math.round(width / 2) })
      .jpeg({ quality: 85 })
      .toBuffer(),
  'at 1.5 times the size': (file, width) =>
    sharp(file)
      .resize({ width: Math.round(width * 1.5) })
      .jpeg({ quality: 80 })
      .toBuffer(),
  'with another colour profile, dropped': async file => {
    const p3 = await sharp(file).withIccProfile('p3').toBuffer()
    // The numbers stay, the profile that they were for goes.
    const { data, info } = await sharp(p3, { ignoreIcc: true })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    return sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
      .jpeg({ quality: 85 })
      .toBuffer()
  },
}

const PHOTOS = ['chelsea.png', 'night.png']

describe('a copy of the picture that was drawn over', () => {
  for (const [index, photo] of PHOTOS.entries()) {
    testWithShared(
      'photos',
      `${photo}: drawings are found, and nothing else, whatever the copy went through`,
      async () => {
        const picture = await sharp(await readFile(shared(`photos/${photo}`)))
          .resize(400, 400, { fit: 'inside' })
          .png()
          .toBuffer()
        const { width, height } = await sharp(picture).metadata()
        const svg = (shapes: string) =>
          Buffer.from(
            `<svg width="${width}" height="${height}" viewBox="0 0 100 100" preserveAspectRatio="none" xmlns="http://www.w3.org/2000/svg">${shapes}</svg>`,
          )
        const drawings = Object.entries(DRAWINGS)
          .filter(([name]) => photo !== 'night.png' || name !== 'a black marker') // black on black can't be seen
          .map(async ([name, { stroke, meant }]) => ({
            name,
            drawn: await sharp(picture)
              .composite([{ input: svg(stroke) }])
              .png()
              .toBuffer(),
            truth: await sharp(svg(meant)).flatten({ background: '#000' }).greyscale().raw().toBuffer(),
          }))
        const low: string[] = []
        const trips = Object.entries(TRIPS)
        for (const [number, [trip, travel]] of trips.entries()) {
          const unmarked = await travel(picture, width)
          expect((await problemIn(interpretMask(unmarked, picture)))?.code, `unmarked, ${trip}`).toBe('mask-empty')
          for (const [at, { name, drawn, truth }] of (await Promise.all(drawings)).entries()) {
            // Of each photo two trips of each drawing: the five photos have every drawing on every trip.
            if ((number + at + index) % trips.length > 1) continue
            const understood = await interpretMask(await travel(drawn, width), picture)
            expect(understood.kind, `${name}, ${trip}`).toBe('marked')
            const score = overlap(understood.mask.data, truth)
            if (score < 0.75) low.push(`${name}, ${trip}: ${score.toFixed(2)}`)
          }
        }
        expect(low).toEqual([])
      },
    )
  }

  testWithShared('photos', 'a black-and-white photo is a picture, not a mask', async () => {
    const picture = await sharp(await readFile(shared('photos/chelsea.png')))
      .resize(400)
      .greyscale()
      .threshold(120)
      .png()
      .toBuffer()
    expect((await problemIn(interpretMask(picture, picture)))?.code).toBe('mask-empty')
  })

  testWithShared('photos', 'strokes that are hardly visible have too low a contrast', async () => {
    const picture = await sharp(await readFile(shared('photos/coffee.png')))
      .resize(500)
      .png()
      .toBuffer()
    const { width, height } = await sharp(picture).metadata()
    const stroke = Buffer.from(
      `<svg width="${width}" height="${height}"><rect x="100" y="60" width="260" height="180" fill="#ff0000" fill-opacity="0.11"/></svg>`,
    )
    const drawn = await sharp(picture)
      .composite([{ input: stroke }])
      .png()
      .toBuffer()
    expect((await problemIn(interpretMask(drawn, picture)))?.code).toBe('mask-low-contrast')
  })

  testWithShared('masks', 'a published mask of a published photo is interpreted as its authors meant it', async () => {
    const [picture, drawn] = await Promise.all(
      ['masks/dog.png', 'masks/dog_mask.png'].map(path => readFile(shared(path))),
    )
    const { kind, share, certain } = await interpretMask(drawn!, picture!)
    expect({ kind, certain }).toEqual({ kind: 'black-and-white', certain: true })
    expect(share).toBeGreaterThan(0.05)
    expect(share).toBeLessThan(0.5)
  })
})

function mask(width: number, height: number, shapes: string, ground: string): Promise<Buffer> {
  const svg = `<svg width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg"><rect width="100%" height="100%" fill="${ground}"/>${shapes}</svg>`
  return sharp(Buffer.from(svg)).png().toBuffer()
}

/** Intersection over union. */
function overlap(one: Uint8Array, other: Uint8Array): number {
  expect(one.length).toBe(other.length)
  let [both, either] = [0, 0]
  for (let at = 0; at < one.length; at++) {
    const [a, b] = [one[at]! >= 128, other[at]! >= 128]
    if (a && b) both++
    if (a || b) either++
  }
  return both / either
}
