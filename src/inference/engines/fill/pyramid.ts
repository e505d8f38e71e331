import { countPainted, type Mask, PAINT, type Pixels } from '../../image/pixels.js'
import { type Address, type Kernel, levelField } from './kernel.js'
import {
  PATCH_RADIUS,
  PYRAMID_MIN_SIDE,
  SEARCH_MAX_PAINTED,
  SEARCH_MAX_PIXELS,
  TEXTURE_WINDOW_MIN,
  TEXTURE_WINDOW_SHARE,
} from './parameters.js'

/** One resolution of the picture, in the kernel's memory. */
export type PyramidLevel = {
  readonly address: Address
  readonly width: number
  readonly height: number
  /** It is not searched: what was found on the coarser level is refined. */
  readonly isRefined: boolean
}

/**
 * The picture at full size and at half, quarter … of it, finest first. A pixel of a coarser level is known if at least
 * half of the pixels that it stands for are.
 */
export function buildPyramid(kernel: Kernel, pixels: Pixels, mask: Mask): PyramidLevel[] {
  const { width, height } = pixels
  const isRefined = isTooLargeToSearch(width, height) || countPainted(mask) > SEARCH_MAX_PAINTED
  const finest: PyramidLevel = { address: kernel.newLevel(width, height, Number(isRefined)), width, height, isRefined }
  const knownSide = writeKnown(kernel, finest, pixels, mask)
  const levels = [finest]
  for (;;) {
    const level = levels.at(-1)!
    const isFinestSearched = !level.isRefined && (levels.length === 1 || levels.at(-2)!.isRefined)
    if (isFinestSearched) {
      const radius = Math.round(Math.min(level.width, level.height) * TEXTURE_WINDOW_SHARE)
      kernel.measureTexture(level.address, Math.max(TEXTURE_WINDOW_MIN, radius))
    }
    if (knownSide / 2 ** levels.length < PYRAMID_MIN_SIDE && !level.isRefined) return levels
    levels.push(coarserThan(kernel, level))
  }
}

function isTooLargeToSearch(width: number, height: number): boolean {
  return width * height > SEARCH_MAX_PIXELS
}

function coarserThan(kernel: Kernel, level: PyramidLevel): PyramidLevel {
  const [width, height] = [Math.ceil(level.width / 2), Math.ceil(level.height / 2)]
  const isRefined = isTooLargeToSearch(width, height)
  return { address: kernel.downsample(level.address, Number(isRefined)), width, height, isRefined }
}

/**
 * Write what is known of the picture. @returns the shorter side of its bounding box, in pixels; below 1 if it is empty
 */
function writeKnown(kernel: Kernel, { address }: PyramidLevel, { width, height, data }: Pixels, mask: Mask): number {
  const stride = width + 2 * PATCH_RADIUS
  const count = stride * (height + 2 * PATCH_RADIUS)
  const known = new Uint8Array(kernel.memory.buffer, levelField(kernel, address, 'known'), count)
  const colour = new Uint8Array(kernel.memory.buffer, levelField(kernel, address, 'colour'), count * 4)
  const box = { left: width, right: -1, top: height, bottom: -1 }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = y * width + x
      if (mask.data[from] === PAINT) continue
      const to = (y + PATCH_RADIUS) * stride + x + PATCH_RADIUS
      known[to] = 1
      colour[to * 4] = data[from * 3]!
      colour[to * 4 + 1] = data[from * 3 + 1]!
      colour[to * 4 + 2] = data[from * 3 + 2]!
      if (x < box.left) box.left = x
      if (x > box.right) box.right = x
      if (y < box.top) box.top = y
      if (y > box.bottom) box.bottom = y
    }
  }
  return Math.min(box.right - box.left, box.bottom - box.top) + 1
}

/** The levels that are searched, coarsest first. */
export function searchedLevels(levels: readonly PyramidLevel[]): PyramidLevel[] {
  return levels.filter(({ isRefined }) => !isRefined).toReversed()
}
