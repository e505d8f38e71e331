import type { Extent } from '../../image/geometry.js'
import { countPainted, filledPixels, KEEP, type Mask, PAINT, type Pixels } from '../../image/pixels.js'
import { squaredDistanceTransform } from '../../mask/morphology.js'
import type { Canvas } from '../../pipeline/canvas.js'
import { MAX_PREVIEW_SIDE } from '../../pipeline/engine.js'
import { createRandom, type RandomGenerator } from '../../random.js'
import type { OnStep } from './completion.js'
import {
  GRAIN_MEDIAN_LIMIT,
  GRAIN_REACH,
  GRAIN_SQUARE,
  GRAIN_TRIES,
  PDE_MIN_COHERENCE,
  PDE_PROGRESS_PIXELS,
  PDE_RADIUS,
  PDE_SHARPNESS,
  PDE_SIGMA,
  PDE_SIGMA_REACH,
} from './parameters.js'

/**
 * Inpaint by coherence transport (Bornemann and März 2007, "Fast image inpainting based on coherence transport"): solve
 * a transport equation along the picture's edges in one pass, from the boundary inward. Thin holes close without a
 * trace; wide ones become streaks.
 *
 * A painted pixel gets the weighted mean of the structure tensors of the pixels that it is painted from; the paper
 * measures the tensor again.
 *
 * @returns a new picture, without grain; kept pixels are the canvas's own
 * @throws RangeError if nothing is known at all
 */
export function coherenceTransport(
  { pixels, mask }: Pick<Canvas, 'pixels' | 'mask'>,
  onStep: OnStep = () => {},
): Pixels {
  const order = boundaryFirst(mask)
  if (order.length === mask.data.length) {
    throw new RangeError('The whole picture is to be painted, so there is nothing to continue.')
  }
  const { width, height } = pixels
  const isKnown = mask.data.map(value => (value === PAINT ? 0 : 1))
  const isDone = isKnown.slice()
  const tensors = structureTensors(pixels, isKnown)
  const colours = Float32Array.from(pixels.data)
  const offsets = disc(PDE_RADIUS)
  const neighbours = new Int32Array(offsets.length)
  const weights = new Float32Array(offsets.length)

  const estimate = { width, height, data: colours }
  for (const [index, pixel] of order.entries()) {
    if (index % PDE_PROGRESS_PIXELS === 0) onStep(index / order.length, () => previewOf(estimate))
    const x = pixel % width
    const y = (pixel - x) / width
    let count = 0
    for (const { dx, dy, distance } of offsets) {
      const neighbour = pixelAt(x + dx, y + dy, width, height)
      if (neighbour === undefined || isDone[neighbour] === 0) continue
      neighbours[count] = neighbour
      weights[count++] = 1 / distance
    }
    storeMean(tensors, pixel, neighbours, weights, count)
    const { alongX, alongY, strength } = edgeDirection(tensors, pixel)
    for (let i = 0; i < count; i++) {
      const neighbourX = neighbours[i]! % width
      const neighbourY = (neighbours[i]! - neighbourX) / width
      const across = strength * ((neighbourX - x) * alongY - (neighbourY - y) * alongX)
      weights[i]! *= Math.exp((-across * across) / (2 * PDE_RADIUS * PDE_RADIUS))
    }
    storeMean(colours, pixel, neighbours, weights, count)
    isDone[pixel] = 1
  }
  const smooth = subsample(estimate, 1)
  onStep(1, () => previewOf(smooth))
  return smooth
}

/** Like {@link Pixels}, but values may be fractions. */
type Values = Extent & { readonly data: Float32Array | Uint8Array }

function previewOf(values: Values): Pixels {
  return subsample(values, Math.ceil(Math.max(values.width, values.height) / MAX_PREVIEW_SIDE))
}

/** Every n-th pixel of every n-th row. */
function subsample({ width, height, data }: Values, n: number): Pixels {
  const small = filledPixels({ width: Math.ceil(width / n), height: Math.ceil(height / n) })
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      const from = (y * n * width + x * n) * 3
      const to = (y * small.width + x) * 3
      for (let channel = 0; channel < 3; channel++) small.data[to + channel] = Math.round(data[from + channel]!)
    }
  }
  return small
}

/** The pixels to be painted, by their distance from what is known. */
function boundaryFirst(mask: Mask): Uint32Array {
  const squares = squaredDistanceTransform(mask, KEEP)
  return paintedPixels(mask).sort((one, other) => squares[one]! - squares[other]!)
}

function paintedPixels(mask: Mask): Uint32Array {
  const pixels = new Uint32Array(countPainted(mask))
  let count = 0
  for (let pixel = 0; pixel < mask.data.length; pixel++) if (mask.data[pixel] === PAINT) pixels[count++] = pixel
  return pixels
}

/** The offsets within a radius, without the middle, and their lengths. */
function disc(radius: number) {
  const side = Array.from({ length: 2 * radius + 1 }, (_, index) => index - radius)
  return side
    .flatMap(dy => side.map(dx => ({ dx, dy, distance: Math.hypot(dx, dy) })))
    .filter(({ distance }) => distance > 0 && distance <= radius)
}

/** Store the weighted mean of the three values of some pixels. */
function storeMean(
  values: Float32Array,
  pixel: number,
  neighbours: Int32Array,
  weights: Float32Array,
  count: number,
): void {
  let [first, second, third, sum] = [0, 0, 0, 0]
  for (let i = 0; i < count; i++) {
    const weight = weights[i]!
    const from = neighbours[i]! * 3
    first += weight * values[from]!
    second += weight * values[from + 1]!
    third += weight * values[from + 2]!
    sum += weight
  }
  values[pixel * 3] = first / sum
  values[pixel * 3 + 1] = second / sum
  values[pixel * 3 + 2] = third / sum
}

/**
 * The direction of the edge through a pixel, a unit vector, and how much more pixels along it count: 1 if there is
 * none.
 */
function edgeDirection(tensors: Float32Array, pixel: number): { alongX: number; alongY: number; strength: number } {
  const [xx, xy, yy] = [tensors[pixel * 3]!, tensors[pixel * 3 + 1]!, tensors[pixel * 3 + 2]!]
  // The difference of the eigenvalues.
  const coherence = Math.hypot(xx - yy, 2 * xy)
  if (coherence === 0) return { alongX: 1, alongY: 0, strength: 1 }
  const gradientAngle = Math.atan2(2 * xy, xx - yy) / 2
  const strength = 1 + PDE_SHARPNESS * Math.exp(-(PDE_MIN_COHERENCE ** 4) / coherence ** 2)
  return { alongX: -Math.sin(gradientAngle), alongY: Math.cos(gradientAngle), strength }
}

/**
 * The structure tensor of each known pixel: dx², dx·dy, dy² of its smoothed gradient. What is not known is left out of
 * the smoothing, and has zeros.
 */
function structureTensors({ width, height, data }: Pixels, isKnown: Uint8Array): Float32Array {
  const luma = new Float32Array(isKnown.length)
  for (let pixel = 0; pixel < luma.length; pixel++) {
    const [red, green, blue] = [data[pixel * 3]!, data[pixel * 3 + 1]!, data[pixel * 3 + 2]!]
    luma[pixel] = isKnown[pixel]! * (0.299 * red + 0.587 * green + 0.114 * blue) // Rec. 601
  }
  const weights = gaussianBlur(Float32Array.from(isKnown), width, height)
  const sums = gaussianBlur(luma, width, height)
  const tensors = new Float32Array(luma.length * 3)
  const smoothedAt = (pixel: number) => sums[pixel]! / weights[pixel]!
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x
      if (isKnown[pixel] === 0) continue
      // Known pixels have weight, and so have their neighbours.
      const dx = (smoothedAt(x < width - 1 ? pixel + 1 : pixel) - smoothedAt(x > 0 ? pixel - 1 : pixel)) / 2
      const dy = (smoothedAt(y < height - 1 ? pixel + width : pixel) - smoothedAt(y > 0 ? pixel - width : pixel)) / 2
      tensors[pixel * 3] = dx * dx
      tensors[pixel * 3 + 1] = dx * dy
      tensors[pixel * 3 + 2] = dy * dy
    }
  }
  return tensors
}

/** With deviation PDE_SIGMA, not normalized; values outside the picture count as 0. */
function gaussianBlur(values: Float32Array, width: number, height: number): Float32Array {
  const weights = Array.from({ length: 2 * PDE_SIGMA_REACH + 1 }, (_, i) =>
    Math.exp(-((i - PDE_SIGMA_REACH) ** 2) / (2 * PDE_SIGMA ** 2)),
  )
  const blurAlong = (from: Float32Array, step: number, positionOf: (pixel: number) => number, length: number) =>
    from.map((_, pixel) => {
      const position = positionOf(pixel)
      const first = Math.max(-PDE_SIGMA_REACH, -position)
      const last = Math.min(PDE_SIGMA_REACH, length - 1 - position)
      let sum = 0
      for (let i = first; i <= last; i++) sum += weights[i + PDE_SIGMA_REACH]! * from[pixel + i * step]!
      return sum
    })
  const blurredRows = blurAlong(values, 1, pixel => pixel % width, width)
  return blurAlong(blurredRows, width, pixel => Math.floor(pixel / width), height)
}

/**
 * Add grain like that of the known pixels to the painted ones: the difference of each known pixel to the median around
 * it, copied in squares from random places nearby. Limited to GRAIN_MEDIAN_LIMIT times its median: the rest is detail.
 */
export function addGrain(smooth: Pixels, { pixels, mask }: Pick<Canvas, 'pixels' | 'mask'>, seed: number): Pixels {
  const { width, height } = smooth
  const data = smooth.data.slice()
  const hole = paintedPixels(mask)
  const random = createRandom(seed)
  const offsets = new Map<number, { dx: number; dy: number }>()
  const grain = new Int16Array(hole.length * 3)
  for (const [index, pixel] of hole.entries()) {
    const x = pixel % width
    const y = (pixel - x) / width
    const square = Math.floor(y / GRAIN_SQUARE) * width + Math.floor(x / GRAIN_SQUARE)
    let offset = offsets.get(square)
    for (let tries = 0; tries < GRAIN_TRIES; tries++) {
      const source = offset && pixelAt(x + offset.dx, y + offset.dy, width, height)
      if (source !== undefined && mask.data[source] === KEEP) {
        for (let channel = 0; channel < 3; channel++) {
          grain[index * 3 + channel] = grainAt(pixels, mask, source, channel)
        }
        break
      }
      offset = { dx: randomAround(random, GRAIN_REACH), dy: randomAround(random, GRAIN_REACH) }
      offsets.set(square, offset)
    }
  }
  const limit = GRAIN_MEDIAN_LIMIT * ((grain.map(Math.abs).sort()[grain.length >> 1] ?? 0) + 1)
  for (const [index, pixel] of hole.entries()) {
    for (let channel = 0; channel < 3; channel++) {
      const change = Math.min(limit, Math.max(-limit, grain[index * 3 + channel]!))
      data[pixel * 3 + channel] = Math.min(255, Math.max(0, data[pixel * 3 + channel]! + change))
    }
  }
  return { width, height, data }
}

/** A random integer from −range to range. */
function randomAround(random: RandomGenerator, range: number): number {
  return Math.floor(random() * (2 * range + 1)) - range
}

/** The index of a pixel; undefined outside the picture. */
function pixelAt(x: number, y: number, width: number, height: number): number | undefined {
  return x < 0 || y < 0 || x >= width || y >= height ? undefined : y * width + x
}

/** A known pixel minus the median of the known ones among it and its 8 neighbours. */
function grainAt({ width, height, data }: Pixels, mask: Mask, pixel: number, channel: number): number {
  const x = pixel % width
  const y = (pixel - x) / width
  const values: number[] = []
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const neighbour = pixelAt(x + dx, y + dy, width, height)
      if (neighbour !== undefined && mask.data[neighbour] === KEEP) values.push(data[neighbour * 3 + channel]!)
    }
  }
  values.sort((one, other) => one - other)
  return data[pixel * 3 + channel]! - values[values.length >> 1]!
}
