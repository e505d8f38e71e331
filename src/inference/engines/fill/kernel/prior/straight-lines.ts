import { LINE_BAND_MIN, LINE_BAND_SHARE, LINE_MIRROR_MAX_SHARE, LINE_TABLE_SIZE, PATCH_RADIUS } from '../../parameters'
import { Level } from '../pyramid/level'
import { isSalient } from '../saliency/copy-penalty'

// Straight lines that cross the boundary continue straight, and keep their two sides apart.

// Five floats a line: where it crosses the boundary, x and y in pixels of the finest level; the direction outward, as a
// unit vector; and for how many pixels it continues.
const FLOATS_PER_LINE: i32 = 5
const table = memory.data(LINE_TABLE_SIZE * FLOATS_PER_LINE * 4, 16)

/**
 * Flag of a line that belongs to a salient object: the boundary cuts the object off, so that along it copying is free.
 */
export const SALIENT_LINE: u8 = 0x80

/** Where the host writes the lines. */
export function lineTable(): usize {
  return table
}

/**
 * Let pixels on a line's continuation prefer sources along the line, at their own distance from it, and pixels
 * next to it none from its other side. Also set the line of each pixel. To be called after setPreferredSources.
 *
 * @param count of lines in the table
 * @param scale of this level: 1 for the finest, 0.5 for the next
 * @param mirrorDepth share of the distance along the line by which the source is inside the picture
 */
export function preferAlongLines(level: Level, count: i32, scale: f32, mirrorDepth: f32): void {
  const band = max<f32>(LINE_BAND_MIN, LINE_BAND_SHARE * <f32>min(level.width, level.height))
  memory.fill(level.line, 0, <usize>(level.stride * level.rows))
  if (count === 0) return
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const pixel = <usize>(y * level.stride + x)
      if (load<u8>(level.known + pixel)) continue
      const preferredX = load<f32>(level.preferredSource + pixel * 8)
      const preferredY = load<f32>(level.preferredSource + pixel * 8, 4)
      let nearest: f32 = f32.MAX_VALUE
      for (let index = 0; index < count; index++) {
        const line = table + <usize>(index * FLOATS_PER_LINE * 4)
        const startX = load<f32>(line) * scale - 0.5 + <f32>PATCH_RADIUS
        const startY = load<f32>(line, 4) * scale - 0.5 + <f32>PATCH_RADIUS
        const dx = load<f32>(line, 8)
        const dy = load<f32>(line, 12)
        const along = (<f32>x - startX) * dx + (<f32>y - startY) * dy
        const across = (<f32>y - startY) * dx - (<f32>x - startX) * dy
        const length = load<f32>(line, 16) * scale
        if (along > length || along < -band || along > nearest) continue
        const isOnLine = Mathf.abs(across) <= band
        const preferredAcross = (preferredY - startY) * dx - (preferredX - startX) * dy
        if (!isOnLine && (along < 0 || across * preferredAcross > 0)) continue
        nearest = along
        // The first whole patch within the picture.
        const firstPatch = <f32>(level.radius + 1)
        const inward = firstPatch + min<f32>(max<f32>(0, along) * mirrorDepth, length * LINE_MIRROR_MAX_SHARE)
        store<f32>(level.preferredSource + pixel * 8, startX - dx * inward - dy * across)
        store<f32>(level.preferredSource + pixel * 8, startY - dy * inward + dx * across, 4)
        const flag = salientFlagAt(level, startX - dx * firstPatch, startY - dy * firstPatch)
        store<u8>(level.line + pixel, isOnLine ? <u8>(index + 1) | flag : 0)
      }
    }
  }
}

function salientFlagAt(level: Level, x: f32, y: f32): u8 {
  const column = min(level.stride - 1, max(0, <i32>Mathf.round(x)))
  const row = min(level.rows - 1, max(0, <i32>Mathf.round(y)))
  return isSalient(level, <usize>(row * level.stride + column)) ? SALIENT_LINE : 0
}

/** The part of a vector that is perpendicular to a line, in pixels. @param line as in `Level.line`, not 0 */
export function lineDistance(line: i32, dx: f32, dy: f32): f32 {
  const direction = table + <usize>(((line & ~SALIENT_LINE) - 1) * FLOATS_PER_LINE * 4) + 8
  return dy * load<f32>(direction) - dx * load<f32>(direction, 4)
}
