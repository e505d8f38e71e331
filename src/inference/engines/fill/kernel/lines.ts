import { LINE_BAND_MIN, LINE_BAND_SHARE, LINE_MIRROR_MAX_SHARE, LINE_TABLE_SIZE, PATCH_RADIUS } from '../parameters'
import { isThing } from './distinct'
import { Level } from './level'

// Five floats a line: where it leaves what is known, in pixels of the finest level; where to, as a unit vector; how far.
const FLOATS: i32 = 5
const table = memory.data(LINE_TABLE_SIZE * FLOATS * 4, 16)

/** Marks a line of a thing that stands out: the frame cuts the thing off, so that along the line it may be copied for nothing. */
export const CUT: u8 = 0x80

/** Where the host writes the lines. */
export function linesTable(): usize {
  return table
}

/**
 * To be done after `lean`. Pixels that lie on a straight line's continuation would rather copy from along it, as far beside it as they are; so
 * would those that would else copy from its other side. Those on the line are told which it is, and whether it is CUT.
 *
 * @param count of lines in the table
 * @param scale pixels of this level to one of the finest
 * @param depth how much of a pixel's way along the line it leans into the picture, beginning with a patch's width
 */
export function leanAlong(level: Level, count: i32, scale: f32, depth: f32): void {
  const band = max<f32>(LINE_BAND_MIN, LINE_BAND_SHARE * <f32>min(level.width, level.height))
  memory.fill(level.line, 0, <usize>(level.stride * level.rows))
  if (count === 0) return
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const at = <usize>(y * level.stride + x)
      if (load<u8>(level.known + at)) continue
      const leanX = load<f32>(level.lean + at * 8)
      const leanY = load<f32>(level.lean + at * 8, 4)
      let nearest: f32 = f32.MAX_VALUE
      for (let index = 0; index < count; index++) {
        const line = table + <usize>(index * FLOATS * 4)
        const startX = load<f32>(line) * scale - 0.5 + <f32>PATCH_RADIUS
        const startY = load<f32>(line, 4) * scale - 0.5 + <f32>PATCH_RADIUS
        const dx = load<f32>(line, 8)
        const dy = load<f32>(line, 12)
        const along = (<f32>x - startX) * dx + (<f32>y - startY) * dy
        const beside = (<f32>y - startY) * dx - (<f32>x - startX) * dy
        const length = load<f32>(line, 16) * scale
        if (along > length || along < -band || along > nearest) continue
        const isOn = Mathf.abs(beside) <= band
        const leaning = (leanY - startY) * dx - (leanX - startX) * dy
        if (!isOn && (along < 0 || beside * leaning > 0)) continue
        nearest = along
        const edge = <f32>(level.radius + 1)
        const inward = edge + min<f32>(max<f32>(0, along) * depth, length * LINE_MIRROR_MAX_SHARE)
        store<f32>(level.lean + at * 8, startX - dx * inward - dy * beside)
        store<f32>(level.lean + at * 8, startY - dy * inward + dx * beside, 4)
        const mark = <u8>(index + 1) | cutAt(level, startX - dx * edge, startY - dy * edge)
        store<u8>(level.line + at, isOn ? mark : 0)
      }
    }
  }
}

/** CUT if what is there stands out, be it that it is only suspected, or is likely the subject's; else 0. */
function cutAt(level: Level, x: f32, y: f32): u8 {
  const column = min(level.stride - 1, max(0, <i32>Mathf.round(x)))
  const row = min(level.rows - 1, max(0, <i32>Mathf.round(y)))
  return isThing(level, <usize>(row * level.stride + column)) ? CUT : 0
}

/** How far a place lies from where a pixel leans, across the line that the pixel is on, in pixels. */
export function offLine(line: i32, dx: f32, dy: f32): f32 {
  const at = table + <usize>(((line & ~CUT) - 1) * FLOATS * 4)
  return dy * load<f32>(at, 8) - dx * load<f32>(at, 12)
}
