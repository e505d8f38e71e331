import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Address, fieldOf, type Kernel, startKernel } from '../../../../src/inference/engines/fill/kernel.js'
import { PATCH_RADIUS } from '../../../../src/inference/engines/fill/parameters.js'
import { COMPILED, compileKernel, moduleOf } from '../../../../tools/kernel.js'

test('the compiled kernel is what its sources compile to', async () => {
  // If this fails, run `npm run kernel`.
  expect(moduleOf(await compileKernel())).toBe(await readFile(COMPILED, 'utf8'))
})

/** A level by what is known of it, and its planes. */
function levelOf(kernel: Kernel, width: number, height: number, isKnown: (x: number, y: number) => boolean) {
  const at = kernel.newLevel(width, height, 0)
  const stride = fieldOf(kernel, at, 'stride')
  const count = stride * fieldOf(kernel, at, 'rows')
  const plane = (name: Parameters<typeof fieldOf>[2]) =>
    new Uint8Array(kernel.memory.buffer, fieldOf(kernel, at, name), count)
  const place = (x: number, y: number) => (y + PATCH_RADIUS) * stride + x + PATCH_RADIUS
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) if (isKnown(x, y)) plane('known')[place(x, y)] = 1
  }
  return { at, stride, count, plane, place }
}

const scene = fc
  .record({
    width: fc.integer({ min: 1, max: 40 }),
    height: fc.integer({ min: 1, max: 40 }),
    box: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
    invert: fc.boolean(),
  })
  .map(({ width, height, box, invert }) => {
    const [left, top] = [box[0]! % width, box[1]! % height]
    const [w, h] = [1 + (box[2]! % (width - left)), 1 + (box[3]! % (height - top))]
    const isInside = (x: number, y: number) => x >= left && x < left + w && y >= top && y < top + h
    return { width, height, isKnown: (x: number, y: number) => isInside(x, y) !== invert }
  })
  .filter(({ width, height, isKnown }) => {
    const known = Array.from({ length: width * height }, (_, at) => isKnown(at % width, Math.floor(at / width)))
    return known.includes(true)
  })

describe('at every size and mask', () => {
  test('patches are copied from where they are wholly known, and nowhere else', () => {
    fc.assert(
      fc.property(scene, ({ width, height, isKnown }) => {
        const kernel = startKernel()
        const { at, plane, place } = levelOf(kernel, width, height, isKnown)
        expect(kernel.findSources(at, 64)).toBe(plane('valid').reduce((sum, one) => sum + one, 0))
        const radius = fieldOf(kernel, at, 'radius')
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            let whole = true
            for (let py = y - radius; py <= y + radius; py++) {
              for (let px = x - radius; px <= x + radius; px++) {
                whole &&= px >= 0 && py >= 0 && px < width && py < height && isKnown(px, py)
              }
            }
            expect(plane('valid')[place(x, y)]).toBe(Number(whole))
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('targets are the pixels whose patch reaches what is not known', () => {
    fc.assert(
      fc.property(scene, ({ width, height, isKnown }) => {
        const kernel = startKernel()
        const { at, plane, place } = levelOf(kernel, width, height, isKnown)
        kernel.findSources(at, 1)
        kernel.findTargets(at)
        const radius = fieldOf(kernel, at, 'radius')
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            let reaches = false
            for (let py = Math.max(0, y - radius); py <= Math.min(height - 1, y + radius); py++) {
              for (let px = Math.max(0, x - radius); px <= Math.min(width - 1, x + radius); px++) {
                reaches ||= !isKnown(px, py)
              }
            }
            expect(plane('target')[place(x, y)]).toBe(Number(reaches))
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('it is known how far each pixel is from what is known', () => {
    fc.assert(
      fc.property(scene, ({ width, height, isKnown }) => {
        const kernel = startKernel()
        const { at, plane, place } = levelOf(kernel, width, height, isKnown)
        kernel.findAnchors(at)
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            let nearest = Number.POSITIVE_INFINITY
            for (let ky = 0; ky < height; ky++) {
              for (let kx = 0; kx < width; kx++) {
                if (isKnown(kx, ky)) nearest = Math.min(nearest, Math.hypot(x - kx, y - ky))
              }
            }
            // Rounded, and the sweeps may miss the true distance by a fraction of a pixel.
            expect(Math.abs(plane('distance')[place(x, y)]! - nearest)).toBeLessThan(1)
          }
        }
      }),
      { numRuns: 25 },
    )
  })
})

/** Give each known pixel a shade of grey. */
function shaded(kernel: Kernel, level: ReturnType<typeof levelOf>, shadeOf: (x: number, y: number) => number) {
  const colour = new Uint8Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'colour'), level.count * 4)
  const [width, height] = [fieldOf(kernel, level.at, 'width'), fieldOf(kernel, level.at, 'height')]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = level.place(x, y)
      if (level.plane('known')[at]) colour.fill(shadeOf(x, y), at * 4, at * 4 + 3)
    }
  }
}

/** Set the place that each unknown pixel is copied from, and its colour. */
function copied(kernel: Kernel, level: ReturnType<typeof levelOf>, from: (x: number, y: number) => [number, number]) {
  const source = new Uint32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'source'), level.count)
  const colour = new Uint32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'colour'), level.count)
  const [width, height] = [fieldOf(kernel, level.at, 'width'), fieldOf(kernel, level.at, 'height')]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (level.plane('known')[level.place(x, y)]) continue
      const [sx, sy] = from(x, y)
      source[level.place(x, y)] = ((sy + PATCH_RADIUS) << 16) | (sx + PATCH_RADIUS)
      colour[level.place(x, y)] = colour[level.place(sx, sy)]!
    }
  }
}

const reds = (kernel: Kernel, level: { at: Address; count: number }) =>
  new Uint8Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'colour'), level.count * 4).filter(
    (_, at) => at % 4 === 0,
  )

test('blending turns a step between two flat pieces into a ramp, and meets the known ends', () => {
  // 8 columns of 0 are known, 24 are copied from there, 24 from 120, and 8 of 120 are known; nothing has a gradient.
  const [width, height] = [64, 16]
  const kernel = startKernel()
  const level = levelOf(kernel, width, height, x => x < 8 || x >= 56)
  shaded(kernel, level, x => (x < 8 ? 0 : 120))
  copied(kernel, level, (x, y) => [x < 32 ? 4 : 60, y])
  kernel.blend(level.at, 1e6, 0)
  const row = [...reds(kernel, level).subarray(level.place(0, 8), level.place(width, 8))]
  expect(row).toEqual([...row].sort((a, b) => a - b))
  // The discrete solution of Laplace's equation between 0 at x = 7 and 120 at x = 56 is the straight line.
  for (const x of [12, 20, 32, 44, 51]) expect(Math.abs(row[x]! - (120 * (x - 7)) / 49)).toBeLessThan(4)
})

test('blending spreads a step over smooth sources, and leaves it in rough ones', () => {
  const [width, height] = [64, 16]
  const stepOf = (rough: number) => {
    const kernel = startKernel()
    // What is expected of the hole is rough; what was copied is as told.
    const level = levelOf(kernel, width, height, x => x < 8 || x >= 56)
    shaded(kernel, level, x => (x < 8 ? 0 : 60))
    const texture = new Uint8Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'texture'), level.count * 2)
    for (const [at, isKnown] of level.plane('known').entries()) texture.fill(isKnown ? rough : 200, at * 2, at * 2 + 2)
    copied(kernel, level, (x, y) => [x < 32 ? 4 : 60, y])
    kernel.blend(level.at, 1e6, 0)
    const row = reds(kernel, level).subarray(level.place(0, 8), level.place(width, 8))
    return Math.max(...Array.from(row.subarray(1), (value, at) => value - row[at]!))
  }
  expect(stepOf(0)).toBeLessThan(4)
  expect(stepOf(200)).toBeGreaterThan(8)
})

test('blending leaves out what the texture hides, where no larger size follows', () => {
  const [width, height] = [64, 16]
  const rowOf = (texture: number, isLast: number) => {
    const kernel = startKernel()
    const level = levelOf(kernel, width, height, x => x < 8 || x >= 56)
    kernel.findAnchors(level.at)
    shaded(kernel, level, x => (x < 8 ? 100 : 116))
    new Uint8Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'texture'), level.count * 2).fill(texture)
    copied(kernel, level, (x, y) => [x < 32 ? 4 : 60, y])
    kernel.blend(level.at, 1e6, isLast)
    return [...reds(kernel, level).subarray(level.place(0, 8), level.place(width, 8))]
  }
  const untouched = Array.from({ length: width }, (_, x) => (x < 32 ? 100 : 116))
  // A mean difference of 8 levels from pixel to pixel.
  expect(rowOf(100, 1)).toEqual(untouched)
  expect(rowOf(100, 0)).not.toEqual(untouched)
  expect(rowOf(0, 1)).toEqual(rowOf(0, 0))
  expect(rowOf(0, 1)).not.toEqual(untouched)
})

test('where two copied pieces meet, the stronger gradient of the two goes on', () => {
  const [width, height] = [64, 16]
  const kernel = startKernel()
  const level = levelOf(kernel, width, height, x => x < 24 || x >= 40)
  // On the left a slope of 6 a pixel, on the right one shade.
  shaded(kernel, level, x => (x < 24 ? x * 6 : 180))
  copied(kernel, level, (x, y) => [x < 32 ? x - 16 : x + 16, y])
  kernel.blend(level.at, 1e6, 0)
  const row = reds(kernel, level).subarray(level.place(0, 8), level.place(width, 8))
  const slopeAt = (x: number) => row[x + 1]! - row[x]!
  // What both ends need is spread over all of it alike.
  expect(Math.abs(slopeAt(31) - slopeAt(28))).toBeLessThanOrEqual(1)
  expect(Math.abs(slopeAt(31) - slopeAt(34) - 6)).toBeLessThanOrEqual(1)
})

test('a large level is blended strip by strip as the same level is in one piece', () => {
  const [width, height] = [40, 600]
  const paint = (isLarge: boolean) => {
    const kernel = startKernel()
    const isKnown = (x: number, y: number) => x < 10 || y < 8
    const small = levelOf(kernel, width / 2, height / 2, (x, y) => isKnown(x * 2, y * 2))
    const level = levelOf(kernel, width, height, isKnown)
    for (const { one, scale } of [
      { one: small, scale: 2 },
      { one: level, scale: 1 },
    ]) {
      const wave = (y: number) => 60 + Math.round(80 * (1 + Math.sin((y * scale) / 90)) * 0.5)
      shaded(kernel, one, (x, y) => wave(y) + (x * scale) / 4)
      copied(kernel, one, (x, y) => [Math.min(4 / scale + (x % 3), 9 / scale - 1), y])
    }
    if (isLarge) kernel.blendFrom(small.at, kernel.blend(small.at, 1e6, 0), level.at)
    else kernel.blend(level.at, 1e6, 0)
    return reds(kernel, level)
  }
  const [whole, strips] = [paint(false), paint(true)]
  let most = 0
  for (let at = 0; at < whole.length; at++) most = Math.max(most, Math.abs(whole[at]! - strips[at]!))
  expect(most).toBeLessThanOrEqual(4)
  // It is blended at all: copied colours alone would differ by far more.
  expect(Math.max(...whole)).toBeGreaterThan(Math.min(...whole.filter(value => value > 0)) + 40)
})

/**
 * What a pixel's source costs that differs by its texture or tint from what is expected.
 *
 * @param search sets up for each weight
 */
function costsOfUnlike(
  name: 'texture' | 'tint',
  [expected, found]: readonly (readonly number[])[],
  weights: readonly number[],
  search: (kernel: Kernel, at: Address, weight: number) => void,
): number[] {
  const kernel = startKernel()
  const level = noisy(kernel, 40, 20, x => x < 30)
  const width = expected!.length === 2 ? 2 : 4
  const values = new Uint8Array(kernel.memory.buffer, fieldOf(kernel, level.at, name), level.count * width)
  const cost = new Float32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'cost'), level.count)
  const [target, source] = [level.place(34, 8), level.place(10, 8)]
  kernel.fillField(level.at)
  sourcesOf(kernel, level)[target] = ((8 + PATCH_RADIUS) << 16) | (10 + PATCH_RADIUS)
  values.set(expected!, target * width)
  values.set(found!, source * width)
  return weights.map(weight => {
    search(kernel, level.at, weight)
    kernel.measureField(level.at)
    return cost[target]!
  })
}

test('a texture that is not the expected one costs its squared difference, or nothing where it does not count', () => {
  const unlike = [
    [20, 50],
    [17, 46],
  ]
  const costs = costsOfUnlike('texture', unlike, [0, 1], (kernel, at, weight) =>
    kernel.searchIn(at, 0, 0, 0, weight, 0, 0, 0),
  )
  expect(costs[1]! - costs[0]!).toBeCloseTo(3 ** 2 + 4 ** 2, 2)
})

test('a tint that is not the expected one costs its squared difference, times its weight', () => {
  const unlike = [
    [20, 50, 250],
    [17, 54, 245],
  ]
  const costs = costsOfUnlike('tint', unlike, [0, 1, 3], (kernel, at, weight) =>
    kernel.searchIn(at, 0, 0, 0, 0, weight, 0, 0),
  )
  expect(costs[1]! - costs[0]!).toBeCloseTo(50, 2)
  expect(costs[2]! - costs[0]!).toBeCloseTo(150, 2)
})

test('a tint is the mean colour of what is known around, at every size and mask', () => {
  fc.assert(
    fc.property(scene, fc.integer({ min: 1, max: 9 }), ({ width, height, isKnown }, radius) => {
      const kernel = startKernel()
      const level = levelOf(kernel, width, height, isKnown)
      const colour = new Uint8Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'colour'), level.count * 4)
      const colourOf = (x: number, y: number) => [(x * 37 + y * 11) % 256, (x * y) % 256, 255 - ((x * 5) % 256)]
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) if (isKnown(x, y)) colour.set(colourOf(x, y), level.place(x, y) * 4)
      }
      kernel.measureTint(level.at, radius)
      const tint = new Uint8Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'tint'), level.count * 4)
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          if (!isKnown(x, y)) continue
          const sums = [0, 0, 0]
          let count = 0
          for (let nearY = Math.max(0, y - radius); nearY <= Math.min(height - 1, y + radius); nearY++) {
            for (let nearX = Math.max(0, x - radius); nearX <= Math.min(width - 1, x + radius); nearX++) {
              if (!isKnown(nearX, nearY)) continue
              count++
              for (const [channel, value] of colourOf(nearX, nearY).entries()) sums[channel]! += value
            }
          }
          for (const [channel, sum] of sums.entries()) {
            expect(Math.abs(tint[level.place(x, y) * 4 + channel]! - sum / count)).toBeLessThanOrEqual(0.51)
          }
        }
      }
    }),
    { numRuns: 50 },
  )
})

describe('what a pixel goes on from at the frame', () => {
  /**
   * The middle of a level is known: grey, with what `draw` adds.
   *
   * @returns the colour that a pixel goes on from, on that level and on one of twice the size
   */
  function goingOn(draw: (x: number, y: number) => number) {
    const kernel = startKernel()
    const isKnown = (x: number, y: number) => x >= 32 && y >= 32 && x < 64 && y < 64
    const filled = (size: number, grain: number) => {
      const level = levelOf(kernel, size, size, (x, y) => isKnown(x / grain, y / grain))
      const colour = new Uint8Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'colour'), level.count * 4)
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          if (isKnown(x / grain, y / grain))
            colour.fill(100 + draw(x / grain, y / grain), level.place(x, y) * 4, level.place(x, y) * 4 + 3)
        }
      }
      kernel.findSources(level.at, 64)
      kernel.findTargets(level.at)
      kernel.findAnchors(level.at)
      return level
    }
    const [coarse, fine] = [filled(96, 1), filled(192, 2)]
    kernel.findFrame(coarse.at, 0.6, 3)
    kernel.inheritFrame(coarse.at, fine.at)
    const colourAt = (level: typeof coarse, x: number, y: number) => {
      const frame = new Uint32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'frame'), level.count)
      const colour = new Uint8Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'colour'), level.count * 4)
      const place = frame[level.place(x, y)]!
      return colour[((place >> 16) * level.stride + (place & 0xffff)) * 4]! - 100
    }
    return (x: number, y: number) => {
      const [onCoarse, onFine] = [colourAt(coarse, x, y), colourAt(fine, 2 * x, 2 * y)]
      expect(onFine).toBe(onCoarse)
      return onCoarse
    }
  }

  test('is the nearest where all is alike', () => {
    const at = goingOn(x => (x < 48 ? 0 : 4))
    for (const y of [70, 80, 95]) {
      expect(at(36, y)).toBe(0)
      expect(at(60, y)).toBe(4)
    }
  })

  test('is at first the thing that the frame cuts, then what surrounds it', () => {
    const at = goingOn((x, y) => (x >= 44 && x < 52 && y > 40 ? 120 : 0))
    expect(at(48, 64)).toBe(120)
    for (const y of [72, 80, 95]) expect(at(48, y)).toBe(0)
  })

  test('is a layer that is met again at the other side, however far', () => {
    const isWithin = (y: number) => y >= 42 && y < 54
    const at = goingOn((_, y) => (isWithin(y) ? 120 : 0))
    for (const x of [0, 16, 31, 64, 80, 95]) expect(at(x, 48)).toBe(120)
    const onOneSide = goingOn((x, y) => (x > 48 && isWithin(y) ? 120 : 0))
    expect(onOneSide(64, 48)).toBe(120)
    expect(onOneSide(90, 48)).toBe(0)
  })
})

/** What is charged by kernel/distinct.ts for what stands out too little to be a thing by that alone. */
const SUSPECT = 1

test('what stands out costs more for each other pixel that copies it', () => {
  const kernel = startKernel()
  const level = noisy(kernel, 40, 20, x => x < 30)
  const toll = new Float32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'toll'), level.count)
  const cost = new Float32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'cost'), level.count)
  const targets = [32, 34, 36].map(x => level.place(x, 8))
  const costs = (charge: number, repeat: number) => {
    kernel.clearField(level.at)
    kernel.fillField(level.at)
    for (const target of targets) sourcesOf(kernel, level)[target] = ((8 + PATCH_RADIUS) << 16) | (10 + PATCH_RADIUS)
    // Nothing else is copied from there.
    for (const [at, source] of sourcesOf(kernel, level).entries()) {
      const isElsewhere = !targets.includes(at) && level.plane('target')[at] === 1
      if (isElsewhere && source === (((8 + PATCH_RADIUS) << 16) | (10 + PATCH_RADIUS)))
        sourcesOf(kernel, level)[at] = source + 1
    }
    toll[level.place(10, 8)] = charge
    kernel.searchIn(level.at, 0, 0, 0, 0, 0, 0, repeat)
    kernel.measureField(level.at)
    return targets.map(target => cost[target]!)
  }
  const [free, once, thrice] = [costs(0, 300), costs(SUSPECT, 0), costs(SUSPECT, 300)]
  for (const index of targets.keys()) {
    expect(once[index]! - free[index]!).toBeCloseTo(SUSPECT, 1)
    expect(thrice[index]! - once[index]!).toBeCloseTo(600, 1)
  }
})

describe('what stands out', () => {
  /** The middle of a level is known: grey, with what `draw` adds. @returns what copying from each pixel costs */
  function tolls(draw: (x: number, y: number) => number) {
    const kernel = startKernel()
    const isKnown = (x: number, y: number) => x >= 12 && y >= 12 && x < 84 && y < 84
    const [finer, coarser] = [
      levelOf(kernel, 96, 96, isKnown),
      levelOf(kernel, 48, 48, (x, y) => isKnown(x * 2, y * 2)),
    ]
    for (const level of [coarser, finer]) {
      kernel.findSources(level.at, 64)
      kernel.findTargets(level.at)
    }
    shaded(kernel, finer, (x, y) => 100 + (noise(y * 96 + x) % 7) + draw(x, y))
    kernel.chargeEnclosed(finer.at, 30, 2.5, 15_000)
    kernel.gatherToll(finer.at, coarser.at)
    const tollOf = (level: typeof finer) =>
      new Float32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'toll'), level.count)
    return {
      at: (x: number, y: number) => tollOf(finer)[finer.place(x, y)]!,
      coarserAt: (x: number, y: number) => tollOf(coarser)[coarser.place(x, y)]!,
      isFree: tollOf(finer).every(toll => toll === 0),
    }
  }

  test('costs nothing up to a share of what lies at the frame, and is suspected from a smaller share on', () => {
    const kernel = startKernel()
    const level = noisy(kernel, 60, 60, (x, y) => x >= 10 && y >= 10 && x < 50 && y < 50)
    kernel.chargeDistinct(level.at, 3, 0.9, 0.6)
    const toll = new Float32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'toll'), level.count)
    const atFrame: number[] = []
    for (let y = 13; y < 47; y++) {
      for (let x = 13; x < 47; x++) {
        if (x === 13 || y === 13 || x === 46 || y === 46) atFrame.push(toll[level.place(x, y)]!)
      }
    }
    expect(atFrame.filter(one => one > 0).length / atFrame.length).toBeCloseTo(0.4, 1)
    expect(atFrame.filter(one => one > SUSPECT).length / atFrame.length).toBeCloseTo(0.1, 1)
    expect(atFrame.filter(one => one === SUSPECT).length).toBeGreaterThan(0.2 * atFrame.length)
  })

  test('is how unlike a patch is to those most like it, whatever is left out since it cannot be among them', () => {
    fc.assert(
      fc.property(scene, fc.integer({ min: 1, max: 9 }), ({ width, height, isKnown }, grain) => {
        const kernel = startKernel()
        const level = levelOf(kernel, width, height, isKnown)
        // Even and rough places, lighter to the right: each has others that are much, somewhat and hardly like it.
        const isRough = (x: number, y: number) => noise(Math.floor(x / grain) + 64 * Math.floor(y / grain)) % 3 === 0
        const shadeOf = (x: number, y: number) => 40 + 3 * x + (isRough(x, y) ? noise(y * width + x) % 90 : 0)
        shaded(kernel, level, shadeOf)
        kernel.findSources(level.at, 64)
        kernel.chargeDistinct(level.at, 1, 0.5, 0.5)
        const toll = new Float32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'toll'), level.count)
        const radius = fieldOf(kernel, level.at, 'radius')
        const places: [number, number][] = []
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) if (level.plane('valid')[level.place(x, y)]) places.push([x, y])
        }
        // A few of them: to compare each with each takes long in here.
        const compared = places.filter((_, index) => index % Math.ceil(places.length / 20) === 0)
        for (const [x, y] of compared) {
          const unlike = places.flatMap(([otherX, otherY]) => {
            if (Math.abs(x - otherX) <= PATCH_RADIUS && Math.abs(y - otherY) <= PATCH_RADIUS) return []
            let sum = 0
            for (let dy = -radius; dy <= radius; dy++) {
              for (let dx = -radius; dx <= radius; dx++) {
                const difference = shadeOf(x + dx, y + dy) - shadeOf(otherX + dx, otherY + dy)
                sum += 3 * difference ** 2 * (dx === 0 ? 2 : 1)
              }
            }
            const pixels = (2 * radius + 1) * (2 * radius + 2)
            return sum / pixels / (1 + (3 * Math.hypot(x - otherX, y - otherY)) / Math.max(width, height))
          })
          const most = [...unlike, ...Array(16).fill(8000)].map(one => Math.min(one, 8000))
          const alike = most.sort((one, other) => one - other).slice(0, 16)
          const mean = alike.reduce((sum, one) => sum + one, 0) / 16
          // Nothing is to be painted, so that nothing is at a rim.
          const charge = mean > 0 ? Math.max(SUSPECT, mean) : 0
          expect(Math.abs(toll[level.place(x, y)]! - charge)).toBeLessThanOrEqual(1e-4 * charge)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('costs what it is enclosed by, at most the most, with its fringe, and on the coarser level', () => {
    const isSun = (x: number, y: number) => Math.hypot(x - 50, y - 40) < 3
    const sun = tolls((x, y) => (isSun(x, y) ? 120 : 0))
    expect(sun.at(50, 40)).toBe(15_000)
    expect(sun.at(50, 43)).toBe(15_000)
    expect(sun.coarserAt(25, 20)).toBe(15_000)
    for (const [x, y] of [
      [50, 46],
      [30, 40],
      [70, 70],
    ] as const) {
      expect(sun.at(x, y)).toBe(0)
      expect(sun.coarserAt(x >> 1, y >> 1)).toBe(0)
    }
    const faint = tolls((x, y) => (isSun(x, y) ? 16 : 0))
    expect(faint.at(50, 40)).toBeGreaterThan(0)
    expect(faint.at(50, 40)).toBeLessThan(15_000)
  })

  test('is free where it goes on beyond the frame', () => {
    expect(tolls((x, y) => (y > 36 && y < 44 && x > 30 ? 120 : 0)).isFree).toBe(true)
  })

  test('is free where there are many of its kind: that is texture', () => {
    expect(tolls((x, y) => (x % 6 < 2 && y % 6 < 2 ? 120 : 0)).isFree).toBe(true)
  })
})

describe('the subject', () => {
  /** The middle of a level is known: grey, with what `draw` adds. @returns what copying from each pixel costs beside all else */
  function subject(draw: (x: number, y: number) => number) {
    const kernel = startKernel()
    const level = levelOf(kernel, 64, 64, (x, y) => x >= 12 && y >= 12 && x < 52 && y < 52)
    kernel.findSources(level.at, 64)
    kernel.findTargets(level.at)
    shaded(kernel, level, (x, y) => 80 + (noise(y * 64 + x) % 7) + draw(x, y))
    kernel.chargeSubject(level.at, 2, 0.85)
    const costs = new Float32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'subject'), level.count)
    return { at: (x: number, y: number) => costs[level.place(x, y)]!, isFree: costs.every(cost => cost === 0) }
  }

  const isWithin = (x: number, y: number, reach: number) => Math.hypot(x - 32, y - 32) < reach

  test('is what lies within the frame, however large it is, and costs twice what it differs from all at the frame', () => {
    for (const reach of [4, 12]) {
      const { at } = subject((x, y) => (isWithin(x, y, reach) ? 120 : 0))
      expect(at(32, 32)).toBeGreaterThan(1000)
      for (const [x, y] of [
        [16, 16],
        [48, 32],
      ] as const)
        expect(at(x, y)).toBe(0)
    }
    // More than 8000 a pixel counts as that much; grain is as unlike at the frame.
    const whole = subject((x, y) => (isWithin(x, y, 12) ? 120 : 0)).at(32, 32)
    expect(whole).toBeGreaterThan(15_500)
    expect(whole).toBeLessThanOrEqual(16_000)
  })

  test('may be cut by the frame at one place', () => {
    expect(
      subject((x, y) => (isWithin(x, y, 10) || (Math.abs(x - 32) < 3 && y < 32) ? 120 : 0)).at(32, 32),
    ).toBeGreaterThan(1000)
  })

  test('is told from the most of the frame, whatever else the frame cuts', () => {
    // A quarter of the frame and more is like nothing else there.
    const { at } = subject((x, y) => (isWithin(x, y, 8) ? 60 : y < 20 ? noise(x + 64 * y) % 200 : 0))
    expect(at(32, 32)).toBeGreaterThan(4000)
    expect(at(32, 46)).toBe(0)
  })

  test('is not what reaches far along the frame', () => {
    expect(subject((_, y) => (y < 26 ? 120 : 0)).isFree).toBe(true)
    expect(subject(x => (x > 38 ? 120 : 0)).isFree).toBe(true)
  })

  test('is not what its surroundings turn into little by little, as into a glow', () => {
    expect(subject((x, y) => Math.max(0, 100 - 6 * Math.hypot(x - 32, y - 32))).isFree).toBe(true)
  })

  test('is hardly what there is at the frame as well: that is texture', () => {
    const { at } = subject((x, y) => (noise((x >> 2) + 64 * (y >> 2)) % 2 ? 120 : 0))
    let sum = 0
    for (let y = 15; y < 49; y++) for (let x = 15; x < 49; x++) sum += at(x, y)
    expect(sum / 34 ** 2).toBeLessThan(800)
  })

  test('is charged on the finer level too', () => {
    const kernel = startKernel()
    const isKnown = (x: number, y: number) => x >= 12 && y >= 12 && x < 52 && y < 52
    const [coarse, fine] = [
      levelOf(kernel, 64, 64, isKnown),
      levelOf(kernel, 128, 128, (x, y) => isKnown(x / 2, y / 2)),
    ]
    for (const level of [coarse, fine]) {
      kernel.findSources(level.at, 64)
      kernel.findTargets(level.at)
    }
    shaded(kernel, coarse, (x, y) => (isWithin(x, y, 8) ? 200 : 80))
    kernel.chargeSubject(coarse.at, 2, 0.85)
    kernel.inheritToll(coarse.at, fine.at)
    const costOf = (level: typeof fine, x: number, y: number) =>
      new Float32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'subject'), level.count)[level.place(x, y)]!
    expect(costOf(coarse, 32, 32)).toBeGreaterThan(1000)
    expect(costOf(fine, 64, 64)).toBe(costOf(coarse, 32, 32))
    expect(costOf(fine, 32, 64)).toBe(0)
  })
})

test('the subject costs its price, once', () => {
  const kernel = startKernel()
  const level = noisy(kernel, 40, 20, x => x < 30)
  const cost = new Float32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'cost'), level.count)
  const subject = new Float32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'subject'), level.count)
  const costs = (price: number) => {
    kernel.clearField(level.at)
    kernel.fillField(level.at)
    for (const x of [32, 34, 36])
      sourcesOf(kernel, level)[level.place(x, 8)] = ((8 + PATCH_RADIUS) << 16) | (10 + PATCH_RADIUS)
    subject[level.place(10, 8)] = price
    kernel.searchIn(level.at, 0, 0, 0, 0, 0, 0, 300)
    kernel.measureField(level.at)
    return [32, 34, 36].map(x => cost[level.place(x, 8)]!)
  }
  const [free, charged] = [costs(0), costs(500)]
  for (const [index, without] of free.entries()) expect(charged[index]! - without).toBeCloseTo(500, 1)
})

test('what stands out less is copied instead of what does more, though a piece is parted for it', () => {
  const kernel = startKernel()
  const level = levelOf(kernel, 60, 30, x => x < 40)
  shaded(kernel, level, () => 90)
  kernel.findSources(level.at, 64)
  kernel.findTargets(level.at)
  const source = sourcesOf(kernel, level)
  const toll = new Float32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'toll'), level.count)
  const moved = (charge: number) => {
    kernel.clearField(level.at)
    kernel.fillField(level.at)
    // Everything goes on from a piece of the right half, which costs 1000; the left half costs what is to be tried.
    for (let y = 0; y < 30; y++) {
      toll.fill(charge, level.place(0, y), level.place(20, y))
      toll.fill(1000, level.place(20, y), level.place(40, y))
    }
    copied(kernel, level, (x, y) => [Math.min(36, x - 20), Math.min(26, Math.max(3, y))])
    kernel.searchIn(level.at, 0, 0, 0, 0, 0, 0.75, 0)
    kernel.measureField(level.at)
    kernel.improveField(level.at, 1, 32)
    let count = 0
    for (let y = 3; y < 27; y++) {
      for (let x = 43; x < 57; x++) if (toll[indexIn(level, source[level.place(x, y)]!)] === charge) count++
    }
    return count / (24 * 14)
  }
  expect(moved(1001)).toBe(0)
  expect(moved(900)).toBeGreaterThan(0.9)
})

test('what would start from a thing that stands out starts from beside it, not from above or below', () => {
  const [width, height] = [48, 32]
  const kernel = startKernel()
  const level = levelOf(kernel, width, height, x => x < 40)
  // The memory grows.
  const bytes = (name: 'colour' | 'tint') =>
    new Uint8Array(kernel.memory.buffer, fieldOf(kernel, level.at, name), level.count * 4)
  const toll = new Float32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'toll'), level.count)
  // Colours say where they are from.
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < 40; x++) {
      bytes('colour').set([x, y], level.place(x, y) * 4)
      if (x >= 24 && y >= 12 && y < 20) toll[level.place(x, y)] = 100
      if (y >= 24) toll[level.place(x, y)] = SUSPECT
    }
  }
  kernel.findSources(level.at, 64)
  kernel.findAnchors(level.at)
  kernel.measureTint(level.at, 1)
  // As deep within the picture as they lie outside.
  kernel.lean(level.at, 1, kernel.newWaves())
  kernel.expectFromLean(level.at)
  kernel.leanPastThings(level.at)
  kernel.startFromLean(level.at)
  const startOf = (x: number, y: number) => [
    ...bytes('colour').subarray(level.place(x, y) * 4, level.place(x, y) * 4 + 2),
  ]
  expect(startOf(44, 16)).toEqual([23, 16])
  const tintOf = (x: number, y: number) => [...bytes('tint').subarray(level.place(x, y) * 4, level.place(x, y) * 4 + 2)]
  expect(tintOf(44, 16)).toEqual(tintOf(23, 16))
  expect(tintOf(44, 6)).toEqual(tintOf(34, 6))
  // Here it is only a row to what is free.
  expect(startOf(44, 12)).toEqual([34, 11])
  expect(startOf(44, 6)).toEqual([34, 6])
  // What is only suspected is no thing yet.
  expect(startOf(44, 28)).toEqual([34, 28])
})

describe('pieces', () => {
  test('that do not fit are joined to what is around them', () => {
    const kernel = startKernel()
    const level = noisy(kernel, 48, 24, x => x < 30)
    // All of it goes on from 24 pixels farther left; then a single pixel and a block of four do not, though they look as if.
    const whole = (x: number, y: number): [number, number] => [
      Math.min(26, Math.max(3, x - 24)),
      Math.min(20, Math.max(3, y)),
    ]
    copied(kernel, level, whole)
    const source = sourcesOf(kernel, level)
    const before = source.slice()
    const strays = [
      [36, 8],
      [40, 14],
      [41, 14],
      [40, 15],
      [41, 15],
    ] as const
    for (const [x, y] of strays) source[level.place(x, y)] = ((y - 2 + PATCH_RADIUS) << 16) | (x - 31 + PATCH_RADIUS)
    kernel.fillField(level.at)
    kernel.measureField(level.at)
    kernel.joinPieces(level.at)
    for (const [x, y] of strays) expect(source[level.place(x, y)]).toBe(before[level.place(x, y)])
    for (let y = 5; y < 19; y++) {
      for (let x = 33; x < 45; x++) expect(source[level.place(x, y)]).toBe(before[level.place(x, y)])
    }
  })

  test('become fewer, and are copied from where patches are whole, at every size and mask', () => {
    let fewer = 0
    fc.assert(
      fc.property(scene, fc.nat(), ({ width, height, isKnown }, seed) => {
        const kernel = startKernel()
        const level = noisy(kernel, width, height, isKnown)
        kernel.seedRandom(seed)
        kernel.scatterField(level.at)
        kernel.copy(level.at)
        kernel.measureField(level.at)
        const seams = () => seamsOf(level, sourcesOf(kernel, level), width, height)
        const before = seams()
        kernel.joinPieces(level.at)
        const after = seams()
        expect(after).toBeLessThanOrEqual(before)
        if (after < before) fewer++
        const valid = level.plane('valid')
        const known = level.plane('known')
        for (const [at, source] of sourcesOf(kernel, level).entries()) {
          if (source === NOWHERE || known[at]) continue
          expect(valid[indexIn(level, source)]).toBe(1)
        }
      }),
      { numRuns: 60 },
    )
    expect(fewer).toBeGreaterThan(5)
  })
})

describe('blocks', () => {
  test('of what does not fit are copied as what is around them is', () => {
    const kernel = startKernel()
    const level = noisy(kernel, 48, 32, (x, y) => x < 30 || y < 4 || y >= 28)
    shaded(kernel, level, (x, y) => noise((x % 24) * 101 + y))
    // It repeats itself, and all goes on from 24 pixels farther left, but for a rectangle.
    const isStray = (x: number, y: number) => x >= 34 && x < 43 && y >= 10 && y < 21
    copied(kernel, level, (x, y) => (isStray(x, y) ? [x - 31, y - 2] : [x - 24, y]))
    kernel.seedRandom(1)
    kernel.moveBlocks(level.at, 20, 6)
    const source = sourcesOf(kernel, level)
    for (let y = 5; y < 27; y++) {
      for (let x = 33; x < 45; x++)
        expect(source[level.place(x, y)]).toBe(((y + PATCH_RADIUS) << 16) | (x - 24 + PATCH_RADIUS))
    }
  })

  test('make seams shorter, copy no more of what stands out, and only whole patches, at every size and mask', () => {
    let [shorter, tolled] = [0, 0]
    fc.assert(
      fc.property(scene, fc.nat(), ({ width, height, isKnown }, seed) => {
        const kernel = startKernel()
        // Of one shade, so that all pixels of border cost the same.
        const level = noisy(kernel, width, height, isKnown)
        shaded(kernel, level, () => 90)
        const standsOut = (at: number) => noise(at) < 90
        const toll = new Float32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'toll'), level.count)
        for (let at = 0; at < toll.length; at++) toll[at] = standsOut(at) ? 1000 : 0
        kernel.seedRandom(seed)
        kernel.scatterField(level.at)
        // The kernel's memory may grow, and then lies elsewhere.
        const found = () => {
          const source = sourcesOf(kernel, level).slice()
          const isCopy = (one: number, at: number) =>
            !level.plane('known')[at] && one !== NOWHERE && standsOut(indexIn(level, one))
          return { source, seams: seamsOf(level, source, width, height), copies: source.filter(isCopy).length }
        }
        const before = found()
        kernel.moveBlocks(level.at, 5, 3)
        const after = found()
        expect(after.seams).toBeLessThanOrEqual(before.seams)
        expect(after.copies).toBeLessThanOrEqual(before.copies)
        if (after.seams < before.seams) shorter++
        if (before.copies > 0) tolled++
        const [known, valid] = [level.plane('known'), level.plane('valid')]
        for (const [at, one] of after.source.entries()) {
          if (known[at]) expect(one).toBe(before.source[at])
          else if (one !== NOWHERE) expect(valid[indexIn(level, one)]).toBe(1)
        }
      }),
      { numRuns: 60 },
    )
    expect(shorter).toBeGreaterThan(5)
    expect(tolled).toBeGreaterThan(5)
  })
})

const NOWHERE = 0xffffffff

function indexIn({ stride }: { stride: number }, place: number): number {
  return (place >>> 16) * stride + (place & 0xffff)
}

/** How many pixels of border there are between what is not copied as one piece. */
function seamsOf(level: ReturnType<typeof levelOf>, source: Uint32Array, width: number, height: number): number {
  const known = level.plane('known')
  let sum = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = level.place(x, y)
      if (known[at]) continue
      const own = source[at]!
      const [right, below] = [level.place(x + 1, y), level.place(x, y + 1)]
      if (x + 1 < width && !known[right] && source[right] !== own + 1) sum++
      if (y + 1 < height && !known[below] && source[below] !== own + 0x10000) sum++
    }
  }
  return sum
}

function sourcesOf(kernel: Kernel, level: { at: Address; count: number }) {
  return new Uint32Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'source'), level.count)
}

function noise(at: number): number {
  return ((at * 2_654_435_761) >>> 24) & 0xff
}

/** With noise where it is known, ready to be searched. */
function noisy(kernel: Kernel, width: number, height: number, isKnown: (x: number, y: number) => boolean) {
  const level = levelOf(kernel, width, height, isKnown)
  kernel.findSources(level.at, 64)
  kernel.findTargets(level.at)
  kernel.clearField(level.at)
  kernel.expectNothing(level.at)
  kernel.searchIn(level.at, 0, 0, 0, 1, 0, 0, 0)
  const colour = new Uint8Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'colour'), level.count * 4)
  for (let at = 0; at < level.count; at++) {
    if (level.plane('known')[at])
      for (let channel = 0; channel < 3; channel++) colour[at * 4 + channel] = noise(at * 3 + channel)
  }
  return level
}
