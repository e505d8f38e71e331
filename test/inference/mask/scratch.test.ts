import { expect, test } from 'vitest'
import { encodeMask } from '../../../src/inference/image/mask-file.js'
import { filledMask, KEEP, type Mask, PAINT } from '../../../src/inference/image/pixels.js'
import { isNotedScratch, isScratch, noteScratch } from '../../../src/inference/mask/scratch.js'

/** A mask of 640×480 that paints where `isPainted` says so. */
function drawn(isPainted: (x: number, y: number) => boolean): Mask {
  const mask = filledMask({ width: 640, height: 480 }, KEEP)
  for (let y = 0; y < 480; y++) for (let x = 0; x < 640; x++) if (isPainted(x, y)) mask.data[y * 640 + x] = PAINT
  return mask
}

test.each<[string, boolean, (x: number, y: number) => boolean]>([
  ['a vertical line', true, x => x >= 300 && x < 310],
  ['a vertical line at the frame', true, x => x >= 632],
  ['many diagonal lines', true, (x, y) => (x + y) % 40 < 8],
  ['a curve', true, (x, y) => Math.abs(y - 240 - 100 * Math.sin(x / 60)) < 4],
  ['specks of dust', true, (x, y) => (x % 50) ** 2 + (y % 50) ** 2 < 36],
  ['a wide line', false, x => x >= 300 && x < 312],
  ['an object', false, (x, y) => (x - 320) ** 2 + (y - 240) ** 2 < 900],
  ['a line and an object', false, (x, y) => x < 3 || (x > 500 && y > 400)],
  ['a thin frame around an object', true, (x, y) => Math.abs(Math.max(Math.abs(x - 320), Math.abs(y - 240)) - 90) < 3],
])('%s: %s', (_, expected, isPainted) => {
  expect(isScratch(drawn(isPainted))).toBe(expected)
})

test('the note is in the mask file', async () => {
  const [scratch, object] = [drawn(x => x < 5), drawn((x, y) => x < 50 && y < 50)]
  const noted = await Promise.all([scratch, object].map(async mask => noteScratch(await encodeMask(mask), mask)))
  expect(noted.map(isNotedScratch)).toEqual([true, false])
})
