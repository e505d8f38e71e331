import {
  DENOISING_STRENGTH,
  type Edit,
  INPAINT_PADDING,
  MASK_BLUR,
  MASK_GROW,
  MASKED_CONTENTS,
  parseEdit,
  parseSize,
  RESIZE_MODES,
} from '../inference/pipeline/edit.js'
import { PREFILLS, type Prefill } from '../inference/pipeline/options.js'
import type { CommandOptions } from './command.js'
import {
  booleanOption,
  imageOption,
  objectOption,
  pictureCommand,
  promptOption,
  readPaintOptions,
  slashCommand,
} from './command-builder.js'
import { localizedChoice, localizeOption } from './localize.js'
import { readArea, suggestRecentObjects } from './object-numbers.js'

const data = slashCommand('inpaint')
data.addAttachmentOption(imageOption('image', true))
data.addAttachmentOption(imageOption('inpaint-mask', false))
data.addStringOption(objectOption)
data.addStringOption(promptOption)
data.addStringOption(text =>
  localizeOption(text, 'area').addChoices(localizedChoice('whole'), localizedChoice('masked')),
)
data.addIntegerOption(integer =>
  localizeOption(integer, 'padding').setMinValue(INPAINT_PADDING.min).setMaxValue(INPAINT_PADDING.max),
)
data.addIntegerOption(integer =>
  localizeOption(integer, 'mask-blur').setMinValue(MASK_BLUR.min).setMaxValue(MASK_BLUR.max),
)
data.addIntegerOption(integer =>
  localizeOption(integer, 'mask-grow').setMinValue(MASK_GROW.min).setMaxValue(MASK_GROW.max),
)
data.addStringOption(text => localizeOption(text, 'size').setMaxLength(20))
data.addStringOption(text =>
  localizeOption(text, 'resize').addChoices(...RESIZE_MODES.map(way => localizedChoice(way, way))),
)
data.addStringOption(text =>
  localizeOption(text, 'masked-content').addChoices(
    ...MASKED_CONTENTS.map(content => localizedChoice(content, content)),
    // “fill” is the first of these.
    ...PREFILLS.slice(1).map(prefill => localizedChoice(prefill, prefill)),
  ),
)
data.addNumberOption(number =>
  localizeOption(number, 'denoising-strength').setMinValue(DENOISING_STRENGTH.min).setMaxValue(DENOISING_STRENGTH.max),
)
data.addBooleanOption(booleanOption('invert'))

/** `/inpaint`: repaint what a mask covers, or objects by their numbers; without either what is transparent, or what the person marks. */
export const inpaintCommand = pictureCommand(
  data,
  options => ({
    edit: editOf(options),
    picture: options.getAttachment('image', true),
    ...readArea(options),
    invert: options.getBoolean('invert') ?? false,
    ...readPaintOptions(options, { prefill: chosenPrefill(options) }),
  }),
  suggestRecentObjects,
)

function editOf(options: CommandOptions): Edit {
  const size = options.getString('size')
  return parseEdit({
    kind: 'inpaint',
    area: options.getString('area') ?? undefined,
    padding: options.getInteger('padding') ?? undefined,
    blur: options.getInteger('mask-blur') ?? undefined,
    content: chosenPrefill(options) ? 'fill' : (options.getString('masked-content') ?? undefined),
    strength: options.getNumber('denoising-strength') ?? undefined,
    grow: options.getInteger('mask-grow') ?? undefined,
    size: size === null ? undefined : parseSize(size),
    resize: options.getString('resize') ?? undefined,
  })
}

/** A masked content that A1111 doesn’t have: another way to fill. */
function chosenPrefill(options: CommandOptions): Prefill | undefined {
  const content = options.getString('masked-content')
  return PREFILLS.slice(1).find(one => one === content)
}
