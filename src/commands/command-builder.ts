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
import { LOCALES, languages, type Words } from '../i18n/i18n.js'
import { installedEngines } from '../inference/engines/registry.js'
import { CLIP_SKIP, GUIDANCE, PRESETS, parseOptions, SAMPLERS, STEPS } from '../inference/pipeline/options.js'
import { SEED, VARIATIONS } from '../inference/pipeline/request.js'
import type { Ask, Choice, Command, Context, Options } from './command.js'

type Named = { readonly name: string; readonly description: string }

/** One text in every language but English, by Discord's locales. */
export function everywhere(pick: (words: Words) => string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(LOCALES).flatMap(([language, locales]) =>
      locales.map(locale => [locale, pick(languages[language as keyof typeof LOCALES])]),
    ),
  )
}

/** Gives a command or an option its name and description, in every language. */
function named<Builder extends SharedNameAndDescription>(builder: Builder, pick: (words: Words) => Named): Builder {
  const { name, description } = pick(languages.en)
  builder
    .setName(name)
    .setNameLocalizations(everywhere(words => pick(words).name))
    .setDescription(description)
    .setDescriptionLocalizations(everywhere(words => pick(words).description))
  return builder
}

/** A command by its name in {@link Words}, for servers and for people who installed it, wherever they are. */
export function slash(name: keyof Words['commands']): SlashCommandBuilder {
  return named(new SlashCommandBuilder(), words => words.commands[name])
    .setIntegrationTypes(ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall)
    .setContexts(InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel)
}

export function subcommand(name: keyof Words['subcommands']): SlashCommandSubcommandBuilder {
  return named(new SlashCommandSubcommandBuilder(), words => words.subcommands[name])
}

type OptionName = keyof Words['options']

/** Names an option: `command.addStringOption(o => option(o, 'prompt'))`. */
export function option<Builder extends SharedNameAndDescription>(builder: Builder, name: OptionName): Builder {
  return named(builder, words => words.options[name])
}

/** A choice by its name in {@link Words}; its value is the same name unless another is given. */
export function choice<Value extends string>(
  name: keyof Words['choices'] & Value,
): APIApplicationCommandOptionChoice<Value>
export function choice<Value extends string>(
  name: keyof Words['choices'],
  value: Value,
): APIApplicationCommandOptionChoice<Value>
export function choice(name: keyof Words['choices'], value: string = name): APIApplicationCommandOptionChoice<string> {
  const name_localizations = everywhere(words => words.choices[name])
  return { name: languages.en.choices[name], name_localizations, value }
}

/** What people see of one of these choices. */
export function choiceName(words: Words, name: keyof Words['choices'], value: string): Choice {
  return { name: words.choices[name], value }
}

const PICTURES = ['image'] as const

/** The option for a picture. */
export const picture =
  (name: 'image' | 'mask' | 'source', required: boolean) =>
  (builder: SlashCommandAttachmentOption): SlashCommandAttachmentOption =>
    option(builder, name)
      .setRequired(required)
      .setFileTypes(...PICTURES)

export const prompt = (builder: SlashCommandStringOption) => option(builder, 'prompt').setMaxLength(1000)

export const aspect = (builder: SlashCommandStringOption) => option(builder, 'aspect').setMaxLength(20)

/** The option of commands that add to a picture's sides. */
export const preset = (builder: SlashCommandStringOption) =>
  option(builder, 'preset').addChoices(...PRESETS.map(name => choice(name, name)))

export const truth = (name: OptionName) => (builder: SlashCommandBooleanOption) => option(builder, name)

/** What every painting command ends with: how many, which seed, which model and how it paints, hidden or not. */
export function common<
  Builder extends Pick<
    SlashCommandBuilder,
    'addIntegerOption' | 'addNumberOption' | 'addStringOption' | 'addBooleanOption'
  >,
>(builder: Builder): Builder {
  builder.addIntegerOption((integer: SlashCommandIntegerOption) =>
    option(integer, 'variations').setMinValue(VARIATIONS.min).setMaxValue(VARIATIONS.max),
  )
  builder.addIntegerOption(integer => option(integer, 'seed').setMinValue(SEED.min).setMaxValue(SEED.max))
  builder.addStringOption(text => option(text, 'model').setAutocomplete(true))
  builder.addStringOption(text => option(text, 'negative').setMaxLength(1000))
  builder.addIntegerOption(integer => option(integer, 'steps').setMinValue(STEPS.min).setMaxValue(STEPS.max))
  builder.addStringOption(text => option(text, 'sampler').addChoices(...SAMPLERS.map(name => ({ name, value: name }))))
  builder.addNumberOption(number => option(number, 'guidance').setMinValue(GUIDANCE.min).setMaxValue(GUIDANCE.max))
  builder.addIntegerOption(integer =>
    option(integer, 'clip-skip').setMinValue(CLIP_SKIP.min).setMaxValue(CLIP_SKIP.max),
  )
  builder.addBooleanOption(truth('refine'))
  builder.addBooleanOption(truth('seam'))
  builder.addBooleanOption(truth('spoiler'))
  return builder
}

/** What {@link common} and `prompt` were filled with. */
export function commonIn(options: Options): Omit<Ask, 'edit'> {
  return {
    prompt: options.getString('prompt') ?? '',
    variations: options.getInteger('variations') ?? undefined,
    seed: options.getInteger('seed') ?? undefined,
    engine: options.getString('model') ?? undefined,
    options: parseOptions({
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

export function suggestedModels(typed: string): Choice[] {
  return installedEngines()
    .filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase()))
    .slice(0, 25)
    .map(({ name }) => ({ name, value: name }))
}

type Body = RESTPostAPIChatInputApplicationCommandsJSONBody

/** A command that paints: everybody sees the answer. */
export function painting(
  builder: SlashCommandBuilder,
  ask: (options: Options) => Ask,
  suggest: (option: string, typed: string, words: Words) => Choice[] = () => [],
): Command {
  return {
    data: common(builder).toJSON(),
    alone: () => false,
    run: options => ({ ask: ask(options) }),
    suggest: (name, typed, { words }) => (name === 'model' ? suggestedModels(typed) : suggest(name, typed, words)),
  }
}

/** A command that answers in words, to the person alone. */
export function telling(
  data: Body,
  tell: (options: Options, context: Context) => string | Promise<string>,
  suggest?: Command['suggest'],
): Command {
  return {
    data,
    alone: () => true,
    run: async (options, context) => ({ text: await tell(options, context) }),
    ...(suggest && { suggest }),
  }
}
