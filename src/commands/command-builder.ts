import {
  type APIApplicationCommandOptionChoice,
  ApplicationIntegrationType,
  InteractionContextType,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
  type SharedNameAndDescription,
  type SlashCommandAttachmentOption,
  type SlashCommandBooleanOption,
  SlashCommandBuilder,
  type SlashCommandIntegerOption,
  type SlashCommandStringOption,
  SlashCommandSubcommandBuilder,
} from 'discord.js'
import { DISCORD_LOCALES, type Translations, translationsByLanguage } from '../i18n/i18n.js'
import { SAMPLER_NAMES } from '../inference/engines/diffusion/sampling/sampler-names.js'
import { installedEngines } from '../inference/engines/registry.js'
import {
  CLIP_SKIP,
  GUIDANCE_SCALE,
  OUTPAINTING_PRESETS,
  parseDiffusionOptions,
  STEPS,
} from '../inference/pipeline/options.js'
import { SEED, VARIATIONS } from '../inference/pipeline/request.js'
import type { AutocompleteChoice, Command, CommandContext, CommandOptions, EditRequest } from './command.js'

type Named = { readonly name: string; readonly description: string }

/** One text in every language but English, by Discord's locales. */
export function localizations(pick: (words: Translations) => string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(DISCORD_LOCALES).flatMap(([language, locales]) =>
      locales.map(locale => [locale, pick(translationsByLanguage[language as keyof typeof DISCORD_LOCALES])]),
    ),
  )
}

/** Gives a command or an option its name and description, in every language. */
function named<Builder extends SharedNameAndDescription>(
  builder: Builder,
  pick: (words: Translations) => Named,
): Builder {
  const { name, description } = pick(translationsByLanguage.en)
  builder
    .setName(name)
    .setNameLocalizations(localizations(words => pick(words).name))
    .setDescription(description)
    .setDescriptionLocalizations(localizations(words => pick(words).description))
  return builder
}

/** A command by its name in {@link Translations}, for servers and for people who installed it, wherever they are. */
export function slashCommand(name: keyof Translations['commands']): SlashCommandBuilder {
  return named(new SlashCommandBuilder(), words => words.commands[name])
    .setIntegrationTypes(ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall)
    .setContexts(InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel)
}

export function subcommand(name: keyof Translations['subcommands']): SlashCommandSubcommandBuilder {
  return named(new SlashCommandSubcommandBuilder(), words => words.subcommands[name])
}

type OptionName = keyof Translations['options']

/** Names an option: `command.addStringOption(o => option(o, 'prompt'))`. */
export function localizeOption<Builder extends SharedNameAndDescription>(builder: Builder, name: OptionName): Builder {
  return named(builder, words => words.options[name])
}

/** A choice by its name in {@link Translations}; its value is the same name unless another is given. */
export function localizedChoice<Value extends string>(
  name: keyof Translations['choices'] & Value,
): APIApplicationCommandOptionChoice<Value>
export function localizedChoice<Value extends string>(
  name: keyof Translations['choices'],
  value: Value,
): APIApplicationCommandOptionChoice<Value>
export function localizedChoice(
  name: keyof Translations['choices'],
  value: string = name,
): APIApplicationCommandOptionChoice<string> {
  const name_localizations = localizations(words => words.choices[name])
  return { name: translationsByLanguage.en.choices[name], name_localizations, value }
}

/** What people see of one of these choices. */
export function autocompleteChoice(
  words: Translations,
  name: keyof Translations['choices'],
  value: string,
): AutocompleteChoice {
  return { name: words.choices[name], value }
}

const PICTURES = ['image'] as const

/** The option for a picture. */
export const imageOption =
  (name: 'image' | 'mask' | 'source', required: boolean) =>
  (builder: SlashCommandAttachmentOption): SlashCommandAttachmentOption =>
    localizeOption(builder, name)
      .setRequired(required)
      .setFileTypes(...PICTURES)

export const promptOption = (builder: SlashCommandStringOption) => localizeOption(builder, 'prompt').setMaxLength(1000)

export const aspectOption = (builder: SlashCommandStringOption) => localizeOption(builder, 'aspect').setMaxLength(20)

/** The option of commands that add to a picture's sides. */
export const presetOption = (builder: SlashCommandStringOption) =>
  localizeOption(builder, 'preset').addChoices(...OUTPAINTING_PRESETS.map(name => localizedChoice(name, name)))

export const booleanOption = (name: OptionName) => (builder: SlashCommandBooleanOption) => localizeOption(builder, name)

/** What every painting command ends with: how many, which seed, which model and how it paints, hidden or not. */
export function addPaintOptions<
  Builder extends Pick<
    SlashCommandBuilder,
    'addIntegerOption' | 'addNumberOption' | 'addStringOption' | 'addBooleanOption'
  >,
>(builder: Builder): Builder {
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
  builder.addBooleanOption(booleanOption('refine'))
  builder.addBooleanOption(booleanOption('seam'))
  builder.addBooleanOption(booleanOption('spoiler'))
  return builder
}

/** What {@link addPaintOptions} and `prompt` were filled with. */
export function readPaintOptions(options: CommandOptions): Omit<EditRequest, 'edit'> {
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
      preset: options.getString('preset') ?? undefined,
      refine: options.getBoolean('refine') ?? undefined,
      seam: options.getBoolean('seam') ?? undefined,
    }),
    spoiler: options.getBoolean('spoiler') ?? undefined,
  }
}

export function suggestModels(typed: string): AutocompleteChoice[] {
  return installedEngines()
    .filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase()))
    .slice(0, 25)
    .map(({ name }) => ({ name, value: name }))
}

type Body = RESTPostAPIChatInputApplicationCommandsJSONBody

/** A command that paints: everybody sees the answer. */
export function editCommand(
  builder: SlashCommandBuilder,
  ask: (options: CommandOptions) => EditRequest,
  suggest: (option: string, typed: string, words: Translations) => AutocompleteChoice[] = () => [],
): Command {
  return {
    data: addPaintOptions(builder).toJSON(),
    isEphemeral: () => false,
    run: options => ({ ask: ask(options) }),
    suggest: (name, typed, { t }) => (name === 'model' ? suggestModels(typed) : suggest(name, typed, t)),
  }
}

/** A command that answers in words, to the person alone. */
export function textCommand(
  data: Body,
  tell: (options: CommandOptions, context: CommandContext) => string | Promise<string>,
  suggest?: Command['suggest'],
): Command {
  return {
    data,
    isEphemeral: () => true,
    run: async (options, context) => ({ text: await tell(options, context) }),
    ...(suggest && { suggest }),
  }
}
