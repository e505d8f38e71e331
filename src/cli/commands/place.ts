import type { Command } from 'commander'
import { FRAME_SIDE, PLACE_SCALE, parsePlacePosition, parseSize } from '../../inference/pipeline/edit.js'
import { parseNumber } from './arguments.js'
import { type PaintOptions, paintCommand } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'

type PlaceOptions = PaintOptions & { size: string; at: string; scale: number }

export function createPlaceCommand(): Command {
  return paintCommand('place', 'place the picture in a new frame and paint the rest of it')
    .requiredOption('--size <size>', 'size of the frame in pixels, like 1920x1080')
    .option(
      '--at <position>',
      'top left corner of the picture in the frame, in pixels, like 200,300 or -40,0; or a place like top or bottom-right',
      'center',
    )
    .option(
      '--scale <number>',
      `scale of the picture, ${PLACE_SCALE.min} to ${PLACE_SCALE.max}; 1 keeps its pixels`,
      parseNumber,
      1,
    )
    .action((source: string, options: PlaceOptions) => {
      const { size, at, scale } = options
      const edit = { kind: 'place', ...parseSize(size, FRAME_SIDE), at: parsePlacePosition(at), scale } as const
      return runPaintCommand(edit, source, options)
    })
}
