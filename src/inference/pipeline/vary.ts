import type { Box, Extent } from '../image/geometry.js'
import { countPainted, filledMask, KEEP, type Mask, PAINT } from '../image/pixels.js'
import { interpretMask } from '../mask/interpret.js'
import { erode } from '../mask/morphology.js'
import { readRecipe } from './recipe-file.js'

/**
 * What of a painted picture is painted anew to vary it without a model: strong is all that was painted; subtle the
 * half of it that lies farthest from what was kept, so that it goes on from the rest.
 *
 * @param mask that the picture was repainted by, if it was
 * @returns where the first picture lies on it as well, so that the next variation varies the same part; undefined for pictures
 *   of which no part was painted
 */
export async function varyMask(
  source: Uint8Array,
  size: Extent,
  mask: Uint8Array | undefined,
  strength: 'subtle' | 'strong',
): Promise<{ mask: Mask; old: Box } | undefined> {
  const recipe = await readRecipe(source)
  if (!recipe) return undefined
  const { old } = recipe
  const all = mask ? (await interpretMask(mask, source)).mask : outside(old, size)
  const most = countPainted(all)
  if (most === 0 || most === all.data.length) return undefined
  return { mask: strength === 'strong' ? all : farHalf(all, most), old }
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
function farHalf(mask: Mask, most: number): Mask {
  let best = mask
  for (let low = 0, high = Math.max(mask.width, mask.height); high - low > 1; ) {
    const radius = (low + high) >> 1
    const inner = erode(mask, radius)
    if (countPainted(inner) >= most / 2) {
      best = inner
      low = radius
    } else {
      high = radius
    }
  }
  return best
}
