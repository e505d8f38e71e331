import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { CauseRow, ErrorFacts } from './cause.js'

/** Folders of the system, which nobody should give to a user. */
const SYSTEM_FOLDER =
  /^\/(?:(?:bin|boot|dev|etc|home|lib\w*|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)(?:\/(?:bin|lib|local|log|share|tmp))?)?$/

/** Rows about files and folders: `DATA_FOLDER`, `PICTURE_FOLDER` and `MODEL_FOLDER` in most cases. */
export const FILE_CAUSES: readonly CauseRow[] = [
  {
    id: 'no-permission',
    matches: error => isAboutFile(error) && ['EACCES', 'EPERM'].includes(error.code),
    explain({ path = '', code }) {
      const { existing, owner } = ownerOf(path)
      const me = process.getuid?.()
      if (owner === undefined || owner === me) {
        return {
          says: `Overscan isn’t allowed to use ${path} (${code})`,
          todo: `Change the permissions of ${existing}, or set another folder in .env.`,
        }
      }
      return {
        says: `${existing} belongs to another user (uid ${owner}), and Overscan runs as uid ${me} (${code}: ${path})`,
        todo: ownershipAdvice(path, existing, me),
      }
    },
  },
  {
    id: 'not-a-folder',
    matches: error =>
      isAboutFile(error) && (error.code === 'ENOTDIR' || (error.code === 'EEXIST' && error.syscall === 'mkdir')),
    explain: ({ path, code }) => ({
      says: `${path} can’t be a folder, because it or a folder above it is a file or a broken link (${code})`,
      todo: 'Move that file or link away, or set another folder in .env.',
    }),
  },
  {
    id: 'folder-not-made',
    matches: ({ code, syscall, path }) =>
      ['ENOENT', 'ENAMETOOLONG', 'ELOOP', 'EINVAL'].includes(code) && syscall === 'mkdir' && path !== undefined,
    explain: ({ path, code }) => ({
      says: `${path} can’t be made (${code})`,
      todo: 'Check its name and that its drive is connected, or set another folder in .env.',
    }),
  },
  {
    id: 'read-only-disk',
    matches: ({ code }) => code === 'EROFS',
    explain: ({ path }) => ({
      says: `${path ?? 'A folder'} is on a read-only disk (EROFS)`,
      todo: 'Mount it writable, or set another folder in .env.',
    }),
  },
  {
    id: 'disk-full',
    matches: ({ code }) => ['ENOSPC', 'EDQUOT', '53100'].includes(code),
    explain: ({ path, code }) => ({
      says: `The disk ${path ? `of ${path} ` : ''}is full (${code})`,
      todo: 'Free up disk space. Requests that were accepted are kept.',
    }),
  },
  {
    id: 'disk-broken',
    matches: ({ code }) => ['EIO', 'ESTALE', 'ENODEV', 'ENXIO'].includes(code),
    explain: ({ path, code }) => ({
      says: `The disk ${path ? `of ${path} ` : ''}doesn’t answer (${code})`,
      todo: 'Check the disk and its connection, for example with dmesg, and start Overscan again.',
    }),
  },
  {
    id: 'too-many-open-files',
    matches: ({ code }) => ['EMFILE', 'ENFILE'].includes(code),
    explain: ({ code }) => ({
      says: `The system allows no more open files (${code})`,
      todo: 'Raise the limit: ulimit -n 65536, or LimitNOFILE=65536 in the systemd unit.',
    }),
  },
]

/** How a user gets a file or folder. @param existing the nearest part of the path that exists */
function ownershipAdvice(path: string, existing: string, me: number | undefined): string {
  const another = 'set another folder in .env.'
  if (existing === path && !SYSTEM_FOLDER.test(path)) return `Run this as root: chown -R ${me} ${path}. Or ${another}`
  if (existing !== path && canEnter(existing))
    return `Run this as root: mkdir -p ${path} && chown ${me} ${path}. Or ${another}`
  return `Allow uid ${me} to use it, or ${another}`
}

function canEnter(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Sockets have the same error codes, but no path. */
function isAboutFile({ path, syscall }: ErrorFacts): boolean {
  return path !== undefined && syscall !== 'listen' && syscall !== 'connect'
}

/** The nearest part of a path that exists, and its owner's uid; undefined where there are no owners. */
function ownerOf(path: string): { existing: string; owner: number | undefined } {
  let existing = path
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing)
  if (process.getuid === undefined) return { existing, owner: undefined }
  return { existing, owner: statSync(existing, { throwIfNoEntry: false })?.uid }
}
