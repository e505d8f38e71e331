import { resizeMask } from '../image/mask-file.js'
import { KEEP, type Mask, PAINT, type Pixels } from '../image/pixels.js'
import { dotSize, drawNumber, numberSize } from './draw-number.js'
import { squaredDistanceTransform } from './morphology.js'
import { blend, encodeOverlay, scaleForOverlay } from './overlay.js'

/** R G B of the outlines, one after the other: neighbours in size differ in hue and in lightness. */
const COLOURS = [
  [255, 64, 64],
  [64, 200, 255],
  [255, 214, 10],
  [170, 90, 255],
  [60, 220, 100],
  [255, 130, 30],
  [255, 110, 210],
  [0, 150, 136],
] as const

/** Opacity of an object's colour, from 0 to 1. Objects can be inside others. */
const TINT_OPACITY = 0.25

/** In pixels of the overlay: the coloured line, and the dark one that sets it off from any background. */
const LINE_WIDTH = { coloured: 2, dark: 1 } as const

/** Overlays with numbers are at least this long: on a small picture two dozen numbers would hide it. In pixels. */
export const NUMBERED_SIDE = 640

/** Places for the numbers are looked for on masks of this longer side, in pixels. */
const PLACING_SIDE = 192

/**
 * A picture with its objects outlined and numbered from 1, as WebP of 640 to 1024 pixels on the longer side.
 *
 * @param objects of one size, the largest first
 */
export async function renderObjects(picture: Uint8Array, objects: readonly Mask[]): Promise<Buffer> {
  const overlay = await scaleForOverlay(picture, NUMBERED_SIDE)
  for (const [index, object] of objects.entries()) {
    outline(overlay, await resizeMask(object, overlay), COLOURS[index % COLOURS.length]!)
  }
  await drawObjectNumbers(overlay, objects)
  return encodeOverlay(overlay)
}

/** Draw the number of each object where most of it is around, and no smaller object. */
export async function drawObjectNumbers(overlay: Pixels, objects: readonly Mask[]): Promise<void> {
  const scale = Math.min(1, PLACING_SIDE / Math.max(overlay.width, overlay.height))
  const side = (length: number) => Math.max(1, Math.round(length * scale))
  const size = { width: side(overlay.width), height: side(overlay.height) }
  const small = await Promise.all(objects.map(object => resizeMask(object, size)))
  const dot = dotSize(overlay)
  const taken: Place[] = []
  // The small ones first: they have less room.
  for (let index = objects.length - 1; index >= 0; index--) {
    const { width, height } = numberSize(index + 1, dot)
    const toPlace = ({ x, y }: { x: number; y: number }): Place => ({
      left: clamp(Math.round(((x + 0.5) * overlay.width) / size.width - width / 2), 0, overlay.width - width),
      top: clamp(Math.round(((y + 0.5) * overlay.height) / size.height - height / 2), 0, overlay.height - height),
      width,
      height,
    })
    const place = freePlace(small[index]!, small.slice(index + 1), taken, toPlace)
    taken.push(place)
    drawNumber(overlay, index + 1, place.left, place.top, dot)
  }
}

type Place = { readonly left: number; readonly top: number; readonly width: number; readonly height: number }

/** The place of a number that is farthest inside its object, outside of smaller objects and off other numbers. */
function freePlace(
  object: Mask,
  smaller: readonly Mask[],
  taken: readonly Place[],
  toPlace: (at: { x: number; y: number }) => Place,
): Place {
  const { width, height } = object
  const alone = { ...object, data: object.data.slice() }
  for (const { data } of smaller) for (let at = 0; at < data.length; at++) if (data[at] === PAINT) alone.data[at] = KEEP
  const insides = [alone, object].map(mask => squaredDistanceTransform(mask, KEEP))
  let best: { place: Place; score: number } | undefined
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      if (object.data[at] !== PAINT) continue
      const toEdge = Math.min(x + 1, y + 1, width - x, height - y) ** 2
      // Where smaller objects leave nothing, the number goes onto them.
      const score = Math.min(toEdge, insides[0]![at]!) + Math.min(toEdge, insides[1]![at]!) / 1000
      if (best && score <= best.score) continue
      const place = toPlace({ x, y })
      if (!taken.some(other => intersect(place, other))) best = { place, score }
    }
  }
  return best?.place ?? toPlace(firstPixel(object))
}

function firstPixel({ width, data }: Mask): { x: number; y: number } {
  const at = Math.max(0, data.indexOf(PAINT))
  return { x: at % width, y: Math.floor(at / width) }
}

function intersect(one: Place, other: Place): boolean {
  const isApart = (start: 'left' | 'top', length: 'width' | 'height') =>
    one[start] >= other[start] + other[length] || other[start] >= one[start] + one[length]
  return !isApart('left', 'width') && !isApart('top', 'height')
}

function outline({ data }: Pixels, object: Mask, colour: readonly [number, number, number]): void {
  const toKept = squaredDistanceTransform(object, KEEP)
  const toObject = squaredDistanceTransform(object, PAINT)
  for (let at = 0; at < object.data.length; at++) {
    if (object.data[at] !== PAINT) {
      if (toObject[at]! <= LINE_WIDTH.dark ** 2) blend(data, at, [0, 0, 0], 1)
    } else blend(data, at, colour, toKept[at]! <= LINE_WIDTH.coloured ** 2 ? 1 : TINT_OPACITY)
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value))
}
