import { Command } from 'commander'
import { IMAGINE_SIDE, parseEdit } from '../../inference/pipeline/edit.js'
import { parseNumber } from './arguments.js'
import { addPaintFlags, type PaintOptions } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'

export function createImagineCommand(): Command {
  return addPaintFlags(new Command('imagine').description('paint a picture from a prompt; needs a model'))
    .option('--width <pixels>', `width in pixels, ${IMAGINE_SIDE.min} to ${IMAGINE_SIDE.max}`, parseNumber, 512)
    .option('--height <pixels>', `height in pixels, ${IMAGINE_SIDE.min} to ${IMAGINE_SIDE.max}`, parseNumber, 512)
    .action((options: PaintOptions & { width: number; height: number }) => {
      const { width, height } = options
      return runPaintCommand(parseEdit({ kind: 'imagine', width, height }), undefined, options)
    })
}
