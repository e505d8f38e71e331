import { UserError } from '../../user-error.js'
import { readPicture, readRgba } from '../image/decode.js'
import { readHeader } from '../image/header.js'
import { decodeSoftMask } from '../image/mask-file.js'
import { filledMask, KEEP, type Mask, PAINT, type SoftMask } from '../image/pixels.js'
import { diffMask } from '../mask/diff-mask.js'
import { dilate } from '../mask/morphology.js'
import { type CanvasLayout, sectionOf } from '../pipeline/layout.js'
import { layOutSoftMask, placeMask } from '../pipeline/place-mask.js'
import { readRecipe } from '../pipeline/recipe-file.js'
import { varyMask } from '../pipeline/vary.js'
import type { HistoryStage, PlacedStage, Rect } from './stages.js'

/** What of a picture does not come from the picture before, and where that picture is. */
export type Repaint = { readonly mask: Mask; readonly rect: Rect }

/**
 * For each stage, what later edits repainted of it, and what of it is transparent. Nothing of a picture is seen there in the last one.
 *
 * @throws UserError those of `readPicture` and `decodeSoftMask`
 */
export async function repaintsOf(placed: readonly PlacedStage[]): Promise<Repaint[][]> {
  const made = await Promise.all(placed.map((stage, index) => repaintedBy(stage, placed[index - 1])))
  const own = await Promise.all(placed.map(stage => transparentPart(stage)))
  return placed.map((_, index) =>
    [...own.slice(index, index + 1), ...made.slice(index + 1)].filter(one => one !== undefined),
  )
}

/** Which pixels of a grid over `area` show a stage: {@link KEEP} where it was repainted, or is outside the frame; undefined where all do. */
export function shownMask(
  grid: { readonly width: number; readonly height: number },
  area: Rect,
  repaints: readonly Repaint[],
  frame: Rect = area,
): Mask | undefined {
  if (repaints.length === 0 && containsRect(frame, area)) return undefined
  const shown = filledMask(grid, PAINT)
  const frameColumns = nearest(grid.width, area.x, area.width, frame.x, frame.width, 1)
  const frameRows = nearest(grid.height, area.y, area.height, frame.y, frame.height, 1)
  for (let y = 0; y < grid.height; y++) {
    for (let x = 0; x < grid.width; x++) {
      if (frameRows[y]! < 0 || frameColumns[x]! < 0) shown.data[y * grid.width + x] = KEEP
    }
  }
  for (const { mask, rect } of repaints) {
    const columns = nearest(grid.width, area.x, area.width, rect.x, rect.width, mask.width)
    const rows = nearest(grid.height, area.y, area.height, rect.y, rect.height, mask.height)
    for (let y = 0; y < grid.height; y++) {
      const row = rows[y]! * mask.width
      if (rows[y]! < 0) continue
      for (let x = 0; x < grid.width; x++) {
        if (columns[x]! >= 0 && mask.data[row + columns[x]!] !== KEEP) shown.data[y * grid.width + x] = KEEP
      }
    }
  }
  return shown
}

function containsRect(outer: Rect, inner: Rect): boolean {
  const slack = 1e-6 * inner.width
  return (
    inner.x >= outer.x - slack &&
    inner.y >= outer.y - slack &&
    inner.x + inner.width <= outer.x + outer.width + slack &&
    inner.y + inner.height <= outer.y + outer.height + slack
  )
}

/** For each position of a grid along an axis, the pixel of a mask; -1 outside the mask. */
function nearest(
  count: number,
  start: number,
  length: number,
  from: number,
  extent: number,
  pixels: number,
): Int32Array {
  return Int32Array.from({ length: count }, (_, at) => {
    const pixel = Math.floor(((start + ((at + 0.5) * length) / count - from) / extent) * pixels)
    return pixel >= 0 && pixel < pixels ? pixel : -1
  })
}

async function transparentPart({ picture, rect }: PlacedStage): Promise<Repaint | undefined> {
  if (!readHeader(picture).mayHaveAlpha) return undefined
  const { alpha } = await readPicture(picture)
  return alpha && { mask: { ...alpha, data: alpha.data.map(value => (value === PAINT ? KEEP : PAINT)) }, rect }
}

/** What the edit of a stage repainted inside the picture before, on the stage. */
async function repaintedBy(stage: PlacedStage, before: PlacedStage | undefined): Promise<Repaint | undefined> {
  const { edit, layout, rect } = stage
  if (!before || !edit || !layout || !['inpaint', 'remove', 'vary'].includes(edit.kind)) return undefined
  const mask = await paintedMask(stage, before, layout)
  return mask && { mask, rect }
}

async function paintedMask(stage: PlacedStage, before: HistoryStage, layout: CanvasLayout): Promise<Mask | undefined> {
  const { edit, mask, picture } = stage
  const wasMasked = readRecipe(picture)?.mask !== undefined
  if (wasMasked && !mask) return difference(picture, before.picture, layout)
  if (edit?.kind === 'vary') return (await varyMask(before.picture, layout.size, mask, edit.strength))?.mask
  // Without a mask the holes of the picture were filled.
  if (!mask) return undefined
  const soft: SoftMask = await layOutSoftMask(await decodeSoftMask(mask), layout)
  const hard = { ...soft, data: soft.data.map(value => (value > KEEP ? PAINT : KEEP)) }
  const grow = edit?.kind === 'inpaint' ? (edit.grow ?? 0) : 0
  return placeMask(grow > 0 ? dilate(hard, grow) : hard, layout, KEEP)
}

/** Where two pictures differ, for an edit whose mask is not known. */
async function difference(picture: Uint8Array, before: Uint8Array, layout: CanvasLayout): Promise<Mask | undefined> {
  const [after, source] = await Promise.all([
    readRgba(picture, { part: layout.old }),
    readRgba(before, sectionOf(layout)),
  ])
  try {
    return placeMask(diffMask(after, source).mask, layout, KEEP)
  } catch (error) {
    if (error instanceof UserError && ['mask-empty', 'mask-low-contrast'].includes(error.problem.code)) return undefined
    throw error
  }
}
