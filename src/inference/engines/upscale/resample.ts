import type { Extent } from '../../image/geometry.js'
import { toLight, toSrgb } from '../../image/linear-light.js'
import type { Pixels } from '../../image/pixels.js'
import { sharp } from '../../image/sharp.js'

/** How far the kernel of {@link resample} looks where a picture is enlarged, in pixels of the picture. */
export const LANCZOS_REACH = 3

/** A picture at another size, by Lanczos resampling (3 lobes) of its light: mixed colours are as bright as they look. */
export async function resample({ width, height, data }: Pixels, size: Extent): Promise<Pixels> {
  const raw = { width, height, channels: 3 } as const
  const { data: lights } = await sharp(toLight(data), { raw, limitInputPixels: width * height })
    .resize({ ...size, fit: 'fill', kernel: 'lanczos3' })
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true })
  const samples = new Uint16Array(lights.buffer, lights.byteOffset, lights.byteLength / 2)
  return { ...size, data: toSrgb(samples) }
}

/** A picture of a smaller size: where the sides are a whole number of times as long, each pixel is the mean light of a square. */
export async function reduce(pixels: Pixels, size: Extent): Promise<Pixels> {
  const factor = pixels.width / size.width
  if (factor === 1) return pixels
  if (!Number.isInteger(factor)) return resample(pixels, size)
  const lights = toLight(pixels.data)
  const means = new Uint16Array(size.width * size.height * 3)
  const rowLength = pixels.width * 3
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const corner = y * factor * rowLength + x * factor * 3 + channel
        let sum = 0
        for (let row = 0; row < factor; row++) {
          for (let column = 0; column < factor; column++) sum += lights[corner + row * rowLength + column * 3]!
        }
        means[(y * size.width + x) * 3 + channel] = Math.round(sum / factor ** 2)
      }
    }
  }
  return { ...size, data: toSrgb(means) }
}
