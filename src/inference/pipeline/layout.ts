import { UserError } from '../../user-error.js'
import type { Section } from '../image/decode.js'
import {
  type Anchor,
  anchorBox,
  type Box,
  type Extent,
  exceededLimit,
  isSameSize,
  MAX_PICTURE_SIZE,
  MAX_UPSCALED_SIZE,
} from '../image/geometry.js'
import { type AspectRatio, type Edit, type Length, type RESIZE_MODES, ZOOM } from './edit.js'
import { placePicture } from './place-picture.js'

/** The size of the new picture and the place of the old one on it, both in pixels of the new picture. */
export type CanvasLayout = {
  readonly size: Extent
  readonly old: Box
  /** Only this part of the old picture is used, in its own pixels. */
  readonly sourceCrop?: Box
  /** Where all of the old picture would be, if part of it is cut off by the new frame. */
  readonly whole?: Box
}

/** What to read of the old picture, and how to scale it, so that it fills its place on the new one. */
export function sectionOf({ old, sourceCrop, whole }: CanvasLayout): Section {
  if (!whole) return { size: old, ...(sourceCrop && { part: sourceCrop }) }
  return { size: whole, crop: { ...old, x: old.x - whole.x, y: old.y - whole.y } }
}

/**
 * Arrange the new picture.
 *
 * The old picture is scaled only by `upscale`, by `place`, by `zoom` without `grow`, by an exact `fit` and by `inpaint` with a `size`;
 * in every other edit `old` has its size. Only `place` cuts parts of it off.
 * Some area outside `old` is always left to paint, except for `upscale`, and for `inpaint`, `remove` and `vary`, where a mask decides.
 *
 * @param size of the old picture, in pixels
 * @param fillsHoles the old picture may have holes that are painted: then it may keep its size
 * @throws UserError `factor-out-of-range`, `zoom-changes-nothing`, `picture-too-small`, `extend-changes-nothing`,
 *   `aspect-invalid`, `fit-changes-nothing`, `place-covers-frame`, `canvas-too-large`, `upscale-too-large`, and as `placePicture` does
 */
export function layoutCanvas(
  edit: Exclude<Edit, { kind: 'imagine' }>,
  size: Extent,
  { fillsHoles = false }: { readonly fillsHoles?: boolean } = {},
): CanvasLayout {
  const layout = uncheckedLayout(edit, size)
  const mayKeepSize = fillsHoles || ['inpaint', 'remove', 'vary', 'upscale'].includes(edit.kind)
  if (!mayKeepSize && isSameSize(layout.size, layout.old)) throw nothingToPaint(edit, size)
  const { width, height } = layout.size
  const exceeded = exceededLimit(layout.size, edit.kind === 'upscale' ? MAX_UPSCALED_SIZE : MAX_PICTURE_SIZE)
  if (!exceeded) return layout
  if (edit.kind === 'upscale') {
    throw new UserError({ code: 'upscale-too-large', width, height, scale: edit.scale, ...exceeded })
  }
  throw new UserError({ code: 'canvas-too-large', width, height, ...exceeded })
}

/** There is nothing to paint around the old picture. @param size of the old picture */
export function nothingToPaint(edit: Edit, { width, height }: Extent): UserError {
  if (edit.kind === 'place') {
    return new UserError({ code: 'place-covers-frame', width: edit.width, height: edit.height })
  }
  return new UserError({ code: 'fit-changes-nothing', width, height })
}

function uncheckedLayout(edit: Exclude<Edit, { kind: 'imagine' }>, size: Extent): CanvasLayout {
  switch (edit.kind) {
    case 'zoom':
      return zoom(edit, size)
    case 'extend':
      return extend(edit, size)
    case 'square':
      return fitAspect({ width: 1, height: 1 }, size)
    case 'fit':
      return edit.exact ? fitExactly(edit, size) : fitAspect(edit, size)
    case 'place':
      return placePicture(edit, size)
    case 'inpaint':
      return edit.size ? resize(edit.size, edit.resize ?? 'just resize', size) : unchanged(size)
    case 'remove':
    case 'vary':
      return unchanged(size)
    case 'upscale':
      return unchanged(edit.history ?? { width: size.width * edit.scale, height: size.height * edit.scale })
  }
}

function unchanged({ width, height }: Extent): CanvasLayout {
  const size = { width, height }
  return { size, old: { x: 0, y: 0, ...size } }
}

function resize(canvas: Extent, mode: (typeof RESIZE_MODES)[number], size: Extent): CanvasLayout {
  switch (mode) {
    case 'just resize':
      return unchanged(canvas)
    case 'crop and resize': {
      const scale = Math.max(canvas.width / size.width, canvas.height / size.height)
      const side = (length: number, max: number) => Math.max(1, Math.min(max, Math.round(length / scale)))
      const cropped = { width: side(canvas.width, size.width), height: side(canvas.height, size.height) }
      return { ...unchanged(canvas), sourceCrop: anchored(cropped, size).old }
    }
    case 'resize and fill':
      return anchored(scaleInside(canvas, size), canvas)
  }
}

function zoom({ factor, grow, aspect, anchor }: Extract<Edit, { kind: 'zoom' }>, size: Extent): CanvasLayout {
  // NaN fails this comparison.
  if (!(factor >= ZOOM.min && factor <= ZOOM.max)) {
    throw new UserError({ code: 'factor-out-of-range', factor, ...ZOOM })
  }
  if (factor === 1) {
    if (!aspect) throw new UserError({ code: 'zoom-changes-nothing' })
    return fitAspect(aspect, size, anchor)
  }
  if (!grow && size.width === 1 && size.height === 1) {
    throw new UserError({ code: 'picture-too-small', ...size, limit: 2 })
  }
  // At least one pixel more, or less, even for very small pictures.
  const enlarge = (side: number) => Math.max(side + 1, Math.round(side * factor))
  const reduce = (side: number) => Math.max(1, Math.min(side - 1, Math.round(side / factor)))
  const old = grow ? size : { width: reduce(size.width), height: reduce(size.height) }
  const canvas = grow ? { width: enlarge(size.width), height: enlarge(size.height) } : size
  return anchored(old, aspect ? widenToAspect(aspect, canvas) : canvas, anchor)
}

function extend(sides: Record<'left' | 'right' | 'top' | 'bottom', Length>, size: Extent): CanvasLayout {
  const toPixels = (length: Length, axis: number) =>
    'pixels' in length ? length.pixels : Math.round((axis * length.percent) / 100)
  const x = toPixels(sides.left, size.width)
  const y = toPixels(sides.top, size.height)
  const width = x + size.width + toPixels(sides.right, size.width)
  const height = y + size.height + toPixels(sides.bottom, size.height)
  if (isSameSize({ width, height }, size)) throw new UserError({ code: 'extend-changes-nothing' })
  return { size: { width, height }, old: { x, y, ...size } }
}

function fitAspect(aspect: AspectRatio, size: Extent, anchor?: Anchor): CanvasLayout {
  return anchored(size, widenToAspect(aspect, size), anchor)
}

/** The smallest size of this aspect ratio that holds `size`. */
function widenToAspect(aspect: AspectRatio, size: Extent): Extent {
  const ratio = aspect.width / aspect.height
  if (!(ratio > 0 && Number.isFinite(ratio))) {
    throw new UserError({ code: 'aspect-invalid', text: `${aspect.width}:${aspect.height}` })
  }
  return {
    width: Math.max(size.width, Math.round(size.height * ratio)),
    height: Math.max(size.height, Math.round(size.width / ratio)),
  }
}

/** The picture as large as it fits into the canvas; two sides are left to paint. */
function fitExactly({ width, height }: Extent, size: Extent): CanvasLayout {
  const canvas = { width, height }
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new UserError({ code: 'aspect-invalid', text: `${width}x${height}px` })
  }
  return anchored(scaleInside(canvas, size), canvas)
}

/** `size` scaled to the largest that fits inside the canvas; its aspect ratio stays. */
function scaleInside(canvas: Extent, size: Extent): Extent {
  const scale = Math.min(canvas.width / size.width, canvas.height / size.height)
  const side = (length: number, max: number) => Math.max(1, Math.min(max, Math.round(length * scale)))
  return { width: side(size.width, canvas.width), height: side(size.height, canvas.height) }
}

function anchored(old: Extent, size: Extent, anchor: Anchor = 'center'): CanvasLayout {
  return { size, old: anchorBox(old, size, anchor) }
}
