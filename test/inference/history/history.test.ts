import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { openEngine } from '../../../src/inference/engines/open.js'
import { createEngineRegistry } from '../../../src/inference/engines/registry.js'
import { planRefill, traceHistory } from '../../../src/inference/history/plan.js'
import { type EarlierPicture, historyStages, placeStages } from '../../../src/inference/history/stages.js'
import { readPicture } from '../../../src/inference/image/decode.js'
import type { Extent, SizeLimit } from '../../../src/inference/image/geometry.js'
import { encodeMask } from '../../../src/inference/image/mask-file.js'
import { cropPixels, filledMask, KEEP, PAINT, type Pixels } from '../../../src/inference/image/pixels.js'
import { encodePng } from '../../../src/inference/image/png.js'
import { stripMetadata } from '../../../src/inference/image/strip-metadata.js'
import type { Edit } from '../../../src/inference/pipeline/edit.js'
import { paint } from '../../../src/inference/pipeline/paint.js'
import { fingerprint, type Recipe } from '../../../src/inference/pipeline/recipe.js'
import { readRecipe } from '../../../src/inference/pipeline/recipe-file.js'
import { problemIn } from '../../support/problems.js'

const engines = createEngineRegistry({ modelFolder: '' })
const LIMIT: SizeLimit = { megapixels: 50, side: 16384 }

/** Every picture and mask of a history, by fingerprint, as files and messages have them. */
type Shelf = Map<string, Uint8Array>

async function painted(
  edit: Edit,
  source: Uint8Array,
  name: string,
  more: { mask?: Uint8Array; earlier?: readonly EarlierPicture[] } = {},
) {
  const engine = openEngine(name, engines)
  const context = { engines, signal: new AbortController().signal, onProgress: () => {} }
  const { pictures } = await paint(
    { edit, source, prompt: '', seeds: [7], engine: name, ...more },
    engine,
    context,
  ).finally(() => engine.close())
  return pictures[0]!
}

/** Noise: each pixel is unlike its neighbours. */
function noise({ width, height }: Extent, seed = 1): Pixels {
  let state = seed
  const data = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return state >>> 24
  })
  return { width, height, data }
}

/** A photo-like picture: smooth colours under fine texture. */
function textured({ width, height }: Extent): Pixels {
  const grain = noise({ width, height }, 5)
  const data = grain.data.map((value, at) => {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)]
    return 110 + 60 * Math.sin(x / 23 + (at % 3)) + 30 * Math.cos(y / 17) + (value - 128) / 5
  })
  return { width, height, data }
}

/** A chain of edits of a picture, each with the engine that needs no model. */
async function chain(first: Pixels, edits: readonly { edit: Edit; mask?: Uint8Array }[]) {
  const pictures: Uint8Array[] = [await encodePng(first)]
  const shelf: Shelf = new Map()
  const put = (file: Uint8Array) => shelf.set(fingerprint(stripMetadata(file)), file)
  put(pictures[0]!)
  for (const { edit, mask } of edits) {
    pictures.push((await painted(edit, pictures.at(-1)!, 'fill:pde', mask && { mask })).png)
    put(pictures.at(-1)!)
    if (mask) shelf.set(fingerprint(mask), mask)
  }
  return { pictures, last: pictures.at(-1)!, shelf }
}

const finder = (shelf: Shelf) => async (recipe: Recipe) => {
  const picture = shelf.get(recipe.source)
  return picture && { picture, mask: recipe.mask === undefined ? undefined : shelf.get(recipe.mask) }
}

async function refilled(
  last: Uint8Array,
  shelf: Shelf,
  options: { limit?: SizeLimit; scale?: number; engine?: string } = {},
) {
  const { limit = LIMIT, engine = 'lanczos' } = options
  const found = await traceHistory(last, finder(shelf), limit)
  const { edit, earlier } = planRefill(last, found, limit, options.scale)
  const result = await painted(edit, last, engine, { earlier })
  return { ...result, history: edit.history, pixels: (await readPicture(result.png)).pixels }
}

const ZOOM_2 = { edit: { kind: 'zoom', factor: 2, grow: false } } as const
const ZOOM_15 = { edit: { kind: 'zoom', factor: 1.5, grow: false } } as const
const none = { pixels: 0 }

/** Where a picture is in a larger one, byte for byte. */
function placeOf(inner: Pixels, outer: Pixels): Extent & { x: number; y: number } {
  const row = Buffer.from(inner.data.subarray(0, inner.width * 3))
  const all = Buffer.from(outer.data)
  for (let from = all.indexOf(row); from >= 0; from = all.indexOf(row, from + 1)) {
    if (from % 3 !== 0) continue
    const [x, y] = [(from / 3) % outer.width, Math.floor(from / 3 / outer.width)]
    if (x + inner.width > outer.width || y + inner.height > outer.height) continue
    const box = { x, y, width: inner.width, height: inner.height }
    if (Buffer.compare(Buffer.from(cropPixels(outer, box).data), Buffer.from(inner.data)) === 0) return box
  }
  throw new Error('not found')
}

describe('upscaling from history', () => {
  test.each([
    [{ width: 64, height: 48 }, 1],
    [{ width: 64, height: 48 }, 3],
    // 90 / 2 is odd: the old picture is not quite in the middle.
    [{ width: 90, height: 62 }, 2],
  ])('after zooms by 2 the first picture of %o is there byte for byte (%i)', async (size, count) => {
    const first = noise(size)
    const { last, shelf } = await chain(
      first,
      Array.from({ length: count }, () => ZOOM_2),
    )
    const { pixels, png, history, recipe } = await refilled(last, shelf)
    expect(history).toMatchObject({ pictures: count, end: 'first' })
    expect(Math.abs(pixels.width - size.width * 2 ** count)).toBeLessThan(3 ** count)
    const { x } = placeOf(first, pixels)
    expect(Math.abs(x + size.width / 2 - pixels.width / 2)).toBeLessThan(2 ** (count + 1))
    expect(recipe.edit).toMatchObject({ kind: 'upscale', history })
    expect(readRecipe(png)?.edit).toEqual(recipe.edit)
  })

  test('pictures in between are there too, at their places', async () => {
    const { pictures, last, shelf } = await chain(textured({ width: 64, height: 64 }), [ZOOM_2, ZOOM_2])
    const { pixels } = await refilled(last, shelf)
    // The middle picture is shown at twice its size: a half of it is the first one, the rest is seen around that.
    const reduced = await sharp(pixels.data, { raw: { ...extent(pixels), channels: 3 } })
      .extract({ left: 64, top: 64, width: 128, height: 128 })
      .resize(64, 64, { kernel: 'lanczos3' })
      .raw()
      .toBuffer()
    const { pixels: middle } = await readPicture(pictures[1]!)
    expect(meanDifference(reduced, middle.data)).toBeLessThan(4)
  })

  test('other factors: the first picture is exact, the others are resampled once', async () => {
    const first = textured({ width: 80, height: 52 })
    const { pictures, last, shelf } = await chain(first, [ZOOM_15, ZOOM_15])
    const { pixels } = await refilled(last, shelf)
    const box = placeOf(first, pixels)
    expect(Math.abs(box.x + 40 - pixels.width / 2)).toBeLessThan(3)
    // The second picture is 1.5 times as large as it was; its place follows from that of the first.
    const middle = (await readPicture(pictures[1]!)).pixels
    const [sx, sy] = [80 / 53, 52 / 35]
    const place = {
      left: Math.round(box.x - 13 * sx),
      top: Math.round(box.y - 8 * sy),
      width: Math.round(80 * sx),
      height: Math.round(52 * sy),
    }
    const reduced = await sharp(pixels.data, { raw: { ...extent(pixels), channels: 3 } })
      .extract(place)
      .resize(80, 52)
      .raw()
      .toBuffer()
    expect(meanDifference(reduced, middle.data)).toBeLessThan(6)
  })

  test('is geometry through every edit that keeps the pixels', async () => {
    const first = noise({ width: 48, height: 40 })
    const extend = { kind: 'extend', left: { pixels: 16 }, right: none, top: { percent: 20 }, bottom: none } as const
    const fit = { kind: 'fit', width: 60, height: 60, exact: true } as const
    const { last, shelf } = await chain(first, [
      ZOOM_2,
      { edit: extend },
      { edit: { kind: 'square' } },
      ZOOM_2,
      { edit: { kind: 'zoom', factor: 1.2, grow: true } },
      { edit: { kind: 'fit', width: 16, height: 9 } },
    ])
    placeOf(first, (await refilled(last, shelf)).pixels)
    // A frame that cuts off a side of the picture: the part that is painted there later stays.
    const place = { kind: 'place', width: 48, height: 40, at: { x: -12, y: 0 }, scale: 0.5 } as const
    const cut = await chain(first, [{ edit: place }, ZOOM_2])
    const { pixels } = await refilled(cut.last, cut.shelf)
    expect(extent(pixels)).toEqual({ width: 192, height: 160 })
    placeOf(cropPixels(first, { x: 24, y: 0, width: 24, height: 40 }), pixels)
    expect(() => placeOf(first, pixels)).toThrow('not found')
    // An exact fit that enlarges adds no detail, and takes none away.
    const fitted = await chain(first, [ZOOM_2, { edit: fit }])
    placeOf(first, (await refilled(fitted.last, fitted.shelf)).pixels)
  })

  test('what was repainted later stays repainted; everything else is exact', async () => {
    const first = noise({ width: 64, height: 64 })
    const hole = filledMask({ width: 64, height: 64 }, KEEP)
    for (let y = 24; y < 36; y++) hole.data.fill(PAINT, y * 64 + 24, y * 64 + 36)
    const mask = await encodeMask(hole)
    for (const edit of [{ kind: 'remove' }, { kind: 'inpaint', area: 'whole', padding: 32, blur: 0 }] as const) {
      const { last, shelf } = await chain(first, [ZOOM_2, { edit, mask }, ZOOM_2])
      const expectKept = async (found: Shelf, tolerance: number) => {
        const { pixels } = await refilled(last, found)
        // The hole is 24 to 36 on the second picture, whose middle is the first picture at half its size from 16 on.
        let [wrong, same] = [0, 0]
        for (let y = 0; y < 64; y++) {
          for (let x = 0; x < 64; x++) {
            const isHole = x >= 16 && x < 40 && y >= 16 && y < 40
            const from = (y * 64 + x) * 3
            const to = ((96 + y) * 256 + 96 + x) * 3
            const isSame = [0, 1, 2].every(channel => first.data[from + channel] === pixels.data[to + channel])
            if (isHole && isSame) same++
            if (!isHole && !isSame) wrong++
          }
        }
        expect(same).toBeLessThan(6)
        expect(wrong).toBeLessThanOrEqual(tolerance)
      }
      await expectKept(shelf, 0)
      // Without its mask's file the repainted part is found by comparing the pictures.
      const lacking = new Map(shelf)
      lacking.delete(fingerprint(mask))
      await expectKept(lacking, 64)
    }
  })

  test('a picture that is missing ends it, and the answer says so', async () => {
    const { pictures, last, shelf } = await chain(noise({ width: 32, height: 32 }), [ZOOM_2, ZOOM_2, ZOOM_2])
    shelf.delete(fingerprint(stripMetadata(pictures[1]!)))
    const { pixels, history } = await refilled(last, shelf)
    expect(history).toEqual({ width: 64, height: 64, pictures: 1, end: 'missing' })
    placeOf((await readPicture(pictures[2]!)).pixels, pixels)
    shelf.delete(fingerprint(stripMetadata(pictures[2]!)))
    expect(await problemIn(refilled(last, shelf))).toEqual({ code: 'history-missing', isGone: true })
    expect(await problemIn(refilled(pictures[0]!, shelf))).toEqual({ code: 'history-missing', isGone: false })
    const edit = { kind: 'upscale', scale: 2, history } as const
    expect(await problemIn(painted(edit, last, 'lanczos'))).toEqual({ code: 'history-missing', isGone: true })
  })

  test('a result has the size that is asked for, and at most the limit', async () => {
    const { last, shelf } = await chain(noise({ width: 40, height: 40 }), [ZOOM_2, ZOOM_2, ZOOM_2])
    expect((await refilled(last, shelf, { scale: 2 })).history).toEqual({
      width: 80,
      height: 80,
      pictures: 1,
      end: 'limit',
    })
    const limited = await refilled(last, shelf, { limit: { megapixels: 0.03, side: 1000 } })
    expect(limited.history).toEqual({ width: 160, height: 160, pictures: 2, end: 'limit' })
    expect(await problemIn(refilled(last, shelf, { limit: { megapixels: 0.005, side: 1000 } }))).toMatchObject({
      code: 'upscale-too-large',
      limit: 0.005,
    })
  })

  test('a transparent picture keeps its alpha around what is put back', async () => {
    const first = noise({ width: 32, height: 32 })
    const data = Buffer.alloc(64 * 64 * 4, 0)
    const sticker = await sharp(data, { raw: { width: 64, height: 64, channels: 4 } })
      .composite([{ input: Buffer.from(await encodePng(first)), left: 16, top: 16 }])
      .png()
      .toBuffer()
    const shelf: Shelf = new Map([[fingerprint(stripMetadata(sticker)), sticker]])
    const { png } = await painted({ ...ZOOM_2.edit, keepAlpha: true }, sticker, 'fill:pde')
    const result = await refilled(png, shelf)
    const { pixels, alpha } = await readPicture(result.png)
    placeOf(first, pixels)
    expect([alpha?.data[0], alpha?.data[64 * 128 + 64]]).toEqual([0, 255])
  })
})

test('a forged recipe leads nowhere', async () => {
  const { last, pictures } = await chain(noise({ width: 32, height: 32 }), [ZOOM_2])
  const other = await encodePng(noise({ width: 30, height: 40 }))
  expect(await traceHistory(last, async () => ({ picture: other }))).toEqual({ earlier: [], end: 'missing' })
  const [inner, outer] = placeStages(historyStages(last, [{ picture: pictures[0]! }]))
  expect([inner!.rect, outer!.rect]).toEqual([
    { x: 8, y: 8, width: 16, height: 16 },
    { x: 0, y: 0, width: 32, height: 32 },
  ])
})

function extent({ width, height }: Extent): Extent {
  return { width, height }
}

function meanDifference(one: Uint8Array, other: Uint8Array): number {
  return one.reduce((sum, value, at) => sum + Math.abs(value - other[at]!), 0) / one.length
}
