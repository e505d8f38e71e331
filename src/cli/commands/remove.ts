import type { Command } from 'commander'
import { addMaskFlags, type MaskOptions, type PaintOptions, paintCommand } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'

export function createRemoveCommand(): Command {
  return addMaskFlags(paintCommand('remove', 'remove an object')).action(
    (source: string, options: PaintOptions & MaskOptions) =>
      runPaintCommand({ kind: 'remove' }, source, options, options),
  )
}
