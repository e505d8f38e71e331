import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKPOINT_EXTENSION, isCheckpointFile } from '../checkpoint/checkpoint.js'

/** What a file of a network that erases ends with. */
export const ERASER_EXTENSION = '.onnx'

/**
 * Where a model of this name lies: a folder, a checkpoint in one file, or a network that erases.
 *
 * @returns undefined if there is neither
 */
export function findModel(folder: string, name: string): string | undefined {
  const extensions = ['', CHECKPOINT_EXTENSION, ERASER_EXTENSION]
  return extensions.map(extension => join(folder, `${name}${extension}`)).find(path => existsSync(path))
}

/**
 * The names of the models in a folder, in the order of the alphabet: folders that look like models, and checkpoints and networks
 * that erase without their ending; none if there is no such folder.
 */
export function listModelNames(folder: string): string[] {
  if (!existsSync(folder)) return []
  const isModelFolder = (name: string) => MODEL_FOLDER_MARKERS.some(mark => existsSync(join(folder, name, mark)))
  const names = readdirSync(folder).flatMap(name => {
    if (isCheckpointFile(name)) return [name.slice(0, -CHECKPOINT_EXTENSION.length)]
    if (isEraserFile(name) && !name.startsWith('.')) return [name.slice(0, -ERASER_EXTENSION.length)]
    return isModelFolder(name) ? [name] : []
  })
  // A colon in an engine's name parts what it is from its variants; longer ones could not be chosen in Discord.
  return [...new Set(names)].filter(name => !name.includes(':') && name.length <= MAX_NAME_LENGTH).sort()
}

export function isEraserFile(path: string): boolean {
  return path.endsWith(ERASER_EXTENSION)
}

/** So many characters of a name can be offered and written down. */
const MAX_NAME_LENGTH = 100

/** One of these is in every model's folder. */
const MODEL_FOLDER_MARKERS = ['model_index.json', 'unet']

/** How large all files of a model are together, in bytes. */
export function modelSizeBytes(path: string): number {
  if (statSync(path).isFile()) return statSync(path).size
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
