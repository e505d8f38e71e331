import type { Box, Extent } from '../image/geometry.js'
import { decodeMask, fitMask } from '../image/mask-file.js'
import { countPainted, filledMask, KEEP, type Mask, PAINT } from '../image/pixels.js'
import { erode } from '../mask/morphology.js'
import type { Edit } from './edit.js'
import { layoutCanvas } from './layout.js'
import { layOutMask, placeMask } from './place-mask.js'
import { readRecipe } from './recipe-file.js'

/**
 * The part of a painted picture that is repainted to vary it without a model. Strong: all that was painted. Subtle: the half of it
 * that is farthest from the kept part, so that it continues the rest.
 *
 * @param size of the picture
 * @param mask canonical mask of the edit before, at the size of that edit's source, if there was one
 * @returns also where the first picture is on this one, so that the next variation varies the same part; undefined for pictures
 *   of which no part was painted
 * @throws UserError `mask-size-differs`
 */
export async function varyMask(
  source: Uint8Array,
  size: Extent,
  mask: Uint8Array | undefined,
  strength: 'subtle' | 'strong',
): Promise<{ mask: Mask; old: Box } | undefined> {
  const recipe = readRecipe(source)
  if (!recipe) return undefined
  const { old } = recipe
  const all = mask ? await paintedBefore(recipe.edit, mask, size) : outside(old, size)
  const count = countPainted(all)
  if (count === 0 || count === all.data.length) return undefined
  return { mask: strength === 'strong' ? all : farHalf(all, count), old }
}

/** The mask of an edit on the picture that came of it, which may have another size than its source. */
async function paintedBefore(edit: Edit, file: Uint8Array, size: Extent): Promise<Mask> {
  const mask = await decodeMask(file)
  if (edit.kind === 'imagine' || edit.kind === 'vary') return fitMask(mask, size)
  const layout = layoutCanvas(edit, mask, { fillsHoles: true })
  return fitMask(placeMask(await layOutMask(mask, layout), layout), size)
}

function outside(old: Box, size: Extent): Mask {
  const mask = filledMask(size, PAINT)
  const right = Math.min(size.width, old.x + old.width)
  for (let y = old.y; y < Math.min(size.height, old.y + old.height); y++) {
    mask.data.fill(KEEP, y * size.width + old.x, y * size.width + Math.max(old.x, right))
  }
  return mask
}

/** About half of the pixels of `mask`, those farthest from its border; all of it where it is too thin to halve. */
function farHalf(mask: Mask, count: number): Mask {
  let best = mask
  for (let low = 0, high = Math.max(mask.width, mask.height); high - low > 1; ) {
    const radius = (low + high) >> 1
    const inner = erode(mask, radius)
    if (countPainted(inner) >= count / 2) {
      best = inner
      low = radius
    } else {
      high = radius
    }
  }
  return best
}
