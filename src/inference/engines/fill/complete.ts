import type { Canvas } from '../../canvas.js'
import { PREVIEW } from '../../engine.js'
import type { Pixels } from '../../pixels.js'
import { random as seeded } from '../../random.js'
import { type Anchors, anchorsOf } from './anchors.js'
import { blend } from './blend.js'
import { emptyField, type Field, fillEmpty, improve, type Search, upsampled } from './field.js'
import { leaningOf } from './leaning.js'
import { CHANNELS, type Level, pyramid } from './level.js'
import { sourcesOf } from './sources.js'
import { copy, vote } from './vote.js'

/** Patches of 7×7 pixels, as Newson et al. use. */
const RADIUS = 3

/** The coarsest level's known part has at least this many pixels on its shorter side. */
const SHORTEST = 32

/** Levels of more pixels than this are only refined, not searched. */
const SEARCHED = 400_000

/**
 * Complete a picture from itself (Wexler, Shechtman and Irani 2007; Newson et al. 2014): from coarse to fine, find for
 * each patch that is to be painted the known patch most like it, and repaint from what was found, until little changes;
 * then take the best match for each pixel and blend the seams.
 *
 * Runs in the calling thread.
 *
 * @param onStep is told how much is done, from 0 to 1, and the level as it stands
 * @returns the whole picture; kept pixels are the canvas's own
 */
export function complete(
  { pixels, mask }: Pick<Canvas, 'pixels' | 'mask'>,
  seed: number,
  onStep: (done: number, level: Level) => void = () => {},
): Pixels {
  const levels = pyramid(pixels, mask, SHORTEST)
  const random = seeded(seed)
  const tilt = seeded(seed ^ 0x5bd1e995)
  const costs = levels.map((level, index) => rounds(levels.length - 1 - index, level) * level.known.length)
  const whole = costs.reduce((sum, cost) => sum + cost, 0)
  let spent = 0
  let coarser: { field: Field; level: Level } | undefined
  const leanings = leaningOf(levels.at(-1)!, tilt)

  for (let index = levels.length - 1; index >= 0; index--) {
    const level = levels[index]!
    const anchors = anchorsOf(level)
    const sources = sourcesOf(level, RADIUS)
    const search: Search = { level, sources, leaning: leanings(level, anchors), random }
    const field = emptyField(level, sources, anchors)
    const depth = levels.length - 1 - index
    const times = rounds(depth, level)
    if (coarser) {
      upsampled(coarser.field, coarser.level, field, search)
      copy(level, field)
    } else {
      fillEmpty(field, search)
      startFrom(level, search, anchors)
    }
    for (let round = 0; round < times; round++) {
      const light = level.known.length > SEARCHED
      improve(field, search, light ? 1 : 2, light ? 1 : depth === 0 ? Math.max(level.width, level.height) : 8)
      if (index > 0 || round < times - 1) vote(level, field, sources.radius, anchors)
      spent += costs[index]! / times
      onStep(Math.min(0.99, spent / whole), level)
    }
    coarser = { field, level }
    if (index > 0) continue
    copy(level, field)
    blend(level, field, sources.radius, Math.max(8, Math.min(level.width, level.height) / 12))
  }
  const { width, height, data } = levels[0]!
  const result = { width, height, data: new Uint8Array(width * height * 3) }
  for (let at = 0; at < width * height; at++) {
    for (let c = 0; c < 3; c++) result.data[at * 3 + c] = data[at * CHANNELS + c]!
  }
  onStep(1, levels[0]!)
  return result
}

/** How often a level is searched and repainted; `depth` is 0 for the coarsest. */
function rounds(depth: number, level: Level): number {
  if (level.known.length > SEARCHED) return 1
  return [14, 8, 4, 2][depth] ?? 2
}

/** The first estimate: what lies where each pixel would rather copy from. */
function startFrom({ width, height, data, known }: Level, { leaning }: Search, { nearest }: Anchors): void {
  const start = data.slice()
  for (let at = 0; at < known.length; at++) {
    if (known[at]) continue
    const x = Math.min(width - 1, Math.max(0, Math.round(leaning.x[at]!)))
    const y = Math.min(height - 1, Math.max(0, Math.round(leaning.y[at]!)))
    const from = nearest[y * width + x]!
    for (let c = 0; c < CHANNELS; c++) data[at * CHANNELS + c] = start[from * CHANNELS + c]!
  }
}

/** A small picture of how a level stands, by every n-th pixel. */
export function previewOf(level: Level): Pixels {
  const stride = Math.ceil(Math.max(level.width, level.height) / PREVIEW)
  const width = Math.ceil(level.width / stride)
  const height = Math.ceil(level.height / stride)
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * stride * level.width + x * stride) * CHANNELS
      data.set(level.data.subarray(from, from + 3), (y * width + x) * 3)
    }
  }
  return { width, height, data }
}
