import { commonIn, painting, picture, preset, prompt, slash } from './command-builder.js'

const data = slash('square')
data.addAttachmentOption(picture('image', true))
data.addStringOption(prompt)
data.addStringOption(preset)

/** `/square`: add to the shorter sides until they are as long as the others. */
export const square = painting(data, options => ({
  edit: { kind: 'square' },
  picture: options.getAttachment('image', true),
  ...commonIn(options),
}))
