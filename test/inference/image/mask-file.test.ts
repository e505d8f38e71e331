import fc from 'fast-check'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { decodeMask, decodeSoftMask, encodeMask, fitMask } from '../../../src/inference/image/mask-file.js'
import { KEEP, type Mask, PAINT } from '../../../src/inference/image/pixels.js'
import { problemIn } from '../../support/problems.js'

const masks = fc
  .record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }), seed: fc.nat(999) })
  .map(({ width, height, seed }): Mask => {
    const data = Uint8Array.from({ length: width * height }, (_, at) =>
      (at * 7919 + seed * 31) % 11 < 4 ? PAINT : KEEP,
    )
    return { width, height, data }
  })

test('a mask of any size comes back as it was written', () =>
  fc.assert(
    fc.asyncProperty(masks, async mask => {
      expect(await decodeMask(await encodeMask(mask))).toEqual(mask)
    }),
    { numRuns: 40 },
  ))

test('a canonical mask is a PNG of one grey channel', async () => {
  const file = await encodeMask({ width: 3, height: 1, data: Uint8Array.of(PAINT, KEEP, PAINT) })
  expect(await sharp(file).metadata()).toMatchObject({ format: 'png', space: 'b-w', channels: 1, depth: 'uchar' })
})

test.each([1, 3, 4] as const)(
  'grey levels stay in a soft mask, and from 64 on are painted by a hard one: %d channels',
  async channels => {
    const grey = [0, 63, 64, 255].flatMap(value => [value, value, value, 255].slice(0, channels))
    const file = await sharp(Buffer.from(grey), { raw: { width: 4, height: 1, channels } })
      .png()
      .toBuffer()
    expect([...(await decodeMask(file)).data]).toEqual([KEEP, KEEP, PAINT, PAINT])
    expect([...(await decodeSoftMask(file)).data]).toEqual([0, 63, 64, 255])
  },
)

test('a palette, as older messages hold it, is read as well', async () => {
  const file = await sharp(Buffer.from([0, 255, 255, 0]), { raw: { width: 2, height: 2, channels: 1 } })
    .toColourspace('b-w')
    .png({ palette: true, colours: 2 })
    .toBuffer()
  expect([...(await decodeMask(file)).data]).toEqual([KEEP, PAINT, PAINT, KEEP])
})

test('a file that is not a picture is refused', async () => {
  expect(await problemIn(decodeMask(Buffer.from('nothing')))).toEqual({ code: 'not-a-picture' })
})

test('a mask is fitted to a larger picture of the same shape, and to no other', async () => {
  const half = { width: 40, height: 20, data: new Uint8Array(800).fill(PAINT, 400) }
  const { width, height, data } = await fitMask(half, { width: 80, height: 40 })
  expect([width, height, data[0], data.at(-1)]).toEqual([80, 40, KEEP, PAINT])
  expect((await problemIn(fitMask(half, { width: 80, height: 80 })))?.code).toBe('mask-size-differs')
})
