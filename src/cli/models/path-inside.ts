import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { UserError } from '../../user-error.js'

/** Windows' separator and drives, NUL and other control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they have no place in a file's name
const FORBIDDEN = /[\\:\x00-\x1f\x7f]/

/**
 * The path of a file that a list from outside names, in a folder: also after links are followed.
 *
 * @param path relative, with slashes
 * @throws UserError `path-outside-folder`
 */
export function pathInside(folder: string, path: string): string {
  const parts = path.split('/')
  const to = join(folder, ...parts)
  const isPlain = !FORBIDDEN.test(path) && parts.every(part => part !== '' && part !== '.' && part !== '..')
  if (!isPlain || !isInside(resolve(folder), resolve(to)) || !isInside(realPath(folder), realPath(to))) {
    throw new UserError({ code: 'path-outside-folder', path: path.slice(0, 200) })
  }
  return to
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`)
}

/** Without links, as far as it exists. */
function realPath(path: string): string {
  const parent = dirname(path)
  return existsSync(path) || parent === path ? realpathSync(path) : join(realPath(parent), relative(parent, path))
}
