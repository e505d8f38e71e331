import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countPainted, KEEP, type Mask, PAINT } from '../../../src/inference/image/pixels.js'
import { gridMask } from '../../../src/inference/mask/grid.js'
import {
  close,
  dilate,
  erode,
  fillHoles,
  invertMask,
  maskBounds,
  removeSmallComponents,
  squaredDistanceTransform,
} from '../../../src/inference/mask/morphology.js'

const masks = fc
  .record({ width: fc.integer({ min: 1, max: 24 }), height: fc.integer({ min: 1, max: 24 }), seed: fc.nat(999) })
  .map(({ width, height, seed }): Mask => {
    const data = Uint8Array.from({ length: width * height }, (_, at) =>
      (at * 7919 + seed * 31) % 11 < 3 ? PAINT : KEEP,
    )
    return { width, height, data }
  })
const radii = fc.integer({ min: 0, max: 6 })

/** Rows of `#` for painted. */
function drawn(...rows: string[]): Mask {
  const data = Uint8Array.from(rows.join(''), char => (char === '#' ? PAINT : KEEP))
  return { width: rows[0]!.length, height: rows.length, data }
}

function shown({ width, height, data }: Mask): string[] {
  return Array.from({ length: height }, (_, y) =>
    [...data.subarray(y * width, (y + 1) * width)].map(value => (value === PAINT ? '#' : '.')).join(''),
  )
}

/** Dilation by its definition, pixel by pixel. */
function dilateByDefinition({ width, height, data }: Mask, radius: number): Mask {
  const out = new Uint8Array(data.length)
  for (let at = 0; at < data.length; at++) {
    for (let other = 0; other < data.length; other++) {
      const dx = (at % width) - (other % width)
      const dy = Math.floor(at / width) - Math.floor(other / width)
      if (data[other] === PAINT && dx * dx + dy * dy <= radius * radius) out[at] = PAINT
    }
  }
  return { width, height, data: out }
}

describe('masks of any size', () => {
  test('know how far each pixel is from the nearest painted one', () => {
    fc.assert(
      fc.property(masks, mask => {
        const painted = [...mask.data.keys()].filter(at => mask.data[at] === PAINT)
        const distances = Float64Array.from(mask.data, (_, at) =>
          Math.min(
            1e12,
            ...painted.map(other => {
              const down = Math.floor(at / mask.width) - Math.floor(other / mask.width)
              return ((at % mask.width) - (other % mask.width)) ** 2 + down ** 2
            }),
          ),
        )
        expect(squaredDistanceTransform(mask, PAINT)).toEqual(distances)
      }),
    )
  })

  test('dilate by all pixels within the radius', () => {
    fc.assert(
      fc.property(masks, radii, (mask, radius) => {
        expect(dilate(mask, radius)).toEqual(dilateByDefinition(mask, radius))
      }),
    )
  })

  test('erode as much as their inverse dilates', () => {
    fc.assert(
      fc.property(masks, radii, (mask, radius) => {
        expect(erode(mask, radius)).toEqual(invertMask(dilate(invertMask(mask), radius)))
      }),
    )
  })

  test('close without losing a painted pixel', () => {
    fc.assert(
      fc.property(masks, radii, (mask, radius) => {
        const whole = close(mask, radius)
        for (let at = 0; at < mask.data.length; at++) if (mask.data[at] === PAINT) expect(whole.data[at]).toBe(PAINT)
      }),
    )
  })

  test('have bounds without an empty row or column at the edge', () => {
    fc.assert(
      fc.property(masks, mask => {
        const box = maskBounds(mask)
        const marked = [...mask.data.keys()].filter(at => mask.data[at] === PAINT)
        const xs = marked.map(at => at % mask.width)
        const ys = marked.map(at => Math.floor(at / mask.width))
        const [x, y] = [Math.min(...xs), Math.min(...ys)]
        if (marked.length === 0) expect(box).toBeUndefined()
        else expect(box).toEqual({ x, y, width: Math.max(...xs) - x + 1, height: Math.max(...ys) - y + 1 })
      }),
    )
  })
})

test('the edge of the picture is not a border to shrink from', () => {
  expect(shown(erode(drawn('##..', '##..', '##..'), 1))).toEqual(['#...', '#...', '#...'])
})

test('a gap is closed', () => {
  expect(shown(close(drawn('##.###', '##.###', '##.###'), 1))).toEqual(Array(3).fill('######'))
})

test('small components and small holes are removed', () => {
  const mask = drawn('#.........', '....#####.', '....##.##.', '....#####.')
  expect(shown(removeSmallComponents(mask, 2))).toEqual(['..........', '....#####.', '....#####.', '....#####.'])
})

test('a lasso is filled, a line to the edge is not', () => {
  const lasso = drawn('.......', '.#####.', '.#...#.', '.#####.', '.......')
  expect(countPainted(fillHoles(lasso, 10))).toBe(15)
  expect(countPainted(fillHoles(lasso, 2))).toBe(12)
  expect(countPainted(fillHoles(drawn('..#..', '..#..', '..#..'), 10))).toBe(3)
})

test('the fields of a grid tile any picture without gaps or overlaps', () => {
  const side = fc.integer({ min: 1, max: 40 })
  fc.assert(
    fc.property(side, side, fc.constantFrom(3, 4), (width, height, across) => {
      const times = new Uint8Array(width * height)
      for (let cell = 1; cell <= across * across; cell++) {
        const { data } = gridMask({ width, height }, [{ across, cells: [cell] }])
        for (let at = 0; at < data.length; at++) if (data[at] === PAINT) times[at]!++
      }
      expect(times.every(count => count === 1)).toBe(true)
    }),
  )
})

test('fields are counted row by row from 1, and grids add up', () => {
  const mask = gridMask({ width: 6, height: 6 }, [
    { across: 3, cells: [1, 6] },
    { across: 4, cells: [] },
  ])
  expect(shown(mask)).toEqual(['##....', '##....', '....##', '....##', '......', '......'])
})
