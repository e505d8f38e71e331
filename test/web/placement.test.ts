import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layoutCanvas } from '../../src/inference/pipeline/layout.js'
import { drawingRequestSchema } from '../../src/protocol/drawing-request.js'
import {
  centered,
  changed,
  coversFrame,
  initialPlacement,
  moveTo,
  type Placement,
  resizeFrame,
  scaleAround,
  scaleByCorner,
  scaledSize,
  withAspect,
  withFrame,
  withZoomOut,
  zoomOutFactor,
} from '../../src/web/editor/place/placement.js'
import { snapFrame, snapPicture } from '../../src/web/editor/place/snap.js'

const PORTRAIT = { width: 600, height: 900 }
const start: Placement = { width: 1000, height: 1000, x: 200, y: 50, scale: 1 }

describe('a portrait of 600×900', () => {
  test('begins in a frame 1.5 times as large, with its own pixels', () => {
    expect(initialPlacement(PORTRAIT)).toEqual({ width: 900, height: 1350, x: 150, y: 225, scale: 1 })
  })

  test('goes into 16:9 with its own pixels, in the middle', () => {
    expect(withAspect(start, PORTRAIT, { width: 16, height: 9 })).toEqual({
      width: 1600,
      height: 900,
      x: 500,
      y: 0,
      scale: 1,
    })
  })

  test('is scaled into a frame of a given size', () => {
    expect(withFrame(PORTRAIT, { width: 960, height: 540 })).toEqual({
      width: 960,
      height: 540,
      x: 300,
      y: 0,
      scale: 0.6,
    })
  })

  test('keeps where it is when it is zoomed out: in the middle, or at a side', () => {
    const wide = withAspect(start, PORTRAIT, { width: 16, height: 9 })
    const out = withZoomOut(wide, PORTRAIT, 2)
    expect(out).toEqual({ ...wide, x: 650, y: 225, scale: 0.5 })
    expect(zoomOutFactor(out, PORTRAIT)).toBe(2)
    const atRight = moveTo(wide, PORTRAIT, { x: 1000, y: 0 })
    expect(withZoomOut(atRight, PORTRAIT, 2)).toMatchObject({ x: 1300 })
  })

  test('is scaled by a corner: the opposite corner stays, or with both sides the middle', () => {
    const placed = { ...start, x: 100, y: 50 }
    expect(scaleByCorner(placed, PORTRAIT, { x: 1, y: 1 }, { x: -300, y: 0 }, false)).toEqual({ ...placed, scale: 0.5 })
    expect(scaleByCorner(placed, PORTRAIT, { x: -1, y: -1 }, { x: 0, y: 450 }, false)).toEqual({
      ...placed,
      x: 400,
      y: 500,
      scale: 0.5,
    })
    expect(scaleByCorner(placed, PORTRAIT, { x: 1, y: -1 }, { x: -150, y: 0 }, true)).toEqual({
      ...placed,
      x: 250,
      y: 275,
      scale: 0.5,
    })
  })

  test('stays in the middle when the numbers of the frame change', () => {
    const wide = withAspect(start, PORTRAIT, { width: 16, height: 9 })
    expect(changed(wide, PORTRAIT, { width: 2000 })).toEqual({ ...wide, width: 2000, x: 700 })
  })

  test('shows the same point of itself where it is scaled', () => {
    const next = scaleAround(start, PORTRAIT, 0.5, { x: 500, y: 500 })
    expect(next).toEqual({ ...start, x: 350, y: 275, scale: 0.5 })
  })

  test('stays in the frame by 8 pixels, however far it is moved', () => {
    expect(moveTo(start, PORTRAIT, { x: 5000, y: -5000 })).toEqual({ ...start, x: 992, y: -892 })
  })

  test('snaps to the edges and to the middle of the frame', () => {
    const at = (x: number, y: number) => snapPicture({ ...start, x, y }, PORTRAIT, 8)
    expect(at(5, 95).placement).toEqual({ ...start, x: 0, y: 100 })
    expect(at(5, 95).guides).toEqual({ x: [0], y: [1000] })
    expect(at(207, 44)).toEqual({ placement: { ...start, x: 200, y: 50 }, guides: { x: [500], y: [500] } })
    expect(at(100, 20)).toEqual({ placement: { ...start, x: 100, y: 20 }, guides: { x: [], y: [] } })
  })
})

describe('an edge of the frame', () => {
  test('moves, and the picture stays', () => {
    expect(resizeFrame(start, { x: 1, y: 0 }, { x: 60, y: 9 }, false)).toEqual({ ...start, width: 1060 })
    expect(resizeFrame(start, { x: -1, y: 0 }, { x: -60, y: 9 }, false)).toEqual({ ...start, width: 1060, x: 260 })
  })

  test('takes the opposite one along with Alt', () => {
    const next = resizeFrame(start, { x: -1, y: 1 }, { x: -60, y: 10 }, true)
    expect(next).toEqual({ width: 1120, height: 1020, x: 260, y: 60, scale: 1 })
  })

  test('snaps to that of the picture', () => {
    const near = { ...start, x: 5, width: 1000 }
    const { placement, guides } = snapFrame(near, { x: -1, y: 0 }, PORTRAIT, 8)
    expect(placement).toEqual({ ...start, x: 0, width: 995 })
    expect(guides.x).toEqual([0])
    const below = snapFrame({ ...start, height: 944 }, { x: 0, y: 1 }, PORTRAIT, 8)
    expect(below.placement.height).toBe(950)
  })
})

test('a picture covers its frame only where nothing of it is left', () => {
  const frame = { width: 600, height: 900, x: 0, y: 0, scale: 1 }
  expect(coversFrame(frame, PORTRAIT)).toBe(true)
  expect(coversFrame({ ...frame, x: 1 }, PORTRAIT)).toBe(false)
  expect(coversFrame({ ...frame, x: -50, y: -50, scale: 2 }, PORTRAIT)).toBe(true)
})

test('whatever is done, the server accepts it, or there is nothing to paint', () => {
  const length = fc.integer({ min: 1, max: 9000 })
  const point = fc.record({ x: fc.integer({ min: -9000, max: 9000 }), y: fc.integer({ min: -9000, max: 9000 }) })
  const edge = fc.constantFrom(-1 as const, 0 as const, 1 as const)
  const step = fc.oneof(
    fc.record({ do: fc.constant('move' as const), point }),
    fc.record({ do: fc.constant('scale' as const), point, by: fc.double({ min: 0.01, max: 20, noNaN: true }) }),
    fc.record({
      do: fc.constant('edge' as const),
      point,
      edges: fc.record({ x: edge, y: edge }),
      isSymmetric: fc.boolean(),
    }),
    fc.record({
      do: fc.constant('aspect' as const),
      width: fc.nat(30).map(n => n + 1),
      height: fc.nat(30).map(n => n + 1),
    }),
    fc.record({ do: fc.constant('frame' as const), width: length, height: length }),
    fc.record({ do: fc.constant('number' as const), width: fc.nat(40_000) }),
    fc.record({ do: fc.constant('factor' as const), factor: fc.double({ min: 0.5, max: 8, noNaN: true }) }),
    fc.record({ do: fc.constant('center' as const) }),
  )
  fc.assert(
    fc.property(
      fc.record({ width: length, height: fc.integer({ min: 1, max: 5000 }) }),
      fc.array(step, { maxLength: 8 }),
      (picture, steps) => {
        let placement = initialPlacement(picture)
        for (const one of steps) {
          if (one.do === 'move') placement = snapPicture(moveTo(placement, picture, one.point), picture, 8).placement
          else if (one.do === 'scale') placement = scaleAround(placement, picture, placement.scale * one.by, one.point)
          else if (one.do === 'edge') {
            const resized = resizeFrame(placement, one.edges, one.point, one.isSymmetric)
            const { placement: next } = snapFrame(resized, one.edges, picture, 8)
            placement = moveTo(next, picture, next)
          } else if (one.do === 'aspect') placement = withAspect(placement, picture, one)
          else if (one.do === 'frame') placement = withFrame(picture, one)
          else if (one.do === 'number') placement = changed(placement, picture, { width: one.width })
          else if (one.do === 'factor') placement = withZoomOut(placement, picture, one.factor)
          else placement = centered(placement, picture)
        }
        const { x, y, width, height, scale } = placement
        const edit = { kind: 'place', width, height, at: { x, y }, scale } as const
        expect(drawingRequestSchema.parse({ edit, prompt: '' }).edit).toEqual(edit)
        if (coversFrame(placement, picture)) return
        const { old, whole = old } = layoutCanvas(edit, picture)
        expect({ width: whole.width, height: whole.height }).toEqual(scaledSize(picture, scale))
      },
    ),
    { numRuns: 500 },
  )
})
