/** A number from 0 to 1 for each point of a grid, always the same for the same point. */
function lattice(x: number, y: number, seed: number): number {
  let mixed = Math.imul(x, 374761393) ^ Math.imul(y, 668265263) ^ Math.imul(seed, 2147483647)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 1274126177)
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 4294967296
}

/** Value noise, 0 to 1, smooth between the points of a grid of step 1. */
export function noise(x: number, y: number, seed: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)]
  const [u, v] = [ease(x - left), ease(y - top)]
  const upper = mix(lattice(left, top, seed), lattice(left + 1, top, seed), u)
  const lower = mix(lattice(left, top + 1, seed), lattice(left + 1, top + 1, seed), u)
  return mix(upper, lower, v)
}

/** Noise of ever finer grids, each half as strong as the one before, 0 to 1 (fractional Brownian motion). */
export function fbm(x: number, y: number, octaves: number, seed: number): number {
  let [sum, weight, whole] = [0, 0.5, 0]
  for (let octave = 0; octave < octaves; octave++) {
    sum += weight * noise(x * 2 ** octave + octave * 17.3, y * 2 ** octave - octave * 9.1, seed + octave)
    whole += weight
    weight /= 2
  }
  return sum / whole
}

export function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share
}

/** 0 below `from`, 1 above `to`, smooth between. */
export function step(from: number, to: number, value: number): number {
  return ease(Math.min(1, Math.max(0, (value - from) / (to - from))))
}

function ease(t: number): number {
  return t * t * (3 - 2 * t)
}
