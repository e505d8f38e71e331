import { join } from 'node:path'
import type { EarlierPicture } from '../inference/history/stages.js'
import { stripMetadata } from '../inference/image/strip-metadata.js'
import { fingerprint, type Recipe } from '../inference/pipeline/recipe.js'
import { isFolder, picturesIn, readInput } from './picture-files.js'

/**
 * Finds earlier pictures among files, in any order and with any name: a recipe has the fingerprint of what it was made of. A canonical mask is
 * found in the same way.
 *
 * @param paths files, and folders of them
 * @returns a function for `traceHistory`
 * @throws UserError `no-such-file`, `cannot-read`
 */
export async function openHistoryFiles(
  paths: readonly string[],
): Promise<(recipe: Recipe) => Promise<EarlierPicture | undefined>> {
  const files = new Map<string, string>()
  for (const path of paths) {
    const found = (await isFolder(path)) ? (await picturesIn(path)).map(name => join(path, name)) : [path]
    for (const file of found) files.set(fingerprint(stripMetadata(await readInput(file))), file)
  }
  const read = async (key: string | undefined) => {
    const file = key === undefined ? undefined : files.get(key)
    return file === undefined ? undefined : readInput(file)
  }
  return async ({ source, mask }) => {
    const picture = await read(source)
    return picture && { picture, mask: await read(mask) }
  }
}
