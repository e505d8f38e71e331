import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { problemMessage } from '../../../src/i18n/i18n.js'
import { ANCHORS, type Extent, isInside, MAX_PICTURE_SIZE } from '../../../src/inference/image/geometry.js'
import { countPainted, cropPixels, KEEP, PAINT, type Pixels } from '../../../src/inference/image/pixels.js'
import { createCanvas } from '../../../src/inference/pipeline/canvas.js'
import { composite } from '../../../src/inference/pipeline/composite.js'
import { PLACE_SCALE, ZOOM } from '../../../src/inference/pipeline/edit.js'
import { layoutCanvas } from '../../../src/inference/pipeline/layout.js'
import { problemOf } from '../../support/problems.js'

const side = fc.oneof(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 2, max: 200 }))
const size = fc.record({ width: side, height: side })
const length = fc.oneof(
  fc.record({ pixels: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ percent: fc.integer({ min: 0, max: 120 }) }),
)
const factor = fc.double({ min: ZOOM.min, max: ZOOM.max, noNaN: true })
const edits = fc.oneof(
  fc.record({ kind: fc.constant('zoom' as const), factor, grow: fc.boolean() }),
  fc.record({ kind: fc.constant('zoom' as const), factor, grow: fc.boolean(), anchor: fc.constantFrom(...ANCHORS) }),
  fc.record({
    kind: fc.constant('place' as const),
    width: side,
    height: side,
    at: fc.oneof(
      fc.constantFrom(...ANCHORS),
      fc.record({ x: fc.integer({ min: -60, max: 60 }), y: fc.integer({ min: -60, max: 60 }) }),
    ),
    scale: fc.double({ min: PLACE_SCALE.min, max: PLACE_SCALE.max, noNaN: true }),
  }),
  fc.record({ kind: fc.constant('extend' as const), left: length, right: length, top: length, bottom: length }),
  fc.record({ kind: fc.constant('square' as const) }),
  fc.record({
    kind: fc.constant('fit' as const),
    width: fc.integer({ min: 1, max: 32 }),
    height: fc.integer({ min: 1, max: 32 }),
  }),
)

/** The frame, or undefined where the edit leaves nothing to paint, which has separate tests. */
function framed(edit: Parameters<typeof layoutCanvas>[0], of: Extent) {
  const nothing = [
    'extend-changes-nothing',
    'fit-changes-nothing',
    'zoom-changes-nothing',
    'place-covers-frame',
    'place-outside-frame',
  ]
  const problem = problemOf(() => layoutCanvas(edit, of))
  return problem && nothing.includes(problem.code) ? undefined : layoutCanvas(edit, of)
}

function noise({ width, height }: Extent, seed: number): Pixels {
  const data = new Uint8Array(width * height * 3)
  for (let at = 0; at < data.length; at++) data[at] = (at * 7919 + seed * 104729 + (at >> 3)) & 255
  return { width, height, data }
}

describe('every edit, at every size', () => {
  test('lays the old picture whole on the new one and leaves something to paint', () => {
    fc.assert(
      fc.property(edits, size, (edit, of) => {
        const laid = framed(edit, of)
        if (!laid) return
        expect(isInside(laid.old, laid.size)).toBe(true)
        expect(laid.old.width * laid.old.height).toBeLessThan(laid.size.width * laid.size.height)
      }),
    )
  })

  test('keeps the old picture byte for byte, whatever an engine paints', () => {
    fc.assert(
      fc.property(edits, size, fc.nat(1000), (edit, of, seed) => {
        const laid = framed(edit, of)
        if (!laid) return
        const placed = noise(laid.old, seed)
        const toPaint = createCanvas(laid, placed)
        const result = composite(toPaint, noise(laid.size, seed + 1))
        expect(cropPixels(result, laid.old).data).toEqual(placed.data)
      }),
    )
  })

  test('gives a mask and a picture of one size, with all outside the old picture to be painted', () => {
    fc.assert(
      fc.property(edits, size, (edit, of) => {
        const laid = framed(edit, of)
        if (!laid) return
        const { pixels, mask } = createCanvas(laid, noise(laid.old, 1))
        expect([pixels.width, pixels.height]).toEqual([mask.width, mask.height])
        expect(pixels.data.length).toBe(mask.data.length * 3)
        expect(countPainted(mask)).toBe(mask.data.length - laid.old.width * laid.old.height)
      }),
    )
  })

  test('paints holes of the old picture as well, and hides what they held', () => {
    fc.assert(
      fc.property(edits, size, fc.nat(), (edit, of, at) => {
        const laid = framed(edit, of)
        if (!laid || laid.old.width * laid.old.height < 2) return
        const placed = noise(laid.old, 3)
        const holes = { ...laid.old, data: new Uint8Array(laid.old.width * laid.old.height) }
        const hole = at % holes.data.length
        holes.data[hole] = PAINT
        const { pixels, mask } = createCanvas(laid, placed, holes)
        const x = laid.old.x + (hole % laid.old.width)
        const y = laid.old.y + Math.floor(hole / laid.old.width)
        expect(mask.data[y * mask.width + x]).toBe(PAINT)
        expect([...cropPixels(pixels, { x, y, width: 1, height: 1 }).data]).toEqual([0, 0, 0])
      }),
    )
  })
})

describe('zooming out', () => {
  test('keeps the picture size and shrinks the old picture into the middle', () => {
    const laid = layoutCanvas({ kind: 'zoom', factor: 2, grow: false }, { width: 768, height: 512 })
    expect(laid).toEqual({ size: { width: 768, height: 512 }, old: { x: 192, y: 128, width: 384, height: 256 } })
  })

  test('keeps the old pixels and enlarges the canvas where it grows', () => {
    const laid = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: true }, { width: 300, height: 200 })
    expect(laid).toEqual({ size: { width: 450, height: 300 }, old: { x: 75, y: 50, width: 300, height: 200 } })
  })

  test.each([
    ['a strip', { width: 1, height: 500 }, { width: 1, height: 333 }],
    ['two by two', { width: 2, height: 2 }, { width: 1, height: 1 }],
    ['an odd panorama', { width: 4001, height: 61 }, { width: 2667, height: 41 }],
  ])('works on %s', (_, of, old) => {
    expect(layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, of).old).toMatchObject(old)
  })

  test('always shrinks by a pixel at least', () => {
    expect(layoutCanvas({ kind: 'zoom', factor: 1.1, grow: false }, { width: 3, height: 3 }).old.width).toBe(2)
  })

  test.each([0, 0.99, 4.01, -2, Number.NaN, Number.POSITIVE_INFINITY])('declines a factor of %s', factor => {
    const problem = problemOf(() => layoutCanvas({ kind: 'zoom', factor, grow: false }, { width: 10, height: 10 }))
    expect(problem).toEqual({ code: 'factor-out-of-range', factor, min: 1, max: 4 })
  })

  test('declines a picture of a single pixel', () => {
    const problem = problemOf(() => layoutCanvas({ kind: 'zoom', factor: 2, grow: false }, { width: 1, height: 1 }))
    expect(problem?.code).toBe('picture-too-small')
  })
})

describe('extending', () => {
  const none = { pixels: 0 }

  test('counts percent of the axis that it lengthens', () => {
    const edit = {
      kind: 'extend',
      left: { percent: 25 },
      right: { pixels: 7 },
      top: none,
      bottom: { percent: 50 },
    } as const
    expect(layoutCanvas(edit, { width: 400, height: 100 })).toEqual({
      size: { width: 507, height: 150 },
      old: { x: 100, y: 0, width: 400, height: 100 },
    })
  })

  test('declines to add nothing', () => {
    const edit = { kind: 'extend', left: none, right: none, top: none, bottom: { percent: 0 } } as const
    expect(problemOf(() => layoutCanvas(edit, { width: 4, height: 4 }))?.code).toBe('extend-changes-nothing')
  })

  test('declines a canvas that is too large', () => {
    const edit = { kind: 'extend', left: { percent: 900 }, right: none, top: none, bottom: { percent: 900 } } as const
    const problem = problemOf(() => layoutCanvas(edit, { width: 2000, height: 1500 }))
    expect(problem).toEqual({
      code: 'canvas-too-large',
      width: 20000,
      height: 15000,
      limit: MAX_PICTURE_SIZE.megapixels,
    })
  })

  test.each([
    [
      'a canvas',
      { kind: 'fit', width: 40, height: 1 } as const,
      'The new picture would be 20000×500; the limit is 16384 pixels on a side.',
    ],
    [
      'an upscaled picture',
      { kind: 'upscale', scale: 4, creative: undefined } as const,
      'The upscaled picture would be 17600×2000; the limit is 16384 pixels on a side.',
    ],
  ])('says that the side is too long, of %s that has few pixels', (_, edit, sentence) => {
    const problem = problemOf(() => layoutCanvas(edit, { width: edit.kind === 'fit' ? 500 : 4400, height: 500 }))
    expect(problemMessage(problem!)).toContain(sentence)
  })
})

describe('fitting', () => {
  test.each([
    ['square', { kind: 'square' }, { width: 512, height: 768 }, { width: 768, height: 768 }],
    ['16:9', { kind: 'fit', width: 16, height: 9 }, { width: 512, height: 512 }, { width: 910, height: 512 }],
    ['9:16', { kind: 'fit', width: 9, height: 16 }, { width: 512, height: 512 }, { width: 512, height: 910 }],
  ] as const)('lengthens one axis only, to %s', (_, edit, of, expected) => {
    const { size, old } = layoutCanvas(edit, of)
    expect(size).toEqual(expected)
    expect(old).toMatchObject(of)
  })

  test('declines a shape that the picture has', () => {
    expect(problemOf(() => layoutCanvas({ kind: 'square' }, { width: 9, height: 9 }))?.code).toBe('fit-changes-nothing')
  })
})

describe('an exact fit', () => {
  test.each([
    [
      { width: 1000, height: 1000 },
      { width: 960, height: 540 },
      { x: 210, y: 0, width: 540, height: 540 },
    ],
    [
      { width: 100, height: 400 },
      { width: 128, height: 128 },
      { x: 48, y: 0, width: 32, height: 128 },
    ],
    [
      { width: 30, height: 20 },
      { width: 512, height: 512 },
      { x: 0, y: 85, width: 512, height: 341 },
    ],
  ])('%o is scaled into %o, never cropped', (of, size, old) => {
    expect(layoutCanvas({ kind: 'fit', exact: true, ...size }, of)).toEqual({ size, old })
  })

  test('declines a picture that fills it', () => {
    const edit = { kind: 'fit', exact: true, width: 512, height: 512 } as const
    expect(problemOf(() => layoutCanvas(edit, { width: 1024, height: 1024 }))?.code).toBe('fit-changes-nothing')
  })
})

describe('zooming to another aspect ratio', () => {
  const aspect = { width: 16, height: 9 }

  test('by 1 keeps the picture and adds to two sides only', () => {
    const laid = layoutCanvas({ kind: 'zoom', factor: 1, grow: false, aspect }, { width: 900, height: 900 })
    expect(laid).toEqual({ size: { width: 1600, height: 900 }, old: { x: 350, y: 0, width: 900, height: 900 } })
  })

  test('by 2 shrinks it as ever, on a wider picture', () => {
    const laid = layoutCanvas({ kind: 'zoom', factor: 2, grow: false, aspect }, { width: 900, height: 900 })
    expect(laid).toEqual({ size: { width: 1600, height: 900 }, old: { x: 575, y: 225, width: 450, height: 450 } })
  })

  test('by 1 to its own declines', () => {
    expect(problemOf(() => layoutCanvas({ kind: 'zoom', factor: 1, grow: false }, { width: 9, height: 9 }))?.code).toBe(
      'zoom-changes-nothing',
    )
  })
})

describe('a canvas', () => {
  const size = { width: 4, height: 4 }
  const whole = { size, old: { x: 0, y: 0, ...size } }
  const mask = (value: number) => ({ ...size, data: new Uint8Array(16).fill(value) })

  test('needs something to paint', () => {
    expect(problemOf(() => createCanvas(whole, noise(size, 1), mask(KEEP)))?.code).toBe('mask-empty')
  })

  test('needs something to go on from', () => {
    expect(problemOf(() => createCanvas(whole, noise(size, 1), mask(PAINT)))?.code).toBe('mask-full')
  })

  test('refuses a picture that does not fit its place', () => {
    expect(() => createCanvas(whole, noise({ width: 3, height: 4 }, 1))).toThrow(RangeError)
    expect(() =>
      composite(
        createCanvas(whole, noise(size, 1), { ...mask(0), data: mask(0).data.fill(PAINT, 3, 4) }),
        noise({ width: 4, height: 3 }, 1),
      ),
    ).toThrow(RangeError)
  })
})
