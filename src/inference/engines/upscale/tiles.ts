import type { Box, Extent } from '../../image/geometry.js'
import { cropPixels, filledPixels, type Pixels } from '../../image/pixels.js'

/** How a picture is divided, in pixels of the picture. */
export type Tiling = {
  /** The longest side of a tile. */
  readonly side: number
  /** How far from its edge a tile is not used, where another tile is next to it. */
  readonly margin: number
}

/** Half the width over which two tiles are blended, in pixels of the picture: differences of a level are not seen as a line. */
const FEATHER = 4

/** Where tiles start along an axis. Neighbours overlap by twice the margin and the feather, the last two by more. */
export function tileStarts(length: number, { side, margin }: Tiling): number[] {
  if (length <= side) return [0]
  const step = side - 2 * (margin + FEATHER)
  const starts: number[] = []
  for (let start = 0; start + side < length; start += step) starts.push(start)
  return [...starts, length - side]
}

/** The tiles of a picture, row by row. */
export function tilesOf({ width, height }: Extent, tiling: Tiling): Box[] {
  const size = { width: Math.min(width, tiling.side), height: Math.min(height, tiling.side) }
  const columns = tileStarts(width, tiling)
  return tileStarts(height, tiling).flatMap(y => columns.map(x => ({ x, y, ...size })))
}

/**
 * Enlarge a picture in tiles. Tiles overlap; what is near an edge of a tile, where it sees less than the whole, comes from the
 * tile next to it.
 *
 * @param enlarge returns a tile at `scale` times its size
 */
export async function enlargeInTiles(
  pixels: Pixels,
  scale: number,
  tiling: Tiling,
  enlarge: (tile: Pixels, index: number, count: number) => Promise<Pixels>,
): Promise<Pixels> {
  const result = filledPixels({ width: pixels.width * scale, height: pixels.height * scale })
  const tiles = tilesOf(pixels, tiling)
  for (const [index, box] of tiles.entries()) {
    const large = await enlarge(cropPixels(pixels, box), index, tiles.length)
    blendTile(result, large, box, pixels, scale, tiling)
  }
  return result
}

/** Put a tile over those to its left and above, blended with them. */
function blendTile(result: Pixels, tile: Pixels, box: Box, size: Extent, scale: number, tiling: Tiling): void {
  const columns = shares(box.x, box.width, size.width, scale, tiling)
  const rows = shares(box.y, box.height, size.height, scale, tiling)
  for (let y = 0; y < tile.height; y++) {
    if (rows[y] === 0) continue
    for (let x = 0; x < tile.width; x++) {
      const share = rows[y]! * columns[x]!
      if (share === 0) continue
      const from = (y * tile.width + x) * 3
      const to = ((box.y * scale + y) * result.width + box.x * scale + x) * 3
      for (let channel = 0; channel < 3; channel++) {
        const before = result.data[to + channel]!
        result.data[to + channel] = Math.round(before + (tile.data[from + channel]! - before) * share)
      }
    }
  }
}

/** How much of each position along an axis is the tile's, from 0 to 1; the rest is that of the tile before. */
function shares(start: number, length: number, total: number, scale: number, { margin }: Tiling): Float32Array {
  const isLast = start + length === total
  return Float32Array.from({ length: length * scale }, (_, at) => {
    const [fromStart, fromEnd] = [(at + 0.5) / scale, length - (at + 0.5) / scale]
    if (!isLast && fromEnd < margin) return 0
    return start === 0 ? 1 : Math.min(1, Math.max(0, (fromStart - margin) / (2 * FEATHER)))
  })
}
