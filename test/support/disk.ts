import { execFileSync } from 'node:child_process'

/** Put a disk of so many bytes at a folder, where this machine lets us make one. @returns whether it does */
export function mountSmallDisk(folder: string, size: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch (error) {
    console.warn(`WITHOUT A SMALL DISK: none could be made here (${(error as Error).message}); its size is feigned.`)
    return false
  }
}
