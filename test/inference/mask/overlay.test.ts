import sharp from 'sharp'
import { expect, test } from 'vitest'
import { filledPixels } from '../../../src/inference/image/pixels.js'
import { encodePng } from '../../../src/inference/image/png.js'
import { drawGrid } from '../../../src/inference/mask/draw-grid.js'
import { gridMask } from '../../../src/inference/mask/grid.js'
import { renderOverlay } from '../../../src/inference/mask/overlay.js'
import { landscape } from '../../contracts/engine.js'

async function pixelsOf(file: Uint8Array) {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return {
    ...info,
    at: (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)],
  }
}

test.each([
  [1600, 1200, 1024, 768],
  [300, 200, 300, 200],
  [2, 3000, 1, 1024],
])('an overlay of %d×%d is at most 1024 pixels long', async (width, height, expectedWidth, expectedHeight) => {
  const size = { width, height }
  const file = await renderOverlay(
    await encodePng(landscape(width, height)),
    gridMask(size, [{ across: 3, cells: [1] }]),
  )
  const { width: shownWidth, height: shownHeight, format } = await sharp(file).metadata()
  expect([shownWidth, shownHeight, format]).toEqual([expectedWidth, expectedHeight, 'webp'])
})

test('what will be painted is tinted, the rest is as it was', async () => {
  const size = { width: 300, height: 300 }
  const grey = await encodePng(filledPixels(size, 128))
  const { at } = await pixelsOf(await renderOverlay(grey, gridMask(size, [{ across: 3, cells: [5] }])))
  const [red, green] = at(150, 150)
  expect(red! - green!).toBeGreaterThan(30)
  for (const value of at(20, 20)) expect(Math.abs(value - 128)).toBeLessThan(12)
})

test('what is repainted by part is tinted by part', async () => {
  const size = { width: 300, height: 300 }
  const grey = await encodePng(filledPixels(size, 128))
  const mask = gridMask(size, [{ across: 3, cells: [4, 5] }])
  // The fifth field is grey.
  const data = mask.data.map((value, at) => (at % 300 >= 100 ? value / 2 : value))
  const { at } = await pixelsOf(await renderOverlay(grey, mask, { strength: { ...size, data } }))
  const tintAt = (x: number) => at(x, 150)[0]! - at(x, 150)[1]!
  // Both pixels are on a stripe.
  expect(tintAt(144)).toBeGreaterThan(20)
  expect(tintAt(48)).toBeGreaterThan(1.5 * tintAt(144))
})

test.each([3, 4])('a grid of %d fields has a line between them and a number in each', across => {
  const picture = filledPixels({ width: 400, height: 400 }, 128)
  drawGrid(picture, across)
  const at = (x: number, y: number) => picture.data[(y * 400 + x) * 3]!
  for (let index = 1; index < across; index++) expect(at(Math.round((index * 400) / across), 200)).toBeLessThan(60)
  for (let cell = 0; cell < across * across; cell++) {
    const [left, top] = [
      Math.round(((cell % across) * 400) / across),
      Math.round((Math.floor(cell / across) * 400) / across),
    ]
    const corner = Array.from({ length: 30 * 22 }, (_, dot) =>
      at(left + 2 + (dot % 30), top + 2 + Math.floor(dot / 30)),
    )
    expect(corner.filter(value => value === 255).length).toBeGreaterThan(10)
  }
})
