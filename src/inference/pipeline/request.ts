import { UserError } from '../../user-error.js'
import { readSize } from '../image/decode.js'
import type { Extent } from '../image/geometry.js'
import type { Edit } from './edit.js'
import { layoutCanvas } from './layout.js'

// What is known of a request before it is painted: a process that only asks needs none of what paints.

/** The most pictures that one request may ask for. */
export const VARIATIONS = { min: 1, max: 4 } as const
export const SEED = { min: 0, max: 2 ** 32 - 1 } as const

/** How large the picture will be that a request asks for. @throws ProblemError as `paint` does for its edit */
export async function resultSize(edit: Edit, source: Uint8Array | undefined): Promise<Extent> {
  if (!source) {
    if (edit.kind !== 'imagine') throw new UserError({ code: 'picture-missing' })
    return { width: edit.width, height: edit.height }
  }
  if (edit.kind === 'imagine') throw new UserError({ code: 'edit-invalid', detail: 'imagine takes no picture' })
  return layoutCanvas(edit, await readSize(source)).size
}

/**
 * Seeds for the variations of one request: the first as asked for (a random one otherwise), then one more each time,
 * as A1111 and Midjourney count, so that any of them can be had again on its own.
 *
 * @throws ProblemError `variations-out-of-range`, `seed-out-of-range`
 */
export function seedsFor(variations: number, first = Math.floor(Math.random() * (SEED.max + 1))): number[] {
  if (!(Number.isInteger(variations) && variations >= VARIATIONS.min && variations <= VARIATIONS.max)) {
    throw new UserError({ code: 'variations-out-of-range', variations, max: VARIATIONS.max })
  }
  if (!(Number.isInteger(first) && first >= SEED.min && first <= SEED.max)) {
    throw new UserError({ code: 'seed-out-of-range', seed: first, max: SEED.max })
  }
  return Array.from({ length: variations }, (_, index) => (first + index) % (SEED.max + 1))
}
