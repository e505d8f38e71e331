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
  const tiles: { input: Buffer; left: number; top: number }[] = []
  let top = GAP
  for (const row of rows) {
    const scaled = await Promise.all(
      row.map(file => sharp(file).resize(TILE, TILE, { fit: 'inside' }).png().toBuffer({ resolveWithObject: true })),
    )
    scaled.forEach(({ data, info }, x) => {
      tiles.push({ input: data, left: GAP + x * (TILE + GAP) + Math.floor((TILE - info.width) / 2), top })
    })
    top += Math.max(...scaled.map(({ info }) => info.height)) + GAP
  }
  const background = { r: 43, g: 45, b: 49 }
  return sharp({ create: { width: GAP + columns * (TILE + GAP), height: top, channels: 3, background } })
    .composite(tiles)
    .png()
    .toBuffer()
}
