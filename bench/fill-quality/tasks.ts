import sharp from 'sharp'
import { readPicture } from '../../src/inference/image/decode.js'
import { filledMask, KEEP, type Mask, PAINT, type Pixels } from '../../src/inference/image/pixels.js'
import { createRandom, type RandomGenerator } from '../../src/inference/random.js'

/** Width and height of every task, unless another side is asked for, in pixels. */
export const SIDE = 512

/** The tasks, with the mask of each. The part to paint is taken from the photo itself, so that the truth is known. */
export const TASKS: Readonly<Record<string, (seed: number, side?: number) => Mask>> = {
  'zoom 1.5×': (_, side = SIDE) => frame(1.5, side),
  'zoom 2×': (_, side = SIDE) => frame(2, side),
  'extend by half': (_, side = SIDE) => maskWhere(side, x => x < Math.round((side * 2) / 3)),
  'a hole': (seed, side = SIDE) => hole(createRandom(seed), side),
}

/** The middle of a photo, whose shorter side is scaled to `side`. */
export async function readSquare(file: string, side = SIDE): Promise<Pixels> {
  const scaled = await sharp(file).resize(side, side, { fit: 'cover' }).png().toBuffer()
  return (await readPicture(scaled, {})).pixels
}

/** The photo with middle grey where the mask is painted. */
export function withoutMasked({ width, height, data }: Pixels, mask: Mask): Pixels {
  return { width, height, data: data.map((value, at) => (mask.data[Math.floor(at / 3)] === PAINT ? 127 : value)) }
}

function maskWhere(side: number, isPainted: (x: number, y: number) => boolean): Mask {
  const mask = filledMask({ width: side, height: side }, KEEP)
  for (let at = 0; at < mask.data.length; at++) {
    if (isPainted(at % side, Math.floor(at / side))) mask.data[at] = PAINT
  }
  return mask
}

/** All but the middle, whose side is that of the whole divided by `factor`. */
function frame(factor: number, side: number): Mask {
  const inner = Math.round(side / factor)
  const start = Math.floor((side - inner) / 2)
  const isInner = (value: number) => value >= start && value < start + inner
  return maskWhere(side, (x, y) => !isInner(x) || !isInner(y))
}

/** An irregular blob about a quarter of the side across, and a scribble that is a 57th of it wide. */
function hole(random: RandomGenerator, side: number): Mask {
  const unit = side / 512
  const between = (low: number, high: number) => low + (high - low) * random()
  const centre = { x: between(120 * unit, side - 120 * unit), y: between(120 * unit, side - 120 * unit) }
  const waves = [2, 3, 4, 5, 6, 7].map(frequency => ({
    frequency,
    height: between(-0.5, 0.5) / frequency,
    phase: between(0, 2 * Math.PI),
  }))
  const radiusAt = (angle: number) =>
    64 *
    unit *
    waves.reduce((sum, { frequency, height, phase }) => sum + height * Math.cos(frequency * angle + phase), 0.85)
  const mask = maskWhere(side, (x, y) => {
    const [dx, dy] = [x - centre.x, y - centre.y]
    return Math.hypot(dx, dy) < radiusAt(Math.atan2(dy, dx))
  })
  for (const point of walk(between, 60, side)) drawDisc(mask, point, 4.5 * unit)
  return mask
}

function drawDisc({ width, data }: Mask, { x, y }: { x: number; y: number }, radius: number): void {
  for (let row = Math.ceil(y - radius); row <= y + radius; row++) {
    for (let column = Math.ceil(x - radius); column <= x + radius; column++) {
      if (Math.hypot(column - x, row - y) <= radius) data[row * width + column] = PAINT
    }
  }
}

/** The points of a stroke that turns at random, a pixel or less apart. */
function walk(between: (low: number, high: number) => number, turns: number, side: number): { x: number; y: number }[] {
  const unit = side / 512
  let at = { x: between(40 * unit, side - 40 * unit), y: between(40 * unit, side - 40 * unit) }
  let direction = between(0, 2 * Math.PI)
  const points: { x: number; y: number }[] = []
  for (let turn = 0; turn < turns; turn++) {
    direction += between(-0.9, 0.9)
    const next = { x: at.x + 10 * unit * Math.cos(direction), y: at.y + 10 * unit * Math.sin(direction) }
    if (Math.min(next.x, next.y) < 12 * unit || Math.max(next.x, next.y) > side - 12 * unit) {
      direction += 2.2
      continue
    }
    for (let step = 0; step < 10; step++) {
      points.push({ x: at.x + ((next.x - at.x) * step) / 10, y: at.y + ((next.y - at.y) * step) / 10 })
    }
    at = next
  }
  return points
}
