import { pngTexts } from '../image/png.js'
import { webpParameters } from '../image/webp.js'
import { type Recipe, recipeIn } from './recipe.js'

/** The recipe that a picture file carries, or undefined if it has none of ours or is no picture at all. */
export async function readRecipe(file: Uint8Array): Promise<Recipe | undefined> {
  return recipeIn(pngTexts(file).parameters ?? (await webpParameters(file)) ?? '')
}
