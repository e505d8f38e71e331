import { type Kernel, levelField } from './kernel.js'
import { LINE_MAX_PIXELS, LINE_TABLE_SIZE, PATCH_RADIUS } from './parameters.js'
import type { PyramidLevel } from './pyramid.js'
import { detectLines, type KnownLuma } from './straight-edges.js'

/**
 * Detect the straight lines that cross the boundary, and write them to the kernel's table. @returns how many there are
 */
export function writeLineTable(kernel: Kernel, levels: readonly PyramidLevel[]): number {
  const finestSmall = levels.findIndex(level => level.width * level.height <= LINE_MAX_PIXELS)
  const index = finestSmall < 0 ? levels.length - 1 : finestSmall
  const lines = detectLines(knownLumaOf(kernel, levels[index]!)).slice(0, LINE_TABLE_SIZE)
  const scale = 2 ** index
  const table = lines.flatMap(({ x, y, dx, dy, length }) => [
    (x + 0.5) * scale,
    (y + 0.5) * scale,
    dx,
    dy,
    length * scale,
  ])
  new Float32Array(kernel.memory.buffer, kernel.lineTable(), table.length).set(table)
  return lines.length
}

function knownLumaOf(kernel: Kernel, { address, width, height }: PyramidLevel): KnownLuma {
  const colour = new Uint8Array(kernel.memory.buffer, levelField(kernel, address, 'colour'))
  const known = new Uint8Array(kernel.memory.buffer, levelField(kernel, address, 'known'))
  const luma = new Float32Array(width * height)
  const isKnown = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y + PATCH_RADIUS) * (width + 2 * PATCH_RADIUS) + x + PATCH_RADIUS
      const [red, green, blue] = [colour[from * 4]!, colour[from * 4 + 1]!, colour[from * 4 + 2]!]
      luma[y * width + x] = 0.299 * red + 0.587 * green + 0.114 * blue // Rec. 601
      isKnown[y * width + x] = known[from]!
    }
  }
  return { width, height, luma, isKnown }
}
