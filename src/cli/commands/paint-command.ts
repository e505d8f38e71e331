import { Command, Option } from 'commander'
import { SAMPLER_NAMES, SIGMA_SPACINGS } from '../../inference/engines/diffusion/sampling/sampler-names.js'
import { EXPORT_FORMATS, EXPORT_QUALITY, type ExportFormat } from '../../inference/image/export.js'
import { MASK_READINGS, type MaskReading } from '../../inference/mask/readings.js'
import { EXECUTION_PROVIDERS } from '../../inference/onnx/device-names.js'
import {
  CLIP_SKIP,
  CONTROL_MODES,
  CONTROL_WEIGHT,
  DOWNSAMPLING_RATE,
  MAX_CONTROLS,
  OUTPAINTING_PRESETS,
  PREFILLS,
  STEPS,
  SWITCH_AT,
} from '../../inference/pipeline/options.js'
import { VARIATIONS } from '../../inference/pipeline/request.js'
import { parseDeviceName, parseNumber, parseSeed } from './arguments.js'

/** The options of every command that writes pictures, as commander parses them. */
export type FileOptions = {
  output: string
  json?: boolean
  format: ExportFormat
  quality?: number
  skipExisting?: boolean
  device?: string
}

/** The options of every command that paints. */
export type PaintOptions = FileOptions & {
  variations: number
  seed?: number
  prompt: string
  engine?: string
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
  refiner?: string
  control?: string[]
  controlWeight?: number
  controlStart?: number
  controlEnd?: number
  controlMode?: string
  downsamplingRate?: number
  switchAt?: number
  prefill?: string
  preset?: string
  refine?: boolean
  seam?: boolean
  colorMatch?: boolean
}

/** The options of a command that reads no prompt and always gives the same picture. */
export const NO_PAINT_OPTIONS = { variations: 1, seed: 0, prompt: '', negative: '' } as const

/** A mask file, and what can be said about it. */
export type MaskOptions = { mask?: string; readAs?: MaskReading; invert?: boolean }

const OUTPUT_FLAG = ['-o, --output <folder>', 'folder for the results; created if it doesn’t exist'] as const

const MASK_FLAG = '--mask <file>'
const MASK_HELP =
  'mask file: white or transparent = repaint; or a copy of the picture with your marks on it. ' +
  'Or a folder of masks that are named like their pictures'

/** Add the options of a command that takes a mask. @param without the part that is painted without any mark, if that is possible */
export function addMaskFlags(command: Command, without?: string): Command {
  return command
    .option(MASK_FLAG, without ? `${MASK_HELP} (default: ${without})` : MASK_HELP)
    .addOption(
      new Option('--read-as <part>', 'part of the mask file to repaint; default: detected').choices(MASK_READINGS),
    )
    .option('--invert', 'invert the mask: repaint everything that isn’t masked')
}

/** A command that paints from a picture file. */
export function paintCommand(name: string, description: string, argument?: [string, string]): Command {
  const command = new Command(name).description(description).argument('<picture>', 'picture file, or a folder of them')
  if (argument) command.argument(...argument)
  command.option('--skip-existing', 'skip pictures whose results are already in the output folder')
  command.option('--keep-alpha', 'keep what is transparent transparent; otherwise it is painted too')
  return addPaintFlags(command)
}

export function addPaintFlags(command: Command): Command {
  command.requiredOption(...OUTPUT_FLAG)
  addSamplingFlags(
    command
      .option('--variations <number>', `number of pictures, 1 to ${VARIATIONS.max}`, parseNumber, VARIATIONS.max)
      .option(
        '--seed <number>',
        'seed of the first picture; each further picture uses the next seed (default: random)',
        parseSeed,
      ),
  )
    .option(
      '--prefill <name>',
      `what fills the masked area before a model starts: ${PREFILLS.join(', ')} (default: fill)`,
    )
    .option('--preset <name>', `settings of an A1111 outpainting script: ${OUTPAINTING_PRESETS.join(', ')}`)
    .option('--refine', 'refine large pictures in tiles (default: yes, except on the CPU)')
    .option('--no-refine', 'don’t refine large pictures')
    .option(
      '--seam',
      'paint the border a second time (default: only models that aren’t inpainting models, except on the CPU)',
    )
    .option('--no-seam', 'don’t paint the border a second time')
    .option('--no-color-match', 'don’t match the painted colors to the picture along the border')
  return addExportFlags(command)
}

/** Add the options of a diffusion model. */
export function addSamplingFlags(command: Command): Command {
  return command
    .addOption(new Option('--prompt <text>', 'prompt, for models that can read text').default('', 'none'))
    .option(
      '--engine <name>',
      'model: fill (built in), or an installed model (default: MODEL, or the best installed model)',
    )
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
    .option(
      '--control <name>',
      `a ControlNet in models/controlnet, for inpainting; NAME:tile for one that adds detail, NAME:MODULE for others. Up to ${MAX_CONTROLS} times. none: not even the one that a model uses by itself`,
      (name: string, names: string[] = []) => [...names, name],
    )
    .option(
      '--control-weight <number>',
      `control weight, ${CONTROL_WEIGHT.min} to ${CONTROL_WEIGHT.max} (default: 1)`,
      parseNumber,
    )
    .option('--control-start <share>', 'starting control step, as a share of the steps (default: 0)', parseNumber)
    .option('--control-end <share>', 'ending control step, as a share of the steps (default: 1)', parseNumber)
    .option('--control-mode <name>', `control mode: ${CONTROL_MODES.join(', ')} (default: balanced)`)
    .option(
      '--downsampling-rate <number>',
      `how much smaller :tile makes the picture first, ${DOWNSAMPLING_RATE.min} to ${DOWNSAMPLING_RATE.max} (default: 1)`,
      parseNumber,
    )
    .option('--refiner <name>', 'refiner: an installed model that paints the last steps, like SDXL’s refiner')
    .option(
      '--switch-at <share>',
      `switch at: the share of the steps after which the refiner starts, ${SWITCH_AT.min} to ${SWITCH_AT.max} (default: ${SWITCH_AT.default})`,
      parseNumber,
    )
}

/** Add the options of a command that writes pictures. */
export function addFileFlags(command: Command): Command {
  return addExportFlags(command.requiredOption(...OUTPUT_FLAG))
}

function addExportFlags(command: Command): Command {
  return command
    .option(
      '--device <name>',
      `device that runs models: ${EXECUTION_PROVIDERS.join(', ')}; cuda:1 is the second GPU`,
      parseDeviceName,
    )
    .addOption(
      new Option('--format <name>', 'format of the results; JPEG has no transparency')
        .choices(EXPORT_FORMATS)
        .default('png'),
    )
    .option(
      '--quality <number>',
      `quality of JPEG and WebP, ${EXPORT_QUALITY.min} to ${EXPORT_QUALITY.max} (default: ${EXPORT_QUALITY.default})`,
      parseNumber,
    )
    .option('--json', 'print one JSON object instead of text')
}
