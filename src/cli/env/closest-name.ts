import { envVarNames } from '../../config.js'

/** Maximum edit distance to a similar name. */
const MAX_DISTANCE = 2

/** The setting that a misspelt name is closest to; undefined if none is similar. */
export function closestEnvVar(name: string): string | undefined {
  return closestName(name.toUpperCase(), envVarNames)
}

/** The name that a misspelt one is closest to; undefined if none is similar. */
export function closestName(wanted: string, names: readonly string[]): string | undefined {
  const similar = names
    .filter(({ length }) => Math.abs(length - wanted.length) <= MAX_DISTANCE)
    .map(known => ({ known, distance: editDistance(wanted, known) }))
  const [best] = similar.sort((one, other) => one.distance - other.distance)
  return best && best.distance <= allowedDistance(best.known) ? best.known : undefined
}

/**
 * The same for the environment, which holds names of other programs: only names that share a setting's prefix, up to the first `_`, are
 * compared. A name that is a setting has no other closest one.
 */
export function closestPrefixedEnvVar(name: string): string | undefined {
  const closest = closestEnvVar(name)
  const [prefix = '', rest] = name.split(/_(.*)/s)
  return rest !== undefined && closest !== name && closest?.startsWith(`${prefix.toUpperCase()}_`) ? closest : undefined
}

/** Two changes make a short name another name. Only the part after the first `_` counts, because settings share prefixes. */
function allowedDistance(known: string): number {
  return known.slice(known.indexOf('_') + 1).length > 4 ? MAX_DISTANCE : 1
}

/** Damerau–Levenshtein distance in its restricted form (optimal string alignment): no part of the text is changed twice. */
export function editDistance(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= one.length; row++) {
    const [above, twoAbove] = [rows[row - 1]!, rows[row - 2]]
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const substituted = above[column - 1]! + (one[row - 1] === other[column - 1] ? 0 : 1)
      const isTransposed = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      const transposed = twoAbove && isTransposed ? twoAbove[column - 2]! + 1 : substituted
      current.push(Math.min(above[column]! + 1, current[column - 1]! + 1, substituted, transposed))
    }
    rows.push(current)
  }
  return rows.at(-1)!.at(-1)!
}
