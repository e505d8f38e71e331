import { commonIn, painting, picture, slash, truth } from './command-builder.js'

const data = slash('remove')
data.addAttachmentOption(picture('image', true))
data.addAttachmentOption(picture('mask', true))
data.addBooleanOption(truth('invert'))

/** `/remove`: take away what a mask names. */
export const remove = painting(data, options => ({
  edit: { kind: 'remove' },
  picture: options.getAttachment('image', true),
  mask: options.getAttachment('mask', true),
  invert: options.getBoolean('invert') ?? false,
  ...commonIn(options),
}))
