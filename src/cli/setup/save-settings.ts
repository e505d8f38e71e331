import { parse } from 'dotenv'
import { type Environment, isSecretEnvVar, parseConfig } from '../../config.js'
import { envExample } from '../env/env-example.js'
import { setEnvValues, writeEnvFile } from '../env/env-file.js'
import { printLine } from '../print-line.js'
import type { Prompts } from './prompts.js'

/**
 * Write values to a `.env` file. At a terminal each replaced value is confirmed first.
 *
 * @param text of the file before
 * @param environment that the values are validated with
 * @returns the values that were written
 * @throws UserError `configuration-invalid`, `setting-not-writable`, `cannot-write`, `cancelled`
 */
export async function saveSettings(
  path: string,
  text: string,
  values: Readonly<Record<string, string>>,
  environment: Environment,
  prompts: Prompts | undefined,
): Promise<Record<string, string>> {
  const current = parse(text)
  const changed = Object.entries(values).filter(([name, value]) => (current[name] ?? '') !== value)
  parseConfig({ ...environment, ...Object.fromEntries(changed) })
  const saved: Record<string, string> = {}
  for (const [name, value] of changed) {
    const change = current[name] ? `${name}: ${redacted(name, current[name])} → ${redacted(name, value)}` : undefined
    if (change && prompts && !(await prompts.confirm(`Change ${change} in ${path}?`))) continue
    if (change) printLine(`${path}: ${change}`)
    saved[name] = value
  }
  const names = Object.keys(saved)
  if (names.length === 0) {
    printLine(`${path} is unchanged.`)
    return saved
  }
  await writeEnvFile(path, setEnvValues(text.trim() === '' ? envExample() : text, saved))
  printLine(`Saved in ${path}: ${names.join(', ')}.`)
  return saved
}

/** Of a secret only the last characters, because a terminal may be visible to others. */
function redacted(name: string, value: string): string {
  if (value === '') return '(empty)'
  return isSecretEnvVar(name) ? `…${value.slice(-4)}` : value
}
