import { type Environment, isEnvVar } from '../../config.js'
import type { ConfigFault } from '../../user-error.js'
import { closestEnvVar, closestPrefixedEnvVar } from './closest-name.js'
import { parseEnvText, unreadableLines } from './env-lines.js'

/** Unknown names, duplicates and unreadable lines of a `.env` file, by line. Values are not checked. */
export function envFileFaults(text: string): ConfigFault[] {
  const assignments = parseEnvText(text)
  const unknown = assignments
    .filter(({ name }) => !isEnvVar(name))
    .map(({ name, line }) => ({ line, fault: unknownName(name, closestEnvVar(name), line) }))
  const unreadable = unreadableLines(text).map(line => ({ line, fault: { kind: 'unreadable', line } as const }))
  const names = [...new Set(assignments.map(({ name }) => name))].filter(isEnvVar)
  const duplicates = names.flatMap(name => {
    const lines = assignments.filter(one => one.name === name).map(({ line }) => line)
    return lines.length > 1 ? [{ line: lines[0]!, fault: { kind: 'duplicate', name, lines } as const }] : []
  })
  return [...unknown, ...unreadable, ...duplicates]
    .toSorted((one, other) => one.line - other.line)
    .map(({ fault }) => fault)
}

/**
 * Misspelt settings in the environment.
 *
 * @param text of `.env`, whose names are skipped: {@link envFileFaults} checks them
 */
export function environmentFaults(environment: Environment, text: string): ConfigFault[] {
  const inFile = new Set(parseEnvText(text).map(({ name }) => name))
  return Object.keys(environment).flatMap(name => {
    const closest = inFile.has(name) || isEnvVar(name) ? undefined : closestPrefixedEnvVar(name)
    // Windows ignores case in names: there the correct name exists as well.
    const isSame = name.toUpperCase() === closest && environment[closest] === environment[name]
    return closest === undefined || isSame ? [] : [unknownName(name, closest, undefined)]
  })
}

/** A name that doesn't look like one may be a token that was pasted without `DISCORD_TOKEN=`, so it is left out. */
function unknownName(name: string, closest: string | undefined, line: number | undefined): ConfigFault {
  const isShown = closest !== undefined || /^[A-Z][A-Z_]{0,39}$/.test(name)
  return { kind: 'unknown', name: isShown ? name : undefined, closest, line }
}
