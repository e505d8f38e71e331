/** Every character that has a meaning in Discord's markdown. */
const MARKDOWN = /[\\*_~`|>#\-[\]()<@:.+]/g

/** A line of text in which nothing is markdown, a link or a mention. It may come from a picture that somebody else wrote. */
export function plainText(text: string): string {
  return text.replace(MARKDOWN, '\\$&')
}
