let state: u32 = 1

/** @param seed any number */
export function seedRandom(seed: u32): void {
  state = seed
}

/** 32 random bits (mulberry32). */
export function bits(): u32 {
  state += 0x6d2b79f5
  let mixed = (state ^ (state >>> 15)) * (state | 1)
  mixed ^= mixed + (mixed ^ (mixed >>> 7)) * (mixed | 61)
  return mixed ^ (mixed >>> 14)
}

/** A whole number from −range to range. */
export function around(range: i32): i32 {
  return <i32>((<u64>bits() * <u64>(2 * range + 1)) >>> 32) - range
}

/** A whole number from 0 to one less than a limit, which is above 0. */
export function below(limit: i32): i32 {
  return <i32>((<u64>bits() * <u64>limit) >>> 32)
}
