import { z } from 'zod'
import { UserError } from '../../user-error.js'
import { ANCHORS, type Anchor, type Extent, MAX_PICTURE_SIZE } from '../image/geometry.js'
import { describeFault } from './schema-fault.js'

/** Zoom factors, both ends included; 1 only together with another aspect ratio. */
export const ZOOM = { min: 1, max: 4 } as const

/** How many times its own size a placed picture can have, both ends included. */
export const PLACE_SCALE = { min: 0.01, max: 8 } as const

/** Sides of the frame that a picture is placed in, in pixels, both ends included. The area has the limit of every picture. */
export const FRAME_SIDE = { min: 1, max: MAX_PICTURE_SIZE.side } as const

/** Ranges of the options of inpainting, both ends included; padding, blur and grow in pixels of the picture. */
export const INPAINT_PADDING = { min: 0, max: 512 } as const
export const MASK_BLUR = { min: 0, max: 64 } as const
export const MASK_GROW = { min: 0, max: 256 } as const
export const DENOISING_STRENGTH = { min: 0.05, max: 1 } as const

/** Sides of a picture that is made from a prompt alone, in pixels, both ends included. */
export const IMAGINE_SIDE = { min: 16, max: 2048 } as const

/** How many times as wide and high an upscaled picture can be. */
export const UPSCALE_FACTORS = [2, 4] as const

/** Denoising strength where an enlarged picture is painted over, both ends included: 0 leaves it as it is. */
export const REDRAW_STRENGTH = { min: 0, max: 1, default: 0.3 } as const

/** "Upscale by" of hires fix, both ends included, and its denoising strength if none is given. */
export const HIRES_SCALE = { min: 1, max: 4, default: 2 } as const
export const HIRES_STRENGTH = 0.5

/** The tiles that an enlarged picture is painted over in, and how far they overlap, in pixels, both ends included. */
export const REDRAW_TILE = { min: 64, max: 2048, step: 64 } as const
export const REDRAW_OVERLAP = { min: 0, max: 512, default: 64 } as const
/** Why a picture does not show more of its history: it shows the first picture, an earlier one was not found, or it would be too large. */
const HISTORY_ENDS = ['first', 'missing', 'limit'] as const

/** What a picture shows of its history: its size in pixels, and how many earlier pictures were put back. */
const upscaleHistorySchema = z.strictObject({
  width: z.int().positive(),
  height: z.int().positive(),
  pictures: z.int().positive(),
  end: z.enum(HISTORY_ENDS),
})
export type UpscaleHistory = z.infer<typeof upscaleHistorySchema>

/** The masked content that sampling starts from, in the words of A1111's web UI. */
export const MASKED_CONTENTS = ['original', 'fill', 'latent noise', 'latent nothing'] as const

/** How a picture is resized, in the words of A1111's web UI; what is filled is painted. */
export const RESIZE_MODES = ['just resize', 'crop and resize', 'resize and fill'] as const

/** How much to add on a side: percent of the old picture along the same axis, or pixels. */
const lengthSchema = z.union([
  z.strictObject({ percent: z.number().nonnegative() }),
  z.strictObject({ pixels: z.int().nonnegative() }),
])
export type Length = z.infer<typeof lengthSchema>

const aspectSchema = z.strictObject({ width: z.number(), height: z.number() })
export type AspectRatio = z.infer<typeof aspectSchema>

const anchorSchema = z.enum(ANCHORS)

/** What is transparent stays transparent; the added part continues the transparency of the edge that it touches. */
const keepAlpha = z.literal(true).optional()

/**
 * How a diffusion model paints over an enlarged picture, in tiles at a low denoising strength: A1111's script “SD upscale”. `upscaler` enlarges
 * it first, by default the first installed one. `tileSize` is by default the side that the model was trained with.
 */
const redrawSchema = z.strictObject({
  strength: z.number().min(REDRAW_STRENGTH.min).max(REDRAW_STRENGTH.max),
  upscaler: z.string().min(1).max(110).optional(),
  tileSize: z.int().min(REDRAW_TILE.min).max(REDRAW_TILE.max).multipleOf(REDRAW_TILE.step).optional(),
  overlap: z.int().min(REDRAW_OVERLAP.min).max(REDRAW_OVERLAP.max).optional(),
})
export type Redraw = z.infer<typeof redrawSchema>

/** A1111's "Hires. fix": a generated picture is enlarged by `scale` ("upscale by"), which need not be whole, and painted over. */
const hiresSchema = redrawSchema.extend({ scale: z.number().min(HIRES_SCALE.min).max(HIRES_SCALE.max) })

const imagineSideSchema = z.int().min(IMAGINE_SIDE.min).max(IMAGINE_SIDE.max)
const imagineSizeSchema = z.strictObject({ width: imagineSideSchema, height: imagineSideSchema })

export const editSchema = z.discriminatedUnion('kind', [
  /**
   * Zoom out. The picture keeps its size and the old picture is scaled down into the middle; with `grow` the old picture keeps its
   * size and the canvas grows. With an `aspect` the sides that are too short for it grow further. With an `anchor` the old picture
   * is there, and not in the middle.
   */
  z.strictObject({
    kind: z.literal('zoom'),
    factor: z.number(),
    grow: z.boolean(),
    aspect: aspectSchema.optional(),
    anchor: anchorSchema.optional(),
    keepAlpha,
  }),
  /**
   * A new frame of this size, with the old picture in it at `scale` times its size. `at` is the top left corner of the old picture in
   * pixels of the frame, or an anchor. What reaches beyond the frame is cut off; the rest of the frame is painted.
   */
  z.strictObject({
    kind: z.literal('place'),
    width: z.int(),
    height: z.int(),
    at: z.union([z.strictObject({ x: z.int(), y: z.int() }), anchorSchema]),
    scale: z.number(),
    keepAlpha,
  }),
  /** Add to the sides; the old picture keeps its size. */
  z.strictObject({
    kind: z.literal('extend'),
    left: lengthSchema,
    right: lengthSchema,
    top: lengthSchema,
    bottom: lengthSchema,
    keepAlpha,
  }),
  /** Add the same on both ends of the shorter axis until it is as long as the other. */
  z.strictObject({ kind: z.literal('square'), keepAlpha }),
  /**
   * Add the same on both ends of one axis until the picture has this aspect ratio. With `exact` the two numbers are pixels: the old
   * picture is scaled to fit inside, and the rest is added.
   */
  z.strictObject({ kind: z.literal('fit'), ...aspectSchema.shape, exact: z.literal(true).optional(), keepAlpha }),
  /**
   * Repaint what a mask says; without a mask, what is transparent. `area` is what the engine sees of the picture: all of it, or the mask's bounding box with `padding`
   * around it. The mask is dilated by `grow` pixels. Over `blur` pixels inside its border the old picture fades into the new one.
   * With a `size` the picture is first resized as `resize` says. `content` and `strength` (denoising strength) are for engines that
   * start from the existing pixels.
   */
  z.strictObject({
    kind: z.literal('inpaint'),
    area: z.enum(['whole', 'masked']).default('whole'),
    padding: z.int().min(INPAINT_PADDING.min).max(INPAINT_PADDING.max).default(32),
    blur: z.int().min(MASK_BLUR.min).max(MASK_BLUR.max).default(0),
    content: z.enum(MASKED_CONTENTS).optional(),
    strength: z.number().min(DENOISING_STRENGTH.min).max(DENOISING_STRENGTH.max).optional(),
    grow: z.int().min(MASK_GROW.min).max(MASK_GROW.max).optional(),
    size: imagineSizeSchema.optional(),
    resize: z.enum(RESIZE_MODES).optional(),
    keepAlpha,
  }),
  /** Remove the object under the mask. */
  z.strictObject({ kind: z.literal('remove'), keepAlpha }),
  /** Vary a picture: a little, or a lot. */
  z.strictObject({ kind: z.literal('vary'), strength: z.enum(['subtle', 'strong']), keepAlpha }),
  /**
   * More pixels: this many times as wide and high. With `creative` a diffusion model paints over the result. With `history` the pixels
   * of earlier pictures are put back at their scale, which decides the size: `scale` is then about that of the width.
   */
  z
    .strictObject({
      kind: z.literal('upscale'),
      scale: z.number().positive(),
      creative: redrawSchema.optional(),
      history: upscaleHistorySchema.optional(),
    })
    .refine(({ scale, history }) => history !== undefined || UPSCALE_FACTORS.some(factor => factor === scale), {
      path: ['scale'],
      error: `expected one of ${UPSCALE_FACTORS.join(', ')}`,
    })
    .refine(({ creative, history }) => !creative || !history, { path: ['history'] }),
  /** A picture of this size from a prompt alone (text to image). With `hires` the result is larger. */
  z.strictObject({ kind: z.literal('imagine'), ...imagineSizeSchema.shape, hires: hiresSchema.optional() }),
])

/** Where a placed picture is: its top left corner in pixels of the frame, or an anchor. */
export type PlacePosition = { readonly x: number; readonly y: number } | Anchor

/** What a person asked for, as plain data: it is stored in queues and in the picture's metadata. */
export type Edit = z.infer<typeof editSchema>

/** @throws UserError `edit-invalid` */
export function parseEdit(value: unknown): Edit {
  const result = editSchema.safeParse(value)
  if (!result.success) throw new UserError({ code: 'edit-invalid', detail: describeFault(result.error, value) })
  return result.data
}

/** "25%", "256", "256px" → a length. @throws UserError `length-invalid` */
export function parseLength(side: 'left' | 'right' | 'top' | 'bottom', text: string): Length {
  const [, digits, unit] = /^\s*(\d{1,6}(?:\.\d{1,3})?)\s*(%|px)?\s*$/i.exec(text) ?? []
  const amount = Number(digits)
  if (digits !== undefined && unit === '%') return { percent: amount }
  if (digits !== undefined && Number.isInteger(amount)) return { pixels: amount }
  throw new UserError({ code: 'length-invalid', side, text })
}

/** "1.5", "1,5x" → 1.5. @throws UserError `factor-invalid` */
export function parseFactor(text: string): number {
  const [, digits] = /^\s*(\d{1,3}(?:[.,]\d{1,3})?)\s*[x×]?\s*$/i.exec(text) ?? []
  if (digits === undefined) throw new UserError({ code: 'factor-invalid', text, ...ZOOM })
  return Number(digits.replace(',', '.'))
}

/** "16:9", "16x9", "3/2", "1.85" → width and height. @throws UserError `aspect-invalid` */
export function parseAspect(text: string): AspectRatio {
  const number = String.raw`(\d{1,5}(?:\.\d{1,4})?)`
  const [, width, height = '1'] = new RegExp(`^\\s*${number}\\s*(?:[:x×/]\\s*${number})?\\s*$`, 'i').exec(text) ?? []
  const aspect = { width: Number(width), height: Number(height) }
  if (!(aspect.width > 0 && aspect.height > 0)) throw new UserError({ code: 'aspect-invalid', text })
  return aspect
}

/** "16:9" → an aspect ratio; "960x540px" → that many pixels. @throws UserError `aspect-invalid` */
export function parseFit(text: string): Extract<Edit, { kind: 'fit' }> {
  const [, sides] = /^(.*)px\s*$/i.exec(text) ?? []
  const shape = parseAspect(sides ?? text)
  const exact = sides !== undefined
  if (exact && !(Number.isInteger(shape.width) && Number.isInteger(shape.height))) {
    throw new UserError({ code: 'aspect-invalid', text })
  }
  return { kind: 'fit', ...shape, ...(exact && { exact }) }
}

/**
 * "768x512", "768 × 512 px" → pixels.
 *
 * @param limits of both sides, both ends included
 * @throws UserError `size-invalid`
 */
export function parseSize(text: string, limits: { readonly min: number; readonly max: number } = IMAGINE_SIDE): Extent {
  const [, ...digits] = /^\s*(\d{1,5})\s*[x×]\s*(\d{1,5})\s*(?:px)?\s*$/i.exec(text) ?? []
  const [width = Number.NaN, height = Number.NaN] = digits.map(Number)
  // NaN fails these comparisons.
  const isAllowed = [width, height].every(side => side >= limits.min && side <= limits.max)
  if (!isAllowed) throw new UserError({ code: 'size-invalid', text, min: limits.min, max: limits.max })
  return { width, height }
}

/** "200,300", "-40, 0" → a position in pixels; "top-left" → an anchor. @throws UserError `position-invalid` */
export function parsePlacePosition(text: string): PlacePosition {
  const anchor = ANCHORS.find(one => one === text.trim().toLowerCase())
  if (anchor) return anchor
  const [, x, y] = /^\s*(-?\d{1,6})\s*,\s*(-?\d{1,6})\s*$/.exec(text) ?? []
  if (x === undefined || y === undefined) {
    throw new UserError({ code: 'position-invalid', text, anchors: ANCHORS.join(', ') })
  }
  return { x: Number(x), y: Number(y) }
}

/** True for edits that only an upscaler makes: it reads no prompt, and gives the same picture for all seeds. */
export function isPlainUpscale(edit: Edit): boolean {
  return edit.kind === 'upscale' && !edit.creative
}

/** True for edits that need a mask. */
export function needsMask(edit: Edit): boolean {
  return edit.kind === 'inpaint' || edit.kind === 'remove'
}

/** The edit, and what is transparent stays transparent if `isKept`. */
export function withAlphaKept(edit: Edit, isKept: boolean): Edit {
  return isKept && edit.kind !== 'imagine' && edit.kind !== 'upscale' ? { ...edit, keepAlpha: true } : edit
}

/** Whether what is transparent stays transparent. */
export function keepsAlpha(edit: Edit): boolean {
  return edit.kind !== 'imagine' && edit.kind !== 'upscale' && edit.keepAlpha === true
}
