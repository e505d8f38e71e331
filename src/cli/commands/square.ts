import type { Command } from 'commander'
import { type PaintOptions, paintCommand } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'

export function createSquareCommand(): Command {
  return paintCommand('square', 'extend the shorter sides until the picture is square').action(
    (source: string, options: PaintOptions) => runPaintCommand({ kind: 'square' }, source, options),
  )
}
