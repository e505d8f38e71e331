import { createRandom } from '../../src/inference/random.js'
import type { Flags, Plane } from './planes.js'

/** Rows of equal length, one after the other. */
export interface Rows {
  readonly count: number
  readonly length: number
  readonly data: Float32Array
}

/** Patches are squares of this many pixels across. */
export const PATCH = 7

/** At most `most` random patches whose pixels are all set in `allowed`, each as a row of PATCH² × channels values. */
export function randomPatches(plane: Plane, allowed: Flags, most: number, seed: number): Rows {
  const places = wholePatches(allowed)
  const chosen = sample(places, most, seed)
  const rowBytes = PATCH * plane.channels
  const length = PATCH * rowBytes
  const data = new Float32Array(chosen.length * length)
  for (const [index, place] of chosen.entries()) {
    for (let row = 0; row < PATCH; row++) {
      const from = (place + row * plane.width) * plane.channels
      data.set(plane.data.subarray(from, from + rowBytes), index * length + row * rowBytes)
    }
  }
  return { count: chosen.length, length, data }
}

/** The top left pixels of all patches that are wholly set. */
function wholePatches({ width, height, data }: Flags): Int32Array {
  const unset = new Int32Array((width + 1) * (height + 1))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      unset[(y + 1) * (width + 1) + x + 1] =
        1 -
        data[y * width + x]! +
        unset[y * (width + 1) + x + 1]! +
        unset[(y + 1) * (width + 1) + x]! -
        unset[y * (width + 1) + x]!
    }
  }
  const corner = (x: number, y: number) => unset[y * (width + 1) + x]!
  const places: number[] = []
  for (let y = 0; y + PATCH <= height; y++) {
    for (let x = 0; x + PATCH <= width; x++) {
      const inside = corner(x + PATCH, y + PATCH) - corner(x, y + PATCH) - corner(x + PATCH, y) + corner(x, y)
      if (inside === 0) places.push(y * width + x)
    }
  }
  return Int32Array.from(places)
}

/** At most `most` of them, without repetition (a partial Fisher–Yates shuffle). */
function sample(places: Int32Array, most: number, seed: number): Int32Array {
  const random = createRandom(seed)
  const count = Math.min(most, places.length)
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(random() * (places.length - at))
    const swapped = places[at]!
    places[at] = places[other]!
    places[other] = swapped
  }
  return places.subarray(0, count)
}
