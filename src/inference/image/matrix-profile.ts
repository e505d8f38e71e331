import { srgbLevels } from './linear-light.js'

/** XYZ under D50 to linear sRGB (Lindbloom, Bradford-adapted). */
const XYZ_TO_SRGB = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const

/** A color profile of a matrix and three curves (ICC.1, 8.3.3), as all cameras and most editors write it. */
export type MatrixProfile = {
  /** Per channel: linear light, 0 to 1, of each 16-bit value. */
  readonly curves: readonly Float32Array[]
  /** Linear light of the profile to linear sRGB; rows are R, G, B. */
  readonly matrix: readonly (readonly number[])[]
}

/** Read such a profile; undefined if it is none, or broken. */
export function parseMatrixProfile(profile: Buffer): MatrixProfile | undefined {
  try {
    const tags = readTags(profile)
    // A profile with tables is converted by them.
    if (profile.toString('latin1', 16, 24) !== 'RGB XYZ ' || tags.has('A2B0')) return undefined
    const columns = ['rXYZ', 'gXYZ', 'bXYZ'].map(name => readXyz(tags.get(name)))
    const curves = ['rTRC', 'gTRC', 'bTRC'].map(name => readCurve(tags.get(name)))
    const matrix = XYZ_TO_SRGB.map(row =>
      columns.map(column => row.reduce((sum, value, at) => sum + value * column[at]!, 0)),
    )
    return { curves, matrix }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** 16-bit R G B A in this profile to 8-bit sRGB with alpha. Colors outside of sRGB are clipped per channel. */
export function convertToSrgb(samples: Uint16Array, { curves, matrix }: MatrixProfile): Uint8Array {
  const encode = srgbLevels()
  const rgba = new Uint8Array(samples.length)
  const [red, green, blue] = curves as [Float32Array, Float32Array, Float32Array]
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = matrix.flat() as [...Nine]
  for (let at = 0; at < samples.length; at += 4) {
    const r = red[samples[at]!]!
    const g = green[samples[at + 1]!]!
    const b = blue[samples[at + 2]!]!
    rgba[at] = encode[level(m0 * r + m1 * g + m2 * b)]!
    rgba[at + 1] = encode[level(m3 * r + m4 * g + m5 * b)]!
    rgba[at + 2] = encode[level(m6 * r + m7 * g + m8 * b)]!
    rgba[at + 3] = samples[at + 3]! / 257 + 0.5
  }
  return rgba
}

type Nine = [number, number, number, number, number, number, number, number, number]

function level(light: number): number {
  return light <= 0 ? 0 : light >= 1 ? 65535 : (light * 65535 + 0.5) | 0
}

function readTags(profile: Buffer): Map<string, Buffer> {
  const tags = new Map<string, Buffer>()
  const count = Math.min(profile.readUInt32BE(128), 100)
  for (let index = 0; index < count; index++) {
    const at = 132 + index * 12
    const offset = profile.readUInt32BE(at + 4)
    tags.set(profile.toString('latin1', at, at + 4), profile.subarray(offset, offset + profile.readUInt32BE(at + 8)))
  }
  return tags
}

function readXyz(tag: Buffer | undefined): number[] {
  if (tag?.toString('latin1', 0, 4) !== 'XYZ ') throw new RangeError('no XYZ')
  return [8, 12, 16].map(at => tag.readInt32BE(at) / 65536)
}

/** How many parameters each type of parametric curve has. */
const PARAMETER_COUNTS = [1, 3, 4, 5, 7]

function readCurve(tag: Buffer | undefined): Float32Array {
  const type = tag?.toString('latin1', 0, 4)
  if (tag && type === 'curv') {
    const count = tag.readUInt32BE(8)
    if (count === 0) return tabulate(value => value)
    if (count === 1) return tabulate(value => value ** (tag.readUInt16BE(12) / 256))
    const points = Array.from({ length: Math.min(count, 65536) }, (_, at) => tag.readUInt16BE(12 + at * 2) / 65535)
    return tabulate(value => interpolate(points, value))
  }
  if (!tag || type !== 'para') throw new RangeError('no curve')
  const kind = tag.readUInt16BE(8)
  const count = PARAMETER_COUNTS[kind]
  if (!count) throw new RangeError('unknown curve')
  const [gamma = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from(
    { length: count },
    (_, at) => tag.readInt32BE(12 + at * 4) / 65536,
  )
  const power = (value: number) => Math.max(0, a * value + b) ** gamma
  if (kind === 0) return tabulate(value => value ** gamma)
  if (kind === 1) return tabulate(value => (value >= -b / a ? power(value) : 0))
  if (kind === 2) return tabulate(value => (value >= -b / a ? power(value) : 0) + c)
  return tabulate(value => (value >= d ? power(value) + e : c * value + f))
}

function tabulate(curve: (value: number) => number): Float32Array {
  return Float32Array.from({ length: 65536 }, (_, at) => curve(at / 65535))
}

function interpolate(points: readonly number[], value: number): number {
  const position = value * (points.length - 1)
  const at = Math.min(Math.floor(position), points.length - 2)
  return points[at]! + (points[at + 1]! - points[at]!) * (position - at)
}
