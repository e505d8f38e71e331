import type { Box, Extent } from '../../../image/geometry.js'
import { OutOfMemoryError } from '../../../onnx/session.js'
import { overlappingSpans } from '../inpaint/tiles.js'

/** Sides of tiles that are tried one after another, in latents. */
const TILE_SIDES = [64, 32, 16] as const

/** Tiles overlap by this share of their side at least. */
const MIN_TILE_OVERLAP = 0.375

/** So much of an overlap, from the border of a tile, is thrown away: there it has seen nothing of what lies beyond. */
const DISCARDED_OVERLAP_SHARE = 1 / 6

/** What is computed of latents, or what latents are computed of. */
type Planes = {
  readonly channels: number
  /** Pixels to a latent, across and down; 1 for latents themselves. */
  readonly scale: number
}

/**
 * Runs half of an autoencoder on a whole picture, or where memory is too short for that in tiles that fade into each other, from
 * then on.
 *
 * Tiles are not quite what the whole is: an autoencoder's norms are those of what it sees, and its attention reaches everywhere. The
 * differences are soft and spread over the overlaps.
 *
 * @param canTile whether it takes pictures of any size
 * @param log is told, in a line, when it goes over to tiles
 */
export function createTilingFallback(canTile: boolean, log: (line: string) => void) {
  let side: number | undefined
  return {
    /** Whether it has gone over to tiles. */
    isTiled: () => side !== undefined,

    /**
     * @param size in latents
     * @param computeBox computes planes of a box, in latents
     * @throws OutOfMemory if the smallest tile is too large
     */
    async run(size: Extent, planes: Planes, computeBox: (box: Box) => Promise<Float32Array>): Promise<Float32Array> {
      for (;;) {
        const longerSide = Math.max(size.width, size.height)
        try {
          if (side === undefined || longerSide <= side) return await computeBox({ x: 0, y: 0, ...size })
          return await blendTiles(tileBoxes(size, side), size, planes, computeBox)
        } catch (error) {
          if (!(error instanceof OutOfMemoryError) || error.isDeviceLost) throw error
          const failedSide = Math.min(longerSide, side ?? longerSide)
          const smallerSide = canTile ? TILE_SIDES.find(one => one < failedSide) : undefined
          if (smallerSide === undefined) throw error
          side = smallerSide
          log(`memory is short for the autoencoder, which goes on in tiles of ${side} latents (${error.message})`)
        }
      }
    },
  }
}

function tileBoxes({ width, height }: Extent, side: number): Box[] {
  const columns = overlappingSpans(width, Math.min(side, width), MIN_TILE_OVERLAP)
  return overlappingSpans(height, Math.min(side, height), MIN_TILE_OVERLAP).flatMap(row =>
    columns.map(column => ({ x: column.start, y: row.start, width: column.length, height: row.length })),
  )
}

/** Tiles one after another, each weighted less towards its borders, over the sum of their weights. */
async function blendTiles(
  boxes: readonly Box[],
  size: Extent,
  { channels, scale }: Planes,
  computeBox: (box: Box) => Promise<Float32Array>,
): Promise<Float32Array> {
  const [width, height] = [size.width * scale, size.height * scale]
  const sum = new Float32Array(channels * width * height)
  const weights = new Float32Array(width * height)
  for (const box of boxes) {
    const values = await computeBox(box)
    const [left, top, across, down] = [box.x * scale, box.y * scale, box.width * scale, box.height * scale]
    const columns = fadeWeights(across, left > 0, left + across < width)
    const rows = fadeWeights(down, top > 0, top + down < height)
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across; x++) {
        const weight = columns[x]! * rows[y]!
        const to = (top + y) * width + left + x
        weights[to]! += weight
        for (let channel = 0; channel < channels; channel++) {
          sum[channel * width * height + to]! += weight * values[(channel * down + y) * across + x]!
        }
      }
    }
  }
  return sum.map((value, at) => value / weights[at % weights.length]!)
}

/** The weights along one axis of a tile: 1, and at the ends where others lie beyond down to 0, smoothly. */
function fadeWeights(length: number, atStart: boolean, atEnd: boolean): Float32Array {
  const overlap = length * MIN_TILE_OVERLAP
  const margin = overlap * DISCARDED_OVERLAP_SHARE
  return Float32Array.from({ length }, (_, at) => {
    const depth = Math.min(atStart ? at + 0.5 : length, atEnd ? length - at - 0.5 : length)
    const share = Math.min(1, Math.max(0, (depth - margin) / (overlap - 2 * margin)))
    return share * share * (3 - 2 * share)
  })
}
