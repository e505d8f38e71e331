import {
  BORDER_REACH,
  BORDER_SWEEPS,
  BORDER_WEIGHT,
  PATCH_RADIUS,
  POISSON_OVER_RELAXATION,
  POISSON_REFINE_OVER_RELAXATION,
  POISSON_REFINE_SWEEPS,
  POISSON_ROUGHNESS_WEIGHT,
  POISSON_STRIP_OVERLAP,
  POISSON_STRIP_ROWS,
  POISSON_SWEEPS,
} from '../parameters'
import { allocateZeroed } from './memory'
import { colourAt, squaredDifference, storeColour } from './pyramid/colour'
import { NEIGHBOURS, neighbourStep, sourcePixelOf } from './pyramid/coordinates'
import { Level } from './pyramid/level'
import { grainOf, roughnessOf } from './pyramid/texture'

const BYTES_PER_PIXEL: usize = 16

/**
 * Remove the seams between copied regions, and between them and what is known, in the gradient domain (Pérez et al.
 * 2003, "Poisson image editing"; screened as in Bhat et al. 2008): the result has the gradients of the sources, meets
 * the known pixels, and keeps the copied colours farther than `drift` pixels from a seam.
 *
 * With f = v + e, v the copied colours and g the gradient that the sources have from p to q, the minimum of
 * Σ (f_p − f_q − g_pq)² + ε Σ (f_p − v_p)² is where (n + ε) e_p = Σ e_q + Σ (v_q − v_p + g_pq) over the n neighbours;
 * e is 0 where the picture is known. Solved by successive over-relaxation.
 *
 * @param level whose pixels that are not known hold the copied colours; they are replaced
 * @param drift in pixels: ε is 1 / drift², and more where sources are rough
 * @returns e, four f32 by pixel, to refine the same picture at a larger size; to be freed with {@link freeCorrection}
 */
export function solvePoisson(level: Level, drift: f32): usize {
  const correction = allocateRows(level, level.rows)
  const screening: f32 = 1 / (drift * drift)
  grain = grainOf(level)
  solve(level, correction, 0, level.rows, screening, POISSON_SWEEPS, POISSON_OVER_RELAXATION)
  apply(level, correction, 0, 0, level.rows)
  return correction
}

/**
 * The same for a large level, with little memory: starts from the correction of a coarser one, and refines it strip by
 * strip.
 *
 * @param coarse the level that the correction belongs to
 */
export function refinePoisson(coarse: Level, coarseCorrection: usize, level: Level): void {
  const end = PATCH_RADIUS + level.height
  for (let top = PATCH_RADIUS; top < end; top += POISSON_STRIP_ROWS) {
    const bottom = min(end, top + POISSON_STRIP_ROWS)
    const first = max(0, top - POISSON_STRIP_OVERLAP)
    const last = min(level.rows, bottom + POISSON_STRIP_OVERLAP)
    const correction = allocateRows(level, last - first)
    for (let y = max(PATCH_RADIUS, first); y < min(end, last); y++) {
      for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
        const pixel = y * level.stride + x
        if (load<u8>(level.known + <usize>pixel)) continue
        const address = correction + <usize>(pixel - first * level.stride) * BYTES_PER_PIXEL
        v128.store(address, interpolate(coarse, coarseCorrection, level, x, y))
      }
    }
    solve(level, correction, first, last, 0, POISSON_REFINE_SWEEPS, POISSON_REFINE_OVER_RELAXATION)
    apply(level, correction, first, top, bottom)
    heap.free(correction)
  }
}

/** Free what {@link solvePoisson} returned. */
export function freeCorrection(correction: usize): void {
  heap.free(correction)
}

/** Four f32 of 0 for each pixel of some rows. */
function allocateRows(level: Level, rows: i32): usize {
  return allocateZeroed(<usize>(level.stride * rows) * BYTES_PER_PIXEL)
}

/** The coarser correction at a pixel of the finer level, bilinear. */
function interpolate(coarse: Level, correction: usize, level: Level, x: i32, y: i32): v128 {
  const u = ((<f32>(x - PATCH_RADIUS) + 0.5) * <f32>coarse.width) / <f32>level.width - 0.5
  const v = ((<f32>(y - PATCH_RADIUS) + 0.5) * <f32>coarse.height) / <f32>level.height - 0.5
  const left = <i32>Mathf.floor(u)
  const top = <i32>Mathf.floor(v)
  const right = u - <f32>left
  const below = v - <f32>top
  // The margin is 0, as if known; one pixel of it is enough.
  const pixel = (top + PATCH_RADIUS) * coarse.stride + left + PATCH_RADIUS
  const upper = correction + <usize>pixel * BYTES_PER_PIXEL
  const lower = upper + <usize>coarse.stride * BYTES_PER_PIXEL
  const above = mix(v128.load(upper), v128.load(upper, 16), right)
  return mix(above, mix(v128.load(lower), v128.load(lower, 16), right), below)
}

function mix(one: v128, other: v128, share: f32): v128 {
  return f32x4.add(f32x4.mul(one, f32x4.splat(1 - share)), f32x4.mul(other, f32x4.splat(share)))
}

/**
 * @param correction for the rows from `first` up to `last`, exclusive; the outermost stay as they are unless they are
 * the
 *   picture's
 */
function solve(
  level: Level,
  correction: usize,
  first: i32,
  last: i32,
  screening: f32,
  sweeps: i32,
  relaxation: f32,
): void {
  // Σ (v_q − v_p + g_pq), four f32 by pixel.
  const divergence = allocateRows(level, last - first)
  const top = max(PATCH_RADIUS, first + 1)
  const end = min(PATCH_RADIUS + level.height, last - 1)
  for (let y = top; y < end; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const pixel = y * level.stride + x
      if (load<u8>(level.known + <usize>pixel)) continue
      let sum = f32x4.splat(0)
      if (x > PATCH_RADIUS) sum = f32x4.add(sum, gradientError(level, pixel, -1))
      if (x < PATCH_RADIUS + level.width - 1) sum = f32x4.add(sum, gradientError(level, pixel, 1))
      if (y > PATCH_RADIUS) sum = f32x4.add(sum, gradientError(level, pixel, -level.stride))
      if (y < PATCH_RADIUS + level.height - 1) sum = f32x4.add(sum, gradientError(level, pixel, level.stride))
      v128.store(divergence + <usize>(pixel - first * level.stride) * BYTES_PER_PIXEL, sum)
    }
  }
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let y = top; y < end; y++) relaxRow(level, divergence, correction, first, y, 0, screening, relaxation)
    for (let y = top; y < end; y++) relaxRow(level, divergence, correction, first, y, 1, screening, relaxation)
  }
  meetBorder(level, divergence, correction, first, top, end)
  heap.free(divergence)
}

/** Relax every second pixel of a row, as on a chessboard: their neighbours are those between (red-black ordering). */
function relaxRow(
  level: Level,
  divergence: usize,
  correction: usize,
  first: i32,
  y: i32,
  parity: i32,
  screening: f32,
  relaxation: f32,
): void {
  const row = <usize>level.stride * BYTES_PER_PIXEL
  const end = PATCH_RADIUS + level.width
  const neighboursInColumn = 2 - i32(y === PATCH_RADIUS) - i32(y === PATCH_RADIUS + level.height - 1)
  for (let x = PATCH_RADIUS + ((y + parity) & 1); x < end; x += 2) {
    const pixel = <usize>(y * level.stride + x)
    if (load<u8>(level.known + pixel)) continue
    const neighbours = <f32>(neighboursInColumn + 2 - i32(x === PATCH_RADIUS) - i32(x === end - 1))
    const inRows = (pixel - first * level.stride) * BYTES_PER_PIXEL
    const own = correction + inRows
    // The correction is 0 in the margin, and where the picture is known.
    const sum = f32x4.add(sumOfNeighbours(own, row), v128.load(divergence + inRows))
    const current = v128.load(own)
    const solution = f32x4.mul(sum, f32x4.splat(1 / (neighbours + screening + roughnessScreening(level, pixel))))
    v128.store(own, f32x4.add(current, f32x4.mul(f32x4.splat(relaxation), f32x4.sub(solution, current))))
  }
}

function sumOfNeighbours(own: usize, row: usize): v128 {
  return f32x4.add(
    f32x4.add(v128.load(own - 16), v128.load(own, 16)),
    f32x4.add(v128.load(own - row), v128.load(own + row)),
  )
}

/** The grain of the picture that is blended. */
let grain: f32 = 0

/** Roughness beyond what is grain. */
function roughnessBeyondGrain(level: Level, pixel: i32): f32 {
  return max<f32>(0, <f32>roughnessOf(load<u16>(level.texture + <usize>pixel * 2)) - grain)
}

/** Rough sources hide a step, so that colours need not drift far there. */
function roughnessScreening(level: Level, pixel: usize): f32 {
  if (!level.texture) return 0
  const roughness = roughnessBeyondGrain(level, sourcePixelOf(level, <i32>pixel))
  return POISSON_ROUGHNESS_WEIGHT * roughness * roughness
}

/**
 * Meet the border pixel by pixel: {@link borderError} is a mean over a patch's reach, and what it leaves over is
 * corrected at the border and fades out within a few pixels.
 *
 * @param targets is overwritten
 */
function meetBorder(level: Level, targets: usize, correction: usize, first: i32, top: i32, end: i32): void {
  const residual = allocateRows(level, end - first + 1)
  const row = <usize>level.stride * BYTES_PER_PIXEL
  for (let y = top; y < end; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const pixel = y * level.stride + x
      if (load<u8>(level.known + <usize>pixel)) continue
      let sum = f32x4.splat(0)
      let count: f32 = 0
      for (let direction = 0; direction < NEIGHBOURS; direction++) {
        const step = neighbourStep(level, direction)
        if (!load<u8>(level.known + <usize>(pixel + step))) continue
        const copied = colourAt(level, sourcePixelOf(level, pixel) + step)
        sum = f32x4.add(sum, f32x4.sub(colourAt(level, pixel + step), copied))
        count += 1
      }
      const inRows = <usize>(pixel - first * level.stride) * BYTES_PER_PIXEL
      const error = f32x4.sub(f32x4.mul(sum, f32x4.splat(1 / max<f32>(1, count))), v128.load(correction + inRows))
      v128.store(targets + inRows, count > 0 ? f32x4.mul(error, f32x4.splat(BORDER_WEIGHT)) : f32x4.splat(0))
      v128.store(residual + inRows, count > 0 ? error : f32x4.splat(0))
    }
  }
  for (let sweep = 0; sweep < BORDER_SWEEPS; sweep++) {
    for (let y = top; y < end; y++) {
      for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
        const pixel = <usize>(y * level.stride + x)
        if (load<u8>(level.known + pixel)) continue
        const inRows = (pixel - first * level.stride) * BYTES_PER_PIXEL
        const neighbours = sumOfNeighbours(residual + inRows, row)
        const target = v128.load(targets + inRows)
        // Far from the border all is 0.
        if (!v128.any_true(v128.or(neighbours, target))) continue
        const weight: f32 = v128.any_true(target) ? BORDER_WEIGHT : 0
        const share: f32 = 1 / (<f32>NEIGHBOURS + weight + <f32>1 / (BORDER_REACH * BORDER_REACH))
        v128.store(residual + inRows, f32x4.mul(f32x4.add(neighbours, target), f32x4.splat(share)))
      }
    }
  }
  for (let y = top; y < end; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const inRows = <usize>((y - first) * level.stride + x) * BYTES_PER_PIXEL
      v128.store(correction + inRows, f32x4.add(v128.load(correction + inRows), v128.load(residual + inRows)))
    }
  }
  heap.free(residual)
}

/** Add the correction to the colours of the rows from `top` up to `bottom`, exclusive. */
function apply(level: Level, correction: usize, first: i32, top: i32, bottom: i32): void {
  for (let y = max(PATCH_RADIUS, top); y < min(PATCH_RADIUS + level.height, bottom); y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const pixel = y * level.stride + x
      if (load<u8>(level.known + <usize>pixel)) continue
      const change = v128.load(correction + <usize>(pixel - first * level.stride) * BYTES_PER_PIXEL)
      storeColour(level, <usize>pixel, f32x4.add(colourAt(level, pixel), change))
    }
  }
}

/**
 * v_q − v_p + g_pq: how much more a neighbour differs from a pixel than their sources say. Of their two gradients the
 * stronger counts, since the mean of two unrelated ones is a blur (mixed gradients, Pérez et al. 2003, equation 12).
 */
function gradientError(level: Level, pixel: i32, step: i32): v128 {
  const source = sourcePixelOf(level, pixel)
  if (load<u8>(level.known + <usize>(pixel + step))) return borderError(level, pixel, source, step)
  // Patches of a single pixel have no gradient: they continue flat.
  if (level.radius === 0) return f32x4.splat(0)
  const otherSource = sourcePixelOf(level, pixel + step)
  const ownGradient = squaredDifference(level, source, source + step)
  const otherGradient = squaredDifference(level, otherSource, otherSource - step)
  return ownGradient >= otherGradient
    ? f32x4.sub(colourAt(level, otherSource), colourAt(level, source + step))
    : f32x4.sub(colourAt(level, otherSource - step), colourAt(level, source))
}

/**
 * The same at the border: how much brighter the known side is than the source says, as a mean over a patch's reach,
 * nearer pixels counting more. The outermost row of a photo is often off, and its grain would be drawn out into
 * streaks.
 */
function borderError(level: Level, pixel: i32, source: i32, step: i32): v128 {
  if (level.radius === 0) return f32x4.sub(colourAt(level, pixel + step), colourAt(level, source))
  let sum = f32x4.splat(0)
  let weights: f32 = 0
  for (let k = 1; k <= level.radius; k++) {
    if (!load<u8>(level.known + <usize>(pixel + k * step))) break
    const error = f32x4.sub(colourAt(level, pixel + k * step), colourAt(level, source + k * step))
    sum = f32x4.add(sum, f32x4.mul(error, f32x4.splat(1 / <f32>k)))
    weights += 1 / <f32>k
  }
  return f32x4.mul(sum, f32x4.splat(1 / weights))
}
