import { srgbLevels, toLight } from './linear-light.js'

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
 * A function that changes a pixel's three 8-bit sRGB values.
 *
 * @returns reads the pixel at `at` of `source` and writes it to `target`
 */
export function oklabPixelTransform({ matrix, offset }: OklabTransform) {
  // Both matrices of Oklab and the transform between them are one matrix on the cones' cube roots.
  const [first, second, third] = multiply(OKLAB_INVERSE, multiply(matrix, OKLAB))
  const shift = transform(OKLAB_INVERSE, offset)
  const levels = srgbLevels()
  const toLevel = (light: number) => levels[light <= 0 ? 0 : light >= 1 ? 65535 : Math.trunc(light * 65535 + 0.5)]!
  return (source: Uint8Array, target: Uint8Array, at: number): void => {
    const [red, green, blue] = [LIGHT[source[at]!]!, LIGHT[source[at + 1]!]!, LIGHT[source[at + 2]!]!]
    const long = Math.cbrt(CONES[0][0] * red + CONES[0][1] * green + CONES[0][2] * blue)
    const medium = Math.cbrt(CONES[1][0] * red + CONES[1][1] * green + CONES[1][2] * blue)
    const short = Math.cbrt(CONES[2][0] * red + CONES[2][1] * green + CONES[2][2] * blue)
    const l = cube(first[0] * long + first[1] * medium + first[2] * short + shift[0])
    const m = cube(second[0] * long + second[1] * medium + second[2] * short + shift[1])
    const s = cube(third[0] * long + third[1] * medium + third[2] * short + shift[2])
    target[at] = toLevel(CONES_INVERSE[0][0] * l + CONES_INVERSE[0][1] * m + CONES_INVERSE[0][2] * s)
    target[at + 1] = toLevel(CONES_INVERSE[1][0] * l + CONES_INVERSE[1][1] * m + CONES_INVERSE[1][2] * s)
    target[at + 2] = toLevel(CONES_INVERSE[2][0] * l + CONES_INVERSE[2][1] * m + CONES_INVERSE[2][2] * s)
  }
}

/** Much faster than `** 3`, which is `Math.pow`. */
function cube(value: number): number {
  return value * value * value
}
