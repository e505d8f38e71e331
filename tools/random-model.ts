import { MODEL_SIZES } from './model-shapes.js'
import { writeModel } from './write-model.js'

// npx tsx tools/random-model.ts sd15|sd2|sdxl FOLDER
//
// A model of the size of Stable Diffusion 1.5 or 2 for inpainting, or of SDXL, in diffusers' layout and half precision, with random weights: it
// takes the time and the memory of a real one, and what it paints is noise.

const [name = '', folder] = process.argv.slice(2)
if (!Object.hasOwn(MODEL_SIZES, name) || folder === undefined) {
  process.stderr.write('Usage: npx tsx tools/random-model.ts sd15|sd2|sdxl FOLDER\n')
  process.exit(2)
}
await writeModel(folder, MODEL_SIZES[name as keyof typeof MODEL_SIZES], 'random')
