import { PATCH_RADIUS, WHOLE_PATCH_REACH } from '../../parameters'
import { allocateZeroed } from '../memory'
import { columnOf, NO_COORD, packCoord, rowOf } from './coordinates'
import { Level } from './level'

// Which patches may be copied from (sources), and which have to be painted (targets).

/**
 * Mark the sources: patches that are wholly known, of the largest radius that has enough of them.
 *
 * @param enough fewer sources than this give too little choice
 * @returns how many there are; 0 if nothing is known at all
 */
export function findSources(level: Level, enough: i32): i32 {
  for (let radius = PATCH_RADIUS; radius >= 0; radius--) {
    memory.fill(level.valid, 0, <usize>(level.stride * level.rows))
    level.radius = radius
    level.sourceCount = markWholePatches(level, radius)
    if (level.sourceCount >= enough || radius === 0) break
  }
  return level.sourceCount
}

function markWholePatches(level: Level, radius: i32): i32 {
  const side = 2 * radius + 1
  // By column: in how many consecutive rows a run of known pixels as wide as a patch ends at this column.
  const rowCounts = allocateZeroed(<usize>level.stride * 4)
  let count = 0
  for (let y = 0; y < level.rows; y++) {
    let runLength = 0
    for (let x = 0; x < level.stride; x++) {
      runLength = load<u8>(level.known + y * level.stride + x) ? runLength + 1 : 0
      const rows = runLength >= side ? load<i32>(rowCounts + x * 4) + 1 : 0
      store<i32>(rowCounts + x * 4, rows)
      if (rows < side) continue
      store<u8>(level.valid + (y - radius) * level.stride + x - radius, 1)
      count++
    }
  }
  heap.free(rowCounts)
  return count
}

/** Mark the targets: pixels whose patch contains a pixel to be painted. */
export function findTargets(level: Level): void {
  const lastX = PATCH_RADIUS + level.width - 1
  const lastY = PATCH_RADIUS + level.height - 1
  for (let y = PATCH_RADIUS; y <= lastY; y++) {
    for (let x = PATCH_RADIUS; x <= lastX; x++) {
      const pixel = <usize>(y * level.stride + x)
      if (load<u8>(level.known + pixel)) continue
      store<u8>(level.target + pixel, 1)
      // Only pixels at the boundary add known pixels to the targets.
      if (!hasKnownNeighbour(level, pixel)) continue
      const left = max(PATCH_RADIUS, x - level.radius)
      const count = <usize>(min(lastX, x + level.radius) - left + 1)
      for (let row = max(PATCH_RADIUS, y - level.radius); row <= min(lastY, y + level.radius); row++) {
        memory.fill(level.target + <usize>(row * level.stride + left), 1, count)
      }
    }
  }
}

/** Whether one of the 8 neighbours is known. */
function hasKnownNeighbour(level: Level, pixel: usize): bool {
  const above = level.known + pixel - level.stride
  const below = level.known + pixel + level.stride
  return (
    load<u8>(above - 1) +
      load<u8>(above) +
      load<u8>(above, 1) +
      load<u8>(level.known + pixel - 1) +
      load<u8>(level.known + pixel, 1) +
      load<u8>(below - 1) +
      load<u8>(below) +
      load<u8>(below, 1) >
    0
  )
}

/** Whether the patch around a pixel may be copied from; false outside the level. */
export function isSourceAt(level: Level, x: i32, y: i32): bool {
  if (x < 0 || y < 0 || x >= level.stride || y >= level.rows) return false
  return load<u8>(level.valid + y * level.stride + x) !== 0
}

/** The same for a packed coordinate, which may be one that was shifted out of the level. */
export function isSource(level: Level, coord: u32): bool {
  const x = columnOf(coord)
  const y = rowOf(coord)
  return x < level.stride && y < level.rows && load<u8>(level.valid + <usize>(y * level.stride + x)) !== 0
}

/** The source at a pixel, or the nearest of those in the 8 directions from it; NO_COORD if none is near. */
export function nearestSource(level: Level, x: i32, y: i32): u32 {
  if (isSourceAt(level, x, y)) return packCoord(x, y)
  for (let reach = 1; reach <= WHOLE_PATCH_REACH; reach++) {
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        if (isSourceAt(level, x + dx * reach, y + dy * reach)) return packCoord(x + dx * reach, y + dy * reach)
      }
    }
  }
  return NO_COORD
}

/** The packed coordinates of all sources, row by row; to be freed. */
export function listSources(level: Level): usize {
  const coords = heap.alloc(<usize>level.sourceCount * 4)
  let count = 0
  for (let y = 0; y < level.rows; y++) {
    for (let x = 0; x < level.stride; x++) {
      if (!load<u8>(level.valid + <usize>(y * level.stride + x))) continue
      store<u32>(coords + <usize>count * 4, packCoord(x, y))
      count++
    }
  }
  return coords
}
