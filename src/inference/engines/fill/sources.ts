import type { Level } from './level.js'

/** Where patches can be copied from. */
export type Sources = {
  /** Patches are squares of `2 * radius + 1` pixels. */
  readonly radius: number
  /** 1 at each pixel whose whole patch is known and lies on the picture. */
  readonly valid: Uint8Array
  /** The indices of these pixels, in order; at least one. */
  readonly list: Int32Array
}

/** Fewer places than this to copy from give no choice: then smaller patches are better. */
const ENOUGH = 64

/**
 * The patches of a level that are wholly known, as large as can be had in some number.
 *
 * @param largest radius, in pixels
 * @throws RangeError if the level has no known pixel at all
 */
export function sourcesOf(level: Level, largest: number): Sources {
  for (let radius = largest; ; radius--) {
    const sources = { radius, ...wholePatches(level, radius) }
    if (sources.list.length >= ENOUGH || (radius === 0 && sources.list.length > 0)) return sources
    if (radius === 0) throw new RangeError('nothing is known, so there is nothing to go on from')
  }
}

function wholePatches({ width, height, known }: Level, radius: number) {
  const valid = new Uint8Array(width * height)
  const side = 2 * radius + 1
  // How many known pixels in a row end here; then in how many rows above each other that is a whole patch's width.
  const across = new Int32Array(width)
  const down = new Int32Array(width)
  let count = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      across[x] = known[y * width + x] ? (x > 0 ? across[x - 1]! : 0) + 1 : 0
      down[x] = across[x]! >= side ? down[x]! + 1 : 0
      if (down[x]! < side) continue
      valid[(y - radius) * width + x - radius] = 1
      count++
    }
  }
  const list = new Int32Array(count)
  for (let at = 0, next = 0; at < valid.length; at++) if (valid[at]) list[next++] = at
  return { valid, list }
}
