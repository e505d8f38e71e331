import { Command, Option } from 'commander'
import { parseEnvVars } from '../../config.js'
import { SAMPLER_NAMES, SIGMA_SPACINGS } from '../../inference/engines/diffusion/sampling/sampler-names.js'
import { DEFAULT_ENGINE } from '../../inference/engines/registry.js'
import { MASK_READINGS, type MaskReading } from '../../inference/mask/readings.js'
import { EXECUTION_PROVIDERS } from '../../inference/onnx/device-names.js'
import type { Edit } from '../../inference/pipeline/edit.js'
import { CLIP_SKIP, OUTPAINTING_PRESETS, parseDiffusionOptions, STEPS } from '../../inference/pipeline/options.js'
import { VARIATIONS } from '../../inference/pipeline/request.js'
import { cancelOnInterrupt } from '../cancel-on-interrupt.js'
import type { PaintFileResult } from '../paint-file.js'
import { createProgressBar } from '../progress-bar.js'
import { parseDeviceName, parseNumber, parseSeed } from './arguments.js'

/** The options of every command that paints, as commander parses them. */
export type PaintOptions = {
  output: string
  variations: number
  seed?: number
  prompt: string
  engine: string
  json?: boolean
  keepAlpha?: boolean
  negative: string
  steps?: number
  sampler?: string
  spacing?: string
  guidance?: number
  guidanceRescale?: number
  variationSeed?: number
  variationStrength?: number
  clipSkip?: number
  preset?: string
  refine?: boolean
  seam?: boolean
  device?: string
}

/** A mask, and what can be said about it. */
export type MaskOptions = { mask?: string; readAs?: MaskReading; invert?: boolean }

const MASK_FLAG = '--mask <file>'
const MASK_HELP = 'mask file: white or transparent = repaint; or a copy of the picture with your marks on it'

/** Add the options of a command that takes a mask. @param without the part that is painted without one, if that is possible */
export function addMaskFlags(command: Command, without?: string): Command {
  if (without) command.option(MASK_FLAG, `${MASK_HELP} (default: ${without})`)
  else command.requiredOption(MASK_FLAG, MASK_HELP)
  return command
    .addOption(
      new Option('--read-as <part>', 'part of the mask file to repaint; default: detected').choices(MASK_READINGS),
    )
    .option('--invert', 'invert the mask: repaint everything that isn’t masked')
}

/** How a mask was read, and how to choose where that is not certain. */
function describeMask({ kind, share, certain }: NonNullable<PaintFileResult['mask']>): string {
  const part = { 'black-and-white': 'white', transparent: 'transparent', layer: 'drawn', marked: 'marked' }[kind]
  const percent = share < 0.01 ? 'less than 1%' : `${Math.round(share * 100)}%`
  const choice = certain ? '' : '. If that is wrong, add --read-as white, transparent or marks, or --invert'
  return `mask: the ${part} part, ${percent} of the picture${choice}\n`
}

/** A command that paints from a picture file. */
export function paintCommand(name: string, description: string, argument?: [string, string]): Command {
  const command = new Command(name).description(description).argument('<picture>', 'picture file')
  if (argument) command.argument(...argument)
  command.option('--keep-alpha', 'keep what is transparent transparent (default: paint it too)')
  return addPaintFlags(command)
}

export function addPaintFlags(command: Command): Command {
  return command
    .requiredOption('-o, --output <folder>', 'folder for the results; created if it doesn’t exist')
    .option('--variations <number>', `number of pictures, 1 to ${VARIATIONS.max}`, parseNumber, VARIATIONS.max)
    .option(
      '--seed <number>',
      'seed of the first picture; each further picture uses the next seed (default: random)',
      parseSeed,
    )
    .addOption(new Option('--prompt <text>', 'prompt, for models that can read text').default('', 'none'))
    .option('--engine <name>', 'model: fill (built in), or an installed model', DEFAULT_ENGINE)
    .addOption(new Option('--negative <text>', 'negative prompt').default('', 'none'))
    .option('--steps <number>', `sampling steps, ${STEPS.min} to ${STEPS.max} (default: 20)`, parseNumber)
    .option('--sampler <name>', `sampling method: ${SAMPLER_NAMES.join(', ')}`)
    .option('--spacing <name>', `schedule type: ${SIGMA_SPACINGS.join(', ')}`)
    .option(
      '--guidance <number>',
      'CFG scale: how closely the model follows the prompt, 1 to 30 (default: 7)',
      parseNumber,
    )
    .option(
      '--guidance-rescale <number>',
      'keep the contrast of the picture without guidance, 0 to 1; for models trained with zero terminal SNR',
      parseNumber,
    )
    .option(
      '--variation-seed <number>',
      'variation seed of the first picture; each further picture uses the next seed',
      parseNumber,
    )
    .option('--variation-strength <number>', 'variation strength, 0 to 1', parseNumber)
    .option(
      '--clip-skip <layer>',
      `clip skip: the CLIP layer to use, counted from the end, up to ${CLIP_SKIP.max}`,
      parseNumber,
    )
    .option('--preset <name>', `settings of an A1111 outpainting script: ${OUTPAINTING_PRESETS.join(', ')}`)
    .option('--refine', 'refine large pictures in tiles (default: yes, except on the CPU)')
    .option('--no-refine', 'don’t refine large pictures')
    .option(
      '--seam',
      'paint the border a second time (default: only models that aren’t inpainting models, except on the CPU)',
    )
    .option('--no-seam', 'don’t paint the border a second time')
    .option(
      '--device <name>',
      `device that runs models: ${EXECUTION_PROVIDERS.join(', ')}; cuda:1 is the second GPU`,
      parseDeviceName,
    )
    .option('--json', 'print one JSON object instead of text')
}

/** Paint and print the files. @param source the picture file; only `imagine` has none */
export async function runPaintCommand(
  asked: Edit,
  source: string | undefined,
  options: PaintOptions,
  { mask, readAs, invert }: Partial<MaskOptions> = {},
): Promise<void> {
  const { output, variations, seed, prompt, engine, json, negative, keepAlpha, ...others } = options
  const edit = keepAlpha && asked.kind !== 'imagine' ? { ...asked, keepAlpha } : asked
  const { steps, sampler, spacing, guidance, guidanceRescale, variationSeed, variationStrength, clipSkip, preset } =
    others
  const { refine, seam } = others
  const diffusionOptions = parseDiffusionOptions({
    negative: negative || undefined,
    steps,
    sampler,
    spacing,
    guidance,
    guidanceRescale,
    variationSeed,
    variationStrength,
    clipSkip,
    preset,
    refine,
    seam,
  })
  // Of several devices in DEVICE, the terminal uses the first.
  const { MODEL_FOLDER: modelFolder, DEVICE: devices } = parseEnvVars(process.env, ['MODEL_FOLDER', 'DEVICE'])
  const device = options.device ?? devices?.[0]
  const painting = { edit, source, mask, readAs, invert, variations, seed, prompt, engine, options: diffusionOptions }
  const signal = cancelOnInterrupt()
  const bar = createProgressBar(process.stderr, 'painting')
  const { paintFile } = await import('../paint-file.js')
  const onProgress = (done: number) => bar.show(done)
  const result = await paintFile({ ...painting, output, modelFolder, device }, { signal, onProgress }).finally(() =>
    bar.end(),
  )
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`)
    return
  }
  if (result.mask) process.stderr.write(describeMask(result.mask))
  for (const { file, width, height } of result.pictures) process.stdout.write(`${file} (${width}×${height})\n`)
  process.stdout.write(`Painted by ${result.engine} in ${(result.timings.total / 1000).toFixed(1)} s.\n`)
}
