import { sharpFromPixels } from './decode.js'
import type { Pixels, SoftMask } from './pixels.js'
import { PNG_SIGNATURE, pngChunk } from './png-chunks.js'

/** Longer texts are skipped, in bytes. */
const MAX_TEXT_BYTES = 1 << 20

/**
 * Encode a picture as PNG, with texts.
 *
 * @param texts by keyword (1 to 79 Latin-1 characters); `tEXt` chunks where Latin-1 is enough, `iTXt` otherwise
 * @param alpha of each pixel, of the size of `pixels`; opaque if left out
 */
export async function encodePng(
  pixels: Pixels,
  texts: Readonly<Record<string, string>> = {},
  alpha?: SoftMask,
): Promise<Buffer> {
  const { width, height } = pixels
  const image = sharpFromPixels(pixels)
  if (alpha)
    image.joinChannel(Buffer.from(alpha.data), { raw: { width, height, channels: 1 }, limitInputPixels: false })
  return setPngTexts(await image.png({ compressionLevel: 6, adaptiveFiltering: true }).toBuffer(), texts)
}

/** A PNG with these texts right after its header; its own texts are removed. */
export function setPngTexts(file: Uint8Array, texts: Readonly<Record<string, string>>): Buffer {
  const png = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  const parts = [png.subarray(0, PNG_SIGNATURE.length)]
  for (let at = PNG_SIGNATURE.length; at < png.length; ) {
    const end = at + 12 + png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    if (type !== 'tEXt' && type !== 'iTXt' && type !== 'zTXt') parts.push(png.subarray(at, end))
    if (type === 'IHDR') parts.push(...Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text)))
    at = end
  }
  return Buffer.concat(parts)
}

/**
 * The texts of a PNG by keyword: `tEXt`, and `iTXt` that is not compressed (PNG specification, third edition, 11.3.3).
 *
 * Reading stops at the first broken chunk. A file that is not a PNG has no texts.
 */
export function readPngTexts(file: Uint8Array): Record<string, string> {
  const png = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  const texts: Record<string, string> = {}
  if (!png.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE)) return texts
  for (let at = PNG_SIGNATURE.length; at + 12 <= png.length; ) {
    const length = png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    const data = png.subarray(at + 8, at + 8 + length)
    if (data.length < length) break
    const text = length <= MAX_TEXT_BYTES ? parseText(type, data) : undefined
    if (text) texts[text.keyword] ??= text.text
    at += 12 + length
  }
  return texts
}

function textChunk(keyword: string, text: string): Buffer {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL ends the keyword and is not allowed in the text
  if (!/^[\x20-\x7e\xa1-\xff]{1,79}$/.test(keyword) || /\x00/.test(text)) throw new RangeError('not a text for a PNG')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of Latin-1
  return /^[\x00-\xff]*$/.test(text)
    ? pngChunk('tEXt', Buffer.concat([Buffer.from(`${keyword}\0`, 'latin1'), Buffer.from(text, 'latin1')]))
    : // not compressed, no language, no translated keyword
      pngChunk('iTXt', Buffer.concat([Buffer.from(`${keyword}\0\0\0\0\0`, 'latin1'), Buffer.from(text, 'utf8')]))
}

function parseText(type: string, data: Buffer): { keyword: string; text: string } | undefined {
  const end = data.indexOf(0)
  if (end < 1) return undefined
  const keyword = data.toString('latin1', 0, end)
  if (type === 'tEXt') return { keyword, text: data.toString('latin1', end + 1) }
  if (type !== 'iTXt' || data[end + 1] !== 0) return undefined
  const language = data.indexOf(0, end + 3)
  const translated = data.indexOf(0, language + 1)
  if (language < 0 || translated < 0) return undefined
  return { keyword, text: data.toString('utf8', translated + 1) }
}
