/** All that Discord's markdown gives a meaning to. */
const MARKS = /[\\*_~`|>#\-[\]()<@:.+]/g

/** Somebody's words as a quotation in which nothing is markdown, a link or a mention. */
export function blockQuote(words: string): string {
  return words
    .split('\n')
    .map(line => `> ${line.replace(MARKS, '\\$&')}`)
    .join('\n')
}

/** The words of the {@link blockQuote} in a text; empty if it holds none. */
export function parseBlockQuote(text: string): string {
  const lines = text.split('\n').filter(line => line.startsWith('> '))
  return lines.map(line => line.slice(2).replace(/\\([^0-9A-Za-z\s])/g, '$1')).join('\n')
}
