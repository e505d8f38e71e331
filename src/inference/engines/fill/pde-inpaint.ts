import type { Extent } from '../../image/geometry.js'
import { blank, KEEP, type Mask, PAINT, type Pixels, painted } from '../../image/pixels.js'
import { squaredDistances } from '../../mask/morphology.js'
import type { Canvas } from '../../pipeline/canvas.js'
import { PREVIEW } from '../../pipeline/engine.js'
import { random as seeded } from '../../random.js'
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
 * Paint by carrying on what runs into the hole from around it: coherence transport (Bornemann and März 2007, "Fast image
 * inpainting based on coherence transport"), a solver of a transport equation along the picture's edges in one pass, from
 * the hole's rim inward. Thin holes close without a trace; wide ones become streaks.
 *
 * A painted pixel takes over the structure tensor of what it was painted from, weighted likewise; the paper measures it
 * anew.
 *
 * @returns a new picture, without grain; kept pixels are the canvas's own
 * @throws RangeError if nothing is known at all
 */
export function transport({ pixels, mask }: Pick<Canvas, 'pixels' | 'mask'>, onStep: OnStep = () => {}): Pixels {
  const order = fromTheRim(mask)
  if (order.length === mask.data.length) throw new RangeError('nothing is known, so there is nothing to go on from')
  const { width, height } = pixels
  const isKnown = mask.data.map(value => (value === PAINT ? 0 : 1))
  const isDone = isKnown.slice()
  const tensors = structureTensors(pixels, isKnown)
  const colours = Float32Array.from(pixels.data)
  const near = disc(PDE_RADIUS)
  const places = new Int32Array(near.length)
  const shares = new Float32Array(near.length)

  const present = { width, height, data: colours }
  for (const [index, at] of order.entries()) {
    if (index % PDE_PROGRESS_PIXELS === 0) onStep(index / order.length, () => previewOf(present))
    const x = at % width
    const y = (at - x) / width
    let count = 0
    for (const { dx, dy, far } of near) {
      const [nearX, nearY] = [x + dx, y + dy]
      if (nearX < 0 || nearY < 0 || nearX >= width || nearY >= height) continue
      const place = nearY * width + nearX
      if (isDone[place] === 0) continue
      places[count] = place
      shares[count++] = 1 / far
    }
    putMean(tensors, at, places, shares, count)
    const { alongX, alongY, strength } = directionOf(tensors, at)
    for (let i = 0; i < count; i++) {
      const nearX = places[i]! % width
      const across = strength * ((nearX - x) * alongY - ((places[i]! - nearX) / width - y) * alongX)
      shares[i]! *= Math.exp((-across * across) / (2 * PDE_RADIUS * PDE_RADIUS))
    }
    putMean(colours, at, places, shares, count)
    isDone[at] = 1
  }
  const smooth = everyNth(present, 1)
  onStep(1, () => previewOf(smooth))
  return smooth
}

/** Values as of {@link Pixels}, whole or not. */
type Values = Extent & { readonly data: Float32Array | Uint8Array }

function previewOf(values: Values): Pixels {
  return everyNth(values, Math.ceil(Math.max(values.width, values.height) / PREVIEW))
}

/** Every so many pixels of every so many rows. */
function everyNth({ width, height, data }: Values, stride: number): Pixels {
  const small = blank({ width: Math.ceil(width / stride), height: Math.ceil(height / stride) })
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      const from = (y * stride * width + x * stride) * 3
      const to = (y * small.width + x) * 3
      for (let channel = 0; channel < 3; channel++) small.data[to + channel] = Math.round(data[from + channel]!)
    }
  }
  return small
}

/** The pixels to be painted, those nearest to what is known first. */
function fromTheRim(mask: Mask): Uint32Array {
  const far = squaredDistances(mask, KEEP)
  return holeOf(mask).sort((one, other) => far[one]! - far[other]!)
}

function holeOf(mask: Mask): Uint32Array {
  const hole = new Uint32Array(painted(mask))
  let count = 0
  for (let at = 0; at < mask.data.length; at++) if (mask.data[at] === PAINT) hole[count++] = at
  return hole
}

/** All within `radius` pixels but the middle, and how far it is. */
function disc(radius: number) {
  const side = Array.from({ length: 2 * radius + 1 }, (_, index) => index - radius)
  return side
    .flatMap(dy => side.map(dx => ({ dx, dy, far: Math.hypot(dx, dy) })))
    .filter(({ far }) => far > 0 && far <= radius)
}

/** Replace the three values of a pixel by the weighted mean of those of others. */
function putMean(values: Float32Array, at: number, places: Int32Array, shares: Float32Array, count: number): void {
  let [first, second, third, sum] = [0, 0, 0, 0]
  for (let i = 0; i < count; i++) {
    const share = shares[i]!
    const from = places[i]! * 3
    first += share * values[from]!
    second += share * values[from + 1]!
    third += share * values[from + 2]!
    sum += share
  }
  values[at * 3] = first / sum
  values[at * 3 + 1] = second / sum
  values[at * 3 + 2] = third / sum
}

/** Where an edge runs through a pixel, as a unit vector, and how much more counts what lies along it: 1 if there is none. */
function directionOf(tensors: Float32Array, at: number): { alongX: number; alongY: number; strength: number } {
  const [xx, xy, yy] = [tensors[at * 3]!, tensors[at * 3 + 1]!, tensors[at * 3 + 2]!]
  const apart = Math.hypot(xx - yy, 2 * xy)
  if (apart === 0) return { alongX: 1, alongY: 0, strength: 1 }
  // Half the angle of the tensor's turn is where it is steepest; the edge runs across that.
  const steepest = Math.atan2(2 * xy, xx - yy) / 2
  const strength = 1 + PDE_SHARPNESS * Math.exp(-(PDE_MIN_COHERENCE ** 4) / apart ** 2)
  return { alongX: -Math.sin(steepest), alongY: Math.cos(steepest), strength }
}

/**
 * What the brightness does around each known pixel: Σ dx², Σ dx·dy, Σ dy² of its smoothed gradient. What is not known is
 * left out of the smoothing, and has zeros.
 */
function structureTensors({ width, height, data }: Pixels, isKnown: Uint8Array): Float32Array {
  const luma = new Float32Array(isKnown.length)
  for (let at = 0; at < luma.length; at++) {
    luma[at] = isKnown[at]! * (0.299 * data[at * 3]! + 0.587 * data[at * 3 + 1]! + 0.114 * data[at * 3 + 2]!)
  }
  const weights = smoothed(Float32Array.from(isKnown), width, height)
  const sums = smoothed(luma, width, height)
  const tensors = new Float32Array(luma.length * 3)
  const valueAt = (at: number) => sums[at]! / weights[at]!
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      if (isKnown[at] === 0) continue
      // Known pixels have weight, and so have those beside them.
      const dx = (valueAt(x < width - 1 ? at + 1 : at) - valueAt(x > 0 ? at - 1 : at)) / 2
      const dy = (valueAt(y < height - 1 ? at + width : at) - valueAt(y > 0 ? at - width : at)) / 2
      tensors[at * 3] = dx * dx
      tensors[at * 3 + 1] = dx * dy
      tensors[at * 3 + 2] = dy * dy
    }
  }
  return tensors
}

/** Under a Gaussian of {@link PDE_SIGMA}; beyond the picture all is 0. */
function smoothed(values: Float32Array, width: number, height: number): Float32Array {
  const bell = Array.from({ length: 2 * PDE_SIGMA_REACH + 1 }, (_, i) =>
    Math.exp(-((i - PDE_SIGMA_REACH) ** 2) / (2 * PDE_SIGMA ** 2)),
  )
  const pass = (from: Float32Array, step: number, positionOf: (at: number) => number, length: number) =>
    from.map((_, at) => {
      const position = positionOf(at)
      let sum = 0
      for (let i = Math.max(-PDE_SIGMA_REACH, -position); i <= Math.min(PDE_SIGMA_REACH, length - 1 - position); i++) {
        sum += bell[i + PDE_SIGMA_REACH]! * from[at + i * step]!
      }
      return sum
    })
  const across = pass(values, 1, at => at % width, width)
  return pass(across, width, at => Math.floor(at / width), height)
}

/**
 * Lay grain like that of what is known around onto what was painted: what known pixels have over the median around them,
 * but no more than most of them have, since the rest are details.
 */
export function withGrain(smooth: Pixels, { pixels, mask }: Pick<Canvas, 'pixels' | 'mask'>, seed: number): Pixels {
  const { width, height } = smooth
  const data = smooth.data.slice()
  const hole = holeOf(mask)
  const random = seeded(seed)
  const shifts = new Map<number, { dx: number; dy: number }>()
  const grain = new Int16Array(hole.length * 3)
  for (const [index, at] of hole.entries()) {
    const x = at % width
    const y = (at - x) / width
    const square = Math.floor(y / GRAIN_SQUARE) * width + Math.floor(x / GRAIN_SQUARE)
    let shift = shifts.get(square)
    for (let tries = 0; tries < GRAIN_TRIES; tries++) {
      const place = shift && placeAt(x + shift.dx, y + shift.dy, width, height)
      if (place !== undefined && mask.data[place] === KEEP) {
        for (let channel = 0; channel < 3; channel++) {
          grain[index * 3 + channel] = grainAt(pixels, mask, place, channel)
        }
        break
      }
      shift = { dx: between(random, GRAIN_REACH), dy: between(random, GRAIN_REACH) }
      shifts.set(square, shift)
    }
  }
  const most = GRAIN_MEDIAN_LIMIT * ((grain.map(Math.abs).sort()[grain.length >> 1] ?? 0) + 1)
  for (const [index, at] of hole.entries()) {
    for (let channel = 0; channel < 3; channel++) {
      const more = Math.min(most, Math.max(-most, grain[index * 3 + channel]!))
      data[at * 3 + channel] = Math.min(255, Math.max(0, data[at * 3 + channel]! + more))
    }
  }
  return { width, height, data }
}

function between(random: () => number, reach: number): number {
  return Math.floor(random() * (2 * reach + 1)) - reach
}

function placeAt(x: number, y: number, width: number, height: number): number | undefined {
  return x < 0 || y < 0 || x >= width || y >= height ? undefined : y * width + x
}

/** A known pixel without the median of the known ones in the square of three around it. */
function grainAt({ width, height, data }: Pixels, mask: Mask, at: number, channel: number): number {
  const x = at % width
  const y = (at - x) / width
  const values: number[] = []
  for (let dy = -1; dy <= 1; dy++) {
    for (let dx = -1; dx <= 1; dx++) {
      const place = placeAt(x + dx, y + dy, width, height)
      if (place !== undefined && mask.data[place] === KEEP) values.push(data[place * 3 + channel]!)
    }
  }
  values.sort((one, other) => one - other)
  return data[at * 3 + channel]! - values[values.length >> 1]!
}
