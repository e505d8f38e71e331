import { readPngTexts } from '../image/png.js'
import { readWebpParameters } from '../image/webp.js'
import { parseParameters, type Recipe } from './recipe.js'

/** The recipe that a picture file carries, or undefined if it has none of ours or is no picture at all. */
export async function readRecipe(file: Uint8Array): Promise<Recipe | undefined> {
  return parseParameters(readPngTexts(file).parameters ?? (await readWebpParameters(file)) ?? '')
}
