import type { Random } from '../../random.js'
import type { Anchors } from './anchors.js'
import { CHANNELS, type Level } from './level.js'
import type { Sources } from './sources.js'

/**
 * A nearest-neighbour field: for each target pixel the source pixel whose patch looks most like its own
 * (Barnes et al. 2009, "PatchMatch").
 */
export type Field = {
  /** Pixels whose patch holds something to be painted, in row order. */
  readonly targets: Int32Array
  /** By pixel: the index of the source's centre, −1 where the pixel is no target. */
  readonly source: Int32Array
  /** By pixel: mean squared difference a pixel, summed over the channels, plus what {@link Leaning} adds. */
  readonly cost: Float32Array
}

/**
 * Which sources a target would rather copy from: near the known pixel that lies nearest to it, since what lies outside
 * the frame mostly looks like what lies just inside (He and Sun 2012 find the same of offsets), and rather beside than
 * above or below, since the world is layered.
 */
export type Leaning = {
  /** By pixel: where it would rather copy from, as coordinates in pixels. */
  readonly x: Float32Array
  readonly y: Float32Array
  /** Cost of lying a whole picture's width or height away, growing with the square. */
  readonly across: number
  readonly down: number
}

export type Search = {
  readonly level: Level
  readonly sources: Sources
  readonly leaning: Leaning
  readonly random: Random
}

/** An empty field over everything within a patch's reach of what is to be painted. */
export function emptyField({ width, height, known }: Level, { radius }: Sources, { distance }: Anchors): Field {
  const count = width * height
  const source = new Int32Array(count).fill(-1)
  const isTarget = new Uint8Array(count)
  for (let at = 0; at < count; at++) {
    if (known[at]) continue
    isTarget[at] = 1
    // Only the rim of the hole reaches known pixels.
    if (distance[at]! > 1) continue
    const x = at % width
    const y = (at - x) / width
    for (let ty = Math.max(0, y - radius); ty <= Math.min(height - 1, y + radius); ty++) {
      isTarget.fill(1, ty * width + Math.max(0, x - radius), ty * width + Math.min(width - 1, x + radius) + 1)
    }
  }
  let length = 0
  for (let at = 0; at < count; at++) if (isTarget[at]) length++
  const targets = new Int32Array(length)
  for (let at = 0, next = 0; at < count; at++) if (isTarget[at]) targets[next++] = at
  return { targets, source, cost: new Float32Array(count).fill(Number.POSITIVE_INFINITY) }
}

/** Give every target without a source one near to where it leans. */
export function fillEmpty(field: Field, search: Search): void {
  for (const target of field.targets) if (field.source[target]! < 0) field.source[target] = nearby(target, search)
}

function nearby(target: number, { level, sources, leaning, random }: Search): number {
  const { width, height } = level
  for (let reach = 1, tries = 0; tries < 12; tries++, reach *= 1.6) {
    const x = Math.round(leaning.x[target]! + (random() * 2 - 1) * reach)
    const y = Math.round(leaning.y[target]! + (random() * 2 - 1) * reach)
    if (x >= 0 && y >= 0 && x < width && y < height && sources.valid[y * width + x]) return y * width + x
  }
  return sources.list[Math.floor(random() * sources.list.length)]!
}

/**
 * The field of a level from that of the next coarser one: each source moves along with its target.
 *
 * @param coarse the level that `from` belongs to
 */
export function upsampled(from: Field, coarse: Level, field: Field, search: Search): void {
  const { width, height } = search.level
  const { valid } = search.sources
  for (const target of field.targets) {
    const x = target % width
    const y = (target - x) / width
    const source = from.source[(y >> 1) * coarse.width + (x >> 1)]!
    if (source < 0) continue
    const sx = (source % coarse.width) * 2 + (x & 1)
    const sy = Math.floor(source / coarse.width) * 2 + (y & 1)
    // At the rim of what is known the finer patch may not be whole: then the next one that is, if it is near.
    for (let reach = 0; reach <= 4 && field.source[target]! < 0; reach++) {
      for (const [dx, dy] of [
        [0, 0],
        [reach, 0],
        [-reach, 0],
        [0, reach],
        [0, -reach],
        [reach, reach],
        [-reach, -reach],
        [reach, -reach],
        [-reach, reach],
      ] as const) {
        if (sx + dx < 0 || sy + dy < 0 || sx + dx >= width || sy + dy >= height) continue
        const at = (sy + dy) * width + sx + dx
        if (!valid[at]) continue
        field.source[target] = at
        break
      }
    }
  }
  fillEmpty(field, search)
}

/**
 * Improve a field: from each target's neighbours (propagation), then at random, ever nearer to what it has.
 *
 * @param sweeps how often to go over the targets, in turn from the first and from the last
 * @param reach of the random search, in pixels; 0 for none
 */
export function improve({ targets, source, cost }: Field, search: Search, sweeps: number, reach: number): void {
  const { level, sources, leaning, random } = search
  const { width, height, data } = level
  const { valid, radius } = sources
  const across = leaning.across / (width * width)
  const down = leaning.down / (height * height)

  /** Mean squared difference a pixel of the two patches as far as they lie on the picture; infinite above `limit`. */
  function difference(tx: number, ty: number, from: number, limit: number): number {
    const left = Math.min(radius, tx)
    const top = Math.min(radius, ty)
    const columns = left + Math.min(radius, width - 1 - tx) + 1
    const rows = top + Math.min(radius, height - 1 - ty) + 1
    const most = limit * columns * rows
    let a = ((ty - top) * width + tx - left) * CHANNELS
    let b = (from - top * width - left) * CHANNELS
    const row = columns * CHANNELS
    const next = width * CHANNELS - row
    let sum = 0
    for (let y = 0; y < rows; y++) {
      for (const end = a + row; a < end; a++, b++) {
        const d = data[a]! - data[b]!
        sum += d * d
      }
      if (sum > most) return Number.POSITIVE_INFINITY
      a += next
      b += next
    }
    return sum / (columns * rows)
  }

  function consider(target: number, tx: number, ty: number, candidate: number): void {
    if (candidate === source[target]) return
    const sx = candidate % width
    const sy = (candidate - sx) / width
    const dx = sx - leaning.x[target]!
    const dy = sy - leaning.y[target]!
    const lean = across * dx * dx + down * dy * dy
    const best = cost[target]!
    if (lean >= best) return
    const found = difference(tx, ty, candidate, best - lean) + lean
    if (found >= best) return
    cost[target] = found
    source[target] = candidate
  }

  // The estimate has changed since these were measured.
  for (const target of targets) {
    const had = source[target]!
    cost[target] = Number.POSITIVE_INFINITY
    source[target] = -1
    const tx = target % width
    consider(target, tx, (target - tx) / width, had)
    // A difference can't be infinite here, since nothing limits it.
  }

  for (let sweep = 0; sweep < sweeps; sweep++) {
    const forward = sweep % 2 === 0
    const step = forward ? 1 : -1
    for (let i = 0; i < targets.length; i++) {
      const target = targets[forward ? i : targets.length - 1 - i]!
      const tx = target % width
      const ty = (target - tx) / width
      const before = tx - step
      if (before >= 0 && before < width) {
        const moved = source[target - step]! < 0 ? -1 : source[target - step]! + step
        if (moved >= 0 && valid[moved]) consider(target, tx, ty, moved)
      }
      const above = ty - step
      if (above >= 0 && above < height) {
        const over = source[target - step * width]!
        const moved = over < 0 ? -1 : over + step * width
        if (moved >= 0 && moved < valid.length && valid[moved]) consider(target, tx, ty, moved)
      }
      for (let range = reach; range >= 1; range /= 2) {
        const at = source[target]!
        const sx = (at % width) + Math.round((random() * 2 - 1) * range)
        const sy = Math.floor(at / width) + Math.round((random() * 2 - 1) * range)
        if (sx < 0 || sy < 0 || sx >= width || sy >= height || !valid[sy * width + sx]) continue
        consider(target, tx, ty, sy * width + sx)
      }
    }
  }
}
