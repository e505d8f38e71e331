import type { Command } from 'commander'
import { type PaintOptions, paintCommand } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'

export function createVaryCommand(): Command {
  return paintCommand('vary', 'repaint the painted area of a result, differently')
    .option('--subtle', 'repaint only the half of it that is farthest from the original picture')
    .action((source: string, options: PaintOptions & { subtle?: boolean }) =>
      runPaintCommand({ kind: 'vary', strength: options.subtle ? 'subtle' : 'strong' }, source, options),
    )
}
