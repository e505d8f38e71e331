import type { Command } from 'commander'
import { parseLength } from '../../inference/pipeline/edit.js'
import { type PaintOptions, paintCommand } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'

type Side = 'left' | 'right' | 'top' | 'bottom'

export function createExtendCommand(): Command {
  return paintCommand('extend', 'extend the picture on one or more sides')
    .option('--left <length>', 'how much to add on the left, in pixels or percent, like 256 or 25%', '0')
    .option('--right <length>', 'how much to add on the right', '0')
    .option('--top <length>', 'how much to add at the top', '0')
    .option('--bottom <length>', 'how much to add at the bottom', '0')
    .action((source: string, options: PaintOptions & Record<Side, string>) => {
      const length = (side: Side) => parseLength(side, options[side])
      const sides = { left: length('left'), right: length('right'), top: length('top'), bottom: length('bottom') }
      return runPaintCommand({ kind: 'extend', ...sides }, source, options)
    })
}
