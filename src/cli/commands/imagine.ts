import { Command } from 'commander'
import { HIRES_SCALE, HIRES_STRENGTH, IMAGINE_SIDE, parseEdit, REDRAW_STRENGTH } from '../../inference/pipeline/edit.js'
import { parseNumber } from './arguments.js'
import { addPaintFlags, type PaintOptions } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'

type ImagineOptions = PaintOptions & {
  width: number
  height: number
  hiresFix?: boolean
  upscaleBy?: number
  denoisingStrength?: number
  upscaler?: string
}

export function createImagineCommand(): Command {
  return addPaintFlags(new Command('imagine').description('paint a picture from a prompt; needs a model'))
    .option('--width <pixels>', `width in pixels, ${IMAGINE_SIDE.min} to ${IMAGINE_SIDE.max}`, parseNumber, 512)
    .option('--height <pixels>', `height in pixels, ${IMAGINE_SIDE.min} to ${IMAGINE_SIDE.max}`, parseNumber, 512)
    .option('--hires-fix', 'enlarge the picture, then paint over it; each of the three options below does the same')
    .option(
      '--upscale-by <number>',
      `hires fix: how many times as wide and high, ${HIRES_SCALE.min} to ${HIRES_SCALE.max} (default: ${HIRES_SCALE.default})`,
      parseNumber,
    )
    .option(
      '--denoising-strength <number>',
      `hires fix: how much changes, ${REDRAW_STRENGTH.min} to ${REDRAW_STRENGTH.max} (default: ${HIRES_STRENGTH})`,
      parseNumber,
    )
    .option(
      '--upscaler <name>',
      'hires fix: an upscaler in models/upscale, or lanczos (default: the first installed one)',
    )
    .action((options: ImagineOptions) => {
      const { width, height } = options
      const edit = parseEdit({ kind: 'imagine', width, height, hires: readHires(options) })
      return runPaintCommand(edit, undefined, options)
    })
}

function readHires({ hiresFix, upscaleBy, denoisingStrength, upscaler }: ImagineOptions) {
  if (!hiresFix && [upscaleBy, denoisingStrength, upscaler].every(given => given === undefined)) return undefined
  return { scale: upscaleBy ?? HIRES_SCALE.default, strength: denoisingStrength ?? HIRES_STRENGTH, upscaler }
}
