import {
  BORDER_REACH,
  BORDER_SWEEPS,
  BORDER_WEIGHT,
  PATCH_RADIUS,
  POISSON_GRAIN,
  POISSON_MASKED_FROM,
  POISSON_MASKED_SHARE,
  POISSON_OVER_RELAXATION,
  POISSON_REFINE_OVER_RELAXATION,
  POISSON_REFINE_SWEEPS,
  POISSON_ROUGHNESS_WEIGHT,
  POISSON_STRIP_OVERLAP,
  POISSON_STRIP_ROWS,
  POISSON_SWEEPS,
  TEXTURE_GAIN,
} from '../parameters'
import { colourAt, putColour, squared } from './colour'
import { Level, SIDES, sourceOf, stepTo, zeroed } from './level'

const SIGN: i32 = 1 << 31

/**
 * Remove the seams between copied pieces, and between them and what is known, in the gradient domain (Pérez et al.
 * 2003, "Poisson image editing"; screened as in Bhat et al. 2008): the result has the pieces' gradients, meets the
 * known pixels, and drifts from the copied colours no farther than `reach` pixels from a seam.
 *
 * With f = v + e, v the copied colours and g the gradient that the sources have from p to q, the minimum of
 * Σ (f_p − f_q − g_pq)² + ε Σ (f_p − v_p)² is where (n + ε) e_p = Σ e_q + Σ (v_q − v_p + g_pq) over the n neighbours;
 * e is 0 where the picture is known. Solved by successive over-relaxation.
 *
 * @param level whose unknown pixels hold the copied colours; they are replaced
 * @param reach in pixels: ε is 1 / reach², and more where sources are rough
 * @param isLast whether no larger size follows: then changes that don't show are left out
 * @returns e, by pixel four floats, for the same picture at a larger size; to be released
 */
export function blend(level: Level, reach: f32, isLast: bool): usize {
  const change = vectors(level, level.rows)
  solve(
    level,
    change,
    0,
    level.rows,
    1 / (reach * reach),
    POISSON_SWEEPS,
    POISSON_OVER_RELAXATION,
    isLast ? level : null,
  )
  apply(level, change, 0, 0, level.rows)
  return change
}

/**
 * The same for a large level, with little memory: starts from what a coarser one came to, and mends what is left strip by
 * strip.
 *
 * @param coarse the level that `solved` belongs to
 */
export function blendFrom(coarse: Level, solved: usize, level: Level): void {
  for (let top = PATCH_RADIUS; top < PATCH_RADIUS + level.height; top += POISSON_STRIP_ROWS) {
    const bottom = min(PATCH_RADIUS + level.height, top + POISSON_STRIP_ROWS)
    const from = max(0, top - POISSON_STRIP_OVERLAP)
    const to = min(level.rows, bottom + POISSON_STRIP_OVERLAP)
    const change = vectors(level, to - from)
    for (let y = max(PATCH_RADIUS, from); y < min(PATCH_RADIUS + level.height, to); y++) {
      for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
        const at = y * level.stride + x
        if (load<u8>(level.known + <usize>at)) continue
        v128.store(change + <usize>(at - from * level.stride) * 16, sample(coarse, solved, level, x, y))
      }
    }
    solve(level, change, from, to, 0, POISSON_REFINE_SWEEPS, POISSON_REFINE_OVER_RELAXATION, coarse)
    apply(level, change, from, top, bottom)
    heap.free(change)
  }
}

/** Give back what {@link blend} returned. */
export function release(solved: usize): void {
  heap.free(solved)
}

/** For each pixel of so many rows four floats of 0. */
function vectors(level: Level, rows: i32): usize {
  return zeroed(<usize>(level.stride * rows) * 16)
}

/** The coarser solution between its pixels. */
function sample(coarse: Level, solved: usize, level: Level, x: i32, y: i32): v128 {
  const u = ((<f32>(x - PATCH_RADIUS) + 0.5) * <f32>coarse.width) / <f32>level.width - 0.5
  const v = ((<f32>(y - PATCH_RADIUS) + 0.5) * <f32>coarse.height) / <f32>level.height - 0.5
  const left = <i32>Mathf.floor(u)
  const top = <i32>Mathf.floor(v)
  const right = u - <f32>left
  const below = v - <f32>top
  // The margin is 0, as if known; one pixel of it is enough.
  const at = solved + <usize>((top + PATCH_RADIUS) * coarse.stride + left + PATCH_RADIUS) * 16
  const row = <usize>coarse.stride * 16
  const above = mix(v128.load(at), v128.load(at + 16), right)
  return mix(above, mix(v128.load(at + row), v128.load(at + row + 16), right), below)
}

function mix(one: v128, other: v128, share: f32): v128 {
  return f32x4.add(f32x4.mul(one, f32x4.splat(1 - share)), f32x4.mul(other, f32x4.splat(share)))
}

/**
 * @param change for the rows from `from` up to `to`; the outermost ones stay as they are unless they are the picture's
 * @param textured a level that was searched, which knows what the picture's texture hides; null to leave nothing out
 */
function solve(
  level: Level,
  change: usize,
  from: i32,
  to: i32,
  screen: f32,
  sweeps: i32,
  relaxation: f32,
  textured: Level | null,
): void {
  const right = vectors(level, to - from)
  const first = max(PATCH_RADIUS, from + 1)
  const end = min(PATCH_RADIUS + level.height, to - 1)
  for (let y = first; y < end; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const at = y * level.stride + x
      if (load<u8>(level.known + <usize>at)) continue
      let sum = f32x4.splat(0)
      if (x > PATCH_RADIUS) sum = f32x4.add(sum, jump(level, at, -1))
      if (x < PATCH_RADIUS + level.width - 1) sum = f32x4.add(sum, jump(level, at, 1))
      if (y > PATCH_RADIUS) sum = f32x4.add(sum, jump(level, at, -level.stride))
      if (y < PATCH_RADIUS + level.height - 1) sum = f32x4.add(sum, jump(level, at, level.stride))
      v128.store(right + <usize>(at - from * level.stride) * 16, sum)
    }
  }
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let y = first; y < end; y++) relaxRow(level, right, change, from, y, 0, screen, relaxation)
    for (let y = first; y < end; y++) relaxRow(level, right, change, from, y, 1, screen, relaxation)
  }
  if (textured) leaveOutHidden(level, change, from, first, end, textured)
  meetBorder(level, right, change, from, first, end)
  heap.free(right)
}

/** Every second pixel, as on a chessboard: those between are their only neighbours. */
function relaxRow(
  level: Level,
  right: usize,
  change: usize,
  from: i32,
  y: i32,
  parity: i32,
  screen: f32,
  relaxation: f32,
): void {
  const row = <usize>level.stride * 16
  const last = PATCH_RADIUS + level.width
  const rows = 2 - i32(y === PATCH_RADIUS) - i32(y === PATCH_RADIUS + level.height - 1)
  for (let x = PATCH_RADIUS + ((y + parity) & 1); x < last; x += 2) {
    const at = <usize>(y * level.stride + x)
    if (load<u8>(level.known + at)) continue
    const neighbours = <f32>(rows + 2 - i32(x === PATCH_RADIUS) - i32(x === last - 1))
    const inRows = (at - from * level.stride) * 16
    const own = change + inRows
    // The margin's change is 0, and so is that of what is known.
    const sum = f32x4.add(around(own, row), v128.load(right + inRows))
    const was = v128.load(own)
    const wanted = f32x4.mul(sum, f32x4.splat(1 / (neighbours + screen + roughnessAt(level, at))))
    v128.store(own, f32x4.add(was, f32x4.mul(f32x4.splat(relaxation), f32x4.sub(wanted, was))))
  }
}

function around(own: usize, row: usize): v128 {
  return f32x4.add(
    f32x4.add(v128.load(own - 16), v128.load(own + 16)),
    f32x4.add(v128.load(own - row), v128.load(own + row)),
  )
}

function roughnessAt(level: Level, at: usize): f32 {
  if (!level.texture) return 0
  const texture = <i32>load<u16>(level.texture + <usize>sourceOf(level, <i32>at) * 2)
  const rough = max<f32>(0, <f32>((texture & 0xff) + (texture >> 8)) - POISSON_GRAIN)
  return POISSON_ROUGHNESS_WEIGHT * rough * rough
}

/** Make changes smaller by what the texture there hides. */
function leaveOutHidden(level: Level, change: usize, from: i32, first: i32, end: i32, textured: Level): void {
  for (let y = first; y < end; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const at = y * level.stride + x
      if (load<u8>(level.known + <usize>at)) continue
      const inRows = change + <usize>(at - from * level.stride) * 16
      const whole = v128.load(inRows)
      const shown = f32x4.sub(f32x4.abs(whole), f32x4.splat(hiddenAt(level, textured, x, y)))
      const size = f32x4.max(shown, f32x4.splat(0))
      v128.store(inRows, v128.bitselect(whole, size, i32x4.splat(SIGN)))
    }
  }
}

/** How large a change is hidden at a pixel, by the texture of what it is copied from, in grey levels. */
function hiddenAt(level: Level, textured: Level, x: i32, y: i32): f32 {
  const column = ((x - PATCH_RADIUS) * textured.width) / level.width + PATCH_RADIUS
  const row = ((y - PATCH_RADIUS) * textured.height) / level.height + PATCH_RADIUS
  const at = row * textured.stride + column
  const place = load<u8>(textured.known + <usize>at) ? at : sourceOf(textured, at)
  const texture = <i32>load<u16>(textured.texture + <usize>place * 2)
  const rough = max<f32>(0, <f32>((texture & 0xff) + (texture >> 8)) - POISSON_GRAIN)
  const far = POISSON_MASKED_FROM * <f32>min(textured.width, textured.height)
  return (
    ((POISSON_MASKED_SHARE * rough) / (2 * TEXTURE_GAIN)) *
    min<f32>(1, <f32>load<u8>(textured.distance + <usize>at) / far)
  )
}

/**
 * What the mean left over at the border, pixel by pixel: it is met there, and forgotten a few pixels farther on.
 *
 * @param right is overwritten
 */
function meetBorder(level: Level, right: usize, change: usize, from: i32, first: i32, end: i32): void {
  const residue = vectors(level, end - from + 1)
  const row = <usize>level.stride * 16
  for (let y = first; y < end; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const at = y * level.stride + x
      if (load<u8>(level.known + <usize>at)) continue
      let sum = f32x4.splat(0)
      let count: f32 = 0
      for (let side = 0; side < SIDES; side++) {
        const step = stepTo(level, side)
        if (!load<u8>(level.known + <usize>(at + step))) continue
        sum = f32x4.add(sum, f32x4.sub(colourAt(level, at + step), colourAt(level, sourceOf(level, at) + step)))
        count += 1
      }
      const inRows = <usize>(at - from * level.stride) * 16
      const left = f32x4.sub(f32x4.mul(sum, f32x4.splat(1 / max<f32>(1, count))), v128.load(change + inRows))
      v128.store(right + inRows, count > 0 ? f32x4.mul(left, f32x4.splat(BORDER_WEIGHT)) : f32x4.splat(0))
      v128.store(residue + inRows, count > 0 ? left : f32x4.splat(0))
    }
  }
  for (let sweep = 0; sweep < BORDER_SWEEPS; sweep++) {
    for (let y = first; y < end; y++) {
      for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
        const at = <usize>(y * level.stride + x)
        if (load<u8>(level.known + at)) continue
        const inRows = (at - from * level.stride) * 16
        const near = around(residue + inRows, row)
        const wish = v128.load(right + inRows)
        // Far from the border all is 0.
        if (!v128.any_true(v128.or(near, wish))) continue
        const held: f32 = v128.any_true(wish) ? BORDER_WEIGHT : 0
        const share: f32 = 1 / (<f32>4 + held + <f32>1 / (BORDER_REACH * BORDER_REACH))
        v128.store(residue + inRows, f32x4.mul(f32x4.add(near, wish), f32x4.splat(share)))
      }
    }
  }
  for (let y = first; y < end; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const inRows = <usize>((y - from) * level.stride + x) * 16
      v128.store(change + inRows, f32x4.add(v128.load(change + inRows), v128.load(residue + inRows)))
    }
  }
  heap.free(residue)
}

function apply(level: Level, change: usize, from: i32, top: i32, bottom: i32): void {
  for (let y = max(PATCH_RADIUS, top); y < min(PATCH_RADIUS + level.height, bottom); y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const at = y * level.stride + x
      if (load<u8>(level.known + <usize>at)) continue
      const more = v128.load(change + <usize>(at - from * level.stride) * 16)
      putColour(level, <usize>at, f32x4.add(colourAt(level, at), more))
    }
  }
}

/**
 * How much more the neighbour at `step` differs from a pixel than their sources say: the one whose gradient is stronger, since the
 * mean of two that know nothing of each other is a blur (Pérez et al. 2003, equation 12).
 */
function jump(level: Level, at: i32, step: i32): v128 {
  const own = sourceOf(level, at)
  if (load<u8>(level.known + <usize>(at + step))) return offset(level, at, own, step)
  // Patches of a single pixel know no gradient: they continue flat.
  if (level.radius === 0) return f32x4.splat(0)
  const theirs = sourceOf(level, at + step)
  const isOwnStronger = squared(level, own, own + step) >= squared(level, theirs, theirs - step)
  return isOwnStronger
    ? f32x4.sub(colourAt(level, theirs), colourAt(level, own + step))
    : f32x4.sub(colourAt(level, theirs - step), colourAt(level, own))
}

/**
 * How much brighter the known side is than the source says, at the border: the mean over a patch's reach, nearer pixels
 * first. The outermost row of a photo is often off, and its grain would be drawn out into streaks.
 */
function offset(level: Level, at: i32, own: i32, step: i32): v128 {
  if (level.radius === 0) return f32x4.sub(colourAt(level, at + step), colourAt(level, own))
  let sum = f32x4.splat(0)
  let weights: f32 = 0
  for (let k = 1; k <= level.radius; k++) {
    if (!load<u8>(level.known + <usize>(at + k * step))) break
    const gap = f32x4.sub(colourAt(level, at + k * step), colourAt(level, own + k * step))
    sum = f32x4.add(sum, f32x4.mul(gap, f32x4.splat(1 / <f32>k)))
    weights += 1 / <f32>k
  }
  return f32x4.mul(sum, f32x4.splat(1 / weights))
}
