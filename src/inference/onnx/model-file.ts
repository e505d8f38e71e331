import { readdirSync, readFileSync, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** The largest text of a model that is read, in bytes. Tokenizers of large vocabularies have 17 MB. */
const MAX_TEXT_BYTES = 64_000_000

/** Whether a path is a file, after links. Opening a pipe would wait for ever, and a device has no end. */
export function isRegularFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false // missing, a broken link, a link to itself, or one that may not be followed
  }
}

/**
 * A text file of a model.
 *
 * @returns undefined where there is none
 * @throws Error where it isn’t a file, is too large or may not be read
 */
export async function readModelText(path: string): Promise<string | undefined> {
  const stats = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  if (!stats) return undefined
  if (!stats.isFile()) throw notAFile(path)
  if (stats.size > MAX_TEXT_BYTES) throw new Error(`${basename(path)} is larger than ${MAX_TEXT_BYTES / 1e6} MB`)
  return readFile(path, 'utf8')
}

/**
 * Check a graph before onnxruntime opens it, and the files next to it that it may name as its weights.
 *
 * @throws Error where one of them isn’t a file
 */
export function assertGraphIsFile(path: string): void {
  if (!isRegularFile(path)) throw notAFile(path)
  const folder = dirname(path)
  const odd = readdirSync(folder, { withFileTypes: true })
    .filter(entry => !entry.isFile() && !entry.isDirectory() && !isFileOrFolder(join(folder, entry.name)))
    .map(({ name }) => name)
  if (odd.length === 0) return
  const graph = readFileSync(path)
  const named = odd.find(name => graph.includes(name))
  if (named !== undefined) throw notAFile(named)
}

function isFileOrFolder(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined || stats.isFile() || stats.isDirectory()
}

function notAFile(path: string): Error {
  return new Error(`${basename(path)} isn’t a file`)
}
