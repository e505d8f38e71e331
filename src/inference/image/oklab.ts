import { srgbLevels, toLight } from './linear-light.js'
import { PAINT } from './pixels.js'

/** Oklab (Ottosson 2020): lightness from 0 to 1, green to red and blue to yellow from about −0.4 to 0.4. */
export type Oklab = readonly [lightness: number, a: number, b: number]

/** A row of a 3 × 3 matrix. */
type Row = readonly [number, number, number]
export type Matrix3 = readonly [Row, Row, Row]

/** From linear sRGB to the responses of long, medium and short cones, and from their cube roots to Oklab. */
const CONES: Matrix3 = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
]
const OKLAB: Matrix3 = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
]
const CONES_INVERSE: Matrix3 = [
  [4.0767416621, -3.3077115913, 0.2309699292],
  [-1.2684380046, 2.6097574011, -0.3413193965],
  [-0.0041960863, -0.7034186147, 1.707614701],
]
const OKLAB_INVERSE: Matrix3 = [
  [1, 0.3963377774, 0.2158037573],
  [1, -0.1055613458, -0.0638541728],
  [1, -0.0894841775, -1.291485548],
]

/** Linear light of each 8-bit sRGB value, from 0 to 1. */
const LIGHT = Float64Array.from(toLight(Uint8Array.from({ length: 256 }, (_, level) => level)), light => light / 65535)

/** 8-bit sRGB to Oklab. */
export function toOklab(red: number, green: number, blue: number): Oklab {
  const light: Row = [LIGHT[red]!, LIGHT[green]!, LIGHT[blue]!]
  const [long, medium, short] = transform(CONES, light)
  return transform(OKLAB, [Math.cbrt(long), Math.cbrt(medium), Math.cbrt(short)])
}

/** `matrix` · `vector`. */
export function transform(matrix: Matrix3, [x, y, z]: Row): Row {
  const [first, second, third] = matrix
  return [
    first[0] * x + first[1] * y + first[2] * z,
    second[0] * x + second[1] * y + second[2] * z,
    third[0] * x + third[1] * y + third[2] * z,
  ]
}

/** `first` · `second`. */
export function multiply(first: Matrix3, second: Matrix3): Matrix3 {
  const cell = (row: Row, column: 0 | 1 | 2) =>
    row[0] * second[0][column] + row[1] * second[1][column] + row[2] * second[2][column]
  const row = (of: Row): Row => [cell(of, 0), cell(of, 1), cell(of, 2)]
  return [row(first[0]), row(first[1]), row(first[2])]
}

/** A color in Oklab becomes `matrix` · color + `offset`. */
export type OklabTransform = { readonly matrix: Matrix3; readonly offset: Oklab }

/**
 * Change the pixels of a range, of 8-bit sRGB, where the mask is painted.
 *
 * @param target is written to; may be `source`
 * @param mask of each pixel, {@link PAINT} where it changes
 */
export function transformPixels(
  { matrix, offset }: OklabTransform,
  source: Uint8Array,
  target: Uint8Array,
  mask: Uint8Array,
): void {
  // Both matrices of Oklab and the transform between them are one matrix on the cones' cube roots.
  const [[l0, l1, l2], [m0, m1, m2], [s0, s1, s2]] = multiply(OKLAB_INVERSE, multiply(matrix, OKLAB))
  const [l3, m3, s3] = transform(OKLAB_INVERSE, offset)
  const [[cl0, cl1, cl2], [cm0, cm1, cm2], [cs0, cs1, cs2]] = CONES
  const [[r0, r1, r2], [g0, g1, g2], [b0, b1, b2]] = CONES_INVERSE
  const light = LIGHT
  const levels = srgbLevels()
  const toLevel = (value: number) => levels[value <= 0 ? 0 : value >= 1 ? 65535 : Math.trunc(value * 65535 + 0.5)]!
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (mask[pixel] !== PAINT) continue
    const at = pixel * 3
    const [red, green, blue] = [light[source[at]!]!, light[source[at + 1]!]!, light[source[at + 2]!]!]
    const long = Math.cbrt(cl0 * red + cl1 * green + cl2 * blue)
    const medium = Math.cbrt(cm0 * red + cm1 * green + cm2 * blue)
    const short = Math.cbrt(cs0 * red + cs1 * green + cs2 * blue)
    const l = cube(l0 * long + l1 * medium + l2 * short + l3)
    const m = cube(m0 * long + m1 * medium + m2 * short + m3)
    const s = cube(s0 * long + s1 * medium + s2 * short + s3)
    target[at] = toLevel(r0 * l + r1 * m + r2 * s)
    target[at + 1] = toLevel(g0 * l + g1 * m + g2 * s)
    target[at + 2] = toLevel(b0 * l + b1 * m + b2 * s)
  }
}

/** Much faster than `** 3`, which is `Math.pow`. */
function cube(value: number): number {
  return value * value * value
}
