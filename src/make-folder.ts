import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { answersInTime } from './disk-timeout.js'

/**
 * Make a folder and those above it, where they are missing. Node's own `recursive` tries for ever where a disk answers ENOENT although the
 * folder above exists: in /proc, or on a drive that was unplugged.
 *
 * @param mode of each folder that is made
 * @throws OperatorError where the disk does not answer; Error of the system
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  const made = makeFolders(path, mode).catch(error => {
    throw Object.assign(error, { path }) // not only the part of it that failed
  })
  await answersInTime(path, made)
}

async function makeFolders(path: string, mode: number | undefined): Promise<void> {
  try {
    await mkdir(path, { mode })
  } catch (error) {
    if (await isFolder(path)) return
    const parent = dirname(path)
    const isParentMissing = (error as NodeJS.ErrnoException).code === 'ENOENT' && !(await isFolder(parent))
    if (!isParentMissing || parent === path) throw error
    await makeFolders(parent, mode)
    await mkdir(path, { mode }).catch(async again => {
      if (!(await isFolder(path))) throw again // another process may have made it
    })
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
}
