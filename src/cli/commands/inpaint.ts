import type { Command } from 'commander'
import { MASK_GROW, MASKED_CONTENTS, parseEdit, parseSize, RESIZE_MODES } from '../../inference/pipeline/edit.js'
import { parseNumber } from './arguments.js'
import { addMaskOptions, type MaskOptions, type PaintOptions, paintCommand, runPaintCommand } from './paint-command.js'

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

export function inpaintCommand(): Command {
  return addMaskOptions(paintCommand('inpaint', 'repaint a region'))
    .option('--area <what>', 'what the engine sees: whole, or only what is masked', 'whole')
    .option('--padding <pixels>', 'how much around it the engine sees as well, with --area masked', parseNumber, 32)
    .option('--blur <pixels>', 'over how many pixels the old fades into the new', parseNumber, 0)
    .option('--strength <number>', 'denoising strength for models, 0.05 to 1', parseNumber)
    .option('--content <what>', `what models begin with under the mask: ${MASKED_CONTENTS.join(', ')}`)
    .option('--grow <pixels>', `by how many the mask is enlarged first, up to ${MASK_GROW.max}`, parseNumber)
    .option('--size <pixels>', 'make the picture this large first, like 768x512')
    .option('--resize <how>', `in which way: ${RESIZE_MODES.join(', ')}`)
    .action((source: string, options: PaintOptions & MaskOptions & InpaintOptions) => {
      const { area, padding, blur, strength, content, grow, resize } = options
      const size = options.size === undefined ? undefined : parseSize(options.size)
      const edit = parseEdit({ kind: 'inpaint', area, padding, blur, strength, content, grow, size, resize })
      return runPaintCommand(edit, source, options, options)
    })
}
