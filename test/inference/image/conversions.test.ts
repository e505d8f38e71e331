import sharp from 'sharp'
import { expect, test } from 'vitest'
import { conversionsOf } from '../../../src/inference/image/conversions.js'
import { readPicture } from '../../../src/inference/image/decode.js'
import { exportPicture } from '../../../src/inference/image/export.js'
import { encodePng } from '../../../src/inference/image/png.js'
import { PNG_SIGNATURE, pngChunk } from '../../../src/inference/image/png-chunks.js'
import { stripMetadata } from '../../../src/inference/image/strip-metadata.js'
import { formatParameters, type Recipe } from '../../../src/inference/pipeline/recipe.js'
import { readRecipe } from '../../../src/inference/pipeline/recipe-file.js'
import { landscape } from '../../contracts/engine.js'

const frame = landscape(24, 16).data
const frames = Buffer.concat([frame, frame.map(value => 255 - value)])
const animation = () => sharp(frames, { raw: { width: 24, height: 32, channels: 3, pageHeight: 16 } })
const still = () => sharp(frame, { raw: { width: 24, height: 16, channels: 3 } })

/** A PNG that says how many frames it has, right after its header. */
async function animatedPng(count: number): Promise<Buffer> {
  const png = await still().png().toBuffer()
  const control = Buffer.alloc(8)
  control.writeUInt32BE(count)
  const headerEnd = PNG_SIGNATURE.length + 25
  return Buffer.concat([png.subarray(0, headerEnd), pngChunk('acTL', control), png.subarray(headerEnd)])
}

/** The brand of a sequence; its still picture is its first frame. */
async function avifSequence(): Promise<Buffer> {
  const avif = await still().avif({ lossless: true }).toBuffer()
  avif.write('avis', 8, 'latin1')
  return avif
}

test.each<[string, () => Promise<Buffer>, string[]]>([
  ['an animated GIF', () => animation().gif().toBuffer(), ['first-frame']],
  ['an animated WebP', () => animation().webp({ lossless: true }).toBuffer(), ['first-frame']],
  ['an animated PNG', () => animatedPng(3), ['first-frame']],
  ['an AVIF sequence', avifSequence, ['first-frame']],
  ['a TIFF of two pages', () => animation().tiff({ compression: 'lzw' }).toBuffer(), ['first-page']],
  ['a PNG of one frame', () => animatedPng(1), []],
  ['a still GIF', () => still().gif().toBuffer(), []],
  ['a still WebP', () => still().webp().toBuffer(), []],
  ['16 bits', () => still().toColourspace('rgb16').png().toBuffer(), ['8-bit']],
  ['Display P3', () => still().withIccProfile('p3').jpeg().toBuffer(), ['srgb']],
  ['CMYK', () => still().withIccProfile('cmyk').jpeg().toBuffer(), ['srgb']],
  ['sRGB with a profile', () => still().withIccProfile('srgb').png().toBuffer(), []],
])('what reading leaves out of %s is named', async (_, make, expected) => {
  const file = await make()
  expect(await conversionsOf(file)).toEqual(expected)
  // Also if nothing but the picture is left of it; of a TIFF that is one page.
  expect(await conversionsOf(stripMetadata(file))).toEqual(expected.filter(name => name !== 'first-page'))
  const { pixels } = await readPicture(file)
  expect([pixels.width, pixels.height]).toEqual([24, 16])
})

test('of an animation the first frame is read', async () => {
  const { pixels } = await readPicture(await animation().webp({ lossless: true }).toBuffer())
  expect(Buffer.from(pixels.data)).toEqual(Buffer.from(frame))
})

test.each(['png', 'jpeg', 'webp'] as const)(
  'a result as %s keeps its recipe, also without its metadata',
  async format => {
    const recipe: Recipe = {
      edit: { kind: 'square' },
      old: { x: 0, y: 4, width: 24, height: 16 },
      prompt: 'a <b> & "c" — 日本',
      seed: 3,
      engine: 'fill',
      source: '0123456789abcdef',
    }
    const pixels = landscape(24, 16)
    const png = await encodePng(pixels, { parameters: formatParameters(recipe, pixels) })
    const file = await exportPicture(png, format, 90)
    expect(readRecipe(file)).toEqual(recipe)
    expect(readRecipe(stripMetadata(file))).toEqual(recipe)
    expect(stripMetadata(stripMetadata(file))).toEqual(stripMetadata(file))
  },
)
