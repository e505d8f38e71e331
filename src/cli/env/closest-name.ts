import { envVarNames } from '../../config.js'

/** So many changes apart a name can be at most: what is longer or shorter by more is not looked at. */
const FARTHEST = 2

/** The setting that somebody may have meant by a name that is none; undefined if none comes near. */
export function closestEnvVar(name: string): string | undefined {
  const wanted = name.toUpperCase()
  const near = envVarNames
    .filter(({ length }) => Math.abs(length - wanted.length) <= FARTHEST)
    .map(known => ({ known, far: editDistance(wanted, known) }))
  const [best] = near.sort((one, other) => one.far - other.far)
  return best && best.far <= allowance(best.known) ? best.known : undefined
}

/**
 * Likewise for a name of the environment, where others have names too: those that begin like one of ours, up to the first `_`.
 * What is a setting itself is not meant for another.
 */
export function closestPrefixedEnvVar(name: string): string | undefined {
  const meant = closestEnvVar(name)
  const [prefix = '', rest] = name.split(/_(.*)/s)
  return rest !== undefined && meant !== name && meant?.startsWith(`${prefix.toUpperCase()}_`) ? meant : undefined
}

/** A short name is another one after two changes: of the part behind the first `_`, which several have in common. */
function allowance(known: string): number {
  return known.slice(known.indexOf('_') + 1).length > 4 ? FARTHEST : 1
}

/**
 * How many letters were left out, put in, changed, or swapped with the next: Damerau and Levenshtein's distance, in which nothing is
 * changed twice (optimal string alignment).
 */
export function editDistance(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= one.length; row++) {
    const [above, twoAbove] = [rows[row - 1]!, rows[row - 2]]
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const changed = above[column - 1]! + (one[row - 1] === other[column - 1] ? 0 : 1)
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      const swapped = twoAbove && isSwapped ? twoAbove[column - 2]! + 1 : changed
      current.push(Math.min(above[column]! + 1, current[column - 1]! + 1, changed, swapped))
    }
    rows.push(current)
  }
  return rows.at(-1)!.at(-1)!
}
