import { Command, Option } from 'commander'
import { parseEdit, UPSCALE_FACTORS } from '../../inference/pipeline/edit.js'
import { addFileFlags, type FileOptions, NO_PAINT_OPTIONS } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'

export function createUpscaleCommand(): Command {
  const command = new Command('upscale')
    .description('enlarge a picture: with an upscaler in models/upscale, or by resampling')
    .argument('<picture>', 'picture file, or a folder of them')
    .option('--skip-existing', 'skip pictures whose results are already in the output folder')
    .addOption(
      new Option('--scale <number>', 'how many times as wide and high the result is')
        .choices(UPSCALE_FACTORS.map(String))
        .default('2'),
    )
    .option(
      '--model <name>',
      'an upscaler in models/upscale, or lanczos, which is built in (default: the first installed one)',
    )
  return addFileFlags(command).action((source: string, options: FileOptions & { scale: string; model?: string }) => {
    const { scale, model, ...others } = options
    const edit = parseEdit({ kind: 'upscale', scale: Number(scale) })
    return runPaintCommand(edit, source, { ...NO_PAINT_OPTIONS, ...others, ...(model && { engine: model }) })
  })
}
