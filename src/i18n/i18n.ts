import type { Language } from '../settings/settings.js'
import type { Problem } from '../user-error.js'
import { de } from './de.js'
import { en, type Words } from './en.js'
import { es } from './es.js'
import { fr } from './fr.js'
import { ja } from './ja.js'

export type { Words }

/** Every language that Overscan speaks, by the code that settings hold. */
export const languages: Record<Language, Words> = { en, de, fr, es, ja }

/** Discord's locales of each language other than English, in which commands are written. */
export const LOCALES = { de: ['de'], fr: ['fr'], es: ['es-ES', 'es-419'], ja: ['ja'] } as const

/** The words for one of Discord's locales, like `de` or `es-ES`; English for all that we don't speak. */
export function wordsFor(locale: string | null | undefined): Words {
  const [language = 'en'] = (locale ?? 'en').split('-')
  return Object.hasOwn(languages, language) ? languages[language as keyof typeof languages] : en
}

/** The sentence for the person who can do something about the problem. */
export function sentence<P extends Problem>(problem: P, { problems }: Words = en): string {
  return (problems[problem.code] as (problem: P) => string)(problem)
}
