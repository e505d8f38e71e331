import type { Level } from './level.js'

/** For each pixel, the index of a known pixel that is among the nearest, and how far away it is. */
export type Anchors = { readonly nearest: Int32Array; readonly distance: Float32Array }

/**
 * The nearest known pixel of each pixel, by two sweeps of vector propagation (Danielsson 1980, "Euclidean distance
 * mapping": exact but for rare ties).
 */
export function anchorsOf({ width, height, known }: Level): Anchors {
  const count = width * height
  const nearest = new Int32Array(count).fill(-1)
  const distance = new Float32Array(count).fill(Number.POSITIVE_INFINITY)
  for (let at = 0; at < count; at++) {
    if (!known[at]) continue
    nearest[at] = at
    distance[at] = 0
  }
  const relax = (x: number, y: number, from: number) => {
    const anchor = nearest[from]!
    if (anchor < 0) return
    const at = y * width + x
    const length = Math.hypot(x - (anchor % width), y - Math.floor(anchor / width))
    if (length >= distance[at]!) return
    distance[at] = length
    nearest[at] = anchor
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (y > 0) relax(x, y, (y - 1) * width + x)
      if (x > 0) relax(x, y, y * width + x - 1)
    }
    for (let x = width - 2; x >= 0; x--) relax(x, y, y * width + x + 1)
  }
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) {
      if (y < height - 1) relax(x, y, (y + 1) * width + x)
      if (x < width - 1) relax(x, y, y * width + x + 1)
    }
    for (let x = 1; x < width; x++) relax(x, y, y * width + x - 1)
  }
  return { nearest, distance }
}
