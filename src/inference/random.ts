/** Uniform numbers from 0 up to but not including 1. */
export type RandomGenerator = () => number

/**
 * The mulberry32 generator, with 32 bits of state: good enough to choose among candidates, fast enough for inner loops.
 *
 * @param seed an integer; only its lowest 32 bits count
 */
export function createRandom(seed: number): RandomGenerator {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
