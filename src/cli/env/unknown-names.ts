import { isEnvVar } from '../../config.js'
import type { ConfigFault } from '../../user-error.js'
import { closestEnvVar, closestPrefixedEnvVar } from './closest-name.js'
import { parseEnvText, unreadableLines } from './env-lines.js'

/** What is wrong with a `.env` file, whatever its values are: in the order of its lines. */
export function envFileFaults(text: string): ConfigFault[] {
  const settings = parseEnvText(text)
  const unknown = settings
    .filter(({ name }) => !isEnvVar(name))
    .map(({ name, line }) => ({ line, fault: unknownName(name, closestEnvVar(name), line) }))
  const unreadable = unreadableLines(text).map(line => ({ line, fault: { what: 'unreadable', line } as const }))
  const names = [...new Set(settings.map(({ name }) => name))].filter(isEnvVar)
  const twice = names.flatMap(name => {
    const lines = settings.filter(one => one.name === name).map(({ line }) => line)
    return lines.length > 1 ? [{ line: lines[0]!, fault: { what: 'twice', name, lines } as const }] : []
  })
  return [...unknown, ...unreadable, ...twice].toSorted((one, other) => one.line - other.line).map(({ fault }) => fault)
}

/** Names of the environment that are probably meant for a setting; those of `.env` are looked at there. */
export function environmentFaults(
  environment: Readonly<Record<string, string | undefined>>,
  text: string,
): ConfigFault[] {
  const own = new Set(parseEnvText(text).map(({ name }) => name))
  return Object.keys(environment).flatMap(name => {
    const meant = own.has(name) || isEnvVar(name) ? undefined : closestPrefixedEnvVar(name)
    // Windows makes nothing of capitals: there it has the other name as well.
    const isSame = name.toUpperCase() === meant && environment[meant] === environment[name]
    return meant === undefined || isSame ? [] : [unknownName(name, meant, undefined)]
  })
}

/** What is no name of a variable as people choose them may be a token that was pasted without its own. */
function unknownName(name: string, meant: string | undefined, line: number | undefined): ConfigFault {
  const isTold = meant !== undefined || /^[A-Z][A-Z_]{0,39}$/.test(name)
  return { what: 'unknown', name: isTold ? name : undefined, meant, line }
}
