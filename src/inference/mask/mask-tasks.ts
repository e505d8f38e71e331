import { UserError } from '../../user-error.js'
import { readPicture, readSize } from '../image/decode.js'
import { decodeSoftMask, encodeMask, fitSoftMask, hardMask, resizeMask } from '../image/mask-file.js'
import { holesIn, opacityOf } from '../image/opacity.js'
import type { Pixels, SoftMask } from '../image/pixels.js'
import { drawGrid } from './draw-grid.js'
import { drawObjectNumbers, NUMBERED_SIDE, renderObjects } from './draw-objects.js'
import { type GridSelection, gridMask } from './grid.js'
import { interpretMask } from './interpret.js'
import type { MaskAdjustment, MaskPreview, MaskTask, NumberedObjects, ShownMask } from './mask-service.js'
import { dilate, erode, invertMask, paintedShare } from './morphology.js'
import { decodeObjectSheet, unionOf } from './object-sheet.js'
import { renderOverlay } from './overlay.js'
import { noteScratch } from './scratch.js'
import { dilateGreys, erodeGreys, hasDrawnGreys } from './strength.js'

/** How far a mask grows or shrinks at a time: a share of the picture's longer side, and a minimum in pixels. */
const STEP = { share: 0.02, minPixels: 2 } as const

/** The process's side of mask-service.ts. */
export default async function runMaskTask(task: MaskTask): Promise<ShownMask | MaskPreview | NumberedObjects> {
  switch (task.do) {
    case 'interpret': {
      const { mask, kind, certain, scaled, second } = await interpretMask(task.drawn, task.picture)
      const meant = (one: SoftMask) => (task.invert ? invertMask(one) : one)
      const other = second && { second: { kind: second.kind, mask: await encodeNoted(meant(second.mask)) } }
      return { ...(await show(meant(mask), task.picture)), kind, certain, scaled, ...other }
    }
    case 'holes':
      return showHoles(task.picture)
    case 'grid': {
      const mask = gridMask(await readSize(task.picture), task.selections)
      const across = finestGrid(task.selections)
      const shown = await show(mask, task.picture, { drawOver: overlay => drawGrid(overlay, across) })
      return { ...shown, kind: 'cells', certain: true, scaled: false }
    }
    case 'objects':
      return showObjects(task)
    case 'number-objects':
      return { overlay: await renderObjects(task.picture, await decodeObjectSheet(task.sheet)) }
    case 'adjust': {
      const mask = await fitSoftMask(await decodeSoftMask(task.mask), await readSize(task.picture))
      return show(adjusted(mask, task.how), task.picture)
    }
  }
}

async function showHoles(picture: Uint8Array): Promise<MaskPreview> {
  const { alpha } = await readPicture(picture)
  const opacity = alpha && opacityOf(alpha)
  const holes = opacity && holesIn(opacity)
  if (!holes) throw new UserError({ code: 'holes-missing' })
  const [mask, overlay] = await Promise.all([encodeNoted(invertMask(opacity)), renderOverlay(picture, holes)])
  return { mask, overlay, share: paintedShare(holes), kind: 'holes', certain: true, scaled: false }
}

/** The union of the chosen objects; the others are numbered, too, so that the choice can be changed. */
async function showObjects({
  picture,
  sheet,
  numbers,
  invert,
}: Extract<MaskTask, { do: 'objects' }>): Promise<MaskPreview> {
  const objects = await decodeObjectSheet(sheet)
  const chosen = numbers.map(number => objects[number - 1])
  const missing = numbers.find((_, index) => !chosen[index])
  if (missing !== undefined) throw new UserError({ code: 'object-unknown', number: missing, count: objects.length })
  const [first] = objects
  const union = unionOf(
    chosen.filter(mask => mask !== undefined),
    first!,
  )
  const mask = await resizeMask(union, await readSize(picture))
  const meant = invert ? invertMask(mask) : mask
  const drawOver = (overlay: Pixels) => drawObjectNumbers(overlay, objects)
  const shown = await show(meant, picture, { drawOver, minSide: NUMBERED_SIDE })
  return { ...shown, kind: 'objects', certain: true, scaled: false }
}

async function show(
  soft: SoftMask,
  picture: Uint8Array,
  options: Parameters<typeof renderOverlay>[2] = {},
): Promise<ShownMask> {
  const mask = hardMask(soft)
  const share = paintedShare(mask)
  const strength = hasDrawnGreys(soft) ? soft : undefined
  // An adjustment may leave nothing, or everything: the person hears it now, not after "Paint".
  if (share === 0) throw new UserError({ code: 'mask-empty' })
  if (share === 1 && !strength) throw new UserError({ code: 'mask-full' })
  const [file, overlay] = await Promise.all([encodeNoted(soft), renderOverlay(picture, mask, { ...options, strength })])
  return { mask: file, overlay, share }
}

async function encodeNoted(soft: SoftMask): Promise<Uint8Array> {
  return noteScratch(await encodeMask(soft), hardMask(soft))
}

function finestGrid(selections: readonly GridSelection[]): number {
  return Math.max(...selections.filter(({ cells }) => cells.length > 0).map(({ across }) => across))
}

function adjusted(mask: SoftMask, how: MaskAdjustment): SoftMask {
  const radius = Math.max(STEP.minPixels, Math.round(Math.max(mask.width, mask.height) * STEP.share))
  switch (how) {
    case 'flip':
      return invertMask(mask)
    case 'grow':
      return hasDrawnGreys(mask) ? dilateGreys(mask, radius) : dilate(hardMask(mask), radius)
    case 'shrink':
      return hasDrawnGreys(mask) ? erodeGreys(mask, radius) : erode(hardMask(mask), radius)
    case 'same':
      return mask
  }
}
