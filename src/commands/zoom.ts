import { ApplicationIntegrationType, InteractionContextType, SlashCommandBuilder } from 'discord.js'
import { ZOOM } from '../inference/edit.js'
import { SEED, VARIATIONS } from '../inference/paint.js'
import type { PaintCommand } from './command.js'

const OFFERED = [1.5, 2]

/** `/zoom image [factor] [prompt] [variations] [seed]`: step back, and see more on all four sides. */
export const zoom: PaintCommand = {
  data: new SlashCommandBuilder()
    .setName('zoom')
    .setDescription('Zoom out: paint what lies outside the frame of a picture')
    .setIntegrationTypes(ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall)
    .setContexts(InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel)
    .addAttachmentOption(option =>
      option.setName('image').setDescription('The picture to start from').setRequired(true),
    )
    .addNumberOption(option =>
      option
        .setName('factor')
        .setDescription(`How far to step back: 1.5×, 2×, or any number from ${ZOOM.min} to ${ZOOM.max} (1.5)`)
        .setMinValue(ZOOM.min)
        .setMaxValue(ZOOM.max)
        .setAutocomplete(true),
    )
    .addStringOption(option =>
      option
        .setName('prompt')
        .setDescription('What you would like to see there (for engines that read)')
        .setMaxLength(1000),
    )
    .addIntegerOption(option =>
      option
        .setName('variations')
        .setDescription(`How many pictures to paint (${VARIATIONS.max})`)
        .setMinValue(VARIATIONS.min)
        .setMaxValue(VARIATIONS.max),
    )
    .addIntegerOption(option =>
      option
        .setName('seed')
        .setDescription('The same seed paints the same pictures again (random)')
        .setMinValue(SEED.min)
        .setMaxValue(SEED.max),
    )
    .toJSON(),

  ask(options) {
    const seed = options.getInteger('seed')
    return {
      edit: { kind: 'zoom', factor: options.getNumber('factor') ?? 1.5, grow: false },
      picture: options.getAttachment('image', true),
      prompt: options.getString('prompt') ?? '',
      variations: options.getInteger('variations') ?? VARIATIONS.max,
      ...(seed !== null && { seed }),
    }
  },

  suggest(_option, typed) {
    const own = Number(typed.replace(',', '.').replace(/[×x]$/, ''))
    const factors = typed.trim() !== '' && own >= ZOOM.min && own <= ZOOM.max ? [own] : OFFERED
    return factors.map(factor => ({ name: `${factor}×`, value: factor }))
  },
}
