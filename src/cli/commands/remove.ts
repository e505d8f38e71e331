import type { Command } from 'commander'
import type { SegmentSize } from '../../inference/segment/prompt.js'
import { addMaskFlags, type MaskOptions, type PaintOptions, paintCommand } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'
import {
  addSelectionFlags,
  OBJECT_GROW_HELP,
  OBJECT_SIZE_HELP,
  objectRequest,
  parseGrow,
  parseObjectSize,
  type SelectionOptions,
} from './selection-flags.js'

type RemoveOptions = PaintOptions & MaskOptions & SelectionOptions & { size?: SegmentSize; grow?: number }

export function createRemoveCommand(): Command {
  return addSelectionFlags(addMaskFlags(paintCommand('remove', 'remove an object that a mask, points or a box mark')))
    .option('--size <size>', OBJECT_SIZE_HELP, parseObjectSize)
    .option('--grow <pixels>', OBJECT_GROW_HELP, parseGrow)
    .action((source: string, options: RemoveOptions) => {
      const object = objectRequest(options, options.size, options.grow)
      return runPaintCommand({ kind: 'remove' }, source, options, { ...options, object, needsMask: true })
    })
}
