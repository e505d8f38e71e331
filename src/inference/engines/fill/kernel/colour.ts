import { Level } from './level'

/** Four floats: red, green, blue and 0. */
export function colourAt(level: Level, at: i32): v128 {
  const bytes = v128.load32_zero(level.colour + <usize>at * 4)
  return f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)))
}

/** Store a colour of four floats; it is cut off below 0 and above 255. */
export function putColour(level: Level, at: usize, colour: v128): void {
  const whole = i32x4.trunc_sat_f32x4_u(f32x4.add(colour, f32x4.splat(0.5)))
  const words = i16x8.narrow_i32x4_u(whole, whole)
  store<u32>(level.colour + at * 4, <u32>i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0))
}

/** The squared difference of the colours of two pixels. */
export function squared(level: Level, a: i32, b: i32): f32 {
  const difference = f32x4.sub(colourAt(level, a), colourAt(level, b))
  const squares = f32x4.mul(difference, difference)
  return f32x4.extract_lane(squares, 0) + f32x4.extract_lane(squares, 1) + f32x4.extract_lane(squares, 2)
}
