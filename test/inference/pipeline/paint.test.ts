import fc from 'fast-check'
import sharp from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import { openEngine } from '../../../src/inference/engines/open.js'
import { createEngineRegistry, type EngineRegistry } from '../../../src/inference/engines/registry.js'
import { cropCanvas, paddedBounds, paste } from '../../../src/inference/image/crop.js'
import { encodeMask } from '../../../src/inference/image/mask-file.js'
import { KEEP, type Mask, PAINT } from '../../../src/inference/image/pixels.js'
import { encodePng } from '../../../src/inference/image/png.js'
import { interpretMask } from '../../../src/inference/mask/interpret.js'
import { createMaskService } from '../../../src/inference/mask/mask-service.js'
import type { Edit } from '../../../src/inference/pipeline/edit.js'
import type { Engine } from '../../../src/inference/pipeline/engine.js'
import { paint } from '../../../src/inference/pipeline/paint.js'
import type { PaintRequest } from '../../../src/inference/pipeline/paint-request.js'
import { readRecipe } from '../../../src/inference/pipeline/recipe-file.js'
import { createRandom } from '../../../src/inference/random.js'
import { landscape } from '../../contracts/engine.js'
import { problemIn } from '../../support/problems.js'

/** Paints one colour, and records what it is given. */
function flatEngine() {
  const seen: { width: number; height: number; prompt: string }[] = []
  const engine: Engine = {
    name: 'flat',
    async paint({ pixels: { width, height, data } }, { seeds, prompt }) {
      seen.push({ width, height, prompt })
      return seeds.map(() => ({ width, height, data: new Uint8Array(data.length).fill(200) }))
    },
    async close() {},
  }
  return { engine, seen }
}

const NONE = { pixels: 0 } as const
const engines = createEngineRegistry({ modelFolder: 'no-models' })
const context = { engines, signal: new AbortController().signal, onProgress: () => {} }
const size = { width: 80, height: 60 }
const source = () => encodePng(landscape(size.width, size.height))

/** White from 30, 20 to 50, 40. */
async function mask(): Promise<Buffer> {
  const white = { create: { width: 20, height: 20, channels: 3 as const, background: '#fff' } }
  return sharp({ create: { ...size, channels: 3, background: '#000' } })
    .composite([{ input: white, left: 30, top: 20 }])
    .png()
    .toBuffer()
}

async function painted(edit: Edit, more: Partial<PaintRequest> = {}) {
  const { engine, seen } = flatEngine()
  const request = { edit, prompt: 'x', seeds: [1], engine: 'flat', source: await source(), ...more }
  const { pictures } = await paint(request, engine, context)
  const { data, info } = await sharp(pictures[0]!.png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, info, seen, png: pictures[0]!.png }
}

const inpaint = { kind: 'inpaint', area: 'whole', padding: 16, blur: 0 } as const

describe('inpainting with a size', () => {
  // 80×60, with the mask from 30, 20 to 50, 40, becomes 120×60.
  const wide = { ...inpaint, size: { width: 120, height: 60 } }
  const paintedAt = async (edit: Edit) => {
    const { data, info } = await painted(edit, { mask: await mask() })
    const at = (x: number, y: number) => data[(y * info.width + x) * 3]
    return { info, isPainted: (x: number, y: number) => at(x, y) === 200 }
  }

  test('just resize: picture and mask are scaled, whatever the aspect ratio', async () => {
    const { info, isPainted } = await paintedAt(wide)
    expect([info.width, info.height]).toEqual([120, 60])
    expect([isPainted(47, 30), isPainted(73, 30), isPainted(42, 30), isPainted(78, 30)]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  test('crop and resize: two sides are cropped', async () => {
    // 80×40 remain, from the tenth row on, and become half as large again.
    const { info, isPainted } = await paintedAt({ ...wide, resize: 'crop and resize' })
    expect([info.width, info.height]).toEqual([120, 60])
    expect([isPainted(47, 17), isPainted(73, 43), isPainted(47, 12), isPainted(73, 48)]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  test('resize and fill: the missing area on two sides is painted as well', async () => {
    const { info, isPainted } = await paintedAt({ ...wide, resize: 'resize and fill', blur: 4 })
    expect([info.width, info.height]).toEqual([120, 60])
    // The picture is from 20 to 100.
    expect([isPainted(2, 5), isPainted(19, 5), isPainted(21, 5), isPainted(60, 30), isPainted(118, 50)]).toEqual([
      true,
      true,
      false,
      true,
      true,
    ])
  })

  test('grow dilates the mask', async () => {
    const { isPainted } = await paintedAt({ ...inpaint, grow: 5 })
    expect([isPainted(25, 30), isPainted(54, 30), isPainted(24, 30), isPainted(55, 30)]).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(await problemIn(painted({ ...inpaint, grow: 200 }, { mask: await mask() }))).toEqual({ code: 'mask-full' })
  })
})

describe('inpainting', () => {
  test('the engine sees the whole picture, or only the masked area with padding', async () => {
    expect((await painted(inpaint, { mask: await mask() })).seen).toEqual([{ ...size, prompt: 'x' }])
    const near = await painted({ ...inpaint, area: 'masked' }, { mask: await mask() })
    expect(near.seen).toEqual([{ width: 52, height: 52, prompt: 'x' }])
  })

  test.each(['whole', 'masked'] as const)('of the %s: pixels outside the mask stay byte for byte', async area => {
    const { data } = await painted({ ...inpaint, area }, { mask: await mask() })
    const before = landscape(size.width, size.height).data
    for (let at = 0; at < size.width * size.height; at++) {
      const [x, y] = [at % size.width, Math.floor(at / size.width)]
      const masked = x >= 30 && x < 50 && y >= 20 && y < 40
      expect(data[at * 3]).toBe(masked ? 200 : before[at * 3])
    }
  })

  test('mask blur fades the old picture into the new one inside the border, and changes nothing outside', async () => {
    const { data } = await painted({ ...inpaint, blur: 4 }, { mask: await mask() })
    const before = landscape(size.width, size.height).data
    const at = (x: number) => (30 * size.width + x) * 3
    expect(data[at(29)]).toBe(before[at(29)])
    const near = Math.abs(data[at(30)]! - before[at(30)]!)
    const middle = Math.abs(data[at(33)]! - before[at(33)]!)
    const inside = Math.abs(data[at(40)]! - before[at(40)]!)
    expect(near).toBeLessThan(middle)
    expect(middle).toBeLessThan(inside)
    expect(data[at(40)]).toBeGreaterThan(190)
  })

  test('a prompt that is too long for the recipe is refused before anything is painted', async () => {
    const problem = await problemIn(painted({ kind: 'square' }, { prompt: 'a'.repeat(7000) }))
    expect(problem).toEqual({ code: 'prompt-too-long', length: 7000, max: 6000 })
  })

  test('only masked, without padding: the engine sees something of the picture', async () => {
    const { seen } = await painted({ ...inpaint, area: 'masked', padding: 0 }, { mask: await mask() })
    expect(seen).toEqual([{ ...size, prompt: 'x' }])
  })

  test('the recipe names mask and source by their fingerprints', async () => {
    const { png } = await painted(inpaint, { mask: await mask() })
    expect(await readRecipe(png)).toMatchObject({ mask: expect.stringMatching(/^[0-9a-f]{16}$/), edit: inpaint })
  })

  test('a mask of another size than the picture is declined, with both sizes', async () => {
    const large = await encodeMask({ width: 160, height: 120, data: new Uint8Array(160 * 120).fill(PAINT, 0, 900) })
    expect(await problemIn(painted(inpaint, { mask: large }))).toEqual({
      code: 'mask-size-differs',
      mask: '160×120',
      picture: '80×60',
    })
  })

  test('a missing mask, or a mask for an edit without one, is declined', async () => {
    expect(await problemIn(painted(inpaint))).toEqual({ code: 'holes-missing' })
    const square = painted({ kind: 'square' }, { mask: await mask() })
    expect((await problemIn(square))?.code).toBe('edit-invalid')
  })
})

describe('a mask is interpreted once, where it comes in:', () => {
  /** A sheet of white paper on a black ground, and a copy with the sheet and a spot next to it erased: 53% of it. */
  const ground = { width: 96, height: 64 }
  const sheet = { left: 8, top: 4, width: 56, height: 55 }
  const spot = { left: 76, top: 20, width: 12, height: 16 }
  const SHARE = (56 * 55 + 12 * 16) / (96 * 64)
  const rectangle = ({ width, height }: typeof sheet, background: string) => ({
    create: { width, height, channels: 3 as const, background },
  })
  const at = ({ left, top, ...box }: typeof sheet) => ({ left, top, input: rectangle({ left, top, ...box }, '#fff') })
  const scan = () =>
    sharp(rectangle({ ...sheet, ...ground }, '#000'))
      .composite([at(sheet)])
      .png()
      .toBuffer()
  const erased = async () =>
    sharp(await scan())
      .ensureAlpha()
      .composite([sheet, spot].map(box => ({ ...at(box), blend: 'dest-out' as const })))
      .png()
      .toBuffer()

  const masks = createMaskService()
  afterAll(() => masks.close())

  test('what the confirmation shows of a black-and-white scan with a transparent mask is what is painted', async () => {
    const source = await scan()
    const { kind, share, mask } = await masks.interpret(await erased(), source, false)
    expect([kind, share]).toEqual(['transparent', SHARE])
    const { data } = await painted({ kind: 'remove' }, { source, mask })
    expect(data.filter(value => value === 200).length / data.length).toBe(SHARE)
    // Interpreted again, the mask would be a copy of the scan with a spot drawn on it.
    expect((await interpretMask(mask, source)).share).toBeLessThan(0.1)
  })

  test('buttons of the confirmation change the mask and do not interpret it again', async () => {
    const source = await scan()
    const { mask } = await masks.interpret(await erased(), source, false)
    const same = await masks.adjust(mask, source, 'same')
    expect(same.share).toBe(SHARE)
    expect(Buffer.compare(same.mask, mask)).toBe(0)
    expect((await masks.adjust(mask, source, 'flip')).share).toBeCloseTo(1 - SHARE, 10)
    expect((await masks.adjust(mask, source, 'grow')).share).toBeGreaterThan(SHARE)
    expect((await masks.adjust(mask, source, 'shrink')).share).toBeLessThan(SHARE)
  })
})

describe('padded bounds of a mask', () => {
  const marked = (x: number, y: number): Mask => {
    const data = new Uint8Array(20 * 10).fill(KEEP)
    data[y * 20 + x] = PAINT
    return { width: 20, height: 10, data }
  }

  test.each([
    [10, 5, { x: 7, y: 2, width: 7, height: 7 }],
    [0, 0, { x: 0, y: 0, width: 4, height: 4 }],
    [19, 9, { x: 16, y: 6, width: 4, height: 4 }],
  ])('at %d, %d end at the picture’s edges', (x, y, box) => {
    expect(paddedBounds(marked(x, y), 3)).toEqual(box)
  })

  test('a crop of them pasted back changes nothing', () => {
    const pixels = landscape(20, 10)
    const box = { x: 3, y: 2, width: 9, height: 5 }
    const piece = cropCanvas({ pixels, mask: marked(5, 4), old: { x: 0, y: 0, width: 20, height: 10 } }, box)
    expect(piece.mask.data.indexOf(PAINT)).toBe(2 * 9 + 2)
    expect(paste(pixels, piece.pixels, box)).toEqual(pixels)
  })
})

describe('text to image', () => {
  const edit = { kind: 'imagine', width: 64, height: 32 } as const

  test('paints a picture of the size', async () => {
    const { engine, seen } = flatEngine()
    const { pictures } = await paint({ edit, prompt: 'a cat', seeds: [1, 2], engine: 'flat' }, engine, context)
    expect(pictures.map(({ width, height }) => [width, height])).toEqual([
      [64, 32],
      [64, 32],
    ])
    expect(seen[0]).toEqual({ width: 64, height: 32, prompt: 'a cat' })
    expect(await readRecipe(pictures[0]!.png)).toMatchObject({ edit, source: '' })
  })

  test('takes no picture, and every other edit needs one', async () => {
    const { engine } = flatEngine()
    const request = { prompt: '', seeds: [1], engine: 'flat' }
    const without = paint({ ...request, edit: { kind: 'square' } }, engine, context)
    expect((await problemIn(without))?.code).toBe('edit-invalid')
    expect((await problemIn(painted(edit)))?.code).toBe('edit-invalid')
  })
})

describe('varying', () => {
  const zoom = { kind: 'zoom', factor: 2, grow: false } as const

  test('repaints what was painted, or the half far from the old picture, and can be repeated', async () => {
    const first = await painted(zoom)
    const count = async (edit: Edit, from: Uint8Array) => {
      const { engine } = flatEngine()
      const dark: Engine = {
        ...engine,
        async paint(canvas, task) {
          return (await engine.paint(canvas, task)).map(one => ({ ...one, data: one.data.fill(7) }))
        },
      }
      const result = await paint({ edit, prompt: '', seeds: [1], engine: 'flat', source: from }, dark, context)
      const { data } = await sharp(result.pictures[0]!.png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
      return { share: data.filter(value => value === 7).length / data.length, png: result.pictures[0]!.png }
    }
    const strong = await count({ kind: 'vary', strength: 'strong' }, first.png)
    expect(strong.share).toBeCloseTo(0.75, 2)
    const subtle = await count({ kind: 'vary', strength: 'subtle' }, first.png)
    expect(subtle.share).toBeGreaterThan(0.36)
    expect(subtle.share).toBeLessThan(0.5)
    expect((await count({ kind: 'vary', strength: 'strong' }, subtle.png)).share).toBeCloseTo(0.75, 2)
  })

  test('repaints the same area of a picture that was inpainted at another size', async () => {
    const wide = { ...inpaint, size: { width: 120, height: 60 }, resize: 'crop and resize' } as const
    const first = await painted(wide, { mask: await mask() })
    const { data } = await painted({ kind: 'vary', strength: 'strong' }, { source: first.png, mask: await mask() })
    expect(data.filter(value => value === 200).length).toBe(first.data.filter(value => value === 200).length)
    expect(data).toEqual(first.data)
  })

  test('needs a model for a picture of which nothing was painted', async () => {
    const engine = openEngine('fill', engines)
    const request = { edit: { kind: 'vary', strength: 'strong' }, prompt: '', seeds: [1], engine: 'fill' } as const
    const varied = async (installed: EngineRegistry) =>
      problemIn(paint({ ...request, source: await source() }, engine, { ...context, engines: installed }))
    expect(await varied(engines)).toEqual({ code: 'needs-model', what: 'vary' })
    // Models that can are named.
    expect(await varied(createEngineRegistry({ modelFolder: 'test/fixtures/diffusion/models' }))).toEqual({
      code: 'needs-another-model',
      engine: 'fill',
      models: 'lcm, sd1, sd1-fixed, sd1-half, sd1-inpaint, sd2-v, sdxl',
    })
    await engine.close()
  })
})

test('with any alpha channel: opaque pixels stay, the others are painted', async () => {
  const engine = openEngine('fill', engines)
  const anyPicture = fc.record({
    width: fc.integer({ min: 1, max: 60 }),
    height: fc.integer({ min: 1, max: 60 }),
    seed: fc.nat(),
  })
  try {
    await fc.assert(
      fc.asyncProperty(anyPicture, async ({ width, height, seed }) => {
        const choose = createRandom(seed)
        const opaque = Math.floor(choose() * width * height)
        const [blotX, blotY, radius] = [choose() * width, choose() * height, choose() * 30]
        const alpha = Array.from({ length: width * height }, (_, at) => {
          if (at === opaque) return 255
          const inBlot = Math.hypot((at % width) - blotX, Math.floor(at / width) - blotY) < radius
          return inBlot || choose() < 0.1 ? 0 : 255
        })
        const drawn = landscape(width, height).data
        const raw = Buffer.from(alpha.flatMap((value, at) => [...drawn.subarray(at * 3, at * 3 + 3), value]))
        const png = await sharp(raw, { raw: { width, height, channels: 4 } })
          .png()
          .toBuffer()
        const edit = { kind: 'extend', left: { pixels: 9 }, right: NONE, top: { pixels: 5 }, bottom: NONE } as const
        const wanted = { edit, source: png, prompt: '', seeds: [seed], engine: 'fill' }
        const { pictures } = await paint(wanted, engine, context)
        const { data, info } = await sharp(pictures[0]!.png).raw().toBuffer({ resolveWithObject: true })
        expect([info.width, info.height, info.channels]).toEqual([width + 9, height + 5, 3])
        for (let at = 0; at < alpha.length; at++) {
          if (alpha[at] === 0) continue
          const to = ((Math.floor(at / width) + 5) * info.width + (at % width) + 9) * 3
          if (Buffer.compare(data.subarray(to, to + 3), drawn.subarray(at * 3, at * 3 + 3)) !== 0) {
            expect.fail(`pixel ${at} was opaque and has changed`)
          }
        }
      }),
      { numRuns: 40 },
    )
  } finally {
    await engine.close()
  }
})

test('pictures are encoded as soon as they are finished; those that are painted again count as they are returned', async () => {
  const flat = (value: number) => ({ ...size, data: new Uint8Array(size.width * size.height * 3).fill(value) })
  const engine: Engine = {
    name: 'eager',
    async paint(_, { onPicture }) {
      const pictures = [flat(50), flat(60), flat(70)]
      onPicture?.(pictures[0]!, 0)
      onPicture?.(flat(99), 1) // memory ran out, and it is painted again
      return pictures
    },
    async close() {},
  }
  const request = { edit: inpaint, prompt: '', seeds: [4, 5, 6], engine: 'eager' } as const
  const { pictures } = await paint({ ...request, source: await source(), mask: await mask() }, engine, context)
  const middles = await Promise.all(
    pictures.map(async ({ png }) => (await sharp(png).removeAlpha().raw().toBuffer())[(30 * 80 + 40) * 3]),
  )
  expect(middles).toEqual([50, 60, 70])
  expect(pictures.map(({ png, seed }) => [readRecipe(png)?.seed, seed])).toEqual([
    [4, 4],
    [5, 5],
    [6, 6],
  ])
})
