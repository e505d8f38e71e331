import { isCutOff, PNG_SIGNATURE, pngChunk, pngChunksIn } from './png-chunks.js'

/** Longer texts are skipped, in bytes. */
const MAX_TEXT_BYTES = 1 << 20

/** A PNG with these texts right after its header; its own texts are removed. */
export function setPngTexts(file: Uint8Array, texts: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [PNG_SIGNATURE]
  for (const { type, bytes } of pngChunksIn(file)) {
    if (type !== 'tEXt' && type !== 'iTXt' && type !== 'zTXt') parts.push(bytes)
    if (type === 'IHDR') parts.push(...Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text)))
  }
  return Buffer.concat(parts)
}

/**
 * The texts of a PNG by keyword: `tEXt`, and `iTXt` that is not compressed (PNG specification, third edition, 11.3.3).
 *
 * Reading stops at the end of the picture, or at the first broken chunk. A file that is not a PNG has no texts.
 */
export function readPngTexts(file: Uint8Array): Record<string, string> {
  const texts = new Map<string, string>()
  for (const chunk of pngChunksIn(file)) {
    const { type, data } = chunk
    if (type === 'IEND' || isCutOff(chunk)) break
    const text = data.length <= MAX_TEXT_BYTES ? parseText(type, data) : undefined
    if (text && !texts.has(text.keyword)) texts.set(text.keyword, text.text)
  }
  // Whatever a keyword is, it becomes a property and nothing else.
  return Object.fromEntries(texts)
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
