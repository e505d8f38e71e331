import { chmod, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { parse } from 'dotenv'
import { UserError } from '../../user-error.js'
import { parseEnvText } from './env-lines.js'

/** Its text; empty if there is no such file. @throws ProblemError `cannot-read` if it can't be read */
export async function readEnvFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return ''
    throw new UserError({ code: 'cannot-read', path, reason: cause.code ?? cause.message }, { cause })
  })
}

/**
 * The text of a `.env` file with other values, and all else as it was, comments and line ends too. A setting takes the place of its
 * value, or of the line that holds it as a comment, as in `.env.example`.
 *
 * @throws ProblemError `setting-not-writable` where dotenv would not read a value back as it is
 */
export function setEnvValues(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((before, [name, value]) => withValue(before, name, value), text)
}

function withValue(text: string, name: string, value: string): string {
  const wanted = { ...parse(text), [name]: value }
  // A quote in one place may change what is read in another: so all of it is read back.
  const after = waysToWrite(value)
    .map(written => withWritten(text, name, written))
    .find(after => isSame(parse(after), wanted))
  if (after === undefined) throw new UserError({ code: 'setting-not-writable', name })
  return after
}

function withWritten(text: string, name: string, written: string): string {
  const settings = parseEnvText(text)
  // Of several, the last counts.
  const set = settings.findLast(one => one.name === name)
  if (set) return text.slice(0, set.value.from) + written + text.slice(set.value.to)
  const line = `${name}=${written}`
  const commented = [...text.matchAll(new RegExp(`^#[ \\t]*${name}[ \\t]*=.*$`, 'gm'))].find(({ index }) =>
    settings.every(({ value }) => index < value.from || index >= value.to),
  )
  if (commented) return text.slice(0, commented.index) + line + text.slice(commented.index + commented[0].length)
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  return `${text}${text === '' || text.endsWith('\n') ? '' : end}${line}${end}`
}

/** How a value may be written, the plainest first; dotenv has no way to write a quote between quotes of its kind. */
function waysToWrite(value: string): string[] {
  const inQuotes = ["'", '`', '"'].filter(quote => !value.includes(quote)).map(quote => `${quote}${value}${quote}`)
  // A backslash at the end would hold the quote behind it open, where another one follows anywhere.
  return /^[^\s#'"`]*$/.test(value) || value.endsWith('\\') ? [value, ...inQuotes] : [...inQuotes, value]
}

function isSame(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every(name => one[name] === other[name])
}

/**
 * All of it or nothing, for its owner's eyes only: there is a token in it.
 *
 * @throws ProblemError `cannot-write`
 */
export async function writeEnvFile(path: string, text: string): Promise<void> {
  // What it is a link to stays where it is.
  const place = await realpath(path).catch(() => path)
  const coming = `${place}.${process.pid}.coming`
  try {
    await writeFile(coming, text, { mode: 0o600 })
    await chmod(coming, 0o600)
    await rename(coming, place)
  } catch (error) {
    await rm(coming, { force: true })
    const { code, message } = error as NodeJS.ErrnoException
    throw new UserError({ code: 'cannot-write', path, reason: code ?? message }, { cause: error })
  }
}

/** As if this program had been started with a file's values in the place of those of `.env`. */
export function startWith(text: string, dotEnv: string): void {
  for (const [name, value] of Object.entries(parse(dotEnv))) {
    if (process.env[name] === value) delete process.env[name]
  }
  for (const [name, value] of Object.entries(parse(text))) process.env[name] ??= value
}
