import { readPicture } from '../image/decode.js'
import type { Box, Extent } from '../image/geometry.js'
import { KEEP, type Pixels } from '../image/pixels.js'
import { detailedStages, stagesAt } from './plan.js'
import { repaintsOf, shownMask } from './repainted.js'
import { resampleBox } from './resample-box.js'
import { spreadDetail } from './spread-detail.js'
import type { PlacedStage, Rect } from './stages.js'

/** The detail of a picture fades out over this many pixels of the picture around it; in pixels of the result at least and at most. */
const FADE = { pixels: 8, min: 8, max: 32 } as const

export type Enlarger = {
  /** Enlarge a picture by about this factor; the rest is resampled. */
  enlarge(picture: Pixels, factor: number): Promise<Pixels>
  /** Change a part of the enlarged picture in place. @param rect where the whole picture is, in pixels of the result */
  finish?(part: Pixels, box: Box, picture: Pixels, rect: Rect): void
}

/**
 * The last picture of a history at a larger size, with all earlier ones at their places: each pixel comes from the earliest picture
 * that has it and more detail, unless a later edit repainted it. Where an earlier picture has the size that it is shown at, its pixels are not
 * changed; otherwise they are resampled once.
 *
 * @param placed from the first picture to the last
 * @param last the last picture: it can differ from its file, where that has transparency
 * @param size of the result
 * @returns the result, and where an earlier picture is shown
 */
export async function composeHistory(
  placed: readonly PlacedStage[],
  last: Pixels,
  size: Extent,
  enlarger: Enlarger,
  onStage: () => void = () => {},
): Promise<{
  readonly pixels: Pixels
  readonly isRestored: (at: number) => boolean
}> {
  const shown = stagesAt(detailedStages(placed), size.width / last.width)
  const toResult = transformTo(size, placed.at(-1)!.size, shown.at(-1))
  const repaints = await repaintsOf(placed)
  const pixels = await placeOn(last, toResult({ x: 0, y: 0, ...last }), { x: 0, y: 0, ...size }, enlarger)
  onStage()
  const canvas = { ...size, data: pixels === last ? pixels.data.slice() : pixels.data }
  const restored = new Uint8Array(size.width * size.height)
  let detail = 1
  for (const stage of shown) {
    const rect = toResult(stage.rect)
    const box = boxOf(toResult(stage.frame), size)
    if (!box) continue
    const { pixels: picture } = await readPicture(stage.picture)
    const layer = await placeOn(picture, rect, box, enlarger)
    const mask = shownMask(
      box,
      box,
      repaints[placed.indexOf(stage)]!.map(one => ({ ...one, rect: toResult(one.rect) })),
    )
    const blur = size.width / last.width / detail
    spreadDetail(canvas, layer, box, mask, Math.round(Math.min(FADE.max, Math.max(FADE.min, FADE.pixels * blur))))
    copyShown(canvas, layer, box, mask?.data, restored)
    detail = stage.size.width / stage.rect.width
    onStage()
  }
  return { pixels: canvas, isRestored: at => restored[at] === 1 }
}

/**
 * From the last picture to the result. The earliest picture that is shown decides: where it has about as many pixels as its place, it has exactly
 * these, and starts at a whole pixel.
 */
function transformTo(size: Extent, last: Extent, anchor: PlacedStage | undefined): (rect: Rect) => Rect {
  const axis = (result: number, length: number, start = 0, extent = length, pixels = 0) => {
    const scale = result / length
    const isExact = Math.abs(extent * scale - pixels) < 0.75
    const factor = isExact ? pixels / extent : scale
    const offset = isExact ? Math.round(start * scale) - start * factor : 0
    return (from: number, long: number) => ({ start: from * factor + offset, length: long * factor })
  }
  const across = axis(size.width, last.width, anchor?.rect.x, anchor?.rect.width, anchor?.size.width)
  const down = axis(size.height, last.height, anchor?.rect.y, anchor?.rect.height, anchor?.size.height)
  return ({ x, y, width, height }) => {
    const [horizontal, vertical] = [across(x, width), down(y, height)]
    return { x: horizontal.start, y: vertical.start, width: horizontal.length, height: vertical.length }
  }
}

/** The pixels whose centre is in a rectangle. */
function boxOf(rect: Rect, { width, height }: Extent): Box | undefined {
  const first = (start: number) => Math.max(0, Math.ceil(start - 0.5 - 1e-4))
  const end = (stop: number, length: number) => Math.min(length, Math.ceil(stop - 0.5 - 1e-4))
  const [x, y] = [first(rect.x), first(rect.y)]
  const box = { x, y, width: end(rect.x + rect.width, width) - x, height: end(rect.y + rect.height, height) - y }
  return box.width > 0 && box.height > 0 ? box : undefined
}

/** A picture enlarged, in the pixels of its place. */
async function placeOn(picture: Pixels, rect: Rect, box: Box, enlarger: Enlarger): Promise<Pixels> {
  const factor = Math.min(rect.width / picture.width, rect.height / picture.height)
  if (factor <= 1.01) return resampleBox(picture, rect, box)
  const part = resampleBox(await enlarger.enlarge(picture, factor), rect, box)
  enlarger.finish?.(part, box, picture, rect)
  return part
}

function copyShown(canvas: Pixels, layer: Pixels, box: Box, shown: Uint8Array | undefined, restored: Uint8Array): void {
  for (let y = 0; y < box.height; y++) {
    const to = (box.y + y) * canvas.width + box.x
    const from = y * box.width
    if (!shown) {
      canvas.data.set(layer.data.subarray(from * 3, (from + box.width) * 3), to * 3)
      restored.fill(1, to, to + box.width)
      continue
    }
    for (let x = 0; x < box.width; x++) {
      if (shown[from + x] === KEEP) continue
      canvas.data.set(layer.data.subarray((from + x) * 3, (from + x + 1) * 3), (to + x) * 3)
      restored[to + x] = 1
    }
  }
}
