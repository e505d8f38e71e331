import {
  imageOption,
  pictureCommand,
  presetOption,
  promptOption,
  readPaintOptions,
  slashCommand,
} from './command-builder.js'

const data = slashCommand('square')
data.addAttachmentOption(imageOption('image', true))
data.addStringOption(promptOption)
data.addStringOption(presetOption)

/** `/square`: outpaint the shorter sides until the picture is square. */
export const squareCommand = pictureCommand(data, options => ({
  edit: { kind: 'square' },
  picture: options.getAttachment('image', true),
  ...readPaintOptions(options),
}))
