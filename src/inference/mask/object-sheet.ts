import { UserError } from '../../user-error.js'
import { type Extent, isSameSize } from '../image/geometry.js'
import { filledMask, KEEP, type Mask, PAINT } from '../image/pixels.js'
import { sharp } from '../image/sharp.js'

/** Bits of a pixel of a sheet. */
export const MAX_SHEET_OBJECTS = 24

/**
 * Write the masks of up to 24 objects, which may overlap, as one small file: a PNG with red, green and blue, in which each bit of a
 * pixel belongs to one object. The first eight objects are the bits of red, from the lowest on.
 *
 * @param masks of one size
 */
export async function encodeObjectSheet(masks: readonly Mask[], { width, height }: Extent): Promise<Buffer> {
  if (masks.length > MAX_SHEET_OBJECTS || !masks.every(mask => isSameSize(mask, { width, height }))) {
    throw new RangeError('a sheet has up to 24 masks of one size')
  }
  const data = new Uint8Array(width * height * 3)
  for (const [index, mask] of masks.entries()) {
    const [channel, bit] = [index >> 3, 1 << (index & 7)]
    for (let at = 0; at < mask.data.length; at++) if (mask.data[at] === PAINT) data[at * 3 + channel]! |= bit
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toBuffer()
}

/** The masks of a sheet, as many as have a pixel. @throws UserError `picture-corrupt` */
export async function decodeObjectSheet(sheet: Uint8Array): Promise<Mask[]> {
  const { data, info } = await sharp(sheet)
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(cause => {
      throw new UserError({ code: 'picture-corrupt' }, { cause })
    })
  if (info.channels !== 3) throw new UserError({ code: 'picture-corrupt' })
  const used = [0, 0, 0]
  for (let at = 0; at < data.length; at++) used[at % 3]! |= data[at]!
  const masks: Mask[] = []
  for (let index = 0; index < MAX_SHEET_OBJECTS; index++) {
    const [channel, bit] = [index >> 3, 1 << (index & 7)]
    if ((used[channel]! & bit) === 0) break
    const mask = filledMask(info, KEEP)
    for (let at = 0; at < mask.data.length; at++) if ((data[at * 3 + channel]! & bit) !== 0) mask.data[at] = PAINT
    masks.push(mask)
  }
  return masks
}

/** What belongs to one of the masks. @param masks of one size */
export function unionOf(masks: readonly Mask[], { width, height }: Extent): Mask {
  const union = filledMask({ width, height }, KEEP)
  for (const { data } of masks) {
    for (let at = 0; at < data.length; at++) if (data[at] === PAINT) union.data[at] = PAINT
  }
  return union
}
