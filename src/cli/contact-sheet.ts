import { sharp } from '../inference/image/sharp.js'

/** Longest side of a picture in the sheet, in pixels. */
const TILE_SIZE = 360

/** Between pictures, in pixels. */
const GAP = 12

/**
 * All pictures in one PNG with a dark background. Rows may differ in length.
 *
 * @param rows picture files
 */
export async function contactSheet(rows: readonly (readonly Uint8Array[])[]): Promise<Buffer> {
  const columns = Math.max(...rows.map(row => row.length))
  const tiles: { input: Buffer; left: number; top: number }[] = []
  let top = GAP
  for (const row of rows) {
    const scaled = await Promise.all(
      row.map(file =>
        sharp(file).resize(TILE_SIZE, TILE_SIZE, { fit: 'inside' }).png().toBuffer({ resolveWithObject: true }),
      ),
    )
    scaled.forEach(({ data, info }, x) => {
      tiles.push({ input: data, left: GAP + x * (TILE_SIZE + GAP) + Math.floor((TILE_SIZE - info.width) / 2), top })
    })
    top += Math.max(...scaled.map(({ info }) => info.height)) + GAP
  }
  const background = { r: 43, g: 45, b: 49 }
  return sharp({ create: { width: GAP + columns * (TILE_SIZE + GAP), height: top, channels: 3, background } })
    .composite(tiles)
    .png()
    .toBuffer()
}
