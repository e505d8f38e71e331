import { type Command, Option } from 'commander'
import { ANCHORS, type Anchor } from '../../inference/image/geometry.js'
import { parseAspect } from '../../inference/pipeline/edit.js'
import { parseNumber } from './arguments.js'
import { type PaintOptions, paintCommand } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'

type ZoomOptions = PaintOptions & { factor: number; aspect?: string; grow?: boolean; anchor?: Anchor }

export function createZoomCommand(): Command {
  return paintCommand('zoom', 'zoom out: shrink the picture and paint around it')
    .option('--factor <number>', 'how far to zoom out, 1 to 4', parseNumber, 1.5)
    .option('--aspect <ratio>', 'aspect ratio of the result, like 16:9')
    .option('--grow', 'keep the picture’s pixels and enlarge the canvas instead')
    .addOption(new Option('--anchor <name>', 'where the picture is in the result (default: center)').choices(ANCHORS))
    .action((source: string, options: ZoomOptions) => {
      const { factor, aspect, grow = false, anchor } = options
      const shape = { ...(aspect && { aspect: parseAspect(aspect) }), ...(anchor && { anchor }) }
      const edit = { kind: 'zoom', factor, grow, ...shape } as const
      return runPaintCommand(edit, source, options)
    })
}
