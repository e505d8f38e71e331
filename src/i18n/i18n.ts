import type { Language } from '../settings/settings.js'
import type { Problem } from '../user-error.js'
import { de } from './de.js'
import { en, type Translations } from './en.js'
import { es } from './es.js'
import { fr } from './fr.js'
import { ja } from './ja.js'

export type { Translations }

/** Every language that Overscan speaks, by the code that settings hold. */
export const translationsByLanguage: Record<Language, Translations> = { en, de, fr, es, ja }

/** Discord's locales of each language other than English, in which commands are written. */
export const DISCORD_LOCALES = { de: ['de'], fr: ['fr'], es: ['es-ES', 'es-419'], ja: ['ja'] } as const

/** The words for one of Discord's locales, like `de` or `es-ES`; English for all that we don't speak. */
export function translationsFor(locale: string | null | undefined): Translations {
  const [language = 'en'] = (locale ?? 'en').split('-')
  return Object.hasOwn(translationsByLanguage, language)
    ? translationsByLanguage[language as keyof typeof translationsByLanguage]
    : en
}

/** The sentence for the person who can do something about the problem. */
export function problemMessage<P extends Problem>(problem: P, { problems }: Translations = en): string {
  // Another version of Overscan may send a problem that this one doesn't know.
  const code = Object.hasOwn(problems, problem.code) ? problem.code : 'job-incompatible'
  return (problems[code] as (problem: P) => string)(problem)
}
