import type { Command } from 'commander'
import { parseAspect } from '../../inference/pipeline/edit.js'
import { parseNumber } from './arguments.js'
import { type PaintOptions, paintCommand, runPaintCommand } from './paint-command.js'

export function zoomCommand(): Command {
  return paintCommand('zoom', 'zoom out: the old picture shrinks into the middle of a picture of the same size')
    .option('--factor <number>', 'how far to step back, 1 to 4', parseNumber, 1.5)
    .option('--aspect <ratio>', 'another aspect ratio, like 16:9')
    .option('--grow', 'keep the old pixels and enlarge the canvas instead')
    .action((source: string, options: PaintOptions & { factor: number; aspect?: string; grow?: boolean }) => {
      const { factor, aspect, grow = false } = options
      const edit = { kind: 'zoom', factor, grow, ...(aspect && { aspect: parseAspect(aspect) }) } as const
      return runPaintCommand(edit, source, options)
    })
}
