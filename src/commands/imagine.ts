import {
  type AspectRatio,
  DENOISING_STRENGTH,
  HIRES_SCALE,
  HIRES_STRENGTH,
  parseAspect,
  parseEdit,
} from '../inference/pipeline/edit.js'
import type { CommandOptions } from './command.js'
import { addRefinerOptions, aspectOption, editCommand, readPaintOptions, slashCommand } from './command-builder.js'
import { localizeOption } from './localize.js'

/** About how many pixels a generated picture has: the size that Stable Diffusion 1 was trained on. */
const AREA_PIXELS = 512 * 512

const data = slashCommand('imagine')
data.addStringOption(text => localizeOption(text, 'prompt').setRequired(true).setMaxLength(1000))
data.addStringOption(aspectOption)
addRefinerOptions(data)
data.addNumberOption(number =>
  localizeOption(number, 'hires-fix').setMinValue(HIRES_SCALE.min).setMaxValue(HIRES_SCALE.max),
)
data.addNumberOption(number =>
  localizeOption(number, 'hires-strength').setMinValue(DENOISING_STRENGTH.min).setMaxValue(DENOISING_STRENGTH.max),
)
data.addStringOption(text => localizeOption(text, 'upscaler').setAutocomplete(true))

/** `/imagine`: text to image. */
export const imagineCommand = editCommand(data, options => ({
  edit: parseEdit({
    kind: 'imagine',
    ...sizeFor(parseAspect(options.getString('aspect') ?? '1:1')),
    hires: readHires(options),
  }),
  ...readPaintOptions(options),
}))

/** Hires fix; undefined where none of its options is given. */
function readHires(options: CommandOptions) {
  const scale = options.getNumber('hires-fix')
  const strength = options.getNumber('hires-strength')
  const upscaler = options.getString('upscaler')
  if (scale === null && strength === null && upscaler === null) return undefined
  return {
    scale: scale ?? HIRES_SCALE.default,
    strength: strength ?? HIRES_STRENGTH,
    ...(upscaler !== null && { upscaler }),
  }
}

/** The size of this aspect ratio with about {@link AREA_PIXELS} pixels and sides that are multiples of 8. */
function sizeFor({ width, height }: AspectRatio) {
  const side = (share: number) => Math.max(64, Math.min(2048, Math.round(Math.sqrt(AREA_PIXELS * share) / 8) * 8))
  return { width: side(width / height), height: side(height / width) }
}
