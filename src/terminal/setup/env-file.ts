import { chmod, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { parse } from 'dotenv'
import { ProblemError } from '../../problem.js'

/** Its text; empty if there is no such file. @throws ProblemError `no-such-file` if it can't be read */
export async function readEnvFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return ''
    throw new ProblemError({ code: 'no-such-file', path }, { cause })
  })
}

/**
 * The text of a `.env` file with other values, and all else as it was, comments and line ends too. A setting takes the place of its
 * value, or of the line that holds it as a comment, as in `.env.example`.
 */
export function withValues(text: string, values: Readonly<Record<string, string>>): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  return Object.entries(values).reduce((before, [name, value]) => {
    // Of several, the last counts.
    const set = [...before.matchAll(assignmentOf(name))].at(-1)
    if (set) {
      const [, head = '', old = ''] = set
      const from = set.index + head.length
      return before.slice(0, from) + quoted(value) + before.slice(from + old.length)
    }
    const line = `${name}=${quoted(value)}`
    const commented = new RegExp(`^#[ \\t]*${name}[ \\t]*=.*$`, 'm')
    if (commented.test(before)) return before.replace(commented, () => line)
    return `${before}${before === '' || before.endsWith('\n') ? '' : end}${line}${end}`
  }, text)
}

/** What comes before a value, and the value, which may go on over several lines in quotes: as dotenv reads it. */
function assignmentOf(name: string): RegExp {
  const inQuotes = ["'", '"', '`'].map(quote => `${quote}(?:\\\\${quote}|[^${quote}])*${quote}`).join('|')
  return new RegExp(
    `^([ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*)(${inQuotes}|[^#\\r\\n]*?)[ \\t]*(?:#.*)?$`,
    'gm',
  )
}

/** As dotenv reads it back. */
function quoted(value: string): string {
  if (/^[^\s#'"`\\]*$/.test(value)) return value
  // Only between double quotes a backslash means something.
  const quote = ["'", '`', '"'].find(one => !value.includes(one))
  if (quote === undefined) throw new Error('a value with all three quotes can’t be written into a .env file')
  return `${quote}${value}${quote}`
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
    throw new ProblemError({ code: 'cannot-write', path, reason: code ?? message }, { cause: error })
  }
}

/** As if this program had been started with a file's values in the place of those of `.env`. */
export function startWith(text: string, dotEnv: string): void {
  for (const [name, value] of Object.entries(parse(dotEnv))) {
    if (process.env[name] === value) delete process.env[name]
  }
  for (const [name, value] of Object.entries(parse(text))) process.env[name] ??= value
}
