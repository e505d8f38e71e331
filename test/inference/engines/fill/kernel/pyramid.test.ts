import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { levelField, startKernel } from '../../../../../src/inference/engines/fill/kernel.js'
import { bytesOf, newTestLevel, scene } from './test-level.js'

describe('at every size and mask', () => {
  test('patches are copied from where they are wholly known, and nowhere else', () => {
    fc.assert(
      fc.property(scene, ({ width, height, isKnown }) => {
        const kernel = startKernel()
        const { address, plane, pixel } = newTestLevel(kernel, width, height, isKnown)
        expect(kernel.findSources(address, 64)).toBe(plane('valid').reduce((sum, one) => sum + one, 0))
        const radius = levelField(kernel, address, 'radius')
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            let whole = true
            for (let py = y - radius; py <= y + radius; py++) {
              for (let px = x - radius; px <= x + radius; px++) {
                whole &&= px >= 0 && py >= 0 && px < width && py < height && isKnown(px, py)
              }
            }
            expect(plane('valid')[pixel(x, y)]).toBe(Number(whole))
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('targets are the pixels whose patch contains something that is not known', () => {
    fc.assert(
      fc.property(scene, ({ width, height, isKnown }) => {
        const kernel = startKernel()
        const { address, plane, pixel } = newTestLevel(kernel, width, height, isKnown)
        kernel.findSources(address, 1)
        kernel.findTargets(address)
        const radius = levelField(kernel, address, 'radius')
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            let reaches = false
            for (let py = Math.max(0, y - radius); py <= Math.min(height - 1, y + radius); py++) {
              for (let px = Math.max(0, x - radius); px <= Math.min(width - 1, x + radius); px++) {
                reaches ||= !isKnown(px, py)
              }
            }
            expect(plane('target')[pixel(x, y)]).toBe(Number(reaches))
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('the distance of each pixel to what is known is found', () => {
    fc.assert(
      fc.property(scene, ({ width, height, isKnown }) => {
        const kernel = startKernel()
        const { address, plane, pixel } = newTestLevel(kernel, width, height, isKnown)
        kernel.findNearestKnown(address)
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            let nearest = Number.POSITIVE_INFINITY
            for (let ky = 0; ky < height; ky++) {
              for (let kx = 0; kx < width; kx++) {
                if (isKnown(kx, ky)) nearest = Math.min(nearest, Math.hypot(x - kx, y - ky))
              }
            }
            // It is rounded, and two sweeps may miss it by a fraction of a pixel.
            expect(Math.abs(plane('distance')[pixel(x, y)]! - nearest)).toBeLessThan(1)
          }
        }
      }),
      { numRuns: 25 },
    )
  })
})

test('a mean colour is that of the known pixels around, at every size and mask', () => {
  fc.assert(
    fc.property(scene, fc.integer({ min: 1, max: 9 }), ({ width, height, isKnown }, radius) => {
      const kernel = startKernel()
      const level = newTestLevel(kernel, width, height, isKnown)
      const colour = bytesOf(kernel, level, 'colour', 4)
      const colourOf = (x: number, y: number) => [(x * 37 + y * 11) % 256, (x * y) % 256, 255 - ((x * 5) % 256)]
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) if (isKnown(x, y)) colour.set(colourOf(x, y), level.pixel(x, y) * 4)
      }
      kernel.measureMeanColour(level.address, radius)
      const means = bytesOf(kernel, level, 'meanColour', 4)
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
            expect(Math.abs(means[level.pixel(x, y) * 4 + channel]! - sum / count)).toBeLessThanOrEqual(0.51)
          }
        }
      }
    }),
    { numRuns: 50 },
  )
})
