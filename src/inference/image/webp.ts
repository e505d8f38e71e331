import { PIXEL_LIMIT, readSize } from './decode.js'
import { sharp } from './sharp.js'
import { readWebpXmp } from './strip/webp.js'

const OPEN_TAG = '<overscan:parameters>'
const CLOSE_TAG = '</overscan:parameters>'

/** WebP qualities (0 to 100) that are tried in this order. */
const QUALITIES = [95, 85, 70, 50] as const

/** The longest side that WebP can hold, in pixels. */
const MAX_SIDE = 16383

/**
 * Make a picture file smaller by writing it as lossy WebP, upright, at the best quality that fits.
 *
 * @param parameters is written as XMP, and as EXIF UserComment for programs that look there; if empty, nothing is
 * @param limit in bytes
 * @throws UserError as `readSize` does
 * @returns undefined if even the lowest acceptable quality is too large, or a side is longer than WebP can hold
 */
export async function encodeWebp(file: Uint8Array, parameters: string, limit: number): Promise<Buffer | undefined> {
  const { width, height } = await readSize(file)
  if (Math.max(width, height) > MAX_SIDE) return undefined
  for (const quality of QUALITIES) {
    const image = sharp(file, { autoOrient: true, limitInputPixels: PIXEL_LIMIT })
    if (parameters) {
      image
        .withExif({ IFD0: { Software: 'Overscan' }, IFD2: { UserComment: parameters } })
        .withXmp(parametersXmp(parameters))
    }
    const webp = await image.webp({ quality, effort: 3 }).toBuffer()
    if (webp.length <= limit) return webp
  }
  return undefined
}

/** The parameters that {@link encodeWebp} wrote, or undefined. */
export function readWebpParameters(file: Uint8Array): string | undefined {
  const text = readWebpXmp(file) ?? ''
  const from = text.indexOf(OPEN_TAG)
  const to = text.indexOf(CLOSE_TAG, from)
  if (from < 0 || to < 0) return undefined
  const escaped = text.slice(from + OPEN_TAG.length, to)
  return escaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

/** XMP with the parameters of {@link encodeWebp}. */
export function parametersXmp(parameters: string): string {
  const escaped = parameters.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return [
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    `<rdf:Description rdf:about="" xmlns:overscan="urn:overscan:1">${OPEN_TAG}${escaped}${CLOSE_TAG}</rdf:Description>`,
    '</rdf:RDF></x:xmpmeta>',
  ].join('')
}
