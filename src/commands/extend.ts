import { parseLength } from '../inference/pipeline/edit.js'
import {
  imageOption,
  pictureCommand,
  presetOption,
  promptOption,
  readPaintOptions,
  slashCommand,
} from './command-builder.js'
import { localizeOption } from './localize.js'

const SIDES = ['left', 'right', 'top', 'bottom'] as const

const data = slashCommand('extend')
data.addAttachmentOption(imageOption('image', true))
for (const side of SIDES) data.addStringOption(text => localizeOption(text, side).setMaxLength(20))
data.addStringOption(promptOption)
data.addStringOption(presetOption)

/** `/extend`: outpaint on one or more sides. */
export const extendCommand = pictureCommand(data, options => {
  const side = (name: (typeof SIDES)[number]) => parseLength(name, options.getString(name) ?? '0')
  return {
    edit: { kind: 'extend', left: side('left'), right: side('right'), top: side('top'), bottom: side('bottom') },
    picture: options.getAttachment('image', true),
    ...readPaintOptions(options),
  }
})
