import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { createEngineRegistry } from '../../../src/inference/engines/registry.js'
import { ANCHORS, anchorBox, clipToFrame, MAX_PICTURE_SIZE } from '../../../src/inference/image/geometry.js'
import { encodePng } from '../../../src/inference/image/png.js'
import type { Edit, PlacePosition } from '../../../src/inference/pipeline/edit.js'
import type { Engine } from '../../../src/inference/pipeline/engine.js'
import { layoutCanvas, sectionOf } from '../../../src/inference/pipeline/layout.js'
import { paint } from '../../../src/inference/pipeline/paint.js'
import { readRecipe } from '../../../src/inference/pipeline/recipe-file.js'
import { landscape } from '../../contracts/engine.js'
import { problemIn, problemOf } from '../../support/problems.js'

const place = (width: number, height: number, at: PlacePosition, scale = 1) =>
  ({ kind: 'place', width, height, at, scale }) as const

describe('a picture of 80×60 in a frame of 200×100', () => {
  const size = { width: 80, height: 60 }

  test('lies where it was put, at its own size', () => {
    const laid = layoutCanvas(place(200, 100, { x: 20, y: 30 }), size)
    expect(laid).toEqual({ size: { width: 200, height: 100 }, old: { x: 20, y: 30, ...size } })
    expect(sectionOf(laid)).toEqual({ size: { x: 20, y: 30, ...size } })
  })

  test('is scaled', () => {
    expect(layoutCanvas(place(200, 100, { x: 1, y: 2 }, 0.5), size).old).toEqual({ x: 1, y: 2, width: 40, height: 30 })
  })

  test('is cut off where it reaches beyond the frame', () => {
    const laid = layoutCanvas(place(200, 100, { x: -30, y: 70 }, 2), size)
    expect(laid.old).toEqual({ x: 0, y: 70, width: 130, height: 30 })
    expect(laid.whole).toEqual({ x: -30, y: 70, width: 160, height: 120 })
    expect(sectionOf(laid)).toMatchObject({
      size: { width: 160, height: 120 },
      crop: { x: 30, y: 0, width: 130, height: 30 },
    })
  })

  test.each([
    ['center', { x: 60, y: 20 }],
    ['top', { x: 60, y: 0 }],
    ['bottom', { x: 60, y: 40 }],
    ['left', { x: 0, y: 20 }],
    ['right', { x: 120, y: 20 }],
    ['top-left', { x: 0, y: 0 }],
    ['top-right', { x: 120, y: 0 }],
    ['bottom-left', { x: 0, y: 40 }],
    ['bottom-right', { x: 120, y: 40 }],
  ] as const)('lies at the %s', (anchor, corner) => {
    expect(layoutCanvas(place(200, 100, anchor), size).old).toEqual({ ...corner, ...size })
  })

  test('can be larger than the frame on one side', () => {
    const laid = layoutCanvas(place(200, 40, 'center'), size)
    expect(laid.old).toEqual({ x: 60, y: 0, width: 80, height: 40 })
    expect(laid.whole).toEqual({ x: 60, y: -10, ...size })
  })

  test.each<[string, Edit & { kind: 'place' }, object]>([
    ['beside the frame', place(200, 100, { x: 200, y: 0 }), { code: 'place-outside-frame', width: 200, height: 100 }],
    ['above the frame', place(200, 100, { x: 0, y: -60 }), { code: 'place-outside-frame' }],
    ['over the whole frame', place(80, 60, 'center'), { code: 'place-covers-frame', width: 80, height: 60 }],
    ['over more than the frame', place(50, 50, 'center', 2), { code: 'place-covers-frame', width: 50, height: 50 }],
    ['too small', place(200, 100, 'center', 0), { code: 'scale-out-of-range', scale: 0, min: 0.01, max: 8 }],
    ['too large', place(200, 100, 'center', 8.01), { code: 'scale-out-of-range' }],
    ['at no scale', place(200, 100, 'center', Number.NaN), { code: 'scale-out-of-range' }],
    ['in no frame', place(0, 100, 'center'), { code: 'frame-out-of-range', width: 0, max: MAX_PICTURE_SIZE.side }],
    ['in a frame that is too long', place(16385, 1, 'center'), { code: 'frame-out-of-range' }],
    ['in a frame that is too large', place(8000, 8000, 'center'), { code: 'canvas-too-large', width: 8000 }],
  ])('%s is declined', (_, edit, problem) => {
    expect(problemOf(() => layoutCanvas(edit, size))).toMatchObject(problem)
  })

  test('one pixel inside is enough', () => {
    expect(layoutCanvas(place(200, 100, { x: 199, y: -59 }), size).old).toEqual({ x: 199, y: 0, width: 1, height: 1 })
    expect(layoutCanvas(place(200, 100, 'center', 0.01), size).old).toMatchObject({ width: 1, height: 1 })
  })
})

test('a box in the frame is not cut off, at any anchor', () => {
  for (const anchor of ANCHORS) {
    const box = anchorBox({ width: 3, height: 8 }, { width: 10, height: 8 }, anchor)
    expect(clipToFrame(box, { width: 10, height: 8 })).toEqual(box)
  }
})

describe('zooming out with an anchor', () => {
  test('moves the old picture to that side', () => {
    const edit = { kind: 'zoom', factor: 2, grow: false, anchor: 'bottom-left' } as const
    expect(layoutCanvas(edit, { width: 768, height: 512 }).old).toEqual({ x: 0, y: 256, width: 384, height: 256 })
  })

  test('goes with growing and with another aspect ratio', () => {
    const grown = { kind: 'zoom', factor: 1.5, grow: true, anchor: 'top' } as const
    expect(layoutCanvas(grown, { width: 300, height: 200 }).old).toEqual({ x: 75, y: 0, width: 300, height: 200 })
    const wide = { kind: 'zoom', factor: 1, grow: false, aspect: { width: 2, height: 1 }, anchor: 'right' } as const
    expect(layoutCanvas(wide, { width: 100, height: 100 }).old).toEqual({ x: 100, y: 0, width: 100, height: 100 })
  })
})

/** Paints grey. */
const grey: Engine = {
  name: 'grey',
  paint: async ({ pixels }, { seeds }) => seeds.map(() => ({ ...pixels, data: pixels.data.slice().fill(200) })),
  close: async () => {},
}

async function painted(edit: Edit, source: Uint8Array) {
  const request = { edit, prompt: '', seeds: [1], engine: 'grey', source }
  const engines = createEngineRegistry({ modelFolder: 'no-models' })
  const context = { engines, signal: new AbortController().signal, onProgress: () => {} }
  return (await paint(request, grey, context)).pictures[0]!
}

const crop = (png: Uint8Array, { x, y, width, height }: { x: number; y: number; width: number; height: number }) =>
  sharp(png).extract({ left: x, top: y, width, height }).removeAlpha().raw().toBuffer()

describe('a placed picture', () => {
  const source = encodePng(landscape(80, 60))

  test('keeps its pixels byte for byte at scale 1, those that the frame leaves', async () => {
    const { png, width, height, recipe } = await painted(place(120, 50, { x: -7, y: 11 }), await source)
    expect([width, height]).toEqual([120, 50])
    expect(recipe.old).toEqual({ x: 0, y: 11, width: 73, height: 39 })
    expect(recipe.whole).toEqual({ x: -7, y: 11, width: 80, height: 60 })
    expect(readRecipe(png)).toEqual(recipe)
    const kept = await crop(await source, { x: 7, y: 0, width: 73, height: 39 })
    expect(await crop(png, recipe.old)).toEqual(kept)
    expect(await crop(png, { x: 73, y: 0, width: 47, height: 50 })).toEqual(Buffer.alloc(47 * 50 * 3, 200))
  })

  test.each([0.35, 2.5])('is resampled once at scale %s, also where it is cut off', async scale => {
    const size = { width: Math.round(80 * scale), height: Math.round(60 * scale) }
    const edit = place(100, 90, { x: 40, y: -10 }, scale)
    const { png, recipe } = await painted(edit, await source)
    const whole = await sharp(await source)
      .resize({ ...size, kernel: 'lanczos3', fit: 'fill' })
      .png()
      .toBuffer()
    const { old } = recipe
    expect(old).toEqual({ x: 40, y: 0, width: Math.min(60, size.width), height: Math.min(90, size.height - 10) })
    expect(await crop(png, old)).toEqual(await crop(whole, { ...old, x: 0, y: 10 }))
  })

  test('stays upright, and is cut off as it is seen', async () => {
    const sideways = await sharp(await source)
      .jpeg({ quality: 100 })
      .withMetadata({ orientation: 6 })
      .toBuffer()
    const { png, recipe } = await painted(place(100, 100, { x: -20, y: 50 }), sideways)
    expect(recipe.old).toEqual({ x: 0, y: 50, width: 40, height: 50 })
    const upright = await sharp(sideways, { autoOrient: true }).png().toBuffer()
    expect(await crop(png, recipe.old)).toEqual(await crop(upright, { x: 20, y: 0, width: 40, height: 50 }))
  })

  test('brings its recipe, which paints the same again', async () => {
    const edit = place(120, 100, { x: 3, y: 4 }, 0.7)
    const { png } = await painted(edit, await source)
    const recipe = readRecipe(png)!
    expect(recipe).toMatchObject({ edit, old: { x: 3, y: 4, width: 56, height: 42 } })
    expect((await painted(recipe.edit, await source)).png).toEqual(png)
  })

  test('paints the holes of a picture that covers the frame', async () => {
    const holed = await sharp({ create: { width: 40, height: 40, channels: 4, background: '#f00' } })
      .composite([
        { input: Buffer.alloc(10 * 10 * 4, 255), raw: { width: 10, height: 10, channels: 4 }, blend: 'dest-out' },
      ])
      .png()
      .toBuffer()
    const { png } = await painted(place(40, 40, 'center'), holed)
    expect([...(await crop(png, { x: 20, y: 20, width: 1, height: 1 }))]).toEqual([200, 200, 200])
    const opaque = await sharp(holed).flatten().png().toBuffer()
    expect((await problemIn(painted(place(40, 40, 'center'), opaque)))?.code).toBe('place-covers-frame')
  })
})
