import '../../support/allow-svg.js'
import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { interpretMask } from '../../../src/inference/mask/interpret.js'
import { problemIn } from '../../support/problems.js'
import { shared, testWithShared } from '../../support/shared.js'

const size = { width: 192, height: 144 }

/** A picture with texture everywhere, which is neither black nor white. */
const picture = fc.record({ seed: fc.integer({ min: 1, max: 1e6 }), base: fc.integer({ min: 60, max: 180 }) })

/** A blob of 6 to 25 pixels in each direction, away from the border. */
const blob = fc.record({
  x: fc.integer({ min: 30, max: size.width - 31 }),
  y: fc.integer({ min: 30, max: size.height - 31 }),
  rx: fc.integer({ min: 6, max: 25 }),
  ry: fc.integer({ min: 6, max: 25 }),
})
type Blob = { x: number; y: number; rx: number; ry: number }

const isIn = (blobs: readonly Blob[], x: number, y: number) =>
  blobs.some(one => ((x - one.x) / one.rx) ** 2 + ((y - one.y) / one.ry) ** 2 <= 1)

type Colour = readonly [red: number, green: number, blue: number, alpha: number]

/** PNG of a colour for each pixel. */
function png(colour: (x: number, y: number) => Colour): Promise<Buffer> {
  const data = Buffer.alloc(size.width * size.height * 4)
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) data.set(colour(x, y), (y * size.width + x) * 4)
  }
  return sharp(data, { raw: { ...size, channels: 4 } })
    .png()
    .toBuffer()
}

function textured({ seed, base }: { seed: number; base: number }) {
  return (x: number, y: number): Colour => {
    const wave = 30 * Math.sin((x * ((seed % 7) + 3)) / 20) + 20 * Math.cos((y * ((seed % 5) + 2)) / 15)
    const grain = ((x * 31 + y * 17 + seed) % 13) * 3
    return [base + wave + grain - 40, base + wave * 0.6 - grain, base - wave * 0.5 + grain, 255].map(value =>
      Math.round(Math.min(250, Math.max(5, value))),
    ) as unknown as Colour
  }
}

/** Each way to say the same: the file to send, drawn over a picture or not. */
const WAYS: Record<
  string,
  (colour: (x: number, y: number) => Colour, marked: (x: number, y: number) => boolean) => Promise<Buffer>
> = {
  'black and white': (_, marked) => png((x, y) => (marked(x, y) ? [255, 255, 255, 255] : [0, 0, 0, 255])),
  'a hole in the picture': (colour, marked) => png((x, y) => (marked(x, y) ? [0, 0, 0, 0] : colour(x, y))),
  'red on a copy': (colour, marked) => png((x, y) => (marked(x, y) ? [255, 20, 30, 255] : colour(x, y))),
  'black on a copy': (colour, marked) => png((x, y) => (marked(x, y) ? [0, 0, 0, 255] : colour(x, y))),
  'white strokes on nothing': (_, marked) => png((x, y) => (marked(x, y) ? [255, 255, 255, 255] : [0, 0, 0, 0])),
  'black strokes on nothing': (_, marked) => png((x, y) => (marked(x, y) ? [0, 0, 0, 255] : [0, 0, 0, 0])),
  'a brush of half the opacity on nothing': (_, marked) =>
    png((x, y) => (marked(x, y) ? [200, 0, 255, 128] : [0, 0, 0, 0])),
}

describe('the same pixels are painted, whichever way they are marked', () => {
  for (const [way, drawing] of Object.entries(WAYS)) {
    test(way, async () => {
      await fc.assert(
        fc.asyncProperty(picture, fc.array(blob, { minLength: 1, maxLength: 3 }), async (look, blobs) => {
          const colour = textured(look)
          const marked = (x: number, y: number) => isIn(blobs, x, y)
          const { mask, certain } = await interpretMask(await drawing(colour, marked), await png(colour))
          const wrong = mask.data.filter(
            (value, at) => value >= 64 !== marked(at % size.width, Math.floor(at / size.width)),
          ).length
          // Marks near each other are joined, and what they enclose is meant.
          expect(wrong).toBeLessThanOrEqual(way.includes('copy') && blobs.length > 1 ? 250 : 0)
          expect(certain).toBe(true)
        }),
        { numRuns: 6 },
      )
    })
  }
})

describe('a black-and-white picture', () => {
  const svg = (shapes: string, ground: string) =>
    sharp(
      Buffer.from(
        `<svg width="320" height="200" xmlns="http://www.w3.org/2000/svg"><rect width="100%" height="100%" fill="${ground}"/>${shapes}</svg>`,
      ),
    )
      .png()
      .toBuffer()
  const shapes = (colour: string) => [
    `<rect x="20" y="30" width="60" height="60" fill="${colour}"/>`,
    `<circle cx="160" cy="70" r="40" fill="${colour}"/>`,
    `<path d="M220 120 l40 -80 l40 80 z" fill="${colour}"/>`,
    ...[130, 145, 160, 175].map(y => `<rect x="20" y="${y}" width="260" height="5" fill="${colour}"/>`),
  ]
  const patch = (colour: string) => `<circle cx="160" cy="70" r="46" fill="${colour}"/>`
  const meant = { share: (Math.PI * 46 ** 2) / (320 * 200), tolerance: 0.015 }

  test.each([
    ['white on black, an ordinary mask', shapes('#fff').join(''), '#000', patch('#fff'), '#000', 'black-and-white'],
    ['black on white, an ordinary mask', shapes('#000').join(''), '#fff', patch('#fff'), '#000', 'black-and-white'],
    [
      'white on black, a mask of one shape’s outline',
      shapes('#fff').join(''),
      '#000',
      shapes('#fff')[1]!,
      '#000',
      'black-and-white',
    ],
    [
      'black on white, a black marker on a copy',
      shapes('#000').join(''),
      '#fff',
      shapes('#000').join('') + patch('#000'),
      '#fff',
      'marked',
    ],
    [
      'black on white, a white marker on a copy',
      shapes('#000').join(''),
      '#fff',
      shapes('#000').join('') + patch('#fff'),
      '#fff',
      'marked',
    ],
    [
      'black on white, a red marker on a copy',
      shapes('#000').join(''),
      '#fff',
      shapes('#000').join('') + patch('#f00'),
      '#fff',
      'marked',
    ],
    [
      'white on black, a red marker on a copy',
      shapes('#fff').join(''),
      '#000',
      shapes('#fff').join('') + patch('#f00'),
      '#000',
      'marked',
    ],
  ])('%s: only the circle is painted', async (_, content, ground, drawn, drawnGround, kind) => {
    const understood = await interpretMask(await svg(drawn, drawnGround), await svg(content, ground))
    expect(understood.kind).toBe(kind)
    expect(Math.abs(understood.share - meant.share)).toBeLessThan(0.03)
  })

  test('unmarked, means nothing', async () => {
    const file = await svg(shapes('#fff').join(''), '#000')
    expect((await problemIn(interpretMask(file, file)))?.code).toBe('mask-empty')
  })
})

describe('a small thing on a plain ground, covered by a marker', () => {
  const grounds = ['#ffffff', '#8ab4e8', '#202020', '#000000', '#c0a080']
  const pens = ['#ff0000', '#00c020', '#2040ff', '#ffe000', '#000000', '#ffffff']
  const scene = (ground: string, thing: string) =>
    sharp(
      Buffer.from(
        `<svg width="300" height="220" xmlns="http://www.w3.org/2000/svg"><rect width="100%" height="100%" fill="${ground}"/>${thing}</svg>`,
      ),
    )
      .jpeg({ quality: 88 })
      .toBuffer()
  const thing = '<circle cx="150" cy="110" r="18" fill="#a03060"/><circle cx="146" cy="104" r="6" fill="#e0d080"/>'
  const cases = grounds.flatMap(ground => pens.filter(pen => pen !== ground).map(pen => [pen, ground] as const))
  test.each(cases)('%s on %s goes, and nothing else', async (pen, ground) => {
    const marked = await scene(ground, `${thing}<circle cx="150" cy="110" r="26" fill="${pen}"/>`)
    const { mask, share } = await interpretMask(marked, await scene(ground, thing))
    expect(mask.data[110 * 300 + 150]).toBeGreaterThan(64)
    expect(mask.data[10 * 300 + 10]).toBe(0)
    expect(share).toBeLessThan(0.06)
  })
})

describe('small marks', () => {
  test('one transparent pixel counts, and one white one', async () => {
    const colour = textured({ seed: 5, base: 120 })
    const isDot = (x: number, y: number) => x === 90 && y === 70
    for (const way of ['black and white', 'a hole in the picture'] as const) {
      const { mask } = await interpretMask(await WAYS[way]!(colour, isDot), await png(colour))
      expect(mask.data.filter(value => value === 255).length, way).toBe(1)
    }
  })

  test('a brush of 40% on black is painted by 40%', async () => {
    const colour = textured({ seed: 5, base: 120 })
    const drawn = await png((x, y) =>
      isIn([{ x: 90, y: 70, rx: 20, ry: 20 }], x, y) ? [102, 102, 102, 255] : [0, 0, 0, 255],
    )
    const { mask, share } = await interpretMask(drawn, await png(colour))
    expect(mask.data[70 * size.width + 90]).toBe(102)
    expect(share).toBeGreaterThan(0.03)
  })
})

test('a person can say what a mask is', async () => {
  const colour = textured({ seed: 9, base: 120 })
  const layer = await png((x, y) =>
    isIn([{ x: 90, y: 70, rx: 20, ry: 20 }], x, y) ? [255, 255, 255, 255] : [0, 0, 0, 0],
  )
  const inside = 70 * size.width + 90
  expect((await interpretMask(layer, await png(colour), 'marks')).mask.data[inside]).toBe(255)
  expect((await interpretMask(layer, await png(colour), 'transparent')).mask.data[inside]).toBe(0)
  expect((await interpretMask(layer, await png(colour), 'white')).mask.data[inside]).toBe(255)
})

/** Cases from the field: the painted share of the picture, and a pixel that is painted. */
describe('cases from the field', () => {
  const CASES: [folder: string, picture: string, mask: string, min: number, max: number][] = [
    ['black-and-white-picture-mask', 'words.png', 'words-mask.png', 0.02, 0.03],
    ['small-spot-large-photo', 'dust12mp.jpg', 'dust12mp-mask.png', 0.00005, 0.0001],
    ['small-spot-large-photo', 'dust12mp.jpg', 'dust12mp-reddot.jpg', 0.0001, 0.0006],
    ['mask-layer-on-transparent', 'base.png', 'mask-red-on-transparent.png', 0.03, 0.04],
    ['mask-layer-on-transparent', 'base.png', 'mask-white-on-transparent.png', 0.03, 0.04],
    ['scribbled-over-entirely', 'sky.jpg', 'sky-marked.jpg', 0.04, 0.08],
    ['scribbled-over-entirely', 'whitebg.jpg', 'whitebg-marked.jpg', 0.04, 0.08],
    ['see-through-picture', 'sticker.png', 'sticker-mask.png', 0.01, 0.03],
    ['see-through-picture', 'erased.png', 'erased.png', 0.03, 0.04],
  ]
  for (const [folder, picture, mask, min, max] of CASES) {
    testWithShared('cases', `${folder}: ${mask}`, async () => {
      const [source, drawn] = await Promise.all(
        [picture, mask].map(name => readFile(shared(`cases/${folder}/${name}`))),
      )
      const { share } = await interpretMask(drawn!, source!)
      expect(share).toBeGreaterThan(min)
      expect(share).toBeLessThan(max)
    })
  }
})
