import type { Command } from 'commander'
import { MASK_GROW, MASKED_CONTENTS, parseEdit, parseSize, RESIZE_MODES } from '../../inference/pipeline/edit.js'
import { parseNumber } from './arguments.js'
import { addMaskFlags, type MaskOptions, type PaintOptions, paintCommand } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'

type InpaintOptions = {
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
  return addMaskFlags(paintCommand('inpaint', 'repaint a region'), 'the transparent part of the picture')
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
    .option('--grow <pixels>', `grow the mask first, by up to ${MASK_GROW.max}`, parseNumber)
    .option('--size <pixels>', 'resize the picture to this size first, like 768x512')
    .option('--resize <mode>', `resize mode: ${RESIZE_MODES.join(', ')}`)
    .action((source: string, options: PaintOptions & MaskOptions & InpaintOptions) => {
      const { area, padding, blur, strength, content, grow, resize } = options
      const size = options.size === undefined ? undefined : parseSize(options.size)
      const edit = parseEdit({ kind: 'inpaint', area, padding, blur, strength, content, grow, size, resize })
      return runPaintCommand(edit, source, options, options)
    })
}
