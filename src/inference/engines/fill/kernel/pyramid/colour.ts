import { Level } from './level'

/** Red, green, blue and 0 of a pixel, as four floats. */
export function colourAt(level: Level, pixel: i32): v128 {
  const bytes = v128.load32_zero(level.colour + <usize>pixel * 4)
  return f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)))
}

/** Store a colour of four floats, rounded, and clamped to 0 to 255. */
export function storeColour(level: Level, pixel: usize, colour: v128): void {
  const rounded = i32x4.trunc_sat_f32x4_u(f32x4.add(colour, f32x4.splat(0.5)))
  const words = i16x8.narrow_i32x4_u(rounded, rounded)
  store<u32>(level.colour + pixel * 4, <u32>i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0))
}

/** The squared difference of the colours of two pixels, summed over the channels. */
export function squaredDifference(level: Level, a: i32, b: i32): f32 {
  const difference = f32x4.sub(colourAt(level, a), colourAt(level, b))
  const squares = f32x4.mul(difference, difference)
  return f32x4.extract_lane(squares, 0) + f32x4.extract_lane(squares, 1) + f32x4.extract_lane(squares, 2)
}
