import { parseAspect, ZOOM } from '../inference/pipeline/edit.js'
import {
  aspectOption,
  editCommand,
  imageOption,
  localizedChoice,
  localizeOption,
  presetOption,
  promptOption,
  readPaintOptions,
  slashCommand,
} from './command-builder.js'

const OFFERED = [1.5, 2, 3, 4]

const data = slashCommand('zoom')
data.addAttachmentOption(imageOption('image', true))
data.addNumberOption(number =>
  localizeOption(number, 'factor').setMinValue(ZOOM.min).setMaxValue(ZOOM.max).setAutocomplete(true),
)
data.addStringOption(promptOption)
data.addStringOption(presetOption)
data.addStringOption(aspectOption)
data.addStringOption(text =>
  localizeOption(text, 'keep').addChoices(localizedChoice('sameSize', 'size'), localizedChoice('myPixels', 'pixels')),
)

/** `/zoom`: step back, and see more on all four sides. */
export const zoomCommand = editCommand(
  data,
  options => {
    const shape = options.getString('aspect')
    return {
      edit: {
        kind: 'zoom',
        // Another aspect ratio alone asks for no step back.
        factor: options.getNumber('factor') ?? (shape ? 1 : 1.5),
        grow: options.getString('keep') === 'pixels',
        ...(shape && { aspect: parseAspect(shape) }),
      },
      picture: options.getAttachment('image', true),
      ...readPaintOptions(options),
    }
  },
  (_option, typed) => {
    const own = Number(typed.replace(',', '.').replace(/[×x]$/, ''))
    const factors = typed.trim() !== '' && own >= ZOOM.min && own <= ZOOM.max ? [own] : OFFERED
    return factors.map(factor => ({ name: `${factor}×`, value: factor }))
  },
)
