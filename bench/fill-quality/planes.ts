import type { Extent } from '../../src/inference/image/geometry.js'
import { type Mask, PAINT, type Pixels } from '../../src/inference/image/pixels.js'

/** Floating-point pixels, row-major, `channels` interleaved. */
export type Plane = Extent & { readonly channels: number; readonly data: Float32Array }

/** A Boolean by pixel: 1 or 0, row-major. */
export type Flags = Extent & { readonly data: Uint8Array }

export function planeOf({ width, height, data }: Pixels): Plane {
  return { width, height, channels: 3, data: Float32Array.from(data) }
}

export function flagsOf({ width, height, data }: Mask): Flags {
  return { width, height, data: data.map(value => (value === PAINT ? 1 : 0)) }
}

export function invert({ width, height, data }: Flags): Flags {
  return { width, height, data: data.map(flag => 1 - flag) }
}

/** Rec. 601 luma, 0 to 255. */
export function lumaOf({ width, height, data }: Pixels): Plane {
  const luma = new Float32Array(width * height)
  for (let at = 0; at < luma.length; at++) {
    luma[at] = 0.299 * data[at * 3]! + 0.587 * data[at * 3 + 1]! + 0.114 * data[at * 3 + 2]!
  }
  return { width, height, channels: 1, data: luma }
}

/**
 * The distance of each set pixel to the nearest one that is not set, in chessboard steps; 0 where it is not set. Outside
 * of the picture counts as set, so that the frame of the photo is not a border.
 */
export function chessboardDistance({ width, height, data }: Flags): Int32Array {
  const far = width + height
  const distance = Int32Array.from(data, flag => (flag ? far : 0))
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= width || y >= height ? far : distance[y * width + x]!)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const nearest = Math.min(at(x - 1, y), at(x - 1, y - 1), at(x, y - 1), at(x + 1, y - 1))
      distance[y * width + x] = Math.min(distance[y * width + x]!, nearest + 1)
    }
  }
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) {
      const nearest = Math.min(at(x + 1, y), at(x + 1, y + 1), at(x, y + 1), at(x - 1, y + 1))
      distance[y * width + x] = Math.min(distance[y * width + x]!, nearest + 1)
    }
  }
  return distance
}

/** Half as wide and high, smoothed by the binomial kernel 1 4 6 4 1 (Burt and Adelson 1983). */
export function halve(plane: Plane): Plane {
  const width = (plane.width + 1) >> 1
  const height = (plane.height + 1) >> 1
  const across = resample(plane, width, plane.height, 'x')
  return resample(across, width, height, 'y')
}

/** What a plane has beyond its half, enlarged again: a level of the Laplacian pyramid. */
export function laplacian(plane: Plane, half: Plane): Plane {
  const enlarged = enlarge(half, plane)
  return { ...plane, data: plane.data.map((value, at) => value - enlarged.data[at]!) }
}

const BINOMIAL = [1, 4, 6, 4, 1].map(weight => weight / 16)

/** Mirrored at the edges, without repeating the edge itself. */
function mirrored(at: number, length: number): number {
  if (length === 1) return 0
  const period = 2 * (length - 1)
  const within = ((at % period) + period) % period
  return within < length ? within : period - within
}

function resample(plane: Plane, width: number, height: number, axis: 'x' | 'y'): Plane {
  const { channels } = plane
  const data = new Float32Array(width * height * channels)
  const length = axis === 'x' ? plane.width : plane.height
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let tap = -2; tap <= 2; tap++) {
        const from = mirrored(2 * (axis === 'x' ? x : y) + tap, length)
        const source = (axis === 'x' ? y * plane.width + from : from * plane.width + x) * channels
        const target = (y * width + x) * channels
        for (let channel = 0; channel < channels; channel++) {
          data[target + channel]! += BINOMIAL[tap + 2]! * plane.data[source + channel]!
        }
      }
    }
  }
  return { width, height, channels, data }
}

/** Twice as wide and high, by the same kernel. */
function enlarge(half: Plane, { width, height }: Extent): Plane {
  const across = stretch(half, width, half.height, 'x')
  return stretch(across, width, height, 'y')
}

function stretch(plane: Plane, width: number, height: number, axis: 'x' | 'y'): Plane {
  const { channels } = plane
  const data = new Float32Array(width * height * channels)
  const length = axis === 'x' ? plane.width : plane.height
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const place = axis === 'x' ? x : y
      const target = (y * width + x) * channels
      // Only every second pixel of the enlarged plane has a value: those are twice as many.
      for (let tap = -2; tap <= 2; tap++) {
        if ((place + tap) % 2 !== 0) continue
        const from = mirrored((place + tap) / 2, length)
        const source = (axis === 'x' ? y * plane.width + from : from * plane.width + x) * channels
        for (let channel = 0; channel < channels; channel++) {
          data[target + channel]! += 2 * BINOMIAL[tap + 2]! * plane.data[source + channel]!
        }
      }
    }
  }
  return { width, height, channels, data }
}
