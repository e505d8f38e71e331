import { ProblemError } from '../../user-error.js'
import { sizeOf } from '../image/decode.js'
import { encodeMask } from '../image/mask-file.js'
import type { Mask } from '../image/pixels.js'
import { cellsMask } from './grid.js'
import { type Understood, understandMask } from './interpret.js'
import type { DeskTask, Drawing, FromDesk } from './mask-service.js'
import { flipped, grown, shareOf, shrunk } from './morphology.js'
import { overlay } from './overlay.js'

/** How much a mask grows or shrinks at a time, as a share of the picture's longer side. */
const STEP = 0.02

export default async function work(task: DeskTask): Promise<FromDesk> {
  try {
    return { drawing: await draw(task) }
  } catch (error) {
    if (error instanceof ProblemError) return { problem: error.problem }
    throw error
  }
}

async function draw(task: DeskTask): Promise<Drawing> {
  const { picture } = task
  const understood = await understand(task)
  const { share } = understood
  // What a button made of it may leave nothing, or everything: told at once, not after "Paint".
  if (share === 0) throw new ProblemError({ code: 'mask-empty' })
  if (share === 1) throw new ProblemError({ code: 'mask-full' })
  const [mask, shown] = await Promise.all([
    encodeMask(understood.mask),
    overlay(picture, understood.mask, gridOf(task)),
  ])
  return { ...understood, mask, overlay: shown }
}

/** The finest grid of which fields were chosen. */
function gridOf(task: DeskTask): number | undefined {
  if (task.do !== 'cells') return undefined
  return Math.max(...task.chosen.filter(({ cells }) => cells.length > 0).map(({ across }) => across))
}

async function understand(task: DeskTask): Promise<Omit<Drawing, 'mask' | 'overlay'> & { mask: Mask }> {
  switch (task.do) {
    case 'read': {
      const found = await understandMask(task.drawn, task.picture)
      return task.invert ? inverted(found) : found
    }
    case 'cells': {
      const mask = cellsMask(await sizeOf(task.picture), task.chosen)
      return { mask, share: shareOf(mask), kind: 'cells', certain: true, scaled: false }
    }
    case 'change': {
      const { mask, ...rest } = await understandMask(task.mask, task.picture)
      const next = changed(mask, task.how)
      return { ...rest, mask: next, share: shareOf(next) }
    }
  }
}

function inverted({ mask, share, ...rest }: Understood): Understood {
  return { ...rest, mask: flipped(mask), share: 1 - share }
}

function changed(mask: Mask, how: 'flip' | 'grow' | 'shrink' | 'same'): Mask {
  const step = Math.max(2, Math.round(Math.max(mask.width, mask.height) * STEP))
  switch (how) {
    case 'flip':
      return flipped(mask)
    case 'grow':
      return grown(mask, step)
    case 'shrink':
      return shrunk(mask, step)
    case 'same':
      return mask
  }
}
