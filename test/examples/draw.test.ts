import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { render } from '../../examples/draw.js'
import { lighthouse } from '../../examples/lighthouse.js'

test('the same scene is drawn twice the same', () => {
  const { width, height, data } = render(lighthouse, 96, 64)
  expect([width, height, data.length]).toEqual([96, 64, 96 * 64 * 3])
  expect(render(lighthouse, 96, 64).data).toEqual(data)
})

test('there is something to see, and everywhere', () => {
  const { data } = render(lighthouse, 96, 64)
  const brightness = Array.from({ length: 64 }, (_, row) => {
    const line = data.subarray(row * 96 * 3, (row + 1) * 96 * 3)
    return line.reduce((sum, value) => sum + value, 0) / line.length
  })
  expect(Math.max(...brightness) - Math.min(...brightness)).toBeGreaterThan(60)
  expect(new Set(data).size).toBeGreaterThan(150)
})

test('the picture in the repository is what the scene draws', async () => {
  const file = fileURLToPath(new URL('../../examples/lighthouse.png', import.meta.url))
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  expect([info.width, info.height]).toEqual([768, 512])
  const small = await sharp(data, { raw: { width: 768, height: 512, channels: 3 } })
    .resize(96, 64)
    .raw()
    .toBuffer()
  const drawn = render(lighthouse, 96, 64).data
  const apart = small.reduce((sum, value, at) => sum + Math.abs(value - drawn[at]!), 0) / drawn.length
  expect(apart).toBeLessThan(6)
})
