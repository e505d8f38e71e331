import {
  addRefinerOptions,
  imageOption,
  pictureCommand,
  promptOption,
  readPaintOptions,
  slashCommand,
} from './command-builder.js'
import { localizedChoice, localizeOption } from './localize.js'

const data = slashCommand('vary')
data.addAttachmentOption(imageOption('image', true))
data.addStringOption(text =>
  localizeOption(text, 'strength').addChoices(localizedChoice('subtle'), localizedChoice('strong')),
)
data.addStringOption(promptOption)
addRefinerOptions(data)

/** `/vary`: a variation of a picture, subtle or strong. */
export const varyCommand = pictureCommand(data, options => ({
  edit: { kind: 'vary', strength: options.getString('strength') === 'subtle' ? 'subtle' : 'strong' },
  picture: options.getAttachment('image', true),
  ...readPaintOptions(options),
}))
