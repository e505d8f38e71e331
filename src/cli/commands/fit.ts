import type { Command } from 'commander'
import { parseFit } from '../../inference/pipeline/edit.js'
import { type PaintOptions, paintCommand } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'

export function createFitCommand(): Command {
  return paintCommand('fit', 'extend two sides until the picture has this shape', [
    '<shape>',
    'aspect ratio, like 16:9, or a size in pixels, like 960x540px',
  ]).action((source: string, shape: string, options: PaintOptions) => runPaintCommand(parseFit(shape), source, options))
}
