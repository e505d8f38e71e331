import { type AspectRatio, parseAspect } from '../inference/pipeline/edit.js'
import {
  addRefinerOptions,
  aspectOption,
  editCommand,
  localizeOption,
  readPaintOptions,
  slashCommand,
} from './command-builder.js'

/** About how many pixels a generated picture has: the size that Stable Diffusion 1 was trained on. */
const AREA_PIXELS = 512 * 512

const data = slashCommand('imagine')
data.addStringOption(text => localizeOption(text, 'prompt').setRequired(true).setMaxLength(1000))
data.addStringOption(aspectOption)
addRefinerOptions(data)

/** `/imagine`: text to image. */
export const imagineCommand = editCommand(data, options => ({
  edit: { kind: 'imagine', ...sizeFor(parseAspect(options.getString('aspect') ?? '1:1')) },
  ...readPaintOptions(options),
}))

/** The size of this aspect ratio with about {@link AREA_PIXELS} pixels and sides that are multiples of 8. */
function sizeFor({ width, height }: AspectRatio) {
  const side = (share: number) => Math.max(64, Math.min(2048, Math.round(Math.sqrt(AREA_PIXELS * share) / 8) * 8))
  return { width: side(width / height), height: side(height / width) }
}
