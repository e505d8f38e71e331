import { UserError } from '../../user-error.js'
import type { Box, Extent } from '../image/geometry.js'
import { countPainted, filledMask, filledPixels, KEEP, type Mask, PAINT, type Pixels } from '../image/pixels.js'
import { type AspectRatio, type Edit, type Length, type RESIZE_MODES, ZOOM } from './edit.js'

/** How large the new picture is and where the old one lies on it, both in pixels of the new picture. */
export type CanvasLayout = {
  readonly size: Extent
  readonly old: Box
  /** Only this part of the old picture is taken, in its own pixels. */
  readonly sourceCrop?: Box
}

/** The new picture as far as it is known, which of it is to be painted, and where the old one lies on it. */
export type Canvas = { readonly pixels: Pixels; readonly mask: Mask; readonly old: Box }

/** The largest picture that is taken in or painted, in millions of pixels, and the longest side, in pixels. */
export const MAX_PICTURE_SIZE = { megapixels: 50, side: 16384 } as const

/**
 * Lay out the new picture.
 *
 * The old one is scaled only by `zoom` without `grow`, by an exact `fit` and by `inpaint` to a size of its own; everywhere
 * else `old` has its size.
 * Something is always left to be painted, except for `inpaint`, `remove` and `vary`, where a mask decides.
 *
 * @param size of the old picture, in pixels
 * @throws ProblemError `factor-out-of-range`, `zoom-changes-nothing`, `picture-too-small`, `extend-changes-nothing`,
 *   `aspect-invalid`, `fit-changes-nothing`, `canvas-too-large`
 */
export function layoutCanvas(edit: Exclude<Edit, { kind: 'imagine' }>, size: Extent): CanvasLayout {
  const laid = layOut(edit, size)
  const { width, height } = laid.size
  if (width * height > MAX_PICTURE_SIZE.megapixels * 1e6 || Math.max(width, height) > MAX_PICTURE_SIZE.side) {
    throw new UserError({ code: 'canvas-too-large', width, height, limit: MAX_PICTURE_SIZE.megapixels })
  }
  return laid
}

function layOut(edit: Exclude<Edit, { kind: 'imagine' }>, size: Extent): CanvasLayout {
  switch (edit.kind) {
    case 'zoom':
      return zoom(edit, size)
    case 'extend':
      return extend(edit, size)
    case 'square':
      return fitted({ width: 1, height: 1 }, size)
    case 'fit':
      return edit.exact ? scaledInto(edit, size) : fitted(edit, size)
    case 'inpaint':
      return edit.size ? toSize(edit.size, edit.resize ?? 'just resize', size) : asItIs(size)
    case 'remove':
    case 'vary':
      return asItIs(size)
  }
}

function asItIs(size: Extent): CanvasLayout {
  return { size, old: { x: 0, y: 0, ...size } }
}

function toSize(whole: Extent, how: (typeof RESIZE_MODES)[number], size: Extent): CanvasLayout {
  switch (how) {
    case 'just resize':
      return asItIs(whole)
    case 'crop and resize': {
      const scale = Math.max(whole.width / size.width, whole.height / size.height)
      const side = (of: number, most: number) => Math.max(1, Math.min(most, Math.round(of / scale)))
      const taken = { width: side(whole.width, size.width), height: side(whole.height, size.height) }
      return { ...asItIs(whole), sourceCrop: centred(taken, size).old }
    }
    case 'resize and fill':
      return centred(scaledTo(whole, size), whole)
  }
}

function zoom({ factor, grow, aspect }: Extract<Edit, { kind: 'zoom' }>, size: Extent): CanvasLayout {
  if (!(factor >= ZOOM.min && factor <= ZOOM.max)) {
    throw new UserError({ code: 'factor-out-of-range', factor, ...ZOOM })
  }
  if (factor === 1) {
    if (!aspect) throw new UserError({ code: 'zoom-changes-nothing' })
    return fitted(aspect, size)
  }
  if (!grow && size.width === 1 && size.height === 1) {
    throw new UserError({ code: 'picture-too-small', ...size, limit: 2 })
  }
  // At least a pixel more, or less, however small the picture.
  const longer = (side: number) => Math.max(side + 1, Math.round(side * factor))
  const shorter = (side: number) => Math.max(1, Math.min(side - 1, Math.round(side / factor)))
  const old = grow ? size : { width: shorter(size.width), height: shorter(size.height) }
  const whole = grow ? { width: longer(size.width), height: longer(size.height) } : size
  return centred(old, aspect ? widened(aspect, whole) : whole)
}

function extend(sides: Record<'left' | 'right' | 'top' | 'bottom', Length>, size: Extent): CanvasLayout {
  const pixels = (length: Length, axis: number) =>
    'pixels' in length ? length.pixels : Math.round((axis * length.percent) / 100)
  const x = pixels(sides.left, size.width)
  const y = pixels(sides.top, size.height)
  const width = x + size.width + pixels(sides.right, size.width)
  const height = y + size.height + pixels(sides.bottom, size.height)
  if (width === size.width && height === size.height) throw new UserError({ code: 'extend-changes-nothing' })
  return { size: { width, height }, old: { x, y, ...size } }
}

function fitted(aspect: AspectRatio, size: Extent): CanvasLayout {
  const whole = widened(aspect, size)
  if (whole.width === size.width && whole.height === size.height) {
    throw new UserError({ code: 'fit-changes-nothing', ...size })
  }
  return centred(size, whole)
}

/** The smallest size of this aspect ratio that holds `size`. */
function widened(aspect: AspectRatio, size: Extent): Extent {
  const ratio = aspect.width / aspect.height
  if (!(ratio > 0 && Number.isFinite(ratio))) {
    throw new UserError({ code: 'aspect-invalid', text: `${aspect.width}:${aspect.height}` })
  }
  return {
    width: Math.max(size.width, Math.round(size.height * ratio)),
    height: Math.max(size.height, Math.round(size.width / ratio)),
  }
}

/** The picture as large as fits into `whole`, with what is missing on two sides. */
function scaledInto(whole: Extent, size: Extent): CanvasLayout {
  const { width, height } = whole
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new UserError({ code: 'aspect-invalid', text: `${width}x${height}px` })
  }
  const old = scaledTo(whole, size)
  if (old.width === width && old.height === height) throw new UserError({ code: 'fit-changes-nothing', ...size })
  return centred(old, { width, height })
}

/** As large as fits inside, in its own shape. */
function scaledTo({ width, height }: Extent, size: Extent): Extent {
  const scale = Math.min(width / size.width, height / size.height)
  const side = (of: number, most: number) => Math.max(1, Math.min(most, Math.round(of * scale)))
  return { width: side(size.width, width), height: side(size.height, height) }
}

function centred(old: Extent, size: Extent): CanvasLayout {
  const x = Math.floor((size.width - old.width) / 2)
  const y = Math.floor((size.height - old.height) / 2)
  return { size, old: { x, y, width: old.width, height: old.height } }
}

/**
 * Lay the old picture on the new one and mark what is missing.
 *
 * @param placed the old picture, already of the size of `frame.old`
 * @param holes pixels of the old picture to be painted as well (see-through ones, or a mask that was drawn), of the
 *   size of `placed`
 * @returns a canvas whose masked pixels are black
 * @throws ProblemError `mask-empty` if nothing is to be painted, `mask-full` if nothing would be left of the old picture
 */
export function createCanvas(
  { size, old }: Pick<CanvasLayout, 'size' | 'old'>,
  placed: Pixels,
  holes: Mask = filledMask(placed, KEEP),
): Canvas {
  for (const laid of [placed, holes]) {
    if (laid.width !== old.width || laid.height !== old.height) {
      throw new RangeError(`${laid.width}×${laid.height} does not fill the place of ${old.width}×${old.height}`)
    }
  }
  const pixels = filledPixels(size)
  const mask = filledMask(size, PAINT)
  for (let y = 0; y < old.height; y++) {
    for (let x = 0; x < old.width; x++) {
      const from = y * old.width + x
      if (holes.data[from] === PAINT) continue
      const to = (old.y + y) * size.width + old.x + x
      mask.data[to] = KEEP
      pixels.data[to * 3] = placed.data[from * 3]!
      pixels.data[to * 3 + 1] = placed.data[from * 3 + 1]!
      pixels.data[to * 3 + 2] = placed.data[from * 3 + 2]!
    }
  }
  const missing = countPainted(mask)
  if (missing === 0) throw new UserError({ code: 'mask-empty' })
  if (missing === mask.data.length) throw new UserError({ code: 'mask-full' })
  return { pixels, mask, old }
}
