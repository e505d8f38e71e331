import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { diffusionEngine } from '../../../../src/inference/engines/diffusion/engine.js'
import { matchColors } from '../../../../src/inference/engines/diffusion/inpaint/color-match.js'
import { fillEngine } from '../../../../src/inference/engines/fill/engine.js'
import { readPicture } from '../../../../src/inference/image/decode.js'
import { toOklab } from '../../../../src/inference/image/oklab.js'
import {
  filledMask,
  filledPixels,
  KEEP,
  type Mask,
  PAINT,
  type Pixels,
} from '../../../../src/inference/image/pixels.js'
import { createCanvas } from '../../../../src/inference/pipeline/canvas.js'
import { layoutCanvas } from '../../../../src/inference/pipeline/layout.js'
import { landscape } from '../../../contracts/engine.js'
import { shared, testWithShared } from '../../../support/shared.js'

const WARM = [22, 6, -10] as const
const DARK = [-24, -24, -24] as const

/** An uneven blob, or all around the picture's middle. */
function maskOf({ width, height }: Mask | Pixels, shape: 'blob' | 'frame'): Mask {
  const mask = filledMask({ width, height }, KEEP)
  for (let at = 0; at < mask.data.length; at++) {
    const [x, y] = [(at % width) / width - 0.5, Math.floor(at / width) / height - 0.5]
    const isBlob = Math.hypot(x, 1.3 * y) < 0.25 + 0.05 * Math.sin(5 * Math.atan2(y, x))
    if (shape === 'blob' ? isBlob : Math.max(Math.abs(x), Math.abs(y)) > 0.33) mask.data[at] = PAINT
  }
  return mask
}

/** The picture with a tint: under the mask, or everywhere as from a VAE. */
function tinted(picture: Pixels, tint: readonly number[], mask?: Mask): Pixels {
  const data = picture.data.map((value, at) => {
    const shift = mask && mask.data[Math.floor(at / 3)] === KEEP ? 0 : tint[at % 3]!
    return Math.min(255, Math.max(0, value + shift))
  })
  return { ...picture, data }
}

/** The mean difference under the mask in hundredths of Oklab: of one on, people see it side by side. */
function meanDifference(one: Pixels, other: Pixels, mask: Mask): number {
  let [sum, count] = [0, 0]
  for (let at = 0; at < mask.data.length; at++) {
    if (mask.data[at] === KEEP) continue
    const [first, second] = [one, other].map(({ data }) => toOklab(data[at * 3]!, data[at * 3 + 1]!, data[at * 3 + 2]!))
    sum += 100 * Math.hypot(...first!.map((value, axis) => value - second![axis]!))
    count++
  }
  return sum / count
}

function expectKept(result: Pixels, painted: Pixels, mask: Mask): void {
  const kept = ({ data }: Pixels) => data.filter((_, at) => mask.data[Math.floor(at / 3)] === KEEP)
  expect(Buffer.compare(kept(result), kept(painted))).toBe(0)
}

describe('matching colors at the border', () => {
  const grey = filledPixels({ width: 120, height: 80 }, 100)
  const right = filledMask(grey, KEEP)
  for (let at = 0; at < right.data.length; at++) if (at % 120 >= 60) right.data[at] = PAINT

  test('removes what a VAE makes darker and redder, far from the border too', () => {
    const painted = tinted(grey, [-4, -14, -14])
    const { data } = matchColors(painted, grey, right)
    for (const at of [40 * 120 + 60, 40 * 120 + 118])
      for (const channel of [0, 1, 2]) expect(Math.abs(data[at * 3 + channel]! - 100)).toBeLessThanOrEqual(1)
    expectKept({ ...grey, data }, painted, right)
  })

  test.each(['blob', 'frame'] as const)('removes a tint that only the painted part has (%s)', shape => {
    const picture = landscape(160, 120)
    const mask = maskOf(picture, shape)
    for (const tint of [WARM, DARK]) {
      const painted = tinted(picture, tint, mask)
      const result = matchColors(painted, picture, mask)
      expect(meanDifference(painted, picture, mask)).toBeGreaterThan(3)
      expect(meanDifference(result, picture, mask)).toBeLessThan(1)
      expectKept(result, painted, mask)
    }
  })

  test('restores a contrast that is too low', () => {
    const picture = landscape(160, 120)
    const mask = maskOf(picture, 'frame')
    const flat = { ...picture, data: picture.data.map(value => Math.round(0.85 * value + 40)) }
    const result = matchColors(flat, picture, mask)
    expect(meanDifference(result, picture, mask)).toBeLessThan(0.3 * meanDifference(flat, picture, mask))
  })

  test('changes nothing where the colors match', () => {
    const picture = landscape(160, 120)
    for (const shape of ['blob', 'frame'] as const) {
      expect(Buffer.compare(matchColors(picture, picture, maskOf(picture, shape)).data, picture.data)).toBe(0)
    }
  })

  test('another content is no tint', () => {
    const picture = landscape(160, 120)
    const mask = maskOf(picture, 'blob')
    const painted = { ...picture, data: picture.data.map((value, at) => (mask.data[Math.floor(at / 3)] ? 30 : value)) }
    expect(Buffer.compare(matchColors(painted, picture, mask).data, painted.data)).toBe(0)
  })
})

const PHOTOS = ['chelsea.png', 'coffee.png']

for (const name of PHOTOS) {
  testWithShared('photos', `${name}: a tint is gone from the photo itself, and from what fill paints`, async () => {
    const { pixels } = await readPicture(await readFile(shared(`photos/${name}`)), {
      size: { width: 224, height: 168 },
    })
    const mask = maskOf(pixels, 'blob')
    const fill = fillEngine('fill')
    const task = { seeds: [1], prompt: '', signal: new AbortController().signal, onProgress: () => {} }
    const canvas = createCanvas({ size: pixels, old: { x: 0, y: 0, width: 224, height: 168 } }, pixels, mask)
    const [filled] = await fill.paint(canvas, task).finally(() => fill.close())
    for (const untinted of [pixels, filled!]) {
      for (const tint of [WARM, DARK]) {
        const painted = tinted(untinted, tint, mask)
        const result = matchColors(painted, pixels, mask)
        expect(meanDifference(result, untinted, mask)).toBeLessThan(0.4 * meanDifference(painted, untinted, mask))
        expectKept(result, painted, mask)
      }
    }
  })
}

test('an engine matches colors unless it is told not to', async () => {
  const engine = diffusionEngine('sd1', join('test/fixtures/diffusion/models', 'sd1'), 'cpu')
  const layout = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, { width: 96, height: 64 })
  const canvas = createCanvas(layout, landscape(layout.old.width, layout.old.height))
  const paint = async (options: object) => {
    const task = { seeds: [1], prompt: '', signal: new AbortController().signal, onProgress: () => {} }
    const [picture] = await engine.paint(canvas, { ...task, options: { steps: 2, ...options } })
    return picture!.data
  }
  const usual = await paint({})
  expect(Buffer.compare(await paint({ colorMatch: false }), usual)).not.toBe(0)
  await engine.close()
})
