import type { Command } from 'commander'
import { MASK_DESCRIPTION, type PaintOptions, paintCommand, runPaintCommand } from './paint-command.js'

export function createRemoveCommand(): Command {
  return paintCommand('remove', 'remove an object')
    .requiredOption('--mask <file>', MASK_DESCRIPTION)
    .action((source: string, options: PaintOptions & { mask: string }) =>
      runPaintCommand({ kind: 'remove' }, source, options, options.mask),
    )
}
