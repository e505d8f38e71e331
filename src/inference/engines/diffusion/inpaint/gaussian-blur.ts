/** Approximate Gaussian blur by three box blurs; values outside the picture count as 0. @param sigma in pixels */
export function gaussianBlur(values: Float32Array, width: number, sigma: number): Float32Array {
  const radius = Math.max(1, Math.round(sigma))
  let result = values
  for (let pass = 0; pass < 3; pass++) result = meanOfColumns(meanOfRows(result, width, radius), width, radius)
  return result
}

/** Box blur along rows. */
function meanOfRows(values: Float32Array, width: number, radius: number): Float32Array {
  const result = new Float32Array(values.length)
  for (let start = 0; start < values.length; start += width) {
    let sum = 0
    for (let x = 0; x < Math.min(radius, width); x++) sum += values[start + x]!
    for (let x = 0; x < width; x++) {
      if (x + radius < width) sum += values[start + x + radius]!
      if (x - radius > 0) sum -= values[start + x - radius - 1]!
      result[start + x] = sum / (2 * radius + 1)
    }
  }
  return result
}

/** Box blur along columns, row by row: a column's values are far apart in memory. */
function meanOfColumns(values: Float32Array, width: number, radius: number): Float32Array {
  const result = new Float32Array(values.length)
  const height = values.length / width
  const sums = new Float64Array(width)
  const addRow = (y: number, sign: 1 | -1) => {
    for (let x = 0; x < width; x++) sums[x]! += sign * values[y * width + x]!
  }
  for (let y = 0; y < Math.min(radius, height); y++) addRow(y, 1)
  for (let y = 0; y < height; y++) {
    if (y + radius < height) addRow(y + radius, 1)
    if (y - radius > 0) addRow(y - radius - 1, -1)
    for (let x = 0; x < width; x++) result[y * width + x] = sums[x]! / (2 * radius + 1)
  }
  return result
}
