import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKPOINT_EXTENSION, isCheckpointFile } from '../checkpoint/checkpoint.js'
import { CONTROLNET_FOLDER } from '../checkpoint/controlnet-files.js'

/** Extension of an eraser: an object removal network such as LaMa or MI-GAN, as one ONNX file. */
export const ERASER_EXTENSION = '.onnx'

/**
 * The path of a model by its name: a folder, a checkpoint in one file, or an eraser.
 *
 * @returns undefined if there is none
 */
export function findModel(folder: string, name: string): string | undefined {
  const extensions = ['', CHECKPOINT_EXTENSION, ERASER_EXTENSION]
  return extensions.map(extension => join(folder, `${name}${extension}`)).find(isFileOrFolder)
}

/**
 * The names of the models in a folder, sorted: folders that look like models, and checkpoints and erasers without their
 * extension. Empty if the folder doesn't exist.
 */
export function listModelNames(folder: string): string[] {
  return allModelNames(folder).filter(name => name.length <= MAX_NAME_LENGTH)
}

/** The folder of upscalers in the model folder. Their engines have it in their names: `upscale/NAME`. */
const UPSCALE_FOLDER = 'upscale'

/** The path of an upscaler in the model folder, without its extension, which is the name of its engine. */
export function upscalerPath(name: string): string {
  return `${UPSCALE_FOLDER}/${name}`
}

/** Whether an engine is an installed upscaler. */
export function isUpscalerPath(name: string): boolean {
  return name.startsWith(`${UPSCALE_FOLDER}/`)
}

/** The names of the upscalers in a model folder, sorted: checkpoints and ONNX files in its folder `upscale`. */
export function listUpscalerNames(folder: string): string[] {
  const path = join(folder, UPSCALE_FOLDER)
  if (!existsSync(path)) return []
  const isFile = (name: string) => isFileOrFolder(join(path, name)) && !statSync(join(path, name)).isDirectory()
  return listModelNames(path).filter(name => {
    return [CHECKPOINT_EXTENSION, ERASER_EXTENSION].some(extension => isFile(`${name}${extension}`))
  })
}

/** The path of a ControlNet in the model folder, without its extension. */
export function controlNetPath(name: string): string {
  return `${CONTROLNET_FOLDER}/${name}`
}

/** The path of a model, an upscaler or a ControlNet by its name. @returns undefined if there is none */
export function findAnyModel(folder: string, name: string): string | undefined {
  const names = [name, upscalerPath(name), controlNetPath(name)]
  return names.map(one => findModel(folder, one)).find(path => path !== undefined)
}

/** The names of models that can't be used because they are longer than {@link MAX_NAME_LENGTH}. */
export function tooLongModelNames(folder: string): string[] {
  return allModelNames(folder).filter(name => name.length > MAX_NAME_LENGTH)
}

function allModelNames(folder: string): string[] {
  if (!existsSync(folder)) return []
  const isModelFolder = (name: string) => MODEL_FOLDER_MARKERS.some(marker => existsSync(join(folder, name, marker)))
  const names = readdirSync(folder).flatMap(name => {
    if (!isFileOrFolder(join(folder, name))) return []
    if (isCheckpointFile(name)) return [name.slice(0, -CHECKPOINT_EXTENSION.length)]
    if (isEraserFile(name) && !name.startsWith('.')) return [name.slice(0, -ERASER_EXTENSION.length)]
    return isModelFolder(name) ? [name] : []
  })
  // A colon in an engine's name separates its variant. Control characters move cursors.
  return [...new Set(names)].filter(name => !/[:\p{Cc}]/u.test(name)).sort()
}

/** Whether a path can be a model, after links: a pipe would be read for ever, and a broken link is nothing. */
function isFileOrFolder(path: string): boolean {
  try {
    const stats = statSync(path)
    return stats.isFile() || stats.isDirectory()
  } catch {
    return false // a broken link, a link to itself, or one that may not be followed
  }
}

export function isEraserFile(path: string): boolean {
  return path.endsWith(ERASER_EXTENSION)
}

/** Longest name of a model, in characters: the limit of a choice in a Discord option. */
export const MAX_NAME_LENGTH = 100

/** A folder with one of these is a model in diffusers' layout. */
const MODEL_FOLDER_MARKERS = ['model_index.json', 'unet']

/** The size of all files of a model, in bytes. */
export function modelSizeBytes(path: string): number {
  if (statSync(path).isFile()) return statSync(path).size
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}
