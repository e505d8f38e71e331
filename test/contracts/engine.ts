import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Canvas, createCanvas } from '../../src/inference/pipeline/canvas.js'
import { type Engine, MAX_PREVIEW_SIDE, type Progress } from '../../src/inference/pipeline/engine.js'
import { layoutCanvas } from '../../src/inference/pipeline/layout.js'
import { createRandom } from '../../src/inference/random.js'

/** A picture with texture: soft hills, stripes and grain. */
export function landscape(width: number, height: number): Canvas['pixels'] {
  const grain = createRandom(11)
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const hill = y > height * (0.5 + 0.15 * Math.sin(x / 9))
      const stripe = (x + y) % 7 < 3 ? 25 : 0
      const colour = hill ? [60 + stripe, 120 + stripe, 40] : [120, 160, 220 - (y * 60) / height]
      for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = Math.min(255, colour[c]! + grain() * 20)
    }
  }
  return { width, height, data }
}

function zoomed(width: number, height: number): Canvas {
  const layout = layoutCanvas({ kind: 'zoom', factor: 1.5, grow: false }, { width, height })
  return createCanvas(layout, landscape(layout.old.width, layout.old.height))
}

/** Mean absolute difference of two pictures where the mask asks for paint, in grey levels. */
function difference({ mask }: Canvas, one: Uint8Array, other: Uint8Array): number {
  let [sum, count] = [0, 0]
  for (let at = 0; at < one.length; at++) {
    if (mask.data[Math.floor(at / 3)] === 0) continue
    sum += Math.abs(one[at]! - other[at]!)
    count++
  }
  return sum / count
}

/** The contract of every engine; see `Engine`. */
export function engineContract(name: string, make: () => Engine): void {
  describe(`${name} keeps the contract of an engine:`, () => {
    let engine: Engine
    beforeAll(() => {
      engine = make()
    })
    afterAll(() => engine.close())

    const paint = async (on: Canvas, seeds: number[], onProgress: (progress: Progress) => void = () => {}) =>
      engine.paint(on, { seeds, prompt: '', signal: new AbortController().signal, onProgress })

    test('one picture for each seed, of the size of the canvas', async () => {
      const pictures = await paint(zoomed(97, 61), [1, 2, 3])
      expect(pictures.map(({ width, height, data }) => [width, height, data.length])).toEqual(
        Array(3).fill([97, 61, 97 * 61 * 3]),
      )
    })

    test('the same seed paints the same picture, another seed a different one', async () => {
      const on = zoomed(96, 64)
      const [first, second] = await paint(on, [5, 6])
      const [again] = await paint(on, [5])
      expect(again!.data).toEqual(first!.data)
      expect(difference(on, first!.data, second!.data)).toBeGreaterThan(4)
    })

    test('pixels under the mask do not change the result', async () => {
      const on = zoomed(64, 48)
      const dirty = on.pixels.data.map((value, at) => (on.mask.data[Math.floor(at / 3)] ? (at * 37) & 255 : value))
      const [clean] = await paint(on, [1])
      const [other] = await paint({ ...on, pixels: { ...on.pixels, data: dirty } }, [1])
      expect(other!.data).toEqual(clean!.data)
    })

    test('the canvas is not changed', async () => {
      const on = zoomed(64, 48)
      const before = on.pixels.data.slice()
      await paint(on, [1])
      expect(on.pixels.data).toEqual(before)
    })

    test('progress never falls and ends at 1, with small previews', async () => {
      const seen: Progress[] = []
      await paint(zoomed(400, 300), [1, 2], progress => seen.push(progress))
      const dones = seen.map(({ done }) => done)
      expect(dones).toEqual([...dones].sort((a, b) => a - b))
      expect(dones.at(-1)).toBe(1)
      const previews = seen.flatMap(({ preview }) => preview ?? [])
      expect(previews.length).toBeGreaterThan(0)
      for (const { width, height, data } of previews) {
        expect(Math.max(width, height)).toBeLessThanOrEqual(MAX_PREVIEW_SIDE)
        expect(data.length).toBe(width * height * 3)
      }
    })

    test('an abort stops it, with the reason, and it works afterwards', async () => {
      const stop = new AbortController()
      const reason = new Error('enough')
      const onProgress = () => stop.abort(reason)
      const task = { seeds: [1, 2], prompt: '', signal: stop.signal, onProgress }
      await expect(engine.paint(zoomed(400, 300), task)).rejects.toBe(reason)
      await expect(engine.paint(zoomed(40, 30), task)).rejects.toBe(reason)
      expect(await paint(zoomed(40, 30), [1])).toHaveLength(1)
    })
  })
}
