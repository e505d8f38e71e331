import type { SlashCommandIntegerOption } from 'discord.js'
import { parseEdit, UPSCALE_FACTORS } from '../inference/pipeline/edit.js'
import type { Command } from './command.js'
import { booleanOption, imageOption, localizeOption, slashCommand } from './command-builder.js'

const data = slashCommand('upscale')
data.addAttachmentOption(imageOption('image', true))
data.addIntegerOption((integer: SlashCommandIntegerOption) =>
  localizeOption(integer, 'scale').addChoices(...UPSCALE_FACTORS.map(value => ({ name: `${value}×`, value }))),
)
data.addStringOption(text => localizeOption(text, 'upscaler').setAutocomplete(true))
data.addBooleanOption(booleanOption('spoiler'))

/** `/upscale`: more pixels, by an installed upscaler or by resampling. It reads no prompt, and gives one picture. */
export const upscaleCommand: Command = {
  data: data.toJSON(),
  isEphemeral: () => false,
  run: options => ({
    request: {
      edit: parseEdit({ kind: 'upscale', scale: options.getInteger('scale') ?? UPSCALE_FACTORS[0] }),
      picture: options.getAttachment('image', true),
      prompt: '',
      engine: options.getString('upscaler') ?? undefined,
      spoiler: options.getBoolean('spoiler') ?? undefined,
    },
  }),
  autocomplete: (_, typed, { engines }) =>
    engines
      .upscalers()
      .filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase()))
      .slice(0, 25)
      .map(({ name }) => ({ name, value: name })),
}
