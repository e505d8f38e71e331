import { ANCHORS } from '../inference/image/geometry.js'
import { parseAspect, ZOOM } from '../inference/pipeline/edit.js'
import {
  aspectOption,
  imageOption,
  pictureCommand,
  presetOption,
  promptOption,
  readPaintOptions,
  slashCommand,
} from './command-builder.js'
import { localizedChoice, localizeOption } from './localize.js'

const SUGGESTED_FACTORS = [1.5, 2, 3, 4]

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
data.addStringOption(text =>
  localizeOption(text, 'anchor').addChoices(...ANCHORS.map(anchor => localizedChoice(anchor))),
)

/** `/zoom`: zoom out, which outpaints on all four sides, or on some of them with an anchor. */
export const zoomCommand = pictureCommand(
  data,
  options => {
    const aspect = options.getString('aspect')
    const anchor = ANCHORS.find(one => one === options.getString('anchor'))
    return {
      edit: {
        kind: 'zoom',
        // With an aspect ratio alone the picture is not zoomed out.
        factor: options.getNumber('factor') ?? (aspect ? 1 : 1.5),
        grow: options.getString('keep') === 'pixels',
        ...(aspect && { aspect: parseAspect(aspect) }),
        ...(anchor && { anchor }),
      },
      picture: options.getAttachment('image', true),
      ...readPaintOptions(options),
    }
  },
  (_option, typed) => {
    const factor = Number(typed.replace(',', '.').replace(/[×x]$/, ''))
    const factors = typed.trim() !== '' && factor >= ZOOM.min && factor <= ZOOM.max ? [factor] : SUGGESTED_FACTORS
    return factors.map(factor => ({ name: `${factor}×`, value: factor }))
  },
)
