/** A part of a page that is made: what stands between its marks is replaced, the rest of the page is written by hand. */
export type GeneratedPart = { readonly name: string; readonly text: string }

const PART = /<!-- generated: (.+?) -->\n.*?<!-- \/generated -->/gs

/**
 * A page with its made parts as they are now.
 *
 * @throws Error a part has no place in the page, or a place no part
 */
export function replaceGenerated(page: string, parts: readonly GeneratedPart[]): string {
  const left = new Set(parts)
  const made = page.replace(PART, (_, name: string) => {
    const part = parts.find(one => one.name === name)
    if (!part) throw new Error(`Nothing makes what the page calls “generated: ${name}”.`)
    left.delete(part)
    return `<!-- generated: ${name} -->\n\n${part.text}\n\n<!-- /generated -->`
  })
  const [missing] = left
  if (missing) {
    const marks = `<!-- generated: ${missing.name} -->\n<!-- /generated -->`
    throw new Error(`The page has no place for ${missing.name}. Put these two lines where it is to stand:\n${marks}`)
  }
  return made
}
