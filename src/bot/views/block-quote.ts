import type { Message } from 'discord.js'
import { plainText } from '../../commands/plain-text.js'

/** A text as a block quote in which nothing is markdown, a link or a mention. */
export function blockQuote(text: string): string {
  return text
    .split('\n')
    .map(line => `> ${plainText(line)}`)
    .join('\n')
}

/** The text of the {@link blockQuote} in a message's text; empty if it has none. */
export function parseBlockQuote(text: string): string {
  const lines = text.split('\n').filter(line => line.startsWith('> '))
  return lines.map(line => line.slice(2).replace(/\\([^0-9A-Za-z\s])/g, '$1')).join('\n')
}

/** The prompt that a result quotes. A modal has to open within 3 seconds, which is too short to fetch the picture. */
export function quotedPrompt({ components }: Message): string {
  return components
    .flatMap(component => ('content' in component && component.content ? [parseBlockQuote(component.content)] : []))
    .join('\n')
}
