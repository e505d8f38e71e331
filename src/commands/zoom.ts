import { parseAspect, ZOOM } from '../inference/pipeline/edit.js'
import { aspect, choice, commonIn, option, painting, picture, preset, prompt, slash } from './command-builder.js'

const OFFERED = [1.5, 2, 3, 4]

const data = slash('zoom')
data.addAttachmentOption(picture('image', true))
data.addNumberOption(number =>
  option(number, 'factor').setMinValue(ZOOM.min).setMaxValue(ZOOM.max).setAutocomplete(true),
)
data.addStringOption(prompt)
data.addStringOption(preset)
data.addStringOption(aspect)
data.addStringOption(text => option(text, 'keep').addChoices(choice('sameSize', 'size'), choice('myPixels', 'pixels')))

/** `/zoom`: step back, and see more on all four sides. */
export const zoom = painting(
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
      ...commonIn(options),
    }
  },
  (_option, typed) => {
    const own = Number(typed.replace(',', '.').replace(/[×x]$/, ''))
    const factors = typed.trim() !== '' && own >= ZOOM.min && own <= ZOOM.max ? [own] : OFFERED
    return factors.map(factor => ({ name: `${factor}×`, value: factor }))
  },
)
