import type { Command } from 'commander'
import { parseAspect } from '../../inference/pipeline/edit.js'
import { parseNumber } from './arguments.js'
import { type PaintOptions, paintCommand } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'

export function createZoomCommand(): Command {
  return paintCommand('zoom', 'zoom out: shrink the picture and paint around it')
    .option('--factor <number>', 'how far to zoom out, 1 to 4', parseNumber, 1.5)
    .option('--aspect <ratio>', 'aspect ratio of the result, like 16:9')
    .option('--grow', 'keep the picture’s pixels and enlarge the canvas instead')
    .action((source: string, options: PaintOptions & { factor: number; aspect?: string; grow?: boolean }) => {
      const { factor, aspect, grow = false } = options
      const edit = { kind: 'zoom', factor, grow, ...(aspect && { aspect: parseAspect(aspect) }) } as const
      return runPaintCommand(edit, source, options)
    })
}
