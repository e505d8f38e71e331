import type { Extent } from './geometry.js'
import { KEEP, type Mask, PAINT } from './pixels.js'
import { sharp } from './sharp.js'

/** A mask as a small black-and-white PNG; white is painted. */
export async function encodeMask({ width, height, data }: Mask): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 1 }, limitInputPixels: false })
    .toColourspace('b-w')
    .png({ palette: true, colours: 2, compressionLevel: 9 })
    .toBuffer()
}

/** A mask of another size, its edges smooth. */
export async function resizeMask({ width, height, data }: Mask, size: Extent): Promise<Mask> {
  if (width === size.width && height === size.height) return { width, height, data }
  const scaled = await sharp(data, { raw: { width, height, channels: 1 }, limitInputPixels: false })
    .resize({ ...size, fit: 'fill', kernel: 'cubic' })
    .toColourspace('b-w')
    .raw()
    .toBuffer()
  return {
    width: size.width,
    height: size.height,
    data: Uint8Array.from(scaled, value => (value >= 128 ? PAINT : KEEP)),
  }
}
