import { type AspectRatio, parseAspect } from '../inference/pipeline/edit.js'
import { aspectOption, editCommand, localizeOption, readPaintOptions, slashCommand } from './command-builder.js'

/** How many pixels a picture from words has, about: what Stable Diffusion was trained on. */
const AREA = 512 * 512

const data = slashCommand('imagine')
data.addStringOption(text => localizeOption(text, 'prompt').setRequired(true).setMaxLength(1000))
data.addStringOption(aspectOption)

/** `/imagine`: a picture from words alone. */
export const imagineCommand = editCommand(data, options => ({
  edit: { kind: 'imagine', ...sizeFor(parseAspect(options.getString('aspect') ?? '1:1')) },
  ...readPaintOptions(options),
}))

/** The size of this aspect ratio with about {@link AREA} pixels and sides that are multiples of 8. */
function sizeFor({ width, height }: AspectRatio) {
  const side = (share: number) => Math.max(64, Math.min(2048, Math.round(Math.sqrt(AREA * share) / 8) * 8))
  return { width: side(width / height), height: side(height / width) }
}
