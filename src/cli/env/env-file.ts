import { readFile, realpath } from 'node:fs/promises'
import { parse } from 'dotenv'
import { atomicWrite } from '../../atomic-write.js'
import type { Environment } from '../../config.js'
import { UserError } from '../../user-error.js'
import { parseEnvText } from './env-lines.js'

/** The text of the file; empty if it does not exist. @throws UserError `cannot-read`; `configuration-invalid` for UTF-16 */
export async function readEnvFile(path: string): Promise<string> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return Buffer.alloc(0)
    throw new UserError({ code: 'cannot-read', path, reason: cause.code ?? cause.message }, { cause })
  })
  if (isUtf16(bytes))
    throw new UserError({ code: 'configuration-invalid', faults: [{ kind: 'encoding', encoding: 'UTF-16' }] })
  return bytes.toString('utf8')
}

/** PowerShell's `>` and old editors write UTF-16: a byte order mark, or a zero byte in each character of ASCII. */
function isUtf16(bytes: Buffer): boolean {
  return /^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2)) || bytes.includes(0)
}

/**
 * Set values in the text of a `.env` file and keep everything else, comments and line ends included. A setting that is commented out, as
 * in `.env.example`, is uncommented; a new one is appended.
 *
 * @throws UserError `setting-not-writable` if dotenv would not read a value back unchanged
 */
export function setEnvValues(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((before, [name, value]) => setEnvValue(before, name, value), text)
}

function setEnvValue(text: string, name: string, value: string): string {
  const expected = { ...parse(text), [name]: value }
  // A quote can change how later lines are read, so the whole text is parsed again.
  const result = quotedForms(value)
    .map(quoted => replaceValue(text, name, quoted))
    .find(candidate => isEqual(parse(candidate), expected))
  if (result === undefined) throw new UserError({ code: 'setting-not-writable', name })
  return result
}

function replaceValue(text: string, name: string, quoted: string): string {
  const assignments = parseEnvText(text)
  // dotenv uses the last one.
  const existing = assignments.findLast(one => one.name === name)
  if (existing) return text.slice(0, existing.value.from) + quoted + text.slice(existing.value.to)
  const line = `${name}=${quoted}`
  const commented = [...text.matchAll(new RegExp(`^#[ \\t]*${name}[ \\t]*=.*$`, 'gm'))].find(({ index }) =>
    assignments.every(({ value }) => index < value.from || index >= value.to),
  )
  if (commented) return text.slice(0, commented.index) + line + text.slice(commented.index + commented[0].length)
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  return `${text}${text === '' || text.endsWith('\n') ? '' : lineEnd}${line}${lineEnd}`
}

/** Ways to write a value, the simplest first. dotenv can't escape a quote inside quotes of the same kind. */
function quotedForms(value: string): string[] {
  const quoted = ["'", '`', '"'].filter(quote => !value.includes(quote)).map(quote => `${quote}${value}${quote}`)
  // A backslash before the closing quote would escape it.
  return /^[^\s#'"`]*$/.test(value) || value.endsWith('\\') ? [value, ...quoted] : [...quoted, value]
}

function isEqual(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every(name => one[name] === other[name])
}

/** Replace the file atomically, readable only by its owner because it holds the token. @throws UserError `cannot-write` */
export async function writeEnvFile(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path) // keeps a symbolic link
  try {
    await atomicWrite(target, text)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new UserError({ code: 'cannot-write', path, reason: code ?? message }, { cause: error })
  }
}

/**
 * The environment with the values of another file instead of those of `.env`.
 *
 * @param environment includes the values of `.env`
 * @param dotEnv the text of `.env`
 * @param text of the other file
 */
export function withEnvFile(environment: Environment, dotEnv: string, text: string): Environment {
  const fromDotEnv = parse(dotEnv)
  const own = Object.entries(environment).filter(([name, value]) => fromDotEnv[name] !== value)
  return { ...parse(text), ...Object.fromEntries(own) }
}
