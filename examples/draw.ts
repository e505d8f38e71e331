import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import type { Pixels } from '../src/inference/image/pixels.js'
import { createRandom } from '../src/inference/random.js'
import { balloon } from './balloon.js'
import { dunes } from './dunes.js'
import type { Light } from './light.js'
import { lighthouse } from './lighthouse.js'

/** The scenes, by the names of their pictures. */
export const SCENES = { lighthouse, balloon, dunes } as const

/** Samples a pixel, across and down. */
const SAMPLES = 3

/** How much film grain, in grey levels. */
const GRAIN = 5

/**
 * Render a scene, whose x runs from 0 to width / height and whose y from 0 to 1, as 8-bit sRGB with a little grain.
 * The same size gives the same bytes.
 */
export function render(scene: (x: number, y: number) => Light, width: number, height: number): Pixels {
  const grain = createRandom(1)
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sum = [0, 0, 0]
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
        const [dx, dy] = [sample % SAMPLES, Math.floor(sample / SAMPLES)]
        const light = scene((x + (dx + 0.5) / SAMPLES) / height, (y + (dy + 0.5) / SAMPLES) / height)
        for (const [channel, value] of light.entries()) sum[channel]! += value
      }
      const speck = (grain() + grain() - 1) * GRAIN
      for (const [channel, value] of sum.entries()) {
        data[(y * width + x) * 3 + channel] = Math.max(0, Math.min(255, film(value / SAMPLES ** 2) * 255 + speck))
      }
    }
  }
  return { width, height, data }
}

/** Bright light rolls off instead of breaking off. */
function film(light: number): number {
  return light < 0.75 ? light : 0.75 + 0.25 * Math.tanh((light - 0.75) / 0.25)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, scene] of Object.entries(SCENES)) {
    const { width, height, data } = render(scene, 768, 512)
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 9 })
      .toFile(fileURLToPath(new URL(`./${name}.png`, import.meta.url)))
  }
}
