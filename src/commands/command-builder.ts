import {
  ApplicationIntegrationType,
  InteractionContextType,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
  type SlashCommandAttachmentOption,
  type SlashCommandBooleanOption,
  SlashCommandBuilder,
  type SlashCommandIntegerOption,
  type SlashCommandStringOption,
  SlashCommandSubcommandBuilder,
} from 'discord.js'
import type { Translations } from '../i18n/i18n.js'
import { SAMPLER_NAMES } from '../inference/engines/diffusion/sampling/sampler-names.js'
import { withAlphaKept } from '../inference/pipeline/edit.js'
import {
  CLIP_SKIP,
  type DiffusionOptions,
  GUIDANCE_SCALE,
  OUTPAINTING_PRESETS,
  parseDiffusionOptions,
  STEPS,
  SWITCH_AT,
} from '../inference/pipeline/options.js'
import { SEED, VARIATIONS } from '../inference/pipeline/request.js'
import type {
  AutocompleteChoice,
  Command,
  CommandContext,
  CommandOptions,
  CommandResult,
  EditRequest,
} from './command.js'
import { addControlOption, addControlOptions, readControlOptions, suggestControls } from './control-options.js'
import { localize, localizedChoice, localizeOption, type OptionName } from './localize.js'
import { suggestModels, suggestRefiners, suggestUpscalers } from './suggest-models.js'

/** A command by its key in {@link Translations}, for installations in servers and for people. */
export function slashCommand(name: keyof Translations['commands']): SlashCommandBuilder {
  return localize(new SlashCommandBuilder(), t => t.commands[name])
    .setIntegrationTypes(ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall)
    .setContexts(InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel)
}

export function subcommand(name: keyof Translations['subcommands']): SlashCommandSubcommandBuilder {
  return localize(new SlashCommandSubcommandBuilder(), t => t.subcommands[name])
}

/** Such a choice for autocomplete, in one language. */
export function autocompleteChoice(
  t: Translations,
  name: keyof Translations['choices'],
  value: string,
): AutocompleteChoice {
  return { name: t.choices[name], value }
}

const IMAGE_FILE_TYPES = ['image'] as const

/** An option for an image file. */
export const imageOption =
  (name: 'image' | 'mask' | 'inpaint-mask' | 'source', required: boolean) =>
  (builder: SlashCommandAttachmentOption): SlashCommandAttachmentOption =>
    localizeOption(builder, name)
      .setRequired(required)
      .setFileTypes(...IMAGE_FILE_TYPES)

export const promptOption = (builder: SlashCommandStringOption) => localizeOption(builder, 'prompt').setMaxLength(1000)

export const aspectOption = (builder: SlashCommandStringOption) => localizeOption(builder, 'aspect').setMaxLength(20)

/** An option of commands that outpaint. */
export const presetOption = (builder: SlashCommandStringOption) =>
  localizeOption(builder, 'preset').addChoices(...OUTPAINTING_PRESETS.map(name => localizedChoice(name, name)))

/** An option for numbers of objects. */
export const objectOption = (builder: SlashCommandStringOption) =>
  localizeOption(builder, 'object').setMaxLength(100).setAutocomplete(true)

export const booleanOption = (name: OptionName) => (builder: SlashCommandBooleanOption) => localizeOption(builder, name)

/** Adds the options that all edit commands share. @param hasRefine there is room for the option of the refine pass, too */
export function addPaintOptions<
  Builder extends Pick<
    SlashCommandBuilder,
    'addIntegerOption' | 'addNumberOption' | 'addStringOption' | 'addBooleanOption'
  >,
>(builder: Builder, hasRefine = true): Builder {
  builder.addIntegerOption((integer: SlashCommandIntegerOption) =>
    localizeOption(integer, 'variations').setMinValue(VARIATIONS.min).setMaxValue(VARIATIONS.max),
  )
  builder.addIntegerOption(integer => localizeOption(integer, 'seed').setMinValue(SEED.min).setMaxValue(SEED.max))
  builder.addStringOption(text => localizeOption(text, 'model').setAutocomplete(true))
  builder.addStringOption(text => localizeOption(text, 'negative').setMaxLength(1000))
  builder.addIntegerOption(integer => localizeOption(integer, 'steps').setMinValue(STEPS.min).setMaxValue(STEPS.max))
  builder.addStringOption(text =>
    localizeOption(text, 'sampler').addChoices(...SAMPLER_NAMES.map(name => ({ name, value: name }))),
  )
  builder.addNumberOption(number =>
    localizeOption(number, 'guidance').setMinValue(GUIDANCE_SCALE.min).setMaxValue(GUIDANCE_SCALE.max),
  )
  builder.addIntegerOption(integer =>
    localizeOption(integer, 'clip-skip').setMinValue(CLIP_SKIP.min).setMaxValue(CLIP_SKIP.max),
  )
  if (hasRefine) builder.addBooleanOption(booleanOption('refine'))
  builder.addBooleanOption(booleanOption('seam'))
  builder.addBooleanOption(booleanOption('spoiler'))
  return builder
}

/** Adds the options for a second model. */
export function addRefinerOptions(builder: SlashCommandBuilder): void {
  builder.addStringOption(text => localizeOption(text, 'refiner').setAutocomplete(true))
  builder.addNumberOption(number =>
    localizeOption(number, 'switch-at').setMinValue(SWITCH_AT.min).setMaxValue(SWITCH_AT.max),
  )
}

/** The values of {@link addPaintOptions} and of the prompt. @param more options that a command has in another form */
export function readPaintOptions(
  options: CommandOptions,
  more: Pick<DiffusionOptions, 'prefill'> = {},
): Omit<EditRequest, 'edit'> {
  return {
    prompt: options.getString('prompt') ?? '',
    variations: options.getInteger('variations') ?? undefined,
    seed: options.getInteger('seed') ?? undefined,
    engine: options.getString('model') ?? undefined,
    options: parseDiffusionOptions({
      negative: options.getString('negative') ?? undefined,
      steps: options.getInteger('steps') ?? undefined,
      sampler: options.getString('sampler') ?? undefined,
      guidance: options.getNumber('guidance') ?? undefined,
      clipSkip: options.getInteger('clip-skip') ?? undefined,
      refiner: options.getString('refiner') ?? undefined,
      switchAt: options.getNumber('switch-at') ?? undefined,
      preset: options.getString('preset') ?? undefined,
      refine: options.getBoolean('refine') ?? undefined,
      seam: options.getBoolean('seam') ?? undefined,
      ...readControlOptions(options),
      ...more,
    }),
    spoiler: options.getBoolean('spoiler') ?? undefined,
  }
}

/** How many options Discord allows, and how many {@link addPaintOptions} and {@link addControlOptions} add. */
const [MAX_OPTIONS, PAINT_OPTIONS, CONTROL_OPTIONS] = [25, 11, 6]

type CommandData = RESTPostAPIChatInputApplicationCommandsJSONBody

/** A command that paints. Its result is public. */
export function editCommand(
  builder: SlashCommandBuilder,
  readRequest: (options: CommandOptions) => EditRequest,
  autocomplete: NonNullable<Command['autocomplete']> = () => [],
): Command {
  return {
    data: addPaintOptions(builder, builder.options.length + PAINT_OPTIONS <= MAX_OPTIONS).toJSON(),
    isEphemeral: () => false,
    run: options => ({ request: readRequest(options) }),
    autocomplete(name, typed, context, chosen) {
      if (name === 'model') return suggestModels(typed, context.engines)
      if (name === 'upscaler') return suggestUpscalers(typed, context.engines)
      if (name === 'control') return suggestControls(typed, chosen('model'), context.engines)
      return name === 'refiner' ? suggestRefiners(typed, context.engines) : autocomplete(name, typed, context, chosen)
    },
  }
}

/** A command that paints from a picture, whose transparency can be kept. */
export function pictureCommand(
  builder: SlashCommandBuilder,
  readRequest: (options: CommandOptions) => EditRequest,
  autocomplete?: Parameters<typeof editCommand>[2],
): Command {
  builder.addBooleanOption(booleanOption('keep-alpha'))
  if (builder.options.length <= MAX_OPTIONS - PAINT_OPTIONS - CONTROL_OPTIONS) addControlOptions(builder)
  else addControlOption(builder)
  const readWithAlpha = (options: CommandOptions) => {
    const request = readRequest(options)
    return { ...request, edit: withAlphaKept(request.edit, options.getBoolean('keep-alpha') ?? false) }
  }
  return editCommand(builder, readWithAlpha, autocomplete)
}

/** A command that answers with a text. The answer is ephemeral. */
export function textCommand(
  data: CommandData,
  answer: (
    options: CommandOptions,
    context: CommandContext,
  ) => string | CommandResult | Promise<string | CommandResult>,
  autocomplete?: Command['autocomplete'],
): Command {
  return {
    data,
    isEphemeral: () => true,
    async run(options, context) {
      const result = await answer(options, context)
      return typeof result === 'string' ? { text: result } : result
    },
    ...(autocomplete && { autocomplete }),
  }
}
