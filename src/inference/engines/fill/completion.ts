import { type Mask, PAINT, type Pixels, painted } from '../../image/pixels.js'
import type { Canvas } from '../../pipeline/canvas.js'
import { PREVIEW } from '../../pipeline/engine.js'
import { random as seeded } from '../../random.js'
import { type Address, fieldOf, type Kernel, startKernel } from './kernel.js'
import {
  BLOCK_LEVELS,
  BLOCK_REACH_SHARE,
  BLOCK_TRIES_PER_PIXEL,
  BOUNDARY_COMMON_SHARE,
  BOUNDARY_RARITY_FACTOR,
  ENCLOSURE_FREE_BARRIERS,
  ENCLOSURE_MAX_PENALTY,
  ENCLOSURE_PENALTY,
  EVEN_VOTE_SHARE,
  INCOHERENCE_PENALTY,
  LARGE_AREA_SHARE,
  LINE_MAX_PIXELS,
  LINE_PREFERENCE,
  LINE_TABLE_SIZE,
  MEAN_COLOUR_WEIGHT,
  MEAN_COLOUR_WINDOW_SHARE,
  MIN_SOURCES,
  MIRROR_DEPTH,
  OBJECT_FREE_SHARE,
  OBJECT_PENALTY,
  PATCH_RADIUS,
  POISSON_DRIFT_MIN,
  POISSON_DRIFT_SHARE,
  PREFERENCE_ACROSS,
  PREFERENCE_DOWN,
  PYRAMID_MIN_SIDE,
  RARITY_FREE_SHARE,
  RARITY_PENALTY,
  RARITY_UNSUSPECTED_SHARE,
  REPEAT_PENALTY,
  SEARCH_MAX_PAINTED,
  SEARCH_MAX_PIXELS,
  SEARCH_REACH,
  SEARCH_ROUNDS,
  SWAY_AMPLITUDE,
  SWAY_CELLS,
  SWAY_WAVES,
  TEXTURE_WINDOW_MIN,
  TEXTURE_WINDOW_SHARE,
  VOTE_SHARPNESS,
} from './parameters.js'
import { linesInto } from './straight-edges.js'

/** One resolution of the picture, in the kernel's memory. */
type Level = {
  readonly at: Address
  readonly width: number
  readonly height: number
  /** It is not searched: what a coarser level found is refined. */
  readonly isRefined: boolean
}

/** Which parts of the method are used. */
export type Style = {
  /** Sources near to what lies just inside the frame are preferred, and its texture and tint are expected. */
  readonly leans: boolean
  /** Things that stand out are not repeated. */
  readonly guards: boolean
  /** Seams are removed. */
  readonly blends: boolean
  /** Starts from patches at random from all over the picture, rather than from what lies just inside the frame. */
  readonly scatters: boolean
}

/** A picture that is ready to be completed, as often as wanted. */
export type Prepared = {
  readonly style: Style
  readonly kernel: Kernel
  readonly levels: readonly Level[]
  readonly waves: Address
  /** How many straight lines are in the kernel's table. */
  readonly lines: number
  /** Whether more than {@link LARGE_AREA_SHARE} is to be painted. */
  readonly isMuchPainted: boolean
}

/** Called with how much is done, from 0 to 1, and with what can draw a small picture of it. */
export type OnStep = (done: number, preview: () => Pixels) => void

/**
 * Complete a picture from itself (Wexler, Shechtman and Irani 2007; Newson et al. 2014): from coarse to fine, find for
 * each patch that is to be painted the known patch most like it, and repaint from what was found, until little changes;
 * then take the best match for each pixel and blend the seams.
 *
 * Sources near to what lies just inside the frame are preferred, since what lies outside mostly looks like it (He and Sun
 * 2012 find the same of offsets), textures and colours like those there are expected, things that the frame cuts end where there is
 * something more common beside them, and things that stand out are not repeated. Before each vote small pieces are joined to those
 * around them, so that what is copied stays together; and the coarsest levels end with blocks that are moved to where seams are cheaper.
 *
 * `prepare` does what all variations of a canvas have in common, `variation` paints one; both in the calling thread.
 *
 * @throws RangeError if nothing is known at all
 */
export function prepare({ pixels, mask }: Pick<Canvas, 'pixels' | 'mask'>, style: Style): Prepared {
  const kernel = startKernel()
  const levels = pyramid(kernel, pixels, mask)
  for (const { at, isRefined } of levels.toReversed()) {
    if (kernel.findSources(at, MIN_SOURCES) === 0) {
      throw new RangeError('nothing is known, so there is nothing to go on from')
    }
    kernel.findTargets(at)
    if (!isRefined) kernel.findAnchors(at)
  }
  const isMuchPainted = painted(mask) > LARGE_AREA_SHARE * mask.data.length
  if (style.leans && isMuchPainted) lookAlongFrame(kernel, levels)
  if (style.guards) chargeThings(kernel, levels, isMuchPainted)
  const lines = style.leans ? writeLines(kernel, levels) : 0
  return { style, kernel, levels, waves: kernel.newWaves(), lines, isMuchPainted }
}

/**
 * One completion of a picture.
 *
 * @returns the whole picture; kept pixels are the canvas's own
 */
export function variation(prepared: Prepared, seed: number, onStep: OnStep = () => {}): Pixels {
  const { style, kernel, levels, waves, lines, isMuchPainted } = prepared
  const finest = levels[0]!
  const tilt = seeded(seed ^ 0x5bd1e995)
  writeWaves(kernel, waves, finest.width / finest.height, tilt)
  const depth = MIRROR_DEPTH * tilt()
  const costs = levels.map((level, index) => rounds(levels.length - 1 - index, level) * level.width * level.height)
  const whole = costs.reduce((sum, cost) => sum + cost, 0)
  let spent = 0
  let blended: { level: Level; solved: Address } | undefined
  kernel.seedRandom(seed)

  for (let index = levels.length - 1; index >= 0; index--) {
    const level = levels[index]!
    const { at, isRefined } = level
    const coarser = levels[index + 1]
    // On the finest level that is searched, of several, things lie where they should: preferences would only cut the pieces up.
    const isSettled = style.leans && coarser !== undefined && levels[index - 1]?.isRefined === true
    const [across, down] = style.leans && !isSettled ? [PREFERENCE_ACROSS, PREFERENCE_DOWN] : [0, 0]
    const parting = isRefined ? 0 : INCOHERENCE_PENALTY
    const tint = style.leans && isMuchPainted && !isSettled ? MEAN_COLOUR_WEIGHT : 0
    kernel.searchIn(
      at,
      across,
      down,
      style.leans ? LINE_PREFERENCE : 0,
      isSettled ? 0 : 1,
      tint,
      parting,
      isMuchPainted ? REPEAT_PENALTY : 0,
    )
    kernel.clearField(at)
    if (!isRefined) {
      kernel.lean(at, depth, waves)
      kernel.leanAlong(at, lines, 2 ** -index, depth)
      kernel.expectFromLean(at)
      if (style.scatters) kernel.expectNothing(at)
      kernel.leanPastThings(at)
      if (!coarser) kernel.startFromLean(at)
    }
    if (coarser) kernel.upsampleField(coarser.at, at)
    if (style.scatters) kernel.scatterField(at)
    else kernel.fillField(at)
    if (coarser || style.scatters) kernel.copy(at)
    const times = rounds(levels.length - 1 - index, level)
    const last = index === 0
    const tries = !isRefined && levels.length - 1 - index < BLOCK_LEVELS ? BLOCK_TRIES_PER_PIXEL : 0
    const largest = Math.round(Math.min(level.width, level.height) * BLOCK_REACH_SHARE)
    const reach = isRefined ? 1 : coarser ? SEARCH_REACH : Math.max(level.width, level.height)
    for (let round = 0; round < times; round++) {
      kernel.measureField(at)
      kernel.improveField(at, 1, reach)
      if (!isRefined) kernel.improveField(at, 0, reach)
      if (!isRefined) kernel.joinPieces(at)
      // At first all patches count alike, so that what repeats falls into step.
      const sharpness = !coarser && round < EVEN_VOTE_SHARE * times ? 1 : VOTE_SHARPNESS
      if (round < times - 1) kernel.vote(at, sharpness)
      else {
        if (tries) kernel.moveBlocks(at, tries, Math.max(1, largest))
        kernel.copy(at)
      }
      spent += costs[index]! / times
      onStep(Math.min(0.99, spent / whole), () => previewOf(kernel, level))
    }
    const isFinestSearched = !isRefined && (last || levels[index - 1]!.isRefined)
    if (!style.blends) continue
    if (isFinestSearched) {
      const drift = Math.max(POISSON_DRIFT_MIN, Math.min(level.width, level.height) * POISSON_DRIFT_SHARE)
      blended = { level, solved: kernel.blend(at, drift, Number(last)) }
    } else if (last) kernel.blendFrom(blended!.level.at, blended!.solved, at)
  }
  if (blended) kernel.release(blended.solved)
  onStep(1, () => previewOf(kernel, finest))
  return { width: finest.width, height: finest.height, data: everyNth(kernel, finest, 1).data }
}

/** How often a level is searched and repainted; `depth` is 0 for the coarsest. */
function rounds(depth: number, { isRefined }: Level): number {
  if (isRefined) return 1
  return SEARCH_ROUNDS[depth] ?? SEARCH_ROUNDS.at(-1)!
}

/**
 * The picture at full size and at half, quarter … of it, finest first. A pixel of a coarser level is known if at least
 * half of what it stands for is.
 */
function pyramid(kernel: Kernel, { width, height, data }: Pixels, mask: Mask): Level[] {
  const isLarge = (w: number, h: number) => w * h > SEARCH_MAX_PIXELS
  const isFinestRefined = isLarge(width, height) || painted(mask) > SEARCH_MAX_PAINTED
  const finest = kernel.newLevel(width, height, Number(isFinestRefined))
  const levels: Level[] = [{ at: finest, width, height, isRefined: isFinestRefined }]
  const stride = width + 2 * PATCH_RADIUS
  const known = new Uint8Array(
    kernel.memory.buffer,
    fieldOf(kernel, finest, 'known'),
    stride * (height + 2 * PATCH_RADIUS),
  )
  const colour = new Uint8Array(kernel.memory.buffer, fieldOf(kernel, finest, 'colour'), known.length * 4)
  const extent = { left: width, right: -1, top: height, bottom: -1 }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = y * width + x
      if (mask.data[from] === PAINT) continue
      const to = (y + PATCH_RADIUS) * stride + x + PATCH_RADIUS
      known[to] = 1
      colour[to * 4] = data[from * 3]!
      colour[to * 4 + 1] = data[from * 3 + 1]!
      colour[to * 4 + 2] = data[from * 3 + 2]!
      if (x < extent.left) extent.left = x
      if (x > extent.right) extent.right = x
      if (y < extent.top) extent.top = y
      if (y > extent.bottom) extent.bottom = y
    }
  }
  // The box around all that is known, at the finest level.
  const shorter = Math.min(extent.right - extent.left, extent.bottom - extent.top) + 1
  for (;;) {
    const level = levels.at(-1)!
    if (!level.isRefined && (levels.length === 1 || levels.at(-2)!.isRefined)) {
      const radius = Math.max(
        TEXTURE_WINDOW_MIN,
        Math.round(Math.min(level.width, level.height) * TEXTURE_WINDOW_SHARE),
      )
      kernel.measureTexture(level.at, radius)
    }
    if (shorter / 2 ** levels.length < PYRAMID_MIN_SIDE && !level.isRefined) return levels
    const [w, h] = [Math.ceil(level.width / 2), Math.ceil(level.height / 2)]
    levels.push({
      at: kernel.halved(level.at, Number(isLarge(w, h))),
      width: w,
      height: h,
      isRefined: isLarge(w, h),
    })
  }
}

/** Those that are searched, coarsest first. */
function searchedOf(levels: readonly Level[]): Level[] {
  return levels.filter(({ isRefined }) => !isRefined).toReversed()
}

/** See what colours the frame has, and let things that it cuts end outside, on all levels that are searched. */
function lookAlongFrame(kernel: Kernel, levels: readonly Level[]): void {
  const searched = searchedOf(levels)
  for (const [index, { at, width, height }] of searched.entries()) {
    kernel.measureTint(at, Math.max(1, Math.round(Math.min(width, height) * MEAN_COLOUR_WINDOW_SHARE)))
    const coarser = searched[index - 1]
    if (coarser) kernel.inheritFrame(coarser.at, at)
    else kernel.findFrame(at, BOUNDARY_COMMON_SHARE, BOUNDARY_RARITY_FACTOR)
  }
}

/**
 * Charge what stands out, on all levels that are searched: large things are seen on the coarsest, small ones (a sun, an eye), which
 * are enclosed, on the next finer one.
 */
function chargeThings(kernel: Kernel, levels: readonly Level[], isMuchPainted: boolean): void {
  const searched = searchedOf(levels)
  const showsSmall = searched[1] ?? searched[0]
  for (const [index, level] of searched.entries()) {
    const { at } = level
    const coarser = searched[index - 1]
    if (coarser) kernel.inheritToll(coarser.at, at)
    else {
      kernel.chargeDistinct(at, RARITY_PENALTY, RARITY_FREE_SHARE, RARITY_UNSUSPECTED_SHARE)
      if (isMuchPainted) kernel.chargeSubject(at, OBJECT_PENALTY, OBJECT_FREE_SHARE)
    }
    if (!isMuchPainted || level !== showsSmall) continue
    kernel.chargeEnclosed(at, ENCLOSURE_PENALTY, ENCLOSURE_FREE_BARRIERS, ENCLOSURE_MAX_PENALTY)
    if (coarser) kernel.gatherToll(at, coarser.at)
  }
}

/** Find the straight lines to go on with, and write them down. @returns how many there are */
function writeLines(kernel: Kernel, levels: readonly Level[]): number {
  const fine = levels.findIndex(level => level.width * level.height <= LINE_MAX_PIXELS)
  const index = fine < 0 ? levels.length - 1 : fine
  const { at, width, height } = levels[index]!
  const colour = new Uint8Array(kernel.memory.buffer, fieldOf(kernel, at, 'colour'))
  const known = new Uint8Array(kernel.memory.buffer, fieldOf(kernel, at, 'known'))
  const luma = new Float32Array(width * height)
  const isKnown = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y + PATCH_RADIUS) * (width + 2 * PATCH_RADIUS) + x + PATCH_RADIUS
      const [red, green, blue] = [colour[from * 4]!, colour[from * 4 + 1]!, colour[from * 4 + 2]!]
      luma[y * width + x] = 0.299 * red + 0.587 * green + 0.114 * blue
      isKnown[y * width + x] = known[from]!
    }
  }
  const lines = linesInto({ width, height, luma, isKnown }).slice(0, LINE_TABLE_SIZE)
  const scale = 2 ** index
  const table = lines.flatMap(({ x, y, dx, dy, length }) => [
    (x + 0.5) * scale,
    (y + 0.5) * scale,
    dx,
    dy,
    length * scale,
  ])
  new Float32Array(kernel.memory.buffer, kernel.linesTable(), table.length).set(table)
  return lines.length
}

/** Three smooth waves, as a share of the picture's width, for each point of a grid. */
function writeWaves(kernel: Kernel, at: Address, aspect: number, random: () => number): void {
  const waves = Array.from({ length: SWAY_WAVES }, (_, index) => ({
    x: (random() * 2 - 1) * 2 * Math.PI * (index + 0.5),
    y: (random() * 2 - 1) * 2 * Math.PI * (index + 0.5),
    phase: random() * 2 * Math.PI,
    height: SWAY_AMPLITUDE / (index + 1),
  }))
  const grid = new Float32Array(kernel.memory.buffer, at, (SWAY_CELLS + 1) ** 2).fill(0)
  for (let y = 0; y <= SWAY_CELLS; y++) {
    for (let x = 0; x <= SWAY_CELLS; x++) {
      for (const { x: across, y: down, phase, height } of waves) {
        const angle = across * (x / SWAY_CELLS) + (down * (y / SWAY_CELLS)) / aspect + phase
        grid[y * (SWAY_CELLS + 1) + x]! += height * Math.sin(angle)
      }
    }
  }
}

/** A small picture of how a level stands. */
function previewOf(kernel: Kernel, level: Level): Pixels {
  return everyNth(kernel, level, Math.ceil(Math.max(level.width, level.height) / PREVIEW))
}

function everyNth(kernel: Kernel, level: Level, stride: number): Pixels {
  const width = Math.ceil(level.width / stride)
  const height = Math.ceil(level.height / stride)
  const data = new Uint8Array(width * height * 3)
  const colour = new Uint8Array(kernel.memory.buffer, fieldOf(kernel, level.at, 'colour'))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((y * stride + PATCH_RADIUS) * (level.width + 2 * PATCH_RADIUS) + x * stride + PATCH_RADIUS) * 4
      const to = (y * width + x) * 3
      data[to] = colour[from]!
      data[to + 1] = colour[from + 1]!
      data[to + 2] = colour[from + 2]!
    }
  }
  return { width, height, data }
}
