import { KEEP, type Mask, PAINT } from '../image/pixels.js'
import { squaredDistanceTransform } from '../mask/morphology.js'

/** The fade ends this many sigmas inside the border, where a blurred straight border is 95% inside. */
const FADE_SIGMAS = 2

/**
 * Mask blur: how much of a repainted area is seen at each pixel, from 0 to 1. It is nothing at the border of the mask and everything
 * from two sigmas inward; where the mask is thinner than that, everything in its middle. Nothing outside the mask changes.
 *
 * @param sigma of the Gaussian, in pixels, above 0
 */
export function featherOpacity(mask: Mask, sigma: number): Float32Array {
  const fade = FADE_SIGMAS * sigma
  const depths = depthsInside(mask)
  const reach = thickness(mask, depths, fade)
  return depths.map((depth, at) => (mask.data[at] === PAINT ? smoothstep(depth / Math.min(fade, reach[at]!)) : 0))
}

/** The distance of each painted pixel's centre to the border of the mask, in pixels. The picture's edge is not a border. */
function depthsInside(mask: Mask): Float32Array {
  const squared = squaredDistanceTransform(mask, KEEP)
  return new Float32Array(squared.map(value => Math.max(0, Math.sqrt(value) - 0.5)))
}

/**
 * Local thickness: for each painted pixel, the radius of the largest disc inside the mask that it belongs to, at most `limit`.
 * Hildebrand & Rüegsegger, A new method for the model-independent assessment of thickness (1997).
 */
function thickness(mask: Mask, depths: Float32Array, limit: number): Float32Array {
  const { width, height } = mask
  const result = new Float32Array(depths.length)
  // Where the mask is thick, one distance transform covers all discs.
  const deep = { ...mask, data: mask.data.map((_, at) => (depths[at]! >= limit ? PAINT : KEEP)) }
  const toDeep = squaredDistanceTransform(deep, PAINT)
  for (let at = 0; at < result.length; at++) {
    if (mask.data[at] === PAINT) result[at] = toDeep[at]! <= limit * limit ? limit : depths[at]!
  }
  for (let at = 0; at < depths.length; at++) {
    const radius = depths[at]!
    if (mask.data[at] !== PAINT || result[at]! >= limit || !isCentre(depths, width, height, at)) continue
    const [x, y] = [at % width, Math.floor(at / width)]
    const reach = Math.ceil(radius)
    for (let dy = Math.max(-reach, -y); dy <= Math.min(reach, height - 1 - y); dy++) {
      for (let dx = Math.max(-reach, -x); dx <= Math.min(reach, width - 1 - x); dx++) {
        const other = at + dy * width + dx
        if (mask.data[other] === PAINT && dx * dx + dy * dy <= radius * radius && result[other]! < radius) {
          result[other] = radius
        }
      }
    }
  }
  return result
}

/** Whether no disc around one of a pixel's 8 neighbours contains the disc around the pixel. */
function isCentre(depths: Float32Array, width: number, height: number, at: number): boolean {
  const [x, y] = [at % width, Math.floor(at / width)]
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      if ((dx === 0 && dy === 0) || x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue
      // A hundredth allows for the rounding of distances on a grid.
      if (depths[at + dy * width + dx]! >= depths[at]! + Math.hypot(dx, dy) - 0.01) return false
    }
  }
  return true
}

/** From 0 at 0 to 1 at 1, level at both ends. */
function smoothstep(value: number): number {
  const x = Math.min(1, Math.max(0, value))
  return x * x * (3 - 2 * x)
}
