import { isSetting } from '../../config.js'
import type { Fault } from '../../user-error.js'
import { meantBy, meantInEnvironment } from './closest-name.js'
import { settingsOf, unreadableIn } from './env-lines.js'

/** What is wrong with a `.env` file, whatever its values are: in the order of its lines. */
export function faultsInFile(text: string): Fault[] {
  const settings = settingsOf(text)
  const unknown = settings
    .filter(({ name }) => !isSetting(name))
    .map(({ name, line }) => ({ line, fault: unknownName(name, meantBy(name), line) }))
  const unreadable = unreadableIn(text).map(line => ({ line, fault: { what: 'unreadable', line } as const }))
  const names = [...new Set(settings.map(({ name }) => name))].filter(isSetting)
  const twice = names.flatMap(name => {
    const lines = settings.filter(one => one.name === name).map(({ line }) => line)
    return lines.length > 1 ? [{ line: lines[0]!, fault: { what: 'twice', name, lines } as const }] : []
  })
  return [...unknown, ...unreadable, ...twice].toSorted((one, other) => one.line - other.line).map(({ fault }) => fault)
}

/** Names of the environment that are probably meant for a setting; those of `.env` are looked at there. */
export function faultsInEnvironment(environment: Readonly<Record<string, string | undefined>>, text: string): Fault[] {
  const own = new Set(settingsOf(text).map(({ name }) => name))
  return Object.keys(environment).flatMap(name => {
    const meant = own.has(name) || isSetting(name) ? undefined : meantInEnvironment(name)
    // Windows makes nothing of capitals: there it has the other name as well.
    const isSame = name.toUpperCase() === meant && environment[meant] === environment[name]
    return meant === undefined || isSame ? [] : [unknownName(name, meant, undefined)]
  })
}

/** What is no name of a variable as people choose them may be a token that was pasted without its own. */
function unknownName(name: string, meant: string | undefined, line: number | undefined): Fault {
  const isTold = meant !== undefined || /^[A-Z][A-Z_]{0,39}$/.test(name)
  return { what: 'unknown', name: isTold ? name : undefined, meant, line }
}
