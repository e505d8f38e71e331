import { allocateZeroed } from '../memory'

/** Replace each value by the sum over the square of 2 × radius + 1 around it; values outside count as 0. */
export function boxSum(values: usize, width: i32, height: i32, radius: i32): void {
  const line = allocateZeroed(<usize>max(width, height) * 4)
  for (let y = 0; y < height; y++) sumLine(values + y * width * 4, 1, width, radius, line)
  for (let x = 0; x < width; x++) sumLine(values + x * 4, width, height, radius, line)
  heap.free(line)
}

function sumLine(start: usize, step: i32, length: i32, radius: i32, line: usize): void {
  let sum: f32 = 0
  for (let i = 0; i < min(radius, length); i++) sum += load<f32>(start + i * step * 4)
  for (let i = 0; i < length; i++) {
    if (i + radius < length) sum += load<f32>(start + (i + radius) * step * 4)
    if (i - radius > 0) sum -= load<f32>(start + (i - radius - 1) * step * 4)
    store<f32>(line + i * 4, sum)
  }
  for (let i = 0; i < length; i++) store<f32>(start + i * step * 4, load<f32>(line + i * 4))
}
