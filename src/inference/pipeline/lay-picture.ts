import { UserError } from '../../user-error.js'
import type { EngineRegistry } from '../engines/registry.js'
import { readPicture, readSizeAndAlpha, sharpFromPixels } from '../image/decode.js'
import { type Box, type Extent, isSameSize } from '../image/geometry.js'
import { decodeSoftMask, hardMask, maskSizeError } from '../image/mask-file.js'
import { holesIn, onMeanColour, opacityOf } from '../image/opacity.js'
import { filledMask, filledPixels, KEEP, type Mask, PAINT, type Pixels, type SoftMask } from '../image/pixels.js'
import { dilate, invertMask } from '../mask/morphology.js'
import { dilateGreys, hasDrawnGreys } from '../mask/strength.js'
import { type Canvas, createCanvas, NOWHERE, wholeCanvas } from './canvas.js'
import { type Edit, keepsAlpha, needsMask } from './edit.js'
import { featherOpacity } from './feather.js'
import { type CanvasLayout, layoutCanvas, nothingToPaint, sectionOf } from './layout.js'
import { layOutSoftMask, placeMask } from './place-mask.js'
import { type Mix, mixTransparent } from './transparency.js'
import { carryColours } from './upscale.js'
import { varyMask } from './vary.js'

/** What a `PaintRequest` says of the canvas. */
type LayRequest = { readonly edit: Edit; readonly mask?: Uint8Array; readonly engine: string }

/** A picture on the canvas of its edit. */
export type LaidPicture = {
  readonly canvas: Canvas
  /** The place of the old picture, for the recipe. */
  readonly old: Box
  /** The place of all of it, if part of it is outside the canvas. */
  readonly whole?: Box | undefined
  /** Where the painted picture is seen: at most the mask of the canvas. */
  readonly visible: Mask
  /** How strongly the engine repaints each pixel of the mask, if that is not the same everywhere; of the canvas' size. */
  readonly strength?: SoftMask | undefined
  /** What sampling may start from. */
  readonly initImage?: Pixels | undefined
  /** How the result comes of the old and the painted picture; without it, by the mask of the canvas. */
  readonly mix?: Mix | undefined
  /** Of a picture that is upscaled, at its own size. */
  readonly alpha?: SoftMask | undefined
}

/** A mask for the engine, of the size of `layout.old`. */
type DrawnMask = {
  readonly mask: Mask
  /** How much of the painted picture is seen at each pixel, if that is not the same everywhere. */
  readonly soft?: SoftMask | undefined
  /** How strongly the engine repaints each pixel, if that is not the same everywhere. */
  readonly strength?: SoftMask | undefined
  /** The place of the old picture for the recipe, if it is another one than on the canvas. */
  readonly old?: Box
}

/** The picture as it was read, at its size on the canvas. */
type Source = {
  readonly file: Uint8Array
  readonly fullSize: Extent
  readonly layout: CanvasLayout
  readonly pixels: Pixels
  readonly alpha?: SoftMask | undefined
  readonly holes?: Mask | undefined
}

/**
 * Read a picture and place it on the canvas.
 *
 * @throws UserError as `layoutCanvas`, `createCanvas` and the readers do; `mask-missing`, `holes-missing`, `mask-size-differs`, `edit-invalid`
 */
export async function layPicture(request: LayRequest, file: Uint8Array, engines: EngineRegistry): Promise<LaidPicture> {
  const { edit } = request
  if (edit.kind === 'imagine') throw new UserError({ code: 'edit-invalid', detail: 'imagine takes no picture' })
  const { hasAlpha, ...fullSize } = await readSizeAndAlpha(file)
  const layout = layoutCanvas(edit, fullSize, { fillsHoles: hasAlpha && !keepsAlpha(edit) })
  if (edit.kind === 'upscale') return layForUpscale(file, layout)
  const { pixels, alpha } = await readPicture(file, sectionOf(layout))
  const holes = alpha && holesIn(opacityOf(alpha))
  const source = { file, fullSize, layout, pixels, alpha, holes }
  const drawn = await maskFor(request, source, engines)
  if (edit.kind === 'vary' && !drawn) return layWhole(request, source, engines)
  if (!drawn && !holes && isSameSize(layout.size, layout.old)) {
    throw nothingToPaint(edit, fullSize)
  }
  const painted = drawn && holes ? union(drawn.mask, holes) : (drawn?.mask ?? holes)
  const canvas = createCanvas(layout, pixels, painted, drawn?.strength !== undefined)
  const blur = edit.kind === 'inpaint' ? edit.blur : 0
  const before = alpha || drawn ? await extendEdges(pixels, layout) : undefined
  const mix = before && mixFor(edit, source, drawn, before, blur, canvas.mask)
  const start = before && alpha ? await extendEdges(onMeanColour(pixels, alpha), layout) : before
  return {
    canvas,
    old: drawn?.old ?? layout.old,
    whole: layout.whole,
    visible: visiblePart(canvas.mask, drawn && placeMask(drawn.mask, layout), mix),
    strength: drawn?.strength && placeMask(drawn.strength, layout),
    initImage: edit.kind === 'inpaint' ? start : undefined,
    mix,
  }
}

/** The canvas of an upscaler is the picture at its own size; all of it is painted. */
async function layForUpscale(file: Uint8Array, { old }: CanvasLayout): Promise<LaidPicture> {
  const { pixels, alpha } = await readPicture(file)
  const canvas = wholeCanvas(alpha ? carryColours(pixels, alpha) : pixels)
  return { canvas, old, visible: canvas.mask, alpha }
}

/** All of a picture is varied, which only engines that start from a picture can do. */
function layWhole({ edit, engine }: LayRequest, { layout, pixels, alpha }: Source, engines: EngineRegistry) {
  requirePromptSupport(engine, engines)
  const canvas = wholeCanvas(filledPixels(layout.size))
  const all = canvas.mask
  const strength = new Float32Array(all.data.length).fill(1)
  const mix = alpha && keepsAlpha(edit) ? mixTransparent(pixels, alpha, layout, strength, 'kept') : undefined
  return { canvas, old: NOWHERE, visible: all, initImage: alpha ? onMeanColour(pixels, alpha) : pixels, mix }
}

/** @param before the old picture at the size of the canvas */
function mixFor(
  edit: Edit,
  { layout, alpha }: Source,
  drawn: DrawnMask | undefined,
  before: Pixels,
  blur: number,
  mask: Mask,
): Mix | undefined {
  if (!alpha && blur === 0 && !drawn?.soft) return undefined
  const strength = strengthOf(layout, drawn, blur)
  if (alpha) {
    const rule = keepsAlpha(edit) ? 'kept' : drawn ? 'opaque' : 'filled'
    return mixTransparent(before, rule === 'filled' ? opacityOf(alpha) : alpha, layout, strength, rule)
  }
  return { old: before, share: strength.map((value, at) => (mask.data[at] === PAINT ? value : 0)) }
}

/** How much of each pixel of the canvas is repainted, from 0 to 1; around the old picture, all of it. */
function strengthOf(layout: CanvasLayout, drawn: DrawnMask | undefined, blur: number): Float32Array {
  const mask = placeMask(drawn?.mask ?? filledMask(layout.old, KEEP), layout)
  const strength = blur > 0 ? featherOpacity(mask, blur) : new Float32Array(mask.data).map(value => value / PAINT)
  const soft = drawn?.soft && placeMask(drawn.soft, layout)
  const around = placeMask(filledMask(layout.old, KEEP), layout)
  for (let at = 0; at < strength.length; at++) {
    if (around.data[at] === PAINT) strength[at] = 1
    else if (soft) strength[at]! *= soft.data[at]! / PAINT
  }
  return strength
}

/** Where the result shows the painted picture. */
function visiblePart(mask: Mask, drawn: Mask | undefined, mix: Mix | undefined): Mask {
  const part = drawn ?? mask
  if (!mix) return part
  return { ...part, data: part.data.map((value, at) => (value === PAINT && mix.share[at]! > 0 ? PAINT : KEEP)) }
}

/** A picture whose edges are repeated up to those of the canvas. */
async function extendEdges(pixels: Pixels, { size, old }: CanvasLayout): Promise<Pixels> {
  if (isSameSize(pixels, size)) return pixels
  const right = size.width - old.x - old.width
  const bottom = size.height - old.y - old.height
  const sides = { left: old.x, top: old.y, right, bottom, extendWith: 'copy' as const }
  return { ...size, data: await sharpFromPixels(pixels).extend(sides).raw().toBuffer() }
}

/** The mask that goes with an edit. Inpainting without a mask paints the holes of the picture. */
async function maskFor(
  { edit, mask, engine }: LayRequest,
  { file, fullSize, layout, alpha, holes }: Source,
  engines: EngineRegistry,
): Promise<DrawnMask | undefined> {
  if (edit.kind === 'vary') return varyMask(file, layout.size, mask, edit.strength)
  if (!needsMask(edit)) {
    if (mask) throw new UserError({ code: 'edit-invalid', detail: 'a mask goes with repainting only' })
    return undefined
  }
  if (!mask) {
    if (edit.kind !== 'inpaint' || keepsAlpha(edit)) throw new UserError({ code: 'mask-missing' })
    if (!alpha || !holes) throw new UserError({ code: 'holes-missing' })
    return { mask: holes, soft: invertMask(opacityOf(alpha)) }
  }
  const decoded = await decodeSoftMask(mask)
  if (!isSameSize(decoded, fullSize)) throw maskSizeError(decoded, fullSize)
  const placed = await layOutSoftMask(decoded, layout)
  const grow = edit.kind === 'inpaint' ? (edit.grow ?? 0) : 0
  const readsPrompts = engines.installed().some(({ name, supportsPrompt }) => name === engine && supportsPrompt)
  if (readsPrompts && edit.kind === 'inpaint' && hasDrawnGreys(decoded)) return strengthMask(placed, grow, alpha)
  const hard = grow > 0 ? dilate(hardMask(placed), grow) : hardMask(placed)
  if (!isSoft(decoded)) return { mask: hard }
  const data = placed.data.map((value, at) => (hard.data[at] === PAINT && grow > 0 ? PAINT : value))
  if (readsPrompts) {
    // The edge of a mask is painted as a whole. The ground under a translucent pixel is painted as a whole, too.
    const isOpaque = (at: number) => !alpha || alpha.data[at] === 255
    const soft = { ...placed, data: data.map((value, at) => (isOpaque(at) ? hard.data[at]! : value)) }
    return { mask: hard, soft: alpha ? soft : undefined }
  }
  const painted = { ...placed, data: data.map(value => (value > KEEP ? PAINT : KEEP)) }
  // What is removed has to go as a whole: half of an outline would stay as a ghost.
  return { mask: painted, soft: edit.kind === 'remove' ? undefined : { ...placed, data } }
}

/** Up to this value of a mask the painted picture fades in: what is repainted so little differs only in fine detail. */
const FADE_IN = 64

/** A mask whose greys are strengths: the engine paints by half what is grey by half, so all of the paint is seen. */
function strengthMask(placed: SoftMask, grow: number, alpha: SoftMask | undefined): DrawnMask {
  const { data } = grow > 0 ? dilateGreys(placed, grow) : placed
  // The ground under a translucent pixel is painted as a whole.
  const isOpaque = (at: number) => !alpha || alpha.data[at] === 255
  const seen = (value: number) => Math.min(PAINT, Math.round((value * PAINT) / FADE_IN))
  return {
    mask: { ...placed, data: data.map(value => (value > KEEP ? PAINT : KEEP)) },
    soft: { ...placed, data: data.map((value, at) => (isOpaque(at) ? seen(value) : value)) },
    strength: { ...placed, data: data.map((value, at) => (isOpaque(at) ? value : PAINT)) },
  }
}

/** Whether a mask has greys. */
function isSoft({ data }: SoftMask): boolean {
  return data.some(value => value !== KEEP && value !== PAINT)
}

/** @throws UserError `needs-model`, or `needs-another-model` where there is one that can */
function requirePromptSupport(engine: string, engines: EngineRegistry): void {
  const capable = engines.installed().filter(({ supportsPrompt }) => supportsPrompt)
  if (capable.some(({ name }) => name === engine)) return
  if (capable.length === 0) throw new UserError({ code: 'needs-model', what: 'vary' })
  const models = capable.slice(0, 10).map(({ name }) => name)
  throw new UserError({ code: 'needs-another-model', engine, models: models.join(', ') })
}

function union(one: Mask, other: Mask): Mask {
  return { ...one, data: one.data.map((value, at) => (value === PAINT || other.data[at] === PAINT ? PAINT : KEEP)) }
}
