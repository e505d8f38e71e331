import type { Command } from 'commander'
import { addMaskOptions, type MaskOptions, type PaintOptions, paintCommand, runPaintCommand } from './paint-command.js'

export function removeCommand(): Command {
  return addMaskOptions(paintCommand('remove', 'take something out')).action(
    (source: string, options: PaintOptions & MaskOptions) =>
      runPaintCommand({ kind: 'remove' }, source, options, options),
  )
}
