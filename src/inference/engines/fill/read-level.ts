import type { Pixels } from '../../image/pixels.js'
import { MAX_PREVIEW_SIDE } from '../../pipeline/engine.js'
import { type Kernel, levelField } from './kernel.js'
import { PATCH_RADIUS } from './parameters.js'
import type { PyramidLevel } from './pyramid.js'

/** The current estimate of a level, whole. */
export function readLevel(kernel: Kernel, level: PyramidLevel): Pixels {
  return subsample(kernel, level, 1)
}

/** The same, small enough for a preview. */
export function previewLevel(kernel: Kernel, level: PyramidLevel): Pixels {
  return subsample(kernel, level, Math.ceil(Math.max(level.width, level.height) / MAX_PREVIEW_SIDE))
}

/** Every n-th pixel of every n-th row. */
function subsample(kernel: Kernel, level: PyramidLevel, n: number): Pixels {
  const width = Math.ceil(level.width / n)
  const height = Math.ceil(level.height / n)
  const data = new Uint8Array(width * height * 3)
  const colour = new Uint8Array(kernel.memory.buffer, levelField(kernel, level.address, 'colour'))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((y * n + PATCH_RADIUS) * (level.width + 2 * PATCH_RADIUS) + x * n + PATCH_RADIUS) * 4
      const to = (y * width + x) * 3
      data[to] = colour[from]!
      data[to + 1] = colour[from + 1]!
      data[to + 2] = colour[from + 2]!
    }
  }
  return { width, height, data }
}
