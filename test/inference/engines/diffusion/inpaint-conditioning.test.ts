import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  latentMask,
  MASK_RULES,
  maskedImage,
} from '../../../../src/inference/engines/diffusion/inpaint/inpaint-conditioning.js'
import { filledMask, filledPixels, KEEP, PAINT } from '../../../../src/inference/image/pixels.js'

const WHITE = 255
const side = fc.integer({ min: 1, max: 5 })
/** Runs of masked and of kept pixels, of any length: of a pixel, of some rows, of the whole mask. */
const runs = fc.array(fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 400 })), { maxLength: 40 })

test('a latent is painted if a pixel of it is masked, and the model sees grey under it and nowhere else', () => {
  const property = fc.property(side, side, runs, (across, down, lengths) => {
    const size = { width: across * 8, height: down * 8 }
    const mask = filledMask(size, KEEP)
    let start = 0
    for (const [index, length] of lengths.entries()) {
      if (index % 2 === 0) mask.data.fill(PAINT, start, start + length)
      start += length
    }
    const known = filledPixels(size, WHITE)
    const area = mask.data.length
    const isMasked = (x: number, y: number) => mask.data[y * size.width + x] === PAINT
    for (const rule of [{ overlapPixels: 0, unit: 'latents' }, MASK_RULES.diffusers] as const) {
      const latents = latentMask(mask, 9, rule)
      const planes = maskedImage(known, mask, latents, rule)
      for (let at = 0; at < area; at++) {
        const [x, y] = [at % size.width, Math.floor(at / size.width)]
        const [left, top] = [x - (x % 8), y - (y % 8)]
        const eight = [0, 1, 2, 3, 4, 5, 6, 7]
        const isTouched = eight.some(dy => eight.some(dx => isMasked(left + dx, top + dy)))
        const isPainted = rule.unit === 'latents' ? isTouched : isMasked(left, top)
        const isGrey = rule.unit === 'latents' ? isTouched : isMasked(x, y)
        if (latents[(top / 8) * across + left / 8] !== Number(isPainted)) expect([x, y]).toBe('painted right')
        const found = [planes[at], planes[area + at], planes[2 * area + at]]
        if (found.some(value => value !== Number(!isGrey))) expect([x, y, found]).toBe('grey right')
      }
    }
    expect(latentMask(mask, 4).some(share => share > 0)).toBe(mask.data.includes(PAINT))
  })
  fc.assert(property, { numRuns: 100 })
})
