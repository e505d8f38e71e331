import { UserError } from '../../user-error.js'
import { readSize } from '../image/decode.js'
import { encodeMask } from '../image/mask-file.js'
import type { Mask } from '../image/pixels.js'
import { gridMask } from './grid.js'
import { type InterpretedMask, interpretMask } from './interpret.js'
import type { MaskPreview, MaskTask, MaskTaskResult } from './mask-service.js'
import { dilate, erode, invertMask, paintedShare } from './morphology.js'
import { renderOverlay } from './overlay.js'

/** How much a mask grows or shrinks at a time, as a share of the picture's longer side. */
const STEP = 0.02

export default async function work(task: MaskTask): Promise<MaskTaskResult> {
  try {
    return { drawing: await draw(task) }
  } catch (error) {
    if (error instanceof UserError) return { problem: error.problem }
    throw error
  }
}

async function draw(task: MaskTask): Promise<MaskPreview> {
  const { picture } = task
  const understood = await understand(task)
  const { share } = understood
  // What a button made of it may leave nothing, or everything: told at once, not after "Paint".
  if (share === 0) throw new UserError({ code: 'mask-empty' })
  if (share === 1) throw new UserError({ code: 'mask-full' })
  const [mask, shown] = await Promise.all([
    encodeMask(understood.mask),
    renderOverlay(picture, understood.mask, gridOf(task)),
  ])
  return { ...understood, mask, overlay: shown }
}

/** The finest grid of which fields were chosen. */
function gridOf(task: MaskTask): number | undefined {
  if (task.do !== 'cells') return undefined
  return Math.max(...task.chosen.filter(({ cells }) => cells.length > 0).map(({ across }) => across))
}

async function understand(task: MaskTask): Promise<Omit<MaskPreview, 'mask' | 'overlay'> & { mask: Mask }> {
  switch (task.do) {
    case 'read': {
      const found = await interpretMask(task.drawn, task.picture)
      return task.invert ? inverted(found) : found
    }
    case 'cells': {
      const mask = gridMask(await readSize(task.picture), task.chosen)
      return { mask, share: paintedShare(mask), kind: 'cells', certain: true, scaled: false }
    }
    case 'change': {
      const { mask, ...rest } = await interpretMask(task.mask, task.picture)
      const next = changed(mask, task.how)
      return { ...rest, mask: next, share: paintedShare(next) }
    }
  }
}

function inverted({ mask, share, ...rest }: InterpretedMask): InterpretedMask {
  return { ...rest, mask: invertMask(mask), share: 1 - share }
}

function changed(mask: Mask, how: 'flip' | 'grow' | 'shrink' | 'same'): Mask {
  const step = Math.max(2, Math.round(Math.max(mask.width, mask.height) * STEP))
  switch (how) {
    case 'flip':
      return invertMask(mask)
    case 'grow':
      return dilate(mask, step)
    case 'shrink':
      return erode(mask, step)
    case 'same':
      return mask
  }
}
