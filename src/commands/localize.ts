import type { APIApplicationCommandOptionChoice, SharedNameAndDescription } from 'discord.js'
import { DISCORD_LOCALES, type Translations, translationsByLanguage } from '../i18n/i18n.js'

type NameAndDescription = { readonly name: string; readonly description: string }

/** A text in every language but English, by Discord's locales. */
export function localizations(pick: (t: Translations) => string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(DISCORD_LOCALES).flatMap(([language, locales]) =>
      locales.map(locale => [locale, pick(translationsByLanguage[language as keyof typeof DISCORD_LOCALES])]),
    ),
  )
}

/** Sets name and description of a command or an option, in every language. */
export function localize<Builder extends SharedNameAndDescription>(
  builder: Builder,
  pick: (t: Translations) => NameAndDescription,
): Builder {
  const { name, description } = pick(translationsByLanguage.en)
  builder
    .setName(name)
    .setNameLocalizations(localizations(t => pick(t).name))
    .setDescription(description)
    .setDescriptionLocalizations(localizations(t => pick(t).description))
  return builder
}

export type OptionName = keyof Translations['options']

/** Sets the name of an option: `command.addStringOption(o => localizeOption(o, 'prompt'))`. */
export function localizeOption<Builder extends SharedNameAndDescription>(builder: Builder, name: OptionName): Builder {
  return localize(builder, t => t.options[name])
}

/** A choice by its key in {@link Translations}, which is also its value unless another is given. */
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
  const name_localizations = localizations(t => t.choices[name])
  return { name: translationsByLanguage.en.choices[name], name_localizations, value }
}
