import { booleanOption, imageOption, pictureCommand, readPaintOptions, slashCommand } from './command-builder.js'

const data = slashCommand('remove')
data.addAttachmentOption(imageOption('image', true))
data.addAttachmentOption(imageOption('mask', true))
data.addBooleanOption(booleanOption('invert'))

/** `/remove`: remove what a mask covers. */
export const removeCommand = pictureCommand(data, options => ({
  edit: { kind: 'remove' },
  picture: options.getAttachment('image', true),
  mask: options.getAttachment('mask', true),
  invert: options.getBoolean('invert') ?? false,
  ...readPaintOptions(options),
}))
