import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { render, SCENES } from '../../examples/draw.js'

const scenes = Object.entries(SCENES)

test.each(scenes)('%s is drawn twice the same', (_, scene) => {
  const { width, height, data } = render(scene, 96, 64)
  expect([width, height, data.length]).toEqual([96, 64, 96 * 64 * 3])
  expect(render(scene, 96, 64).data).toEqual(data)
})

test.each(scenes)('there is something to see of %s, and everywhere', (_, scene) => {
  const { data } = render(scene, 96, 64)
  const brightness = Array.from({ length: 64 }, (_, row) => {
    const line = data.subarray(row * 96 * 3, (row + 1) * 96 * 3)
    return line.reduce((sum, value) => sum + value, 0) / line.length
  })
  expect(Math.max(...brightness) - Math.min(...brightness)).toBeGreaterThan(60)
  expect(new Set(data).size).toBeGreaterThan(150)
})

test.each(scenes)('the picture of %s in the repository is what the scene draws', async (name, scene) => {
  const file = fileURLToPath(new URL(`../../examples/${name}.png`, import.meta.url))
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  expect([info.width, info.height]).toEqual([768, 512])
  const small = await sharp(data, { raw: { width: 768, height: 512, channels: 3 } })
    .resize(96, 64)
    .raw()
    .toBuffer()
  const drawn = render(scene, 96, 64).data
  const apart = small.reduce((sum, value, at) => sum + Math.abs(value - drawn[at]!), 0) / drawn.length
  expect(apart).toBeLessThan(6)
})
