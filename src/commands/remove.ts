import {
  booleanOption,
  imageOption,
  objectOption,
  pictureCommand,
  readPaintOptions,
  slashCommand,
} from './command-builder.js'
import { readArea, suggestRecentObjects } from './object-numbers.js'

const data = slashCommand('remove')
data.addAttachmentOption(imageOption('image', true))
data.addAttachmentOption(imageOption('mask', false))
data.addStringOption(objectOption)
data.addBooleanOption(booleanOption('invert'))

/** `/remove`: remove what a mask covers, or objects by their numbers; without either what the person marks. */
export const removeCommand = pictureCommand(
  data,
  options => ({
    edit: { kind: 'remove' },
    picture: options.getAttachment('image', true),
    ...readArea(options),
    invert: options.getBoolean('invert') ?? false,
    ...readPaintOptions(options),
  }),
  suggestRecentObjects,
)
