import type { Context } from 'hono'
import { type Translations, translationsByLanguage, translationsFor } from '../i18n/i18n.js'

/** The first language of the request's `Accept-Language` that Overscan speaks. Browsers list the preferred one first. */
export function preferredLanguage(context: Context): string | undefined {
  const ranges = (context.req.header('accept-language') ?? '').split(',').map(range => range.split(';', 1)[0]!.trim())
  return ranges.find(range => Object.hasOwn(translationsByLanguage, range.split('-', 1)[0]!))
}

/** The texts in the language that the request prefers. */
export function requestTranslations(context: Context): Translations {
  return translationsFor(preferredLanguage(context))
}

/** The texts of the pages in the language that the request prefers. */
export function requestTexts(context: Context): Translations['pages'] {
  return requestTranslations(context).pages
}
