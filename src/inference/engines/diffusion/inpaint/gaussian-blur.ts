/** Approximate Gaussian blur by three box blurs; values outside the picture count as 0. @param sigma in pixels */
export function gaussianBlur(values: Float32Array, width: number, height: number, sigma: number): Float32Array {
  const radius = Math.max(1, Math.round(sigma))
  let result = values
  for (let pass = 0; pass < 3; pass++) {
    result = runningMean(result, width, height, radius, 1, width)
    result = runningMean(result, height, width, radius, width, 1)
  }
  return result
}

/** Box blur along lines of `length` values that are `stride` apart; the lines are `lineStride` apart. */
function runningMean(
  values: Float32Array,
  length: number,
  lines: number,
  radius: number,
  stride: number,
  lineStride: number,
): Float32Array {
  const result = new Float32Array(values.length)
  for (let line = 0; line < lines; line++) {
    const start = line * lineStride
    let sum = 0
    for (let i = 0; i < Math.min(radius, length); i++) sum += values[start + i * stride]!
    for (let i = 0; i < length; i++) {
      if (i + radius < length) sum += values[start + (i + radius) * stride]!
      if (i - radius > 0) sum -= values[start + (i - radius - 1) * stride]!
      result[start + i * stride] = sum / (2 * radius + 1)
    }
  }
  return result
}
