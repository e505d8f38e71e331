import { access, chmod, constants, readdir, stat } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { makeFolder } from '../../make-folder.js'

/** The modes of what only the owner may read. Windows has none, and ignores them. */
const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

/** The permissions of the group and of all others. */
const OTHERS = 0o077

/** Set on folders that many users share, like `/tmp`. */
const STICKY = 0o1000

/** Make sure that a folder of ours exists and that only its owner can read what is in it. */
export async function makePrivate(folder: string): Promise<void> {
  await makeFolder(folder, FOLDER_MODE)
  await chmod(folder, FOLDER_MODE)
}

/** Like {@link makePrivate}, for all files and folders in a folder: PGlite makes files that everybody can write. */
export async function makeContentsPrivate(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() && !entry.isDirectory()) continue
    await chmod(resolve(entry.parentPath, entry.name), entry.isFile() ? FILE_MODE : FOLDER_MODE).catch(error => {
      // It may have been temporary.
      if (error.code !== 'ENOENT') throw error
    })
  }
}

/**
 * Like {@link makePrivate}, for a folder that somebody chose. It stays as it is if it belongs to another user, or if it is not for
 * Overscan alone: a folder that all users share, or one that has the working directory in it.
 *
 * @throws Error where it can't be made, read or written
 */
export async function makeChosenFolderPrivate(folder: string): Promise<void> {
  await makeFolder(folder, FOLDER_MODE)
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  const { uid, mode } = await stat(folder)
  const hasWorkingDirectory = !relative(resolve(folder), process.cwd()).startsWith('..')
  if (uid === process.getuid?.() && !(mode & STICKY) && !hasWorkingDirectory) await chmod(folder, FOLDER_MODE)
}

/** The mode of a folder that other users can look into, like `755`; undefined if there is none such. */
export async function openFolderMode(folder: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined
  const found = await stat(folder).catch(() => undefined)
  return found && found.mode & OTHERS ? (found.mode & 0o777).toString(8) : undefined
}
