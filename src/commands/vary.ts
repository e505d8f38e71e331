import { choice, commonIn, option, painting, picture, prompt, slash } from './command-builder.js'

const data = slash('vary')
data.addAttachmentOption(picture('image', true))
data.addStringOption(text => option(text, 'strength').addChoices(choice('subtle'), choice('strong')))
data.addStringOption(prompt)

/** `/vary`: the same picture again, but a little or a lot different. */
export const vary = painting(data, options => ({
  edit: { kind: 'vary', strength: options.getString('strength') === 'subtle' ? 'subtle' : 'strong' },
  picture: options.getAttachment('image', true),
  ...commonIn(options),
}))
