import { UserError } from '../../user-error.js'
import type { Extent } from '../image/geometry.js'
import { isSameSize } from '../image/geometry.js'
import { readHeader } from '../image/header.js'
import type { Edit } from '../pipeline/edit.js'
import { type CanvasLayout, layoutCanvas } from '../pipeline/layout.js'
import { readRecipe } from '../pipeline/recipe-file.js'

// Where the pictures of a history are on each other. The bot imports this: nothing is decoded.

/** An edit that is made of a picture. */
type PictureEdit = Exclude<Edit, { kind: 'imagine' }>

/** A picture, and how it was made of the one before: by this edit, with this canonical mask. The first has neither. */
export type HistoryStage = {
  readonly picture: Uint8Array
  readonly edit: PictureEdit | undefined
  readonly mask?: Uint8Array | undefined
}

/** A picture that another was made of, and the canonical mask of the edit that made it. */
export type EarlierPicture = { readonly picture: Uint8Array; readonly mask?: Uint8Array | undefined }

/** A rectangle on a picture, in its pixels; it may have fractions, and reach beyond the picture. */
export type Rect = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** A stage with its size, its place on the last picture of the history, and the layout of the edit that made it. */
export type PlacedStage = HistoryStage & {
  readonly size: Extent
  readonly rect: Rect
  /** The part of `rect` that later frames did not cut off. */
  readonly frame: Rect
  readonly layout?: CanvasLayout | undefined
}

/** The stages of a history, from the first picture to the last. @param earlier what `last` was made of, the latest first */
export function historyStages(last: Uint8Array, earlier: readonly EarlierPicture[]): HistoryStage[] {
  const pictures = [last, ...earlier.map(({ picture }) => picture)]
  return pictures
    .map((picture, index) => {
      const source = earlier[index]
      return source ? { picture, edit: editOf(picture), mask: source.mask } : { picture, edit: undefined }
    })
    .reverse()
}

/** How a picture was made of another one, by its recipe; undefined where it was not, or nothing of that is seen. */
export function editOf(picture: Uint8Array): PictureEdit | undefined {
  const recipe = readRecipe(picture)
  if (!recipe || recipe.edit.kind === 'imagine' || recipe.old.width === 0) return undefined
  const isRedrawn = recipe.edit.kind === 'upscale' && recipe.edit.creative
  return isRedrawn ? undefined : recipe.edit
}

/** Each stage with its place. @throws UserError those of `readHeader` and `layoutCanvas` */
export function placeStages(stages: readonly HistoryStage[]): PlacedStage[] {
  const sizes = stages.map(({ picture }) => sizeOf(picture))
  const layouts = stages.map(({ edit }, index) => {
    const source = sizes[index - 1]
    return edit && source ? layoutCanvas(edit, source, { fillsHoles: true }) : undefined
  })
  const steps = layouts.slice(1).map((layout, index) => ({
    size: sizes[index + 1]!,
    old: layout ? sourceRect(layout, sizes[index]!) : { x: 0, y: 0, ...sizes[index + 1]! },
  }))
  const rects = pictureRects(sizes[0]!, steps)
  return stages.map((stage, index) => ({
    ...stage,
    size: sizes[index]!,
    rect: rects[index]!,
    frame: rects.slice(index).reduce(intersection),
    layout: layouts[index],
  }))
}

function intersection(one: Rect, other: Rect): Rect {
  const [x, y] = [Math.max(one.x, other.x), Math.max(one.y, other.y)]
  const right = Math.min(one.x + one.width, other.x + other.width)
  const bottom = Math.min(one.y + one.height, other.y + other.height)
  return { x, y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) }
}

/** Whether an edit of a picture of size `source` gives one of size `result`: a recipe may be another program's, or forged. */
export function isEditOf(edit: PictureEdit, source: Extent, result: Extent): boolean {
  try {
    return isSameSize(layoutCanvas(edit, source, { fillsHoles: true }).size, result)
  } catch (error) {
    if (error instanceof UserError) return false
    throw error
  }
}

/** The place of the whole source on the canvas, also of what the layout crops. */
function sourceRect({ old, sourceCrop, whole }: CanvasLayout, source: Extent): Rect {
  if (whole) return whole
  if (!sourceCrop) return old
  const [scaleX, scaleY] = [old.width / sourceCrop.width, old.height / sourceCrop.height]
  return {
    x: old.x - sourceCrop.x * scaleX,
    y: old.y - sourceCrop.y * scaleY,
    width: source.width * scaleX,
    height: source.height * scaleY,
  }
}

/**
 * The position of each picture on the last one.
 *
 * @param first the size of the first picture
 * @param steps of each later picture: its size, and the position of the picture before on it
 */
export function pictureRects(first: Extent, steps: readonly { readonly size: Extent; readonly old: Rect }[]): Rect[] {
  const last = steps.at(-1)?.size ?? first
  const rects: Rect[] = [{ x: 0, y: 0, width: last.width, height: last.height }]
  for (const { size, old } of steps.toReversed()) {
    const outer = rects[0]!
    const [scaleX, scaleY] = [outer.width / size.width, outer.height / size.height]
    rects.unshift({
      x: outer.x + old.x * scaleX,
      y: outer.y + old.y * scaleY,
      width: old.width * scaleX,
      height: old.height * scaleY,
    })
  }
  return rects
}

export function sizeOf(picture: Uint8Array): Extent {
  const { width, height } = readHeader(picture)
  return { width, height }
}
