import { Command, Option } from 'commander'
import {
  parseEdit,
  REDRAW_OVERLAP,
  REDRAW_STRENGTH,
  REDRAW_TILE,
  type Redraw,
  UPSCALE_FACTORS,
} from '../../inference/pipeline/edit.js'
import { UserError } from '../../user-error.js'
import { parseNumber, parseSeed } from './arguments.js'
import { addFileFlags, addSamplingFlags, NO_PAINT_OPTIONS, type PaintOptions } from './paint-command.js'
import { runPaintCommand } from './run-paint.js'

type UpscaleOptions = Omit<PaintOptions, 'variations'> & {
  scale?: string
  model?: string
  fromHistory?: string[]
  creative?: number
  tileSize?: number
  overlap?: number
}

export function createUpscaleCommand(): Command {
  const command = new Command('upscale')
    .description('enlarge a picture: with an upscaler in models/upscale, or by resampling; or paint it larger')
    .argument('<picture>', 'picture file, or a folder of them')
    .option('--skip-existing', 'skip pictures whose results are already in the output folder')
    .addOption(
      new Option(
        '--scale <number>',
        'how many times as wide and high the result is (default: 2; from history, what the earliest picture needs)',
      ).choices(UPSCALE_FACTORS.map(String)),
    )
    .option(
      '--model <name>',
      'an upscaler in models/upscale, or lanczos, which is built in (default: the first installed one)',
    )
    .option(
      '--from-history <files...>',
      'put back the detail of the pictures that it was made of: their files, in any order, or a folder of them',
    )
    .option(
      '--creative <strength>',
      `paint over the enlarged picture with a diffusion model, at this denoising strength: ${REDRAW_STRENGTH.min} to ${REDRAW_STRENGTH.max}, usually 0.2 to 0.4. The options below need it`,
      parseNumber,
    )
    .option(
      '--tile-size <pixels>',
      `side of the tiles, ${REDRAW_TILE.min} to ${REDRAW_TILE.max}, a multiple of ${REDRAW_TILE.step} (default: what the model was trained with)`,
      parseNumber,
    )
    .option(
      '--overlap <pixels>',
      `tile overlap, ${REDRAW_OVERLAP.min} to ${REDRAW_OVERLAP.max} (default: ${REDRAW_OVERLAP.default})`,
      parseNumber,
    )
    .option('--seed <number>', 'seed of the noise that painting starts from (default: random)', parseSeed)
  addSamplingFlags(command)
  return addFileFlags(command).action((source: string, options: UpscaleOptions) => {
    const { creative, ...others } = options
    return creative === undefined ? runPlain(source, others) : runCreative(source, creative, others)
  })
}

/** @throws UserError `options-invalid` */
async function runPlain(source: string, options: Omit<UpscaleOptions, 'creative'>): Promise<void> {
  const {
    scale: chosen,
    model,
    fromHistory,
    output,
    json,
    format,
    quality,
    skipExisting,
    device,
    ...painting
  } = options
  const given = Object.entries(painting).find(([, value]) => value !== undefined && value !== '')
  if (given) {
    const flag = given[0].replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
    throw new UserError({ code: 'options-invalid', detail: `--${flag} is for painting, so it needs --creative 0.3` })
  }
  const files = { output, format, ...(json && { json }), ...(quality !== undefined && { quality }) }
  const others = { ...files, ...(skipExisting && { skipExisting }), ...(device && { device }) }
  const scale = chosen === undefined ? undefined : Number(chosen)
  const edit = parseEdit({ kind: 'upscale', scale: scale ?? UPSCALE_FACTORS[0] })
  const history = fromHistory && { files: fromHistory, scale }
  const all = { ...NO_PAINT_OPTIONS, ...others, ...(model && { engine: model }) }
  return runPaintCommand(edit, source, all, { history })
}

async function runCreative(
  source: string,
  strength: number,
  {
    scale = String(UPSCALE_FACTORS[0]),
    model,
    tileSize,
    overlap,
    fromHistory,
    ...others
  }: Omit<UpscaleOptions, 'creative'>,
): Promise<void> {
  if (fromHistory) {
    throw new UserError({ code: 'options-invalid', detail: '--from-history can’t be combined with --creative' })
  }
  const creative: Redraw = { strength, upscaler: model, tileSize, overlap }
  const edit = parseEdit({ kind: 'upscale', scale: Number(scale), creative })
  return runPaintCommand(edit, source, { ...others, variations: 1 })
}
