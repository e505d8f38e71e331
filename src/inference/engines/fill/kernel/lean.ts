import { BESIDE_SALIENT_ASPECT, PATCH_RADIUS, SWAY_CELLS, SWAY_FULL_FROM } from '../parameters'
import { findNearest } from './anchors'
import { isCharged } from './distinct'
import { ANY_TEXTURE, columnOf, indexOf, Level, NOWHERE, placeOf, rowOf, zeroed } from './level'

/** Where waves are written, for each point of the grid: how far across, as a share of the picture's width. */
export function newWaves(): usize {
  return zeroed(<usize>((SWAY_CELLS + 1) * (SWAY_CELLS + 1)) * 4)
}

/**
 * Where each pixel would rather copy from: mirrored somewhat into the picture where it goes on from at the frame, and moved across by
 * a smooth wave; not down, since the world is layered.
 *
 * @param depth 0 is at the frame, 1 as far within the picture as the pixel is outside
 * @param waves a grid of (SWAY_CELLS + 1)² points, as shares of the picture's width
 */
export function lean(level: Level, depth: f32, waves: usize): void {
  for (let y = 0; y < level.height; y++) {
    const v = (<f32>y / <f32>level.height) * <f32>SWAY_CELLS
    for (let x = 0; x < level.width; x++) {
      const u = (<f32>x / <f32>level.width) * <f32>SWAY_CELLS
      const at = <usize>((y + PATCH_RADIUS) * level.stride + x + PATCH_RADIUS)
      const anchor = load<u32>(level.anchor + at * 4)
      const frame = load<u32>(level.frame + at * 4)
      // At the border the picture goes on as it is.
      const sway = min<f32>(
        1,
        <f32>load<u8>(level.distance + at) / (SWAY_FULL_FROM * <f32>min(level.width, level.height)),
      )
      const point = waves + <usize>(<i32>v * (SWAY_CELLS + 1) + <i32>u) * 4
      const moved = between(point, u, v) * <f32>level.width * sway
      const leanX = <f32>columnOf(frame) + <f32>(columnOf(anchor) - x - PATCH_RADIUS) * depth + moved
      const leanY = <f32>rowOf(frame) + <f32>(rowOf(anchor) - y - PATCH_RADIUS) * depth
      store<f32>(level.lean + at * 8, leanX)
      store<f32>(level.lean + at * 8, leanY, 4)
    }
  }
}

function between(point: usize, u: f32, v: f32): f32 {
  const right = u - Mathf.floor(u)
  const below = v - Mathf.floor(v)
  const top = load<f32>(point) * (1 - right) + load<f32>(point, 4) * right
  const row = point + <usize>((SWAY_CELLS + 1) * 4)
  const bottom = load<f32>(row) * (1 - right) + load<f32>(row, 4) * right
  return top * (1 - below) + bottom * below
}

/** Expect the texture and the tint of where each pixel would rather copy from; no texture of things that stand out. */
export function expectFromLean(level: Level): void {
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const at = <usize>(y * level.stride + x)
      if (load<u8>(level.known + at)) continue
      const from = leaningOn(level, at)
      const texture = isCharged(level, from) ? ANY_TEXTURE : load<u16>(level.texture + from * 2)
      store<u16>(level.texture + at * 2, texture)
      store<u32>(level.tint + at * 4, load<u32>(level.tint + from * 4))
    }
  }
}

/**
 * Pixels that would rather copy a thing that stands out lean towards the nearest place that costs nothing in its stead, and expect
 * the tint there. They would start from its colours otherwise, and be content with whatever else looks like it: the sky, for a reflection in the water.
 */
export function leanPastThings(level: Level): void {
  const places = heap.alloc(<usize>(level.stride * level.rows) * 4)
  for (let y = 0; y < level.rows; y++) {
    for (let x = 0; x < level.stride; x++) {
      const at = <usize>(y * level.stride + x)
      const isFree = load<u8>(level.valid + at) && !isCharged(level, at)
      store<u32>(places + at * 4, isFree ? placeOf(x, y) : NOWHERE)
    }
  }
  heap.free(findNearest(level, places, BESIDE_SALIENT_ASPECT))
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const at = <usize>(y * level.stride + x)
      if (load<u8>(level.known + at) || load<u8>(level.line + at)) continue
      const from = leaningOn(level, at)
      const place = load<u32>(places + from * 4)
      if (!isCharged(level, from) || place === NOWHERE) continue
      store<f32>(level.lean + at * 8, <f32>columnOf(place))
      store<f32>(level.lean + at * 8, <f32>rowOf(place), 4)
      store<u32>(level.tint + at * 4, load<u32>(level.tint + <usize>indexOf(level, place) * 4))
    }
  }
  heap.free(places)
}

/** The first estimate: the colours of where each pixel would rather copy from. */
export function startFromLean(level: Level): void {
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const at = <usize>(y * level.stride + x)
      if (load<u8>(level.known + at)) continue
      store<u32>(level.colour + at * 4, load<u32>(level.colour + leaningOn(level, at) * 4))
    }
  }
  extendIntoMargin(level)
}

/** The known pixel that is nearest to where a pixel would rather copy from. */
function leaningOn(level: Level, at: usize): usize {
  const leanX = <i32>Mathf.round(load<f32>(level.lean + at * 8))
  const leanY = <i32>Mathf.round(load<f32>(level.lean + at * 8, 4))
  const nearX = min(PATCH_RADIUS + level.width - 1, max(PATCH_RADIUS, leanX))
  const nearY = min(PATCH_RADIUS + level.height - 1, max(PATCH_RADIUS, leanY))
  const anchor = load<u32>(level.anchor + <usize>(nearY * level.stride + nearX) * 4)
  return <usize>(rowOf(anchor) * level.stride + columnOf(anchor))
}

/** No texture is expected anywhere. */
export function expectNothing(level: Level): void {
  for (let at: usize = 0; at < <usize>(level.stride * level.rows); at++) {
    if (!load<u8>(level.known + at)) store<u16>(level.texture + at * 2, ANY_TEXTURE)
  }
}

/** The margin shows what lies on the picture's rim. */
function extendIntoMargin(level: Level): void {
  for (let y = 0; y < level.rows; y++) {
    const innerY = min(PATCH_RADIUS + level.height - 1, max(PATCH_RADIUS, y))
    for (let x = 0; x < level.stride; x++) {
      const innerX = min(PATCH_RADIUS + level.width - 1, max(PATCH_RADIUS, x))
      if (innerX === x && innerY === y) continue
      const from = load<u32>(level.colour + <usize>(innerY * level.stride + innerX) * 4)
      store<u32>(level.colour + <usize>(y * level.stride + x) * 4, from)
    }
  }
}
