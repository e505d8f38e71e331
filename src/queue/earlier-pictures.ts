import { z } from 'zod'
import type { EarlierPicture } from '../inference/history/stages.js'
import { parseJson } from '../parse-json.js'

// The earlier pictures of a job in one blob: the lengths of the files as JSON, a line break, then the files, each mask after its picture.

/** In bytes; 0 where there is no mask. */
const lengthsSchema = z.array(z.strictObject({ picture: z.int().positive(), mask: z.int().nonnegative() }))

const LINE_BREAK = 10

export function packEarlierPictures(earlier: readonly EarlierPicture[]): Uint8Array {
  const lengths = earlier.map(({ picture, mask }) => ({ picture: picture.length, mask: mask?.length ?? 0 }))
  const files = earlier.flatMap(({ picture, mask }) => (mask ? [picture, mask] : [picture]))
  return Buffer.concat([Buffer.from(`${JSON.stringify(lengths)}\n`), ...files])
}

/** @returns undefined where the blob is damaged */
export function unpackEarlierPictures(blob: Uint8Array): EarlierPicture[] | undefined {
  const lineBreak = blob.indexOf(LINE_BREAK)
  const header = Buffer.from(blob.buffer, blob.byteOffset, Math.max(0, lineBreak)).toString()
  const lengths = lengthsSchema.safeParse(parseJson(header)).data
  if (!lengths) return undefined
  let at = lineBreak + 1
  const take = (length: number) => {
    at += length
    return blob.subarray(at - length, at)
  }
  const earlier = lengths.map(({ picture, mask }) => ({
    picture: take(picture),
    mask: mask > 0 ? take(mask) : undefined,
  }))
  return at === blob.length ? earlier : undefined
}
