import sharp from 'sharp'
import { expect, test } from 'vitest'
import { filledMask, filledPixels, KEEP, type Mask, PAINT } from '../../../src/inference/image/pixels.js'
import { encodePng } from '../../../src/inference/image/png.js'
import { drawObjectNumbers, renderObjects } from '../../../src/inference/mask/draw-objects.js'
import { createMaskService } from '../../../src/inference/mask/mask-service.js'
import { decodeObjectSheet, encodeObjectSheet, MAX_SHEET_OBJECTS } from '../../../src/inference/mask/object-sheet.js'
import { problemIn } from '../../support/problems.js'

const SIZE = { width: 300, height: 200 }

function rectangle(left: number, top: number, width: number, height: number): Mask {
  const mask = filledMask(SIZE, KEEP)
  for (let y = top; y < top + height; y++) {
    mask.data.fill(PAINT, y * SIZE.width + left, y * SIZE.width + left + width)
  }
  return mask
}

test('a sheet keeps 24 masks that overlap, byte for byte', async () => {
  const masks = Array.from({ length: MAX_SHEET_OBJECTS }, (_, index) => rectangle(index * 5, index * 3, 80, 60))
  const read = await decodeObjectSheet(await encodeObjectSheet(masks, SIZE))
  expect(read).toHaveLength(masks.length)
  expect(masks.findIndex(({ data }, index) => Buffer.compare(data, read[index]!.data) !== 0)).toBe(-1)
})

test('another file gets a sentence', async () => {
  const grey = await sharp({ create: { ...SIZE, channels: 4, background: '#00000080' } })
    .png()
    .toBuffer()
  expect(await problemIn(decodeObjectSheet(grey))).toEqual({ code: 'picture-corrupt' })
  expect(await problemIn(decodeObjectSheet(Buffer.from('no sheet')))).toEqual({ code: 'picture-corrupt' })
})

test.each([0, 255])(
  'numbers are inside their objects, apart from each other, and can be read on grey %d',
  async grey => {
    // A large object with a small one in its middle, and one at the picture's corner.
    const objects = [rectangle(60, 20, 200, 150), rectangle(140, 70, 40, 40), rectangle(0, 150, 40, 50)]
    const overlay = filledPixels(SIZE, grey)
    await drawObjectNumbers(overlay, objects)
    const changed = filledMask(SIZE, KEEP)
    for (let at = 0; at < changed.data.length; at++) if (overlay.data[at * 3] !== grey) changed.data[at] = PAINT
    for (const [index, object] of objects.entries()) {
      const smaller = objects.slice(index + 1)
      const isOwn = (at: number) => object.data[at] === PAINT && smaller.every(({ data }) => data[at] === KEEP)
      const levels = [...object.data.keys()].filter(isOwn).map(at => overlay.data[at * 3]!)
      // White digits on a dark box.
      expect(levels.filter(level => level === 255).length, `number ${index + 1}`).toBeGreaterThan(20)
      expect(levels.filter(level => level < 70).length, `number ${index + 1}`).toBeGreaterThan(20)
    }
    const isOutside = (at: number) => objects.every(({ data }) => data[at] === KEEP)
    expect([...changed.data.keys()].filter(at => changed.data[at] === PAINT && isOutside(at))).toEqual([])
  },
)

test('each object has its own outline', async () => {
  const picture = await encodePng(filledPixels(SIZE, 128))
  const overlay = await renderObjects(picture, [rectangle(20, 20, 100, 100), rectangle(180, 60, 80, 80)])
  const { data, info } = await sharp(overlay).raw().toBuffer({ resolveWithObject: true })
  // Small pictures are enlarged, so that the numbers don't hide them.
  expect(info.width).toBe(640)
  const at = (x: number, y: number) => {
    const first = (Math.round((y * 640) / 300) * 640 + Math.round((x * 640) / 300)) * 3
    return [...data.subarray(first, first + 3)]
  }
  const [one, other] = [at(20.5, 100), at(180.5, 120)]
  expect(Math.abs(one[0]! - other[0]!)).toBeGreaterThan(60)
  for (const value of at(150, 190)) expect(Math.abs(value - 128)).toBeLessThan(12)
})

test('chosen objects become one mask; a number that is none gets a sentence', async () => {
  const masks = createMaskService()
  const picture = await encodePng(filledPixels(SIZE, 128))
  const sheet = await encodeObjectSheet([rectangle(20, 20, 100, 100), rectangle(180, 60, 60, 50)], SIZE)
  const { kind, share, certain } = await masks.fromObjects(picture, sheet, [1, 2], false)
  expect({ kind, certain }).toEqual({ kind: 'objects', certain: true })
  expect(share).toBeCloseTo(13_000 / 60_000)
  expect((await masks.fromObjects(picture, sheet, [1, 2], true)).share).toBeCloseTo(47_000 / 60_000)
  expect(await problemIn(masks.fromObjects(picture, sheet, [2, 3], false))).toEqual({
    code: 'object-unknown',
    number: 3,
    count: 2,
  })
  const { overlay } = await masks.numberObjects(picture, sheet)
  expect((await sharp(overlay).metadata()).format).toBe('webp')
  await masks.close()
})
