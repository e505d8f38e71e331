/** A setting in the text of a `.env` file. */
export type EnvAssignment = {
  readonly name: string
  /** From 1; of the name. */
  readonly line: number
  /** Where all that dotenv takes for it begins and ends (the next comment too), and its value with the quotes around it. */
  readonly from: number
  readonly to: number
  readonly value: { readonly from: number; readonly to: number }
}

/** dotenv's own, with which it reads a file, but told where each part stands; so what it finds is what is found here. */
const LINE =
  /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/dgm

/** Every setting of a `.env` file, also what is set again; as dotenv reads it, with any line ends. */
export function parseEnvText(text: string): EnvAssignment[] {
  const place = placesIn(text)
  return linesOf(unified(text)).map(({ name, line, from, to, value }) => {
    return { name, line, from: place(from), to: place(to), value: { from: place(value.from), to: place(value.to) } }
  })
}

/** dotenv sees one kind of line end. */
function unified(text: string): string {
  return text.replace(/\r\n?/g, '\n')
}

/** Where in a text something is, by where it is once that is unified. */
function placesIn(text: string): (index: number) => number {
  const kept = [...Array(text.length + 1).keys()].filter(at => text[at] !== '\n' || text[at - 1] !== '\r')
  return index => kept[index]!
}

function linesOf(text: string): EnvAssignment[] {
  return [...text.matchAll(LINE)].map(match => {
    const [whole, name, value] = match.indices!
    const [[from, to], [start, end]] = [whole!, name!] // both are there in every match
    return {
      name: match[1]!,
      line: lineAt(text, start),
      from,
      to,
      value: value ? trimmed(text, value) : after(text, end),
    }
  })
}

/** The numbers of lines that dotenv skips though they are neither blank nor a comment. */
export function unreadableLines(file: string): number[] {
  const text = unified(file)
  const settings = linesOf(text)
  return [...text.matchAll(/.+/g)].flatMap(({ 0: line, index }) => {
    const isRead = settings.some(({ from, to }) => index < to && index + line.length > from)
    return isRead || /^\s*(?:#|$)/.test(line) ? [] : [lineAt(text, index)]
  })
}

/** From 1. */
function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

function trimmed(text: string, [from, to]: [number, number]) {
  const part = text.slice(from, to)
  if (part.trim() === '') return { from, to: from }
  const start = from + part.length - part.trimStart().length
  return { from: start, to: from + part.trimEnd().length }
}

/** Where a value goes that is not there: behind the = or colon. */
function after(text: string, nameEnd: number) {
  const at = nameEnd + /^\s*[=:]/.exec(text.slice(nameEnd))![0].length
  return { from: at, to: at }
}
