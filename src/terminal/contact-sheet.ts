import sharp from 'sharp'

const TILE = 360
const GAP = 12

/**
 * Pictures side by side, each row of its own length, as one PNG on a dark ground.
 *
 * @param rows picture files
 */
export async function contactSheet(rows: readonly (readonly Uint8Array[])[]): Promise<Buffer> {
  const columns = Math.max(...rows.map(row => row.length))
  const tiles = rows.flatMap((row, y) =>
    row.map(async (file, x) => {
      const { data, info } = await sharp(file)
        .resize(TILE, TILE, { fit: 'inside' })
        .png()
        .toBuffer({ resolveWithObject: true })
      const left = GAP + x * (TILE + GAP) + Math.floor((TILE - info.width) / 2)
      return { input: data, left, top: GAP + y * (TILE + GAP) + Math.floor((TILE - info.height) / 2) }
    }),
  )
  const side = (count: number) => GAP + count * (TILE + GAP)
  const background = { r: 43, g: 45, b: 49 }
  return sharp({ create: { width: side(columns), height: side(rows.length), channels: 3, background } })
    .composite(await Promise.all(tiles))
    .png()
    .toBuffer()
}
