import { execFileSync } from 'node:child_process'

/** Mount a disk of this size at a folder. @returns false where this machine does not allow it */
export function mountSmallDisk(folder: string, bytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch (error) {
    console.warn(`WITHOUT A SMALL DISK: none could be made here (${(error as Error).message}); its size is feigned.`)
    return false
  }
}
