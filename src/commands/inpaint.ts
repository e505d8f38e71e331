import {
  BLUR,
  CONTENTS,
  type Edit,
  GROW,
  PADDING,
  parseEdit,
  parseSize,
  RESIZES,
  STRENGTH,
} from '../inference/pipeline/edit.js'
import type { Options } from './command.js'
import { choice, commonIn, option, painting, picture, prompt, slash, truth } from './command-builder.js'

const data = slash('inpaint')
data.addAttachmentOption(picture('image', true))
data.addAttachmentOption(picture('mask', true))
data.addStringOption(prompt)
data.addStringOption(text => option(text, 'area').addChoices(choice('whole'), choice('masked')))
data.addIntegerOption(integer => option(integer, 'padding').setMinValue(PADDING.min).setMaxValue(PADDING.max))
data.addIntegerOption(integer => option(integer, 'mask-blur').setMinValue(BLUR.min).setMaxValue(BLUR.max))
data.addIntegerOption(integer => option(integer, 'mask-grow').setMinValue(GROW.min).setMaxValue(GROW.max))
data.addStringOption(text => option(text, 'size').setMaxLength(20))
data.addStringOption(text => option(text, 'resize').addChoices(...RESIZES.map(way => choice(way, way))))
data.addStringOption(text =>
  option(text, 'masked-content').addChoices(...CONTENTS.map(content => choice(content, content))),
)
data.addNumberOption(number => option(number, 'denoising-strength').setMinValue(STRENGTH.min).setMaxValue(STRENGTH.max))
data.addBooleanOption(truth('invert'))

/** `/inpaint`: repaint a region that a mask names. */
export const inpaint = painting(data, options => ({
  edit: editOf(options),
  picture: options.getAttachment('image', true),
  mask: options.getAttachment('mask', true),
  invert: options.getBoolean('invert') ?? false,
  ...commonIn(options),
}))

function editOf(options: Options): Edit {
  const size = options.getString('size')
  return parseEdit({
    kind: 'inpaint',
    area: options.getString('area') ?? undefined,
    padding: options.getInteger('padding') ?? undefined,
    blur: options.getInteger('mask-blur') ?? undefined,
    content: options.getString('masked-content') ?? undefined,
    strength: options.getNumber('denoising-strength') ?? undefined,
    grow: options.getInteger('mask-grow') ?? undefined,
    size: size === null ? undefined : parseSize(size),
    resize: options.getString('resize') ?? undefined,
  })
}
