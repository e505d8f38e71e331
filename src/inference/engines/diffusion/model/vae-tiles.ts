import type { Box, Extent } from '../../../image/geometry.js'
import { OutOfMemoryError } from '../../../onnx/session.js'
import { overlappingSpans } from '../inpaint/tiles.js'

/** Sides of the tiles that are tried one after another, in latents. */
const TILE_SIDES = [64, 32, 16] as const

/** Smallest overlap of neighbouring tiles, as a share of their side. */
const MIN_TILE_OVERLAP = 0.375

/** Share of the overlap at a tile's border that is discarded, because the convolutions there saw padding. */
const DISCARDED_OVERLAP_SHARE = 1 / 6

/** The output of one half of the VAE. */
type Planes = {
  readonly channels: number
  /** Output values per latent, across and down: VAE_SCALE_FACTOR for pixels, 1 for latents. */
  readonly scale: number
}

/** What tells before a run whether memory is short. */
export type MemoryBudget = {
  /** The free memory of the device in bytes; undefined if unknown. */
  readonly free: () => Promise<number | undefined>
  /** What a run at this size takes, in bytes; undefined if unknown. @param size in latents */
  readonly needed: (size: Extent) => number | undefined
}

/**
 * Runs one half of the VAE on a whole picture. If that needs more memory than is free, or runs out of memory, it works in
 * overlapping tiles that fade into each other, until it is closed.
 *
 * Tiles differ a little from the whole: group norm and attention only see the tile. The differences are smooth and
 * spread over the overlaps.
 *
 * @param canTile whether the graph takes any size
 * @param log receives a line each time the tiles become smaller
 * @param budget without one only running out of memory counts
 */
export function createTilingFallback(canTile: boolean, log: (line: string) => void, budget?: MemoryBudget) {
  let side: number | undefined
  /** The largest area that fits or has run, in latents. It is not compared again: a device keeps the memory of a run. */
  let fittingArea = 0

  /** Choose tiles that fit into the free memory; the smallest if none do. */
  async function chooseSide(size: Extent): Promise<void> {
    const clipped = (one: number) => ({ width: Math.min(one, size.width), height: Math.min(one, size.height) })
    const whole = Math.min(Math.max(size.width, size.height), side ?? Number.POSITIVE_INFINITY)
    const largest = clipped(whole)
    if (!canTile || !budget || largest.width * largest.height <= fittingArea) return
    const needed = budget.needed(largest)
    const free = needed === undefined ? undefined : await budget.free()
    if (needed === undefined || free === undefined) return
    const sides = [whole, ...TILE_SIDES.filter(one => one < whole)]
    const fitting = sides.find(one => (budget.needed(clipped(one)) ?? 0) <= free) ?? sides.at(-1)!
    fittingArea = clipped(fitting).width * clipped(fitting).height
    if (fitting === whole) return
    side = fitting
    log(`the VAE would need ${toGigabytes(needed)} GB of ${toGigabytes(free)} GB, using tiles of ${side} latents`)
  }

  return {
    /** Whether it works in tiles. */
    isTiled: () => side !== undefined,

    /**
     * @param size in latents
     * @param computeBox computes the planes of a box, which is in latents
     * @throws OutOfMemoryError if even the smallest tile runs out of memory
     */
    async run(size: Extent, planes: Planes, computeBox: (box: Box) => Promise<Float32Array>): Promise<Float32Array> {
      await chooseSide(size)
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
          log(`not enough memory for the VAE, using tiles of ${side} latents (${error.message})`)
        }
      }
    },
  }
}

const toGigabytes = (bytes: number) => (bytes / 1e9).toFixed(1)

function tileBoxes({ width, height }: Extent, side: number): Box[] {
  const columns = overlappingSpans(width, Math.min(side, width), MIN_TILE_OVERLAP)
  return overlappingSpans(height, Math.min(side, height), MIN_TILE_OVERLAP).flatMap(row =>
    columns.map(column => ({ x: column.start, y: row.start, width: column.length, height: row.length })),
  )
}

/** The weighted mean of all tiles; weights fall towards a tile's borders. */
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

/** Weights along one axis of a tile: 1 inside, smoothly down to 0 at ends with a neighbouring tile. */
function fadeWeights(length: number, atStart: boolean, atEnd: boolean): Float32Array {
  const overlap = length * MIN_TILE_OVERLAP
  const margin = overlap * DISCARDED_OVERLAP_SHARE
  return Float32Array.from({ length }, (_, at) => {
    const depth = Math.min(atStart ? at + 0.5 : length, atEnd ? length - at - 0.5 : length)
    const share = Math.min(1, Math.max(0, (depth - margin) / (overlap - 2 * margin)))
    return share * share * (3 - 2 * share)
  })
}
