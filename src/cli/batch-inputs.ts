import { readdir } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { isPlainUpscale } from '../inference/pipeline/edit.js'
import { UserError } from '../user-error.js'
import { type PaintInput, type PaintSettings, resultLabel, resultName, resultStem } from './paint-file.js'
import { isFolder, picturesIn } from './picture-files.js'

/** A picture of a batch. Its mask is looked up when its turn comes, so that a missing one fails this picture alone. */
export type BatchInput = { readonly source: string; readonly name: string }

/**
 * The pictures in a folder, by name. The names of their results differ, also where case or the form of accents don't count.
 *
 * @throws UserError `folder-empty`; `output-is-input` if the results would be inputs of the next run
 */
export async function listInputs(folder: string, output: string): Promise<BatchInput[]> {
  if (resolve(folder) === resolve(output)) throw new UserError({ code: 'output-is-input', path: folder })
  const files = await picturesIn(folder)
  if (files.length === 0) throw new UserError({ code: 'folder-empty', path: folder })
  const names = distinctNames(files)
  return files.map((file, index) => ({ source: join(folder, file), name: names[index]! }))
}

/**
 * The mask of a picture: the file itself, or the one in the mask folder that is named like the picture.
 *
 * @throws UserError `mask-unmatched`
 */
export async function maskFor(source: string, mask: string | undefined): Promise<string | undefined> {
  if (mask === undefined || !(await isFolder(mask))) return mask
  const files = await picturesIn(mask)
  const exact = files.find(file => file === basename(source))
  const found = exact ? [exact] : files.filter(file => key(stem(file)) === key(stem(basename(source))))
  if (found.length === 1) return join(mask, found[0]!)
  throw new UserError({ code: 'mask-unmatched', picture: basename(source), folder: mask, found: found.length })
}

/** Whether all results of an input are there. Without a seed, results of any seed count. */
export async function hasResults(input: PaintInput, settings: PaintSettings): Promise<boolean> {
  const { edit, output, variations, seed, format = 'png' } = settings
  const files: readonly string[] = await readdir(output).catch(() => [])
  if (isPlainUpscale(edit))
    return files.includes(resultName(resultStem(edit, input), resultLabel(edit, 0, settings.history), format))
  const [start, end] = resultName(`${resultStem(edit, input)}`, '*', format).split('*') as [string, string]
  const seeds = files
    .filter(file => file.startsWith(start) && file.endsWith(end))
    .map(file => file.slice(start.length, file.length - end.length))
    .filter(text => /^\d+$/.test(text))
  if (seed === undefined) return seeds.length >= variations
  return Array.from({ length: variations }, (_, index) => String(seed + index)).every(one => seeds.includes(one))
}

/** The names without extensions; with them where two are the same; with a number where that is not enough. */
function distinctNames(files: readonly string[]): string[] {
  const count = (name: string) => files.filter(file => key(stem(file)) === key(name)).length
  const taken = new Set<string>()
  return files.map(file => {
    const wanted = count(stem(file)) > 1 ? file : stem(file)
    let name = wanted
    for (let number = 2; taken.has(key(name)); number++) name = `${wanted}-${number}`
    taken.add(key(name))
    return name
  })
}

function stem(file: string): string {
  return basename(file, extname(file))
}

/** Two names are the same to a file system that ignores case and forms of accents. */
function key(name: string): string {
  return name.normalize('NFC').toLowerCase()
}
