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
  negative: string
  steps?: number
  sampler?: string
  spacing?: string
  guidance?: number
  variationSeed?: number
  variationStrength?: number
  clipSkip?: number
  preset?: string
  refine?: boolean
  seam?: boolean
  device?: string
}

/** A mask, and what can be said about it. */
export type MaskOptions = { mask: string; readAs?: MaskReading; invert?: boolean }

/** Add the options of a command that needs a mask. */
export function addMaskOptions(command: Command): Command {
  return command
    .requiredOption('--mask <file>', 'white or transparent is painted; or a copy of the picture that was drawn over')
    .addOption(
      new Option('--read-as <what>', 'what is painted of the mask, if it is not worked out right').choices(
        MASK_READINGS,
      ),
    )
    .option('--invert', 'paint everything that the mask does not mark')
}

/** What was understood of a mask, and how to choose if that is not sure. */
function describeMask({ kind, share, certain }: NonNullable<PaintFileResult['mask']>): string {
  const part = { 'black-and-white': 'white', 'see-through': 'transparent', layer: 'drawn', marked: 'marked' }[kind]
  const percent = share < 0.01 ? 'less than 1%' : `${Math.round(share * 100)}%`
  const choice = certain ? '' : '; not sure: choose with --read-as white, transparent or marks, or --invert'
  return `mask: what is ${part} is painted, ${percent} of the picture${choice}\n`
}

/** A command that paints from a picture file. */
export function paintCommand(name: string, description: string, argument?: [string, string]): Command {
  const command = new Command(name).description(description).argument('<picture>', 'the picture to start from')
  if (argument) command.argument(...argument)
  return addPaintOptions(command)
}

export function addPaintOptions(command: Command): Command {
  return command
    .requiredOption('-o, --output <folder>', 'where to put the pictures; made if it is not there')
    .option('--variations <number>', `how many pictures to paint, 1 to ${VARIATIONS.max}`, parseNumber, VARIATIONS.max)
    .option('--seed <number>', 'the same seed paints the same pictures again; each variation takes the next', parseSeed)
    .option('--prompt <text>', 'what you would like to see there, for engines that read', '')
    .option('--engine <name>', 'what paints: fill, or a model in models/', DEFAULT_ENGINE)
    .option('--negative <text>', 'what you would not like to see, for models', '')
    .option('--steps <number>', `how many, for models: ${STEPS.min} to ${STEPS.max}; 20 unless told`, parseNumber)
    .option('--sampler <name>', `for models: ${SAMPLER_NAMES.join(', ')}`)
    .option('--spacing <name>', `how a sampler spreads its steps: ${SIGMA_SPACINGS.join(', ')}`)
    .option(
      '--guidance <number>',
      'how closely models follow the prompt (CFG scale), 1 to 30; 7 unless told',
      parseNumber,
    )
    .option(
      '--variation-seed <number>',
      'another seed to go towards, for models; variations take the next',
      parseNumber,
    )
    .option('--variation-strength <number>', 'how far, 0 to 1', parseNumber)
    .option('--clip-skip <layer>', `which of CLIP's, from the end, for models: up to ${CLIP_SKIP.max}`, parseNumber)
    .option('--preset <name>', `A1111's outpainting scripts, for models: ${OUTPAINTING_PRESETS.join(', ')}`)
    .option('--refine', 'models go over large pictures once more in tiles; so they do anyway but on a processor')
    .option('--no-refine', 'or they do not')
    .option('--seam', 'models paint the border once more; those not made for masks do so anyway but on a processor')
    .option('--no-seam', 'or they do not')
    .option(
      '--device <name>',
      `what models are computed on: ${EXECUTION_PROVIDERS.join(', ')}; cuda:1 is the second card`,
      parseDeviceName,
    )
    .option('--json', 'print one JSON object instead of lines')
}

/** Paint and print the files. @param source the picture file; only `imagine` has none */
export async function runPaintCommand(
  edit: Edit,
  source: string | undefined,
  options: PaintOptions,
  { mask, readAs, invert }: Partial<MaskOptions> = {},
): Promise<void> {
  const { output, variations, seed, prompt, engine, json, negative, ...others } = options
  const { steps, sampler, spacing, guidance, variationSeed, variationStrength, clipSkip, preset, refine, seam } = others
  const diffusionOptions = parseDiffusionOptions({
    negative: negative || undefined,
    steps,
    sampler,
    spacing,
    guidance,
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
  process.stdout.write(`${result.engine}, ${(result.timings.total / 1000).toFixed(1)} s\n`)
}
