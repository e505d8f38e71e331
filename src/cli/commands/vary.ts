import type { Command } from 'commander'
import { type PaintOptions, paintCommand, runPaintCommand } from './paint-command.js'

export function varyCommand(): Command {
  return paintCommand('vary', 'paint what was painted on a picture once more, but differently')
    .option('--subtle', 'only the half of it that lies farthest from what was kept')
    .action((source: string, options: PaintOptions & { subtle?: boolean }) =>
      runPaintCommand({ kind: 'vary', strength: options.subtle ? 'subtle' : 'strong' }, source, options),
    )
}
