/** A clean text without line feeds. */
export function cleanLine(text: string): string {
  return cleanText(text).replace(/\n+/g, ' ')
}

/**
 * A text that every store and format takes: lone surrogates, NUL and other control characters are replaced, line feeds stay.
 * PostgreSQL and PNG refuse them, and they would hide a word from a filter.
 */
export function cleanText(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[^\P{Cc}\n]+/gu, ' ')
    .trim()
}
