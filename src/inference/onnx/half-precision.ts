/** All 65,536 half precision values (IEEE 754 binary16) in single precision. */
let halfToFloatTable: Float32Array | undefined

/** Half precision, as bits, to single precision; exact. */
export function halfToFloat(bits: Uint16Array): Float32Array {
  halfToFloatTable ??= Float32Array.from({ length: 65_536 }, (_, half) => decodeHalf(half))
  const table = halfToFloatTable
  // A plain loop: pictures have millions of values.
  const values = new Float32Array(bits.length)
  for (let at = 0; at < bits.length; at++) values[at] = table[bits[at]!]!
  return values
}

function decodeHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}

/** Single precision to half precision, as bits. Rounds to nearest, ties to even; overflow is infinite. */
export function floatToHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const halves = new Uint16Array(values.length)
  for (let at = 0; at < bits.length; at++) {
    const single = bits[at]!
    const sign = (single >>> 16) & 0x8000
    const size = single & 0x7fffffff
    let half: number
    if (size > 0x7f800000)
      half = 0x7e00 // not a number
    else if (size >= 0x477ff000)
      half = 0x7c00 // 65,520 and more
    else if (size >= 0x38800000)
      half = (size + 0xc8000fff + ((size >>> 13) & 1)) >>> 13 // normal: exponent 127 to 15
    else half = roundToEven(Math.abs(values[at]!) * 2 ** 24)
    halves[at] = sign | (half & 0x7fff)
  }
  return halves
}

/** Round half to even, for values that are not negative. */
function roundToEven(value: number): number {
  const low = Math.floor(value)
  const part = value - low
  return part > 0.5 || (part === 0.5 && low % 2 === 1) ? low + 1 : low
}
