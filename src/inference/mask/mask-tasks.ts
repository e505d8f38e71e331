import { UserError } from '../../user-error.js'
import { readPicture, readSize } from '../image/decode.js'
import { decodeSoftMask, encodeMask, fitSoftMask, hardMask } from '../image/mask-file.js'
import { holesIn, opacityOf } from '../image/opacity.js'
import type { SoftMask } from '../image/pixels.js'
import { type GridSelection, gridMask } from './grid.js'
import { interpretMask } from './interpret.js'
import type { MaskAdjustment, MaskPreview, MaskTask, ShownMask } from './mask-service.js'
import { dilate, erode, invertMask, paintedShare } from './morphology.js'
import { renderOverlay } from './overlay.js'
import { noteScratch } from './scratch.js'
import { dilateGreys, erodeGreys, hasDrawnGreys } from './strength.js'

/** How far a mask grows or shrinks at a time: a share of the picture's longer side, and a minimum in pixels. */
const STEP = { share: 0.02, minPixels: 2 } as const

/** The process's side of mask-service.ts. */
export default async function runMaskTask(task: MaskTask): Promise<ShownMask | MaskPreview> {
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
      const shown = await show(mask, task.picture, finestGrid(task.selections))
      return { ...shown, kind: 'cells', certain: true, scaled: false }
    }
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

/** @param grid how many fields across the grid has that is drawn over it, if one is */
async function show(soft: SoftMask, picture: Uint8Array, grid?: number): Promise<ShownMask> {
  const mask = hardMask(soft)
  const share = paintedShare(mask)
  const strength = hasDrawnGreys(soft) ? soft : undefined
  // An adjustment may leave nothing, or everything: the person hears it now, not after "Paint".
  if (share === 0) throw new UserError({ code: 'mask-empty' })
  if (share === 1 && !strength) throw new UserError({ code: 'mask-full' })
  const [file, overlay] = await Promise.all([encodeNoted(soft), renderOverlay(picture, mask, { grid, strength })])
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
