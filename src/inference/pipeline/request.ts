import { UserError } from '../../user-error.js'
import { type Extent, MAX_PICTURE_SIZE } from '../image/geometry.js'
import { readHeader } from '../image/header.js'
import { type Edit, keepsAlpha } from './edit.js'
import { layoutCanvas } from './layout.js'

// What is known of a request before it is painted. The bot imports this and none of the engines.

/** How many pictures one request can ask for, both ends included. */
export const VARIATIONS = { min: 1, max: 4 } as const
export const SEED = { min: 0, max: 2 ** 32 - 1 } as const

/** The largest picture that is painted over in tiles on request, in megapixels: 4096×4096. A processor takes hours for it. */
const MAX_REDRAWN_MEGAPIXELS = 17

/** The size of the pictures that a request asks for. They can be read again: people press the buttons under them. @throws UserError as `paint` does for its edit */
export function resultSize(edit: Edit, source: Uint8Array | undefined): Extent {
  if (!source) {
    if (edit.kind !== 'imagine') throw new UserError({ code: 'picture-missing' })
    const { scale = 1 } = edit.hires ?? {}
    const size = { width: Math.round(edit.width * scale), height: Math.round(edit.height * scale) }
    if (!edit.hires || size.width * size.height <= MAX_REDRAWN_MEGAPIXELS * 1e6) return size
    throw new UserError({ code: 'hires-too-large', ...size, limit: MAX_REDRAWN_MEGAPIXELS })
  }
  if (edit.kind === 'imagine') throw new UserError({ code: 'edit-invalid', detail: 'imagine takes no picture' })
  const { mayHaveAlpha, width, height } = readHeader(source)
  const size = layoutCanvas(edit, { width, height }, { fillsHoles: mayHaveAlpha && !keepsAlpha(edit) }).size
  const isRedrawn = edit.kind === 'upscale' && edit.creative !== undefined
  const limit = isRedrawn ? MAX_REDRAWN_MEGAPIXELS : MAX_PICTURE_SIZE.megapixels
  if (edit.kind === 'upscale' && size.width * size.height > limit * 1e6) {
    throw new UserError({ code: 'upscale-too-large', ...size, limit, scale: edit.scale })
  }
  return size
}

/**
 * The seeds of the variations of one request: the first as given (otherwise random), then one more each time, as A1111 and
 * Midjourney count, so that each variation can be painted again alone.
 *
 * @throws UserError `variations-out-of-range`, `seed-out-of-range`
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
