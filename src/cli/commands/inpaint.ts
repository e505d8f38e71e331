import type { Command } from 'commander'
import { MASK_GROW, MASKED_CONTENTS, parseEdit, parseSize, RESIZE_MODES } from '../../inference/pipeline/edit.js'
import { SEGMENT_SIZES } from '../../inference/segment/prompt.js'
import { parseNumber } from './arguments.js'
import { addMaskFlags, type MaskOptions, type PaintOptions, paintCommand } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'
import { addSelectionFlags, objectRequest, type SelectionOptions } from './selection-flags.js'

type InpaintOptions = SelectionOptions & {
  area: string
  padding: number
  blur: number
  strength?: number
  content?: string
  grow?: number
  size?: string
  resize?: string
}

export function createInpaintCommand(): Command {
  const command = paintCommand('inpaint', 'repaint a region that a mask, points or a box mark')
  return addSelectionFlags(addMaskFlags(command, 'the transparent part of the picture'))
    .option('--area <area>', 'inpaint area: whole (whole picture) or masked (only masked)', 'whole')
    .option(
      '--padding <pixels>',
      'only masked padding: how much around the mask the model sees, with --area masked',
      parseNumber,
      32,
    )
    .option('--blur <pixels>', 'mask blur: the old picture fades into the new one over this distance', parseNumber, 0)
    .option('--strength <number>', 'denoising strength of models, 0.05 to 1', parseNumber)
    .option('--content <content>', `masked content that models start from: ${MASKED_CONTENTS.join(', ')}`)
    .option(
      '--grow <pixels>',
      `grow the mask first, by up to ${MASK_GROW.max}; a selected object grows a little by default`,
      parseNumber,
    )
    .option(
      '--size <size>',
      `with --at or --box, which of the masks to take: ${SEGMENT_SIZES.join(', ')}; or resize the picture first, like 768x512`,
    )
    .option('--resize <mode>', `resize mode: ${RESIZE_MODES.join(', ')}`)
    .action((source: string, options: PaintOptions & MaskOptions & InpaintOptions) => {
      const { area, padding, blur, strength, content, grow, resize } = options
      const objectSize = SEGMENT_SIZES.find(one => one === options.size)
      const size = options.size === undefined || objectSize ? undefined : parseSize(options.size)
      // The edit grows its mask itself where a number is given.
      const object = objectRequest(options, objectSize, grow === undefined ? undefined : 0)
      const edit = parseEdit({ kind: 'inpaint', area, padding, blur, strength, content, grow, size, resize })
      return runPaintCommand(edit, source, options, { ...options, object })
    })
}
