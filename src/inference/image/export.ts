import { UserError } from '../../user-error.js'
import { MAX_UPSCALED_SIZE } from './geometry.js'
import { readPngTexts } from './png-texts.js'
import { sharp } from './sharp.js'
import { addParameters, WEBP_MAX_SIDE } from './webp.js'

/** The formats that results are written in. */
export const EXPORT_FORMATS = ['png', 'jpeg', 'webp'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** Qualities of the formats that lose something, both ends included. Compression is hardly visible at the default. */
export const EXPORT_QUALITY = { min: 1, max: 100, default: 92 } as const

/** From this quality on, JPEG keeps the colors at full resolution. */
const FULL_COLOR_QUALITY = 90

/** A result is at most as large as upscaling makes it. */
const PIXEL_LIMIT = MAX_UPSCALED_SIZE.megapixels * 1e6

/** JPEG has no transparency. This is what shows through. */
const GROUND = '#fff'

/**
 * A result in another format, with its recipe. Colors are sRGB.
 *
 * @param png a result, with its recipe in the `parameters` text
 * @throws UserError `options-invalid` if it is too large for WebP
 */
export async function exportPicture(png: Uint8Array, format: ExportFormat, quality: number): Promise<Uint8Array> {
  if (format === 'png') return png
  const image = addParameters(sharp(png, { limitInputPixels: PIXEL_LIMIT }), readPngTexts(png).parameters ?? '')
  if (format === 'jpeg') {
    const chromaSubsampling = quality >= FULL_COLOR_QUALITY ? '4:4:4' : '4:2:0'
    return image.flatten({ background: GROUND }).jpeg({ quality, chromaSubsampling }).toBuffer()
  }
  const { width, height } = await sharp(png, { limitInputPixels: PIXEL_LIMIT }).metadata()
  if (Math.max(width, height) > WEBP_MAX_SIDE) {
    const detail = `a WebP has at most ${WEBP_MAX_SIDE} pixels on a side, and the result is ${width}×${height}`
    throw new UserError({ code: 'options-invalid', detail })
  }
  return image.webp({ quality, effort: 4, smartSubsample: true }).toBuffer()
}

/** Whether a PNG has transparent pixels. */
export async function hasTransparency(png: Uint8Array): Promise<boolean> {
  return !(await sharp(png, { limitInputPixels: PIXEL_LIMIT }).stats()).isOpaque
}
