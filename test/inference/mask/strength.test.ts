import '../../support/allow-svg.js'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { decodeSoftMask, encodeMask, resizeSoftMask } from '../../../src/inference/image/mask-file.js'
import { KEEP, PAINT, type SoftMask } from '../../../src/inference/image/pixels.js'
import { encodePng } from '../../../src/inference/image/png.js'
import runMaskTask from '../../../src/inference/mask/mask-tasks.js'
import { dilateGreys, erodeGreys, hasDrawnGreys } from '../../../src/inference/mask/strength.js'
import { landscape } from '../../contracts/engine.js'
import { problemIn } from '../../support/problems.js'

const size = { width: 200, height: 160 }

async function drawn(shapes: string, change: (image: Sharp) => Sharp = image => image): Promise<SoftMask> {
  const svg = `<svg width="200" height="160" xmlns="http://www.w3.org/2000/svg"><rect width="200" height="160"/>${shapes}</svg>`
  const png = await sharp(Buffer.from(svg)).flatten().greyscale().png().toBuffer()
  const file = await change(sharp(png)).toBuffer()
  return { ...size, data: await sharp(file).extractChannel(0).raw().toBuffer() }
}

const DISC = '<circle cx="100" cy="80" r="50" fill="white"/>'
const SCRIBBLE = '<path d="M20 20 L180 140 M30 120 Q90 10 170 60" stroke="white" stroke-width="1.3" fill="none"/>'

describe('edges are no drawn greys:', () => {
  test.each<[string, string, ((image: Sharp) => Sharp)?]>([
    ['a hard mask', '<rect x="40" y="30" width="70" height="60" fill="white"/>'],
    ['an antialiased disc', DISC],
    ['the disc as a bad JPEG', DISC, image => image.jpeg({ quality: 15 })],
    ['the disc as WebP', DISC, image => image.webp({ quality: 20 })],
    ['thin antialiased lines', SCRIBBLE],
    ['the lines as a bad JPEG', SCRIBBLE, image => image.jpeg({ quality: 15 })],
    ['a disc that is a little blurred', DISC, image => image.blur(1.5)],
  ])('%s', async (_, shapes, change) => {
    expect(hasDrawnGreys(await drawn(shapes, change))).toBe(false)
  })

  test('a disc that was scaled to three times its size', async () => {
    const large = await resizeSoftMask(await drawn(DISC), { width: 600, height: 480 })
    expect(hasDrawnGreys(large)).toBe(false)
  })
})

describe('drawn greys:', () => {
  test.each<[string, string, ((image: Sharp) => Sharp)?]>([
    ['a grey area', '<rect x="40" y="30" width="9" height="9" fill="#808080"/>'],
    [
      'a grey area as a bad JPEG',
      '<rect x="40" y="30" width="60" height="60" fill="#808080"/>',
      i => i.jpeg({ quality: 15 }),
    ],
    ['a feathered border', DISC, image => image.blur(5)],
  ])('%s', async (_, shapes, change) => {
    expect(hasDrawnGreys(await drawn(shapes, change))).toBe(true)
  })
})

test('greys grow and shrink with their values', async () => {
  const mask = await drawn('<rect x="60" y="40" width="40" height="40" fill="#808080"/>')
  const at = ({ data }: SoftMask, x: number, y: number) => data[y * size.width + x]
  const [grown, shrunk] = [dilateGreys(mask, 10), erodeGreys(mask, 10)]
  expect([at(grown, 80, 60), at(grown, 52, 60), at(grown, 48, 60)]).toEqual([128, 128, KEEP])
  expect([at(shrunk, 80, 60), at(shrunk, 72, 60), at(shrunk, 66, 60)]).toEqual([128, 128, KEEP])
  const hard = await drawn('<rect x="60" y="40" width="40" height="40" fill="white"/>')
  expect(at(dilateGreys(hard, 10), 52, 60)).toBe(PAINT)
})

describe('greys that somebody sends', () => {
  const picture = encodePng(landscape(size.width, size.height))
  const grey = (value: number) => ({ ...size, data: new Uint8Array(size.width * size.height).fill(value) })
  const valuesOf = async (result: Awaited<ReturnType<typeof runMaskTask>>) => {
    if (!('mask' in result)) throw new Error('no mask')
    return new Set((await decodeSoftMask(result.mask)).data.filter((_, at) => at % 7 === 0))
  }

  test('stay greys in the canonical mask, also from the page, and when they grow', async () => {
    const mask = await drawn('<rect x="60" y="40" width="40" height="40" fill="#808080"/>')
    const file = await encodeMask(mask)
    const understood = await runMaskTask({ do: 'interpret', drawn: file, picture: await picture, invert: false })
    expect(await valuesOf(understood)).toEqual(new Set([KEEP, 128]))
    for (const how of ['same', 'grow', 'shrink'] as const) {
      const adjusted = await runMaskTask({ do: 'adjust', mask: file, picture: await picture, how })
      expect(await valuesOf(adjusted), how).toEqual(new Set([KEEP, 128]))
    }
  })

  test('may cover the whole picture, which white may not', async () => {
    const adjusted = async (value: number) =>
      runMaskTask({ do: 'adjust', mask: await encodeMask(grey(value)), picture: await picture, how: 'same' })
    expect(await valuesOf(await adjusted(128))).toEqual(new Set([128]))
    expect(await problemIn(adjusted(PAINT))).toEqual({ code: 'mask-full' })
  })
})
