import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resizeCanvas } from '../../../../src/inference/engines/diffusion/inpaint/work-size.js'
import { filledMask, filledPixels, KEEP, PAINT } from '../../../../src/inference/image/pixels.js'
import { NOWHERE } from '../../../../src/inference/pipeline/canvas.js'

const COLOR = [250, 120, 3] as const
const side = fc.integer({ min: 24, max: 150 })

test('known pixels of one color keep it up to the mask, at any size, and masked ones do not become known', async () => {
  const cases = fc.asyncProperty(side, side, side, side, fc.integer({ min: 3, max: 8 }), async (...given) => {
    const [width, height, newWidth, newHeight, margin] = given
    const pixels = filledPixels({ width, height }, 77)
    const mask = filledMask({ width, height }, PAINT)
    // An L, so that there are convex and concave corners.
    const isKnown = (x: number, y: number) =>
      x >= margin && y >= margin && x < width - margin && y < height - margin && (x < width / 2 || y < height / 2)
    for (let at = 0; at < mask.data.length; at++) {
      if (!isKnown(at % width, Math.floor(at / width))) continue
      mask.data[at] = KEEP
      pixels.data.set(COLOR, at * 3)
    }
    const resized = await resizeCanvas({ pixels, mask, old: NOWHERE }, { width: newWidth, height: newHeight })
    for (let at = 0; at < resized.mask.data.length; at++) {
      if (resized.mask.data[at] === PAINT) continue
      const found = [...resized.pixels.data.subarray(at * 3, at * 3 + 3)]
      if (found.some((value, channel) => Math.abs(value - COLOR[channel]!) > 1)) expect(found).toEqual(COLOR)
      const x = Math.floor((((at % newWidth) + 0.5) / newWidth) * width)
      const y = Math.floor(((Math.floor(at / newWidth) + 0.5) / newHeight) * height)
      const isNearKnown = [-1, 0, 1].some(dy => [-1, 0, 1].some(dx => isKnown(x + dx, y + dy)))
      if (!isNearKnown) expect([x, y]).toBe('near what is known')
    }
    expect(resized.mask.data.includes(KEEP)).toBe(true)
  })
  await fc.assert(cases, { numRuns: 60 })
})
