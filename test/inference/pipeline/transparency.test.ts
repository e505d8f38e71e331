import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { createEngineRegistry } from '../../../src/inference/engines/registry.js'
import { encodeMask } from '../../../src/inference/image/mask-file.js'
import { KEEP, PAINT } from '../../../src/inference/image/pixels.js'
import { interpretMask } from '../../../src/inference/mask/interpret.js'
import type { Edit } from '../../../src/inference/pipeline/edit.js'
import type { Engine } from '../../../src/inference/pipeline/engine.js'
import { paint } from '../../../src/inference/pipeline/paint.js'
import { describeEdit } from '../../../src/inference/pipeline/recipe.js'
import { readRecipe } from '../../../src/inference/pipeline/recipe-file.js'
import { resultSize } from '../../../src/inference/pipeline/request.js'
import { problemIn } from '../../support/problems.js'
import { shared, testWithShared } from '../../support/shared.js'

/** What the engine paints: one colour that no test picture has. */
const PAINTED = [17, 201, 93]

const flat: Engine = {
  name: 'flat',
  async paint({ pixels: { width, height, data } }, { seeds }) {
    return seeds.map(() => ({ width, height, data: data.map((_, at) => PAINTED[at % 3]!) }))
  },
  async close() {},
}

const registry = createEngineRegistry({ modelFolder: 'no-models' })
const context = { engines: registry, signal: new AbortController().signal, onProgress: () => {} }

async function rgbaOf(file: Uint8Array) {
  const { data, info } = await sharp(file)
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 4, (y * info.width + x) * 4 + 4)]
  return { data, width: info.width, height: info.height, at }
}

async function painted(edit: Edit, source: Uint8Array, mask?: Uint8Array) {
  const request = { edit, source, ...(mask && { mask }), prompt: '', seeds: [1], engine: 'flat' }
  const { pictures } = await paint(request, flat, context)
  return { ...(await rgbaOf(pictures[0]!.png)), png: pictures[0]!.png }
}

const png = (width: number, height: number, data: readonly number[]) =>
  sharp(Buffer.from(data), { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer()

/** Colour and alpha of a pixel, by its index. */
const colourAt = (at: number) => [(at * 37) & 255, (at * 91) & 255, (at * 151) & 255]
const pictureOf = (width: number, height: number, alpha: (at: number) => number) =>
  png(width, height, Array.from({ length: width * height }, (_, at) => [...colourAt(at), alpha(at)]).flat())

const over = (at: number, alpha: number) =>
  colourAt(at).map((value, channel) => (value * alpha + PAINTED[channel]! * (255 - alpha)) / 255)

function near(actual: readonly number[], expected: readonly number[], tolerance = 1) {
  // One `expect` for each value of a picture takes seconds.
  if (actual.every((value, index) => Math.abs(value - expected[index]!) <= tolerance)) return
  expect.fail(`${actual} instead of ${expected}`)
}

const inpaint = { kind: 'inpaint', area: 'whole', padding: 0, blur: 0 } as const
const NONE = { pixels: 0 } as const
const extend = { kind: 'extend', left: { pixels: 4 }, right: NONE, top: { pixels: 2 }, bottom: NONE } as const

describe('a picture with every level of alpha', () => {
  // 16×16, alpha from 0 to 255; the last row is opaque.
  const alphaAt = (at: number) => (at >= 240 ? 255 : at)
  const source = () => pictureOf(16, 16, alphaAt)

  test.each<Edit>([extend, { kind: 'fit', width: 1, height: 1 }, { kind: 'square' }, inpaint])(
    'filled by $kind: the picture covers as much of the painted ground as its alpha says',
    async edit => {
      const result = await painted(edit, await source())
      const [left, top] = edit.kind === 'extend' ? [4, 2] : [0, 0]
      for (let at = 0; at < 256; at++) {
        const [x, y] = [at % 16, Math.floor(at / 16)]
        const pixel = result.at(x + left, y + top)
        // Engines continue what is nearly opaque; it hides the ground.
        near(pixel.slice(0, 3), alphaAt(at) >= 240 ? colourAt(at) : over(at, alphaAt(at)))
        expect(pixel[3]).toBe(255)
      }
    },
  )

  test.each<Exclude<Edit, { kind: 'imagine' | 'upscale' }>>([
    extend,
    inpaint,
    { kind: 'remove' },
    { kind: 'zoom', factor: 1.5, grow: true },
  ])('kept by $kind: alpha stays to the last bit, and so do the colours that are not masked', async edit => {
    const needsMask = edit.kind === 'inpaint' || edit.kind === 'remove'
    const data = Uint8Array.from({ length: 256 }, (_, at) => (at % 16 < 5 ? PAINT : KEEP))
    const mask = needsMask ? await encodeMask({ width: 16, height: 16, data }) : undefined
    const result = await painted({ ...edit, keepAlpha: true }, await source(), mask)
    const [left, top] = edit.kind === 'extend' ? [4, 2] : edit.kind === 'zoom' ? [4, 4] : [0, 0]
    for (let at = 0; at < 256; at++) {
      const [x, y] = [at % 16, Math.floor(at / 16)]
      const isPainted = needsMask && x < 5 && alphaAt(at) > 0
      expect(result.at(x + left, y + top)).toEqual([...(isPainted ? PAINTED : colourAt(at)), alphaAt(at)])
    }
    expect(readRecipe(result.png)?.edit).toMatchObject({ kind: edit.kind, keepAlpha: true })
  })

  test('a mask paints what it marks and nothing else', async () => {
    const data = Uint8Array.from({ length: 256 }, (_, at) => (at % 16 >= 3 && at % 16 < 9 ? PAINT : KEEP))
    const mask = await encodeMask({ width: 16, height: 16, data })
    for (const edit of [inpaint, { ...inpaint, area: 'masked' as const }, { kind: 'remove' as const }]) {
      const result = await painted(edit, await source(), mask)
      for (let at = 0; at < 256; at++) {
        const expected = data[at] === PAINT ? [...PAINTED, 255] : [...colourAt(at), alphaAt(at)]
        expect(result.at(at % 16, Math.floor(at / 16))).toEqual(expected)
      }
    }
  })

  test('a soft mask leaves as much of the picture as it says, and the ground as transparent', async () => {
    const mask = await encodeMask({ width: 16, height: 16, data: new Uint8Array(256).fill(102, 0, 250) })
    const result = await painted(inpaint, await source(), mask)
    for (let at = 0; at < 250; at++) {
      const cover = Math.min(alphaAt(at) / 255, 0.6)
      const alpha = 0.4 + cover
      const pixel = result.at(at % 16, Math.floor(at / 16))
      near([pixel[3]!], [alpha * 255])
      near(
        pixel.slice(0, 3),
        colourAt(at).map((value, channel) => (value * cover + PAINTED[channel]! * 0.4) / alpha),
      )
    }
  })
})

test('any alpha, any hard mask: what is not marked stays, byte for byte', async () => {
  const side = fc.integer({ min: 1, max: 12 })
  const anyAlpha = fc.oneof(fc.constantFrom(0, 255), fc.integer({ min: 0, max: 255 }))
  const cases = fc.record({ width: side, height: side }).chain(({ width, height }) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      alpha: fc.array(anyAlpha, { minLength: width * height, maxLength: width * height }),
      mask: fc.array(fc.boolean(), { minLength: width * height, maxLength: width * height }),
      keepAlpha: fc.constantFrom(undefined, true as const),
    }),
  )
  await fc.assert(
    fc.asyncProperty(cases, async ({ width, height, alpha, mask, keepAlpha }) => {
      // Something has to be marked, and something opaque has to be left.
      fc.pre(mask.some(isMarked => isMarked) && alpha.some((value, at) => value === 255 && !mask[at]))
      const source = await pictureOf(width, height, at => alpha[at]!)
      const file = await encodeMask({
        width,
        height,
        data: Uint8Array.from(mask, isMarked => (isMarked ? PAINT : KEEP)),
      })
      const result = await painted({ ...inpaint, ...(keepAlpha && { keepAlpha }) }, source, file)
      for (const [at, isMarked] of mask.entries()) {
        const pixel = result.at(at % width, Math.floor(at / width))
        const isHidden = keepAlpha && alpha[at] === 0
        if (isMarked && !isHidden) expect(pixel).toEqual([...PAINTED, keepAlpha ? alpha[at] : 255])
        else expect(pixel).toEqual([...colourAt(at), alpha[at]])
      }
    }),
    { numRuns: 60 },
  )
})

describe('only the holes are filled', () => {
  const holes = () => pictureOf(8, 8, at => (at === 9 || at === 10 ? 0 : 255))

  test('by inpainting without a mask, which needs holes', async () => {
    const result = await painted(inpaint, await holes())
    for (let at = 0; at < 64; at++) {
      const expected = at === 9 || at === 10 ? PAINTED : colourAt(at)
      expect(result.at(at % 8, Math.floor(at / 8))).toEqual([...expected, 255])
    }
    const whole = await pictureOf(8, 8, () => 255)
    expect(await problemIn(painted(inpaint, whole))).toEqual({ code: 'holes-missing' })
    expect(await problemIn(painted({ ...inpaint, keepAlpha: true }, await holes()))).toEqual({ code: 'mask-missing' })
    expect(await problemIn(painted({ kind: 'remove' }, await holes()))).toEqual({ code: 'mask-missing' })
  })

  test('by square and fit, of a picture that already has the shape', async () => {
    expect(await resultSize({ kind: 'square' }, await holes())).toEqual({ width: 8, height: 8 })
    expect((await painted({ kind: 'square' }, await holes())).at(1, 1)).toEqual([...PAINTED, 255])
    const nothing = { code: 'fit-changes-nothing', width: 8, height: 8 }
    expect(await problemIn(painted({ kind: 'square', keepAlpha: true }, await holes()))).toEqual(nothing)
    expect(await problemIn(painted({ kind: 'square' }, await pictureOf(8, 8, () => 255)))).toEqual(nothing)
    // It has an alpha channel, but no holes.
    expect(await problemIn(painted({ kind: 'square' }, await pictureOf(8, 8, () => 250)))).toEqual(nothing)
  })
})

test('a picture that is translucent as a whole is a picture: nothing of it is painted over', async () => {
  const { at } = await painted(extend, await pictureOf(8, 8, () => 120))
  expect(at(4, 2)).toEqual([...colourAt(0), 255])
  expect(at(0, 0)).toEqual([...PAINTED, 255])
})

test('a picture that is transparent as a whole is refused', async () => {
  expect(await problemIn(painted(extend, await pictureOf(4, 4, () => 0)))).toEqual({ code: 'picture-transparent' })
})

test('with transparency kept, the new part continues that of the edge', async () => {
  // Transparent on the left, opaque on the right.
  const source = await pictureOf(8, 8, at => (at % 8 < 4 ? 0 : 255))
  const sides = { ...extend, right: { pixels: 3 }, top: NONE, keepAlpha: true } as const
  const { at, width } = await painted(sides, source)
  expect([at(0, 3)[3], at(3, 3)[3], at(width - 1, 3)]).toEqual([0, 0, [...PAINTED, 255]])
  const sticker = await pictureOf(8, 6, index => (index === 27 ? 255 : 0))
  expect(
    (await painted({ kind: 'square', keepAlpha: true }, sticker)).data.filter((_, i) => i % 4 === 3 && _ > 0),
  ).toHaveLength(1)
})

test('with transparency kept, what only touches the frame ends there', async () => {
  const side = 96
  const inside = {
    disc: (x: number, y: number) => Math.hypot(x - 47.5, y - 47.5) <= 48,
    'rounded square': (x: number, y: number) =>
      Math.hypot(Math.max(0, Math.abs(x - 47.5) - 36), Math.max(0, Math.abs(y - 47.5) - 36)) <= 12,
    // Cut off below, as a bust is.
    bust: (x: number, y: number) => y >= 20 && Math.abs(x - 47.5) <= 8 + y * 0.3,
    // A photo with a hole goes on everywhere.
    hole: (x: number, y: number) => Math.hypot(x - 47.5, y - 47.5) > 30,
  }
  const opaque = async (name: keyof typeof inside) => {
    const isIn = inside[name]
    const source = await pictureOf(side, side, at => (isIn(at % side, Math.floor(at / side)) ? 255 : 0))
    const result = await painted({ kind: 'zoom', factor: 1.5, grow: true, keepAlpha: true }, source)
    return [...Array(144 * 144).keys()]
      .map(at => ({ x: (at % 144) - 24, y: Math.floor(at / 144) - 24 }))
      .filter(({ x, y }) => result.at(x + 24, y + 24)[3] === 255)
      .filter(({ x, y }) => x < 0 || y < 0 || x >= side || y >= side)
  }
  expect(await opaque('disc')).toEqual([])
  expect(await opaque('rounded square')).toEqual([])
  const below = await opaque('bust')
  expect(below.length).toBeGreaterThan(24 * 70)
  expect(below.every(({ x, y }) => y >= side && inside.bust(x, side - 1))).toBe(true)
  expect(await opaque('hole')).toHaveLength(144 * 144 - side * side)
})

test('a smaller picture has no fringe: what is transparent gives no colour', async () => {
  // A white disc on transparent black.
  const disc = Array.from({ length: 64 * 64 }, (_, at) => Math.hypot((at % 64) - 32, Math.floor(at / 64) - 32) < 24)
  const source = await png(
    64,
    64,
    disc.flatMap(isInside => (isInside ? [255, 255, 255, 255] : [0, 0, 0, 0])),
  )
  const { data } = await painted({ kind: 'zoom', factor: 2, grow: false }, source)
  // Every pixel is between white and the paint.
  for (let at = 0; at < data.length; at += 4) {
    expect(data[at]!).toBeGreaterThanOrEqual(PAINTED[0]! - 1)
    expect(data[at + 2]!).toBeGreaterThanOrEqual(PAINTED[2]! - 1)
  }
})

describe('transparency is read from', () => {
  const rgba = () => pictureOf(8, 8, at => (at < 16 ? 0 : 255))
  const grey = [[60, 0], [120, 128], [180, 255], [240, 255]].flat() // biome-ignore format: pairs

  test.each<[string, () => Promise<Uint8Array>, number]>([
    [
      'a PNG with a palette',
      async () =>
        sharp(await rgba())
          .png({ palette: true, dither: 0 })
          .toBuffer(),
      0,
    ],
    [
      'a WebP',
      async () =>
        sharp(await rgba())
          .webp({ lossless: true, exact: true })
          .toBuffer(),
      0,
    ],
    [
      'an AVIF',
      async () =>
        sharp(await rgba())
          .avif({ lossless: true })
          .toBuffer(),
      0,
    ],
    [
      'a GIF',
      async () =>
        sharp(await rgba())
          .gif()
          .toBuffer(),
      0,
    ],
    [
      'a TIFF',
      async () =>
        sharp(await rgba())
          .tiff({ compression: 'lzw' })
          .toBuffer(),
      0,
    ],
    [
      '16 bits',
      async () =>
        sharp(await rgba())
          .toColourspace('rgb16')
          .png()
          .toBuffer(),
      0,
    ],
  ])('%s', async (_, make) => {
    const { at } = await painted(inpaint, await make())
    expect(at(3, 1)).toEqual([...PAINTED, 255])
    near(at(3, 2), [...colourAt(19), 255], 12)
  })

  test('grey with alpha, of 8 and 16 bits', async () => {
    const eight = await sharp(Buffer.from(grey), { raw: { width: 4, height: 1, channels: 2 } })
      .toColourspace('b-w')
      .png()
      .toBuffer()
    const sixteen = await sharp(
      Uint16Array.from(grey, value => value * 257),
      { raw: { width: 4, height: 1, channels: 2 } },
    )
      .toColourspace('grey16')
      .png()
      .toBuffer()
    expect((await sharp(sixteen).metadata()).depth).toBe('ushort')
    for (const file of [eight, sixteen]) {
      const { at } = await painted(inpaint, file)
      near(at(0, 0), [...PAINTED, 255])
      near(at(1, 0), [...PAINTED.map(value => (value * 127 + 120 * 128) / 255), 255], 2)
      near(at(2, 0), [180, 180, 180, 255])
    }
  })
})

test('the recipe says that transparency was kept', () => {
  expect(describeEdit({ kind: 'square', keepAlpha: true })).toBe('make square keeping alpha')
})

describe('stickers and avatars', () => {
  const folder = 'cases/see-through-picture'
  const file = (name: string) => readFile(shared(`${folder}/${name}`))

  testWithShared(folder, 'a soft shadow stays soft on the new ground', async () => {
    const before = await rgbaOf(await file('sticker.png'))
    const edit = { ...extend, left: { pixels: 40 }, top: NONE }
    const { at } = await painted(edit, await file('sticker.png'))
    let shadows = 0
    for (let y = 0; y < before.height; y++) {
      for (let x = 0; x < before.width; x++) {
        const [red, green, blue, alpha] = before.at(x, y) as [number, number, number, number]
        if (alpha >= 240 && alpha < 255) continue
        if (alpha > 0 && alpha < 240) shadows++
        const expected = [red, green, blue].map(
          (value, channel) => (value * alpha + PAINTED[channel]! * (255 - alpha)) / 255,
        )
        near(at(x + 40, y), [...expected, 255])
      }
    }
    expect(shadows).toBeGreaterThan(10_000)
  })

  testWithShared(folder, 'a mask on a sticker leaves its ground transparent', async () => {
    const source = await file('sticker.png')
    const mask = (await interpretMask(await file('sticker-mask.png'), source)).mask
    const [before, after] = [await rgbaOf(source), await painted({ kind: 'remove' }, source, await encodeMask(mask))]
    for (let at = 0; at < mask.data.length; at++) {
      const pixel = after.data.subarray(at * 4, at * 4 + 4)
      const expected =
        mask.data[at] === KEEP ? before.data.subarray(at * 4, at * 4 + 4) : Uint8Array.of(...PAINTED, 255)
      if (Buffer.compare(pixel, expected) !== 0) expect.fail(`pixel ${at} is ${[...pixel]} instead of ${[...expected]}`)
    }
    expect(after.data.filter((value, at) => at % 4 === 3 && value === 0).length).toBeGreaterThan(15_000)
  })

  testWithShared(folder, 'the corners of a round avatar are filled, by square, fit and inpainting', async () => {
    const source = await file('avatar-round.png')
    const before = await rgbaOf(source)
    for (const edit of [{ kind: 'square' }, { kind: 'fit', width: 1, height: 1 }, inpaint] as const) {
      const after = await painted(edit, source)
      for (let at = 0; at < before.data.length; at += 4) {
        const expected = before.data[at + 3] === 0 ? PAINTED : [...before.data.subarray(at, at + 3)]
        if (Buffer.compare(after.data.subarray(at, at + 4), Buffer.from([...expected, 255])) !== 0) {
          expect.fail(`${edit.kind}: pixel ${at / 4} is ${[...after.data.subarray(at, at + 4)]}`)
        }
      }
    }
  })

  testWithShared(folder, 'a picture that is also its mask has its holes filled', async () => {
    const source = await file('erased.png')
    const mask = await encodeMask((await interpretMask(source, source)).mask)
    expect((await painted(inpaint, source, mask)).data).toEqual((await painted(inpaint, source)).data)
  })
})
