/** A `NAME=value` in the text of a `.env` file. Positions are indices into the text. */
export type EnvAssignment = {
  readonly name: string
  /** Line number of the name, from 1. */
  readonly line: number
  /** The part of the text that dotenv matches, including a comment on the same line. */
  readonly from: number
  readonly to: number
  /** The value with its quotes. */
  readonly value: { readonly from: number; readonly to: number }
}

/** The regular expression of dotenv, with match indices (`d`), so that both find the same assignments. */
const ASSIGNMENT =
  /^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/dgm

/** All assignments of a `.env` file, duplicates included, as dotenv reads them. Any line ends are allowed. */
export function parseEnvText(text: string): EnvAssignment[] {
  const toOriginal = originalIndex(text)
  return parseAssignments(normalizeLineEnds(text)).map(({ name, line, from, to, value }) => {
    return {
      name,
      line,
      from: toOriginal(from),
      to: toOriginal(to),
      value: { from: toOriginal(value.from), to: toOriginal(value.to) },
    }
  })
}

/** As dotenv does before it parses. */
function normalizeLineEnds(text: string): string {
  return text.replace(/\r\n?/g, '\n')
}

/** Maps an index into the normalized text to an index into the original. */
function originalIndex(text: string): (index: number) => number {
  const indices = [...Array(text.length + 1).keys()].filter(at => text[at] !== '\n' || text[at - 1] !== '\r')
  return index => indices[index]!
}

function parseAssignments(text: string): EnvAssignment[] {
  return [...text.matchAll(ASSIGNMENT)].map(match => {
    const [whole, name, value] = match.indices!
    const [[from, to], [start, end]] = [whole!, name!] // every match has both
    return {
      name: match[1]!,
      line: lineNumber(text, start),
      from,
      to,
      value: value ? trimRange(text, value) : emptyValue(text, end),
    }
  })
}

/** The numbers of lines that dotenv ignores, other than blank lines and comments. */
export function unreadableLines(file: string): number[] {
  const text = normalizeLineEnds(file)
  const assignments = parseAssignments(text)
  return [...text.matchAll(/.+/g)].flatMap(({ 0: line, index }) => {
    const isRead = assignments.some(({ from, to }) => index < to && index + line.length > from)
    return isRead || /^\s*(?:#|$)/.test(line) ? [] : [lineNumber(text, index)]
  })
}

/** From 1. */
function lineNumber(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

function trimRange(text: string, [from, to]: [number, number]) {
  const part = text.slice(from, to)
  if (part.trim() === '') return { from, to: from }
  const start = from + part.length - part.trimStart().length
  return { from: start, to: from + part.trimEnd().length }
}

/** The position for a missing value: after the = or colon. */
function emptyValue(text: string, nameEnd: number) {
  const at = nameEnd + /^\s*[=:]/.exec(text.slice(nameEnd))![0].length
  return { from: at, to: at }
}
