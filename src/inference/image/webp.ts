import type { Metadata } from 'sharp'
import { sharp } from './sharp.js'

const OPEN = '<overscan:parameters>'
const CLOSE = '</overscan:parameters>'

/**
 * Make a picture file smaller by writing it as lossy WebP, upright, at the best quality that fits.
 *
 * @param parameters goes along as XMP, and as EXIF UserComment for programs that look there; nothing does if empty
 * @param limit in bytes
 * @returns undefined if even the lowest acceptable quality is too large, or a side is longer than WebP can hold (16383)
 */
export async function encodeWebp(file: Uint8Array, parameters: string, limit: number): Promise<Buffer | undefined> {
  const { width, height } = await sharp(file, { limitInputPixels: false }).metadata()
  if (Math.max(width, height) > 16383) return undefined
  for (const quality of [95, 85, 70, 50]) {
    const image = sharp(file, { autoOrient: true, limitInputPixels: false })
    if (parameters) {
      image.withExif({ IFD0: { Software: 'Overscan' }, IFD2: { UserComment: parameters } }).withXmp(xmp(parameters))
    }
    const webp = await image.webp({ quality, effort: 3 }).toBuffer()
    if (webp.length <= limit) return webp
  }
  return undefined
}

/** The parameters that {@link encodeWebp} wrote, or undefined. */
export async function readWebpParameters(file: Uint8Array): Promise<string | undefined> {
  // A file that is no picture holds none; whoever reads it as one says so.
  const { xmpAsString: text = '' } = await sharp(file, { limitInputPixels: false })
    .metadata()
    .catch(() => ({}) as Metadata)
  const from = text.indexOf(OPEN)
  const to = text.indexOf(CLOSE, from)
  if (from < 0 || to < 0) return undefined
  const escaped = text.slice(from + OPEN.length, to)
  return escaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

function xmp(parameters: string): string {
  const escaped = parameters.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return [
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    `<rdf:Description rdf:about="" xmlns:overscan="urn:overscan:1">${OPEN}${escaped}${CLOSE}</rdf:Description>`,
    '</rdf:RDF></x:xmpmeta>',
  ].join('')
}
