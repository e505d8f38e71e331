import { OBJECT_TEXTURE_STEP } from '../../parameters'
import { allocateZeroed } from '../memory'
import { NEIGHBOURS, neighbourStep } from '../pyramid/coordinates'
import { Level } from '../pyramid/level'

// Regions whose pixels are connected without an edge, and the edges between them. All pixels of a region have the same
// geodesic distances, so that paths need to be found between regions only, which are far fewer.

/** How many regions there are. */
export let regionCount: i32 = 0

/** Where a pixel is not known. */
const NO_REGION: i32 = -1

// By pixel, i32: its region.
let regions: usize = 0

// By region: the first of its borders, i32, and the geodesic distance from the start, f32, in grey levels.
let firstBorders: usize = 0
let distances: usize = 0

// Borders to other regions: the region, the next border of the same region, and the edge across.
let borders: usize = 0
let borderCount: i32 = 0
const BYTES_PER_BORDER: usize = 12

// Regions whose distance became shorter, a ring, and by region: 1 if it is among them.
let queue: usize = 0
let isQueued: usize = 0

/** Find the regions of what is known; {@link freeFlatRegions} frees the memory. */
export function findFlatRegions(level: Level): void {
  const pixels = level.stride * level.rows
  const size = <usize>pixels * 4
  regions = heap.alloc(size)
  for (let pixel = 0; pixel < pixels; pixel++) store<i32>(regions + <usize>pixel * 4, NO_REGION)
  const stack = heap.alloc(size)
  regionCount = 0
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (!load<u8>(level.known + <usize>pixel) || regionAt(pixel) !== NO_REGION) continue
    fillRegion(level, pixel, stack)
    regionCount++
  }
  heap.free(stack)
  findBorders(level)
  distances = heap.alloc(<usize>regionCount * 4)
  queue = heap.alloc(<usize>regionCount * 4)
  isQueued = allocateZeroed(<usize>regionCount)
}

export function freeFlatRegions(): void {
  heap.free(isQueued)
  heap.free(queue)
  heap.free(distances)
  heap.free(borders)
  heap.free(firstBorders)
  heap.free(regions)
}

/** The region of a known pixel, 0 to `regionCount` - 1. */
export function regionAt(pixel: i32): i32 {
  return load<i32>(regions + <usize>pixel * 4)
}

/** The geodesic distance of a region from the last start. */
export function distanceOf(region: i32): f32 {
  return load<f32>(distances + <usize>region * 4)
}

/** Find the geodesic distances of all regions from one, up to `most`; longer ones are f32.MAX_VALUE. */
export function findDistances(start: i32, most: f32): void {
  for (let region = 0; region < regionCount; region++) store<f32>(distances + <usize>region * 4, f32.MAX_VALUE)
  store<f32>(distances + <usize>start * 4, 0)
  store<i32>(queue, start)
  let first = 0
  let queued = 1
  while (queued > 0) {
    const region = load<i32>(queue + <usize>first * 4)
    store<u8>(isQueued + <usize>region, 0)
    first = first + 1 === regionCount ? 0 : first + 1
    queued--
    const own = distanceOf(region)
    for (let border = load<i32>(firstBorders + <usize>region * 4); border >= 0; ) {
      const address = borders + <usize>border * BYTES_PER_BORDER
      border = load<i32>(address, 4)
      const distance = own + load<f32>(address, 8)
      const neighbour = load<i32>(address)
      if (distance > most || distance >= distanceOf(neighbour)) continue
      store<f32>(distances + <usize>neighbour * 4, distance)
      if (load<u8>(isQueued + <usize>neighbour)) continue
      store<u8>(isQueued + <usize>neighbour, 1)
      store<i32>(queue + <usize>((first + queued) % regionCount) * 4, neighbour)
      queued++
    }
  }
}

/** Give all pixels that are connected with one its region. @param stack room for all pixels */
function fillRegion(level: Level, start: i32, stack: usize): void {
  store<i32>(regions + <usize>start * 4, regionCount)
  store<i32>(stack, start)
  for (let waiting = 1; waiting > 0; ) {
    waiting--
    const pixel = load<i32>(stack + <usize>waiting * 4)
    for (let direction = 0; direction < NEIGHBOURS; direction++) {
      const neighbour = pixel + neighbourStep(level, direction)
      if (!load<u8>(level.known + <usize>neighbour) || regionAt(neighbour) !== NO_REGION) continue
      if (edgeBetween(level, pixel, neighbour) > 0) continue
      store<i32>(regions + <usize>neighbour * 4, regionCount)
      store<i32>(stack + <usize>waiting * 4, neighbour)
      waiting++
    }
  }
}

function findBorders(level: Level): void {
  const pixels = level.stride * level.rows
  firstBorders = heap.alloc(<usize>regionCount * 4)
  for (let region = 0; region < regionCount; region++) store<i32>(firstBorders + <usize>region * 4, -1)
  borders = heap.alloc(<usize>(pixels * NEIGHBOURS) * BYTES_PER_BORDER)
  borderCount = 0
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (!load<u8>(level.known + <usize>pixel)) continue
    for (let direction = 0; direction < NEIGHBOURS; direction++) {
      const neighbour = pixel + neighbourStep(level, direction)
      if (!load<u8>(level.known + <usize>neighbour) || regionAt(neighbour) === regionAt(pixel)) continue
      addBorder(regionAt(pixel), regionAt(neighbour), edgeBetween(level, pixel, neighbour))
    }
  }
}

function addBorder(region: i32, neighbour: i32, edge: f32): void {
  const address = borders + <usize>borderCount * BYTES_PER_BORDER
  const first = firstBorders + <usize>region * 4
  store<i32>(address, neighbour)
  store<i32>(address, load<i32>(first), 4)
  store<f32>(address, edge, 8)
  store<i32>(first, borderCount)
  borderCount++
}

/** The root mean square difference of two known pixels over the channels, beyond what is texture. */
function edgeBetween(level: Level, pixel: i32, neighbour: i32): f32 {
  let sum: f32 = 0
  for (let channel: usize = 0; channel < 3; channel++) {
    const one = <f32>load<u8>(level.colour + <usize>pixel * 4 + channel)
    const other = <f32>load<u8>(level.colour + <usize>neighbour * 4 + channel)
    sum += (one - other) * (one - other)
  }
  return max<f32>(0, Mathf.sqrt(sum / 3) - OBJECT_TEXTURE_STEP)
}
