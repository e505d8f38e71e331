import sharp from 'sharp'
import { expect, test } from 'vitest'
import { isAnimated } from '../../../src/inference/image/animation.js'

const frame = (background: string) =>
  sharp({ create: { width: 20, height: 10, channels: 3, background } })
    .png()
    .toBuffer()

test.each(['gif', 'webp'] as const)('a %s of several frames is animated, and one of one frame is not', async format => {
  const frames = await Promise.all(['#123', '#456', '#789'].map(frame))
  expect(
    isAnimated(
      await sharp(frames, { join: { animated: true } })
        .toFormat(format)
        .toBuffer(),
    ),
  ).toBe(true)
  expect(
    isAnimated(
      await sharp(await frame('#123'))
        .toFormat(format)
        .toBuffer(),
    ),
  ).toBe(false)
})

test('an animated PNG is animated, and another one is not', async () => {
  const png = await frame('#123')
  expect(isAnimated(png)).toBe(false)
  const header = png.subarray(0, 33)
  const control = Buffer.alloc(20)
  control.writeUInt32BE(8)
  control.write('acTL', 4, 'latin1')
  control.writeUInt32BE(3, 8)
  expect(isAnimated(Buffer.concat([header, control, png.subarray(33)]))).toBe(true)
})

test('other files, and the beginnings of files, are not animated', async () => {
  const gif = await sharp([await frame('#123'), await frame('#456')], { join: { animated: true } })
    .gif()
    .toBuffer()
  for (let length = 0; length < 30; length++) expect(isAnimated(gif.subarray(0, length))).toBe(false)
  expect(
    isAnimated(
      await sharp(await frame('#123'))
        .jpeg()
        .toBuffer(),
    ),
  ).toBe(false)
  expect(isAnimated(Buffer.from('GIF89a'.padEnd(200, '\xff'), 'latin1'))).toBe(false)
})
