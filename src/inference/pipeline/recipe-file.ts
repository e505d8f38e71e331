import { readJpegParameters } from '../image/jpeg.js'
import { readPngTexts } from '../image/png-texts.js'
import { readWebpParameters } from '../image/webp-parameters.js'
import { parseParameters, type Recipe } from './recipe.js'

/** The recipe in a picture file; undefined if it has none or is not a picture. */
export function readRecipe(file: Uint8Array): Recipe | undefined {
  return parseParameters(readPngTexts(file).parameters ?? readWebpParameters(file) ?? readJpegParameters(file) ?? '')
}
