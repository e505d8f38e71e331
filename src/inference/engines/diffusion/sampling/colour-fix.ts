import type { NoiseSchedule } from './noise-schedule.js'
import { type AlphaSigma, predictDenoised, weightedSum } from './samplers/sampler.js'

/** Keeps the colours of a picture while another one is sampled: A1111's `tile_colorfix`. */
export type ColourFix = {
  /** Latents of the picture. Shape [4, height, width]. */
  readonly source: Float32Array
  /** 0 to 1. */
  readonly weight: number
  /** The shares of the steps between which it works, 0 to 1. */
  readonly start: number
  readonly end: number
}

/** Colours are means over squares that reach this far from their centre, in latents: A1111's default "variation". */
const RADIUS = 8

/**
 * The output of a model that predicts pictures with the source's colours: what is denoised − its blur + the source's blur.
 *
 * @param latents of all pictures, one after the other, and what the model predicts for them
 * @param size height and width of the latents
 */
export function withColoursOf(
  { source, weight }: ColourFix,
  schedule: NoiseSchedule,
  factors: AlphaSigma,
  latents: Float32Array,
  output: Float32Array,
  size: readonly [number, number],
): Float32Array {
  const denoised = predictDenoised(schedule, latents, output, factors)
  const [blurred, wanted] = [boxBlur(denoised, size), boxBlur(source, size)]
  const difference = blurred.map((value, at) => wanted[at % wanted.length]! - value)
  return weightedSum([1, output], [weight / denoisedPerOutput(schedule, factors), difference])
}

/** How much the denoised picture changes with the output: the one depends on the other linearly. */
function denoisedPerOutput(schedule: NoiseSchedule, factors: AlphaSigma): number {
  const at = (output: number) => predictDenoised(schedule, new Float32Array(1), Float32Array.of(output), factors)[0]!
  return at(1) - at(0)
}

/** Means over squares; beyond the edges the nearest value counts. @param planes any number of [height, width] */
export function boxBlur(planes: Float32Array, [height, width]: readonly [number, number]): Float32Array {
  const result = new Float32Array(planes.length)
  const count = 2 * RADIUS + 1
  const blurLines = (from: Float32Array, to: Float32Array, first: number, length: number, stride: number) => {
    const valueAt = (at: number) => from[first + Math.min(length - 1, Math.max(0, at)) * stride]!
    let sum = 0
    for (let at = -RADIUS; at <= RADIUS; at++) sum += valueAt(at)
    for (let at = 0; at < length; at++) {
      to[first + at * stride] = sum / count
      sum += valueAt(at + RADIUS + 1) - valueAt(at - RADIUS)
    }
  }
  const rows = new Float32Array(planes.length)
  for (let row = 0; row < planes.length / width; row++) blurLines(planes, rows, row * width, width, 1)
  for (let plane = 0; plane < planes.length; plane += height * width) {
    for (let column = 0; column < width; column++) blurLines(rows, result, plane + column, height, width)
  }
  return result
}
