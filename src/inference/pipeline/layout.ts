import { UserError } from '../../user-error.js'
import { type Box, type Extent, isSameSize, MAX_PICTURE_SIZE, MAX_UPSCALED_SIZE } from '../image/geometry.js'
import { type AspectRatio, type Edit, type Length, type RESIZE_MODES, ZOOM } from './edit.js'

/** The size of the new picture and the place of the old one on it, both in pixels of the new picture. */
export type CanvasLayout = {
  readonly size: Extent
  readonly old: Box
  /** Only this part of the old picture is used, in its own pixels. */
  readonly sourceCrop?: Box
}

/**
 * Arrange the new picture.
 *
 * The old picture is scaled only by `upscale`, by `zoom` without `grow`, by an exact `fit` and by `inpaint` with a `size`; in every
 * other edit `old` has its size.
 * Some area outside `old` is always left to paint, except for `upscale`, and for `inpaint`, `remove` and `vary`, where a mask decides.
 *
 * @param size of the old picture, in pixels
 * @param fillsHoles the old picture may have holes that are painted: then it may keep its size
 * @throws UserError `factor-out-of-range`, `zoom-changes-nothing`, `picture-too-small`, `extend-changes-nothing`,
 *   `aspect-invalid`, `fit-changes-nothing`, `canvas-too-large`, `upscale-too-large`
 */
export function layoutCanvas(
  edit: Exclude<Edit, { kind: 'imagine' }>,
  size: Extent,
  { fillsHoles = false }: { readonly fillsHoles?: boolean } = {},
): CanvasLayout {
  const layout = uncheckedLayout(edit, size)
  const mayKeepSize = fillsHoles || ['inpaint', 'remove', 'vary', 'upscale'].includes(edit.kind)
  if (!mayKeepSize && isSameSize(layout.size, layout.old)) throw new UserError({ code: 'fit-changes-nothing', ...size })
  const { width, height } = layout.size
  if (edit.kind === 'upscale') {
    const { megapixels, side } = MAX_UPSCALED_SIZE
    if (width * height <= megapixels * 1e6 && Math.max(width, height) <= side) return layout
    throw new UserError({ code: 'upscale-too-large', width, height, limit: megapixels, scale: edit.scale })
  }
  if (width * height > MAX_PICTURE_SIZE.megapixels * 1e6 || Math.max(width, height) > MAX_PICTURE_SIZE.side) {
    throw new UserError({ code: 'canvas-too-large', width, height, limit: MAX_PICTURE_SIZE.megapixels })
  }
  return layout
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
    case 'inpaint':
      return edit.size ? resize(edit.size, edit.resize ?? 'just resize', size) : unchanged(size)
    case 'remove':
    case 'vary':
      return unchanged(size)
    case 'upscale':
      return unchanged({ width: size.width * edit.scale, height: size.height * edit.scale })
  }
}

function unchanged(size: Extent): CanvasLayout {
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
      return { ...unchanged(canvas), sourceCrop: centre(cropped, size).old }
    }
    case 'resize and fill':
      return centre(scaleInside(canvas, size), canvas)
  }
}

function zoom({ factor, grow, aspect }: Extract<Edit, { kind: 'zoom' }>, size: Extent): CanvasLayout {
  // NaN fails this comparison.
  if (!(factor >= ZOOM.min && factor <= ZOOM.max)) {
    throw new UserError({ code: 'factor-out-of-range', factor, ...ZOOM })
  }
  if (factor === 1) {
    if (!aspect) throw new UserError({ code: 'zoom-changes-nothing' })
    return fitAspect(aspect, size)
  }
  if (!grow && size.width === 1 && size.height === 1) {
    throw new UserError({ code: 'picture-too-small', ...size, limit: 2 })
  }
  // At least one pixel more, or less, even for very small pictures.
  const enlarge = (side: number) => Math.max(side + 1, Math.round(side * factor))
  const reduce = (side: number) => Math.max(1, Math.min(side - 1, Math.round(side / factor)))
  const old = grow ? size : { width: reduce(size.width), height: reduce(size.height) }
  const canvas = grow ? { width: enlarge(size.width), height: enlarge(size.height) } : size
  return centre(old, aspect ? widenToAspect(aspect, canvas) : canvas)
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

function fitAspect(aspect: AspectRatio, size: Extent): CanvasLayout {
  const canvas = widenToAspect(aspect, size)
  return centre(size, canvas)
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
  return centre(scaleInside(canvas, size), canvas)
}

/** `size` scaled to the largest that fits inside the canvas; its aspect ratio stays. */
function scaleInside(canvas: Extent, size: Extent): Extent {
  const scale = Math.min(canvas.width / size.width, canvas.height / size.height)
  const side = (length: number, max: number) => Math.max(1, Math.min(max, Math.round(length * scale)))
  return { width: side(size.width, canvas.width), height: side(size.height, canvas.height) }
}

function centre(old: Extent, size: Extent): CanvasLayout {
  const x = Math.floor((size.width - old.width) / 2)
  const y = Math.floor((size.height - old.height) / 2)
  return { size, old: { x, y, width: old.width, height: old.height } }
}
