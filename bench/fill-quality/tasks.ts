import sharp from 'sharp'
import { readPicture } from '../../src/inference/image/decode.js'
import { filledMask, KEEP, type Mask, PAINT, type Pixels } from '../../src/inference/image/pixels.js'
import { createRandom, type RandomGenerator } from '../../src/inference/random.js'

/** Width and height of every task, in pixels. */
export const SIDE = 512

/** The tasks, with the mask of each. The part to paint is taken from the photo itself, so that the truth is known. */
export const TASKS: Readonly<Record<string, (seed: number) => Mask>> = {
  'zoom 1.5×': () => frame(1.5),
  'zoom 2×': () => frame(2),
  'extend by half': () => maskWhere(x => x < Math.round((SIDE * 2) / 3)),
  'a hole': seed => hole(createRandom(seed)),
}

/** The middle 512×512 of a photo whose shorter side is scaled to 512. */
export async function readSquare(file: string): Promise<Pixels> {
  const scaled = await sharp(file).resize(SIDE, SIDE, { fit: 'cover' }).png().toBuffer()
  return (await readPicture(scaled, {})).pixels
}

/** The photo with middle grey where the mask is painted. */
export function withoutMasked({ width, height, data }: Pixels, mask: Mask): Pixels {
  return { width, height, data: data.map((value, at) => (mask.data[Math.floor(at / 3)] === PAINT ? 127 : value)) }
}

function maskWhere(isPainted: (x: number, y: number) => boolean): Mask {
  const mask = filledMask({ width: SIDE, height: SIDE }, KEEP)
  for (let at = 0; at < mask.data.length; at++) {
    if (isPainted(at % SIDE, Math.floor(at / SIDE))) mask.data[at] = PAINT
  }
  return mask
}

/** All but the middle, whose side is that of the whole divided by `factor`. */
function frame(factor: number): Mask {
  const inner = Math.round(SIDE / factor)
  const start = Math.floor((SIDE - inner) / 2)
  const isInner = (value: number) => value >= start && value < start + inner
  return maskWhere((x, y) => !isInner(x) || !isInner(y))
}

/** An irregular blob about 128 pixels across, and a scribble 9 pixels wide. */
function hole(random: RandomGenerator): Mask {
  const between = (low: number, high: number) => low + (high - low) * random()
  const centre = { x: between(120, SIDE - 120), y: between(120, SIDE - 120) }
  const waves = [2, 3, 4, 5, 6, 7].map(frequency => ({
    frequency,
    height: between(-0.5, 0.5) / frequency,
    phase: between(0, 2 * Math.PI),
  }))
  const radiusAt = (angle: number) =>
    64 * waves.reduce((sum, { frequency, height, phase }) => sum + height * Math.cos(frequency * angle + phase), 0.85)
  const mask = maskWhere((x, y) => {
    const [dx, dy] = [x - centre.x, y - centre.y]
    return Math.hypot(dx, dy) < radiusAt(Math.atan2(dy, dx))
  })
  for (const point of walk(between, 60)) drawDisc(mask, point)
  return mask
}

const BRUSH_RADIUS = 4.5

function drawDisc({ width, data }: Mask, { x, y }: { x: number; y: number }): void {
  for (let row = Math.ceil(y - BRUSH_RADIUS); row <= y + BRUSH_RADIUS; row++) {
    for (let column = Math.ceil(x - BRUSH_RADIUS); column <= x + BRUSH_RADIUS; column++) {
      if (Math.hypot(column - x, row - y) <= BRUSH_RADIUS) data[row * width + column] = PAINT
    }
  }
}

/** The points of a stroke that turns at random, a pixel or less apart. */
function walk(between: (low: number, high: number) => number, turns: number): { x: number; y: number }[] {
  let at = { x: between(40, SIDE - 40), y: between(40, SIDE - 40) }
  let direction = between(0, 2 * Math.PI)
  const points: { x: number; y: number }[] = []
  for (let turn = 0; turn < turns; turn++) {
    direction += between(-0.9, 0.9)
    const next = { x: at.x + 10 * Math.cos(direction), y: at.y + 10 * Math.sin(direction) }
    if (Math.min(next.x, next.y) < 12 || Math.max(next.x, next.y) > SIDE - 12) {
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
