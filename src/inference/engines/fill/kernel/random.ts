// mulberry32: 32 bits of state, a period of 2³².

let state: u32 = 1

/** @param seed any number */
export function seedRandom(seed: u32): void {
  state = seed
}

/** 32 random bits. */
function randomBits(): u32 {
  state += 0x6d2b79f5
  let mixed = (state ^ (state >>> 15)) * (state | 1)
  mixed ^= mixed + (mixed ^ (mixed >>> 7)) * (mixed | 61)
  return mixed ^ (mixed >>> 14)
}

/** A random integer from −range to range. */
export function randomAround(range: i32): i32 {
  return <i32>((<u64>randomBits() * <u64>(2 * range + 1)) >>> 32) - range
}

/** A random integer from 0 to limit − 1; the limit is above 0. */
export function randomBelow(limit: i32): i32 {
  return <i32>((<u64>randomBits() * <u64>limit) >>> 32)
}
