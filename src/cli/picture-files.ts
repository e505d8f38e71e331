import { readdir, readFile, stat } from 'node:fs/promises'
import { UserError } from '../user-error.js'

/** Picture files by their extension. Those that can't be read are reported, other files are ignored. */
const PICTURE = /\.(jpe?g|jfif|png|webp|gif|tiff?|avif|hei[cf]|bmp|jxl|jp2)$/i

export async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined)
  return stats?.isDirectory() ?? false
}

/** @throws UserError `no-such-file` */
export async function readInput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new UserError({ code: 'no-such-file', path }, { cause })
  }
}

/** The names of the pictures in a folder, in order. @throws UserError `cannot-read` */
export async function picturesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(cause => {
    throw new UserError({ code: 'cannot-read', path: folder, reason: cause.code ?? cause.message }, { cause })
  })
  return entries
    .filter(entry => !entry.isDirectory() && !entry.name.startsWith('.') && PICTURE.test(entry.name))
    .map(({ name }) => name)
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
}
