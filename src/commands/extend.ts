import { parseLength } from '../inference/pipeline/edit.js'
import { commonIn, option, painting, picture, preset, prompt, slash } from './command-builder.js'

const SIDES = ['left', 'right', 'top', 'bottom'] as const

const data = slash('extend')
data.addAttachmentOption(picture('image', true))
for (const side of SIDES) data.addStringOption(text => option(text, side).setMaxLength(20))
data.addStringOption(prompt)
data.addStringOption(preset)

/** `/extend`: add to one or more sides; the picture keeps its pixels. */
export const extend = painting(data, options => {
  const side = (name: (typeof SIDES)[number]) => parseLength(name, options.getString(name) ?? '0')
  return {
    edit: { kind: 'extend', left: side('left'), right: side('right'), top: side('top'), bottom: side('bottom') },
    picture: options.getAttachment('image', true),
    ...commonIn(options),
  }
})
