import { BESIDE_SALIENT_ASPECT, PATCH_RADIUS, SWAY_CELLS, SWAY_FULL_FROM } from '../../parameters'
import { allocateZeroed } from '../memory'
import { columnOf, NO_COORD, packCoord, pixelOf, rowOf } from '../pyramid/coordinates'
import { Level } from '../pyramid/level'
import { distanceTransform } from '../pyramid/nearest-known'
import { ANY_TEXTURE } from '../pyramid/texture'
import { isPenalized } from '../saliency/copy-penalty'

// The place that each pixel prefers to copy from, and the texture and colour that it expects there. The outside mostly
// looks like the picture just inside the boundary (He and Sun 2012 find the same of offsets).

/** Where the host writes a sway: f32 for each point of the grid, as a share of the picture's width. */
export function newSway(): usize {
  return allocateZeroed(<usize>((SWAY_CELLS + 1) * (SWAY_CELLS + 1)) * 4)
}

/**
 * Set where each pixel prefers to copy from: at the boundary pixel that it continues, or mirrored into the picture, and
 * moved across by a smooth wave. Not up or down, since scenes are layered.
 *
 * @param mirrorDepth 0 is at the boundary, 1 as far within the picture as the pixel is outside
 * @param sway a grid of (SWAY_CELLS + 1)² points
 */
export function setPreferredSources(level: Level, mirrorDepth: f32, sway: usize): void {
  for (let y = 0; y < level.height; y++) {
    const v = (<f32>y / <f32>level.height) * <f32>SWAY_CELLS
    for (let x = 0; x < level.width; x++) {
      const u = (<f32>x / <f32>level.width) * <f32>SWAY_CELLS
      const pixel = <usize>((y + PATCH_RADIUS) * level.stride + x + PATCH_RADIUS)
      const nearest = load<u32>(level.nearestKnown + pixel * 4)
      const label = load<u32>(level.boundaryLabel + pixel * 4)
      // What crosses the boundary has to meet it.
      const fullFrom = SWAY_FULL_FROM * <f32>min(level.width, level.height)
      const share = min<f32>(1, <f32>load<u8>(level.distance + pixel) / fullFrom)
      const point = sway + <usize>(<i32>v * (SWAY_CELLS + 1) + <i32>u) * 4
      const moved = interpolate(point, u, v) * <f32>level.width * share
      const preferredX = <f32>columnOf(label) + <f32>(columnOf(nearest) - x - PATCH_RADIUS) * mirrorDepth + moved
      const preferredY = <f32>rowOf(label) + <f32>(rowOf(nearest) - y - PATCH_RADIUS) * mirrorDepth
      store<f32>(level.preferredSource + pixel * 8, preferredX)
      store<f32>(level.preferredSource + pixel * 8, preferredY, 4)
    }
  }
}

/** Bilinear, between a point of the grid and those to the right and below. */
function interpolate(point: usize, u: f32, v: f32): f32 {
  const right = u - Mathf.floor(u)
  const below = v - Mathf.floor(v)
  const top = load<f32>(point) * (1 - right) + load<f32>(point, 4) * right
  const nextRow = point + <usize>((SWAY_CELLS + 1) * 4)
  const bottom = load<f32>(nextRow) * (1 - right) + load<f32>(nextRow, 4) * right
  return top * (1 - below) + bottom * below
}

/** Expect the texture and the mean colour of the preferred source, but no texture of what is penalized. */
export function expectPreferredLook(level: Level): void {
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const pixel = <usize>(y * level.stride + x)
      if (load<u8>(level.known + pixel)) continue
      const preferred = preferredKnownPixel(level, pixel)
      const texture = isPenalized(level, preferred) ? ANY_TEXTURE : load<u16>(level.texture + preferred * 2)
      store<u16>(level.texture + pixel * 2, texture)
      store<u32>(level.meanColour + pixel * 4, load<u32>(level.meanColour + preferred * 4))
    }
  }
}

/** Expect no texture anywhere. */
export function expectAnyTexture(level: Level): void {
  for (let pixel: usize = 0; pixel < <usize>(level.stride * level.rows); pixel++) {
    if (!load<u8>(level.known + pixel)) store<u16>(level.texture + pixel * 2, ANY_TEXTURE)
  }
}

/**
 * Pixels that prefer what is penalized prefer the nearest source that is not, and expect its mean colour. Otherwise
 * they would start from the object's colours, and end with whatever else looks like it: the sky, for a reflection in
 * water.
 */
export function preferUnpenalized(level: Level): void {
  const unpenalized = heap.alloc(<usize>(level.stride * level.rows) * 4)
  for (let y = 0; y < level.rows; y++) {
    for (let x = 0; x < level.stride; x++) {
      const pixel = <usize>(y * level.stride + x)
      const isFree = load<u8>(level.valid + pixel) && !isPenalized(level, pixel)
      store<u32>(unpenalized + pixel * 4, isFree ? packCoord(x, y) : NO_COORD)
    }
  }
  heap.free(distanceTransform(level, unpenalized, BESIDE_SALIENT_ASPECT))
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const pixel = <usize>(y * level.stride + x)
      if (load<u8>(level.known + pixel) || load<u8>(level.line + pixel)) continue
      const preferred = preferredKnownPixel(level, pixel)
      const coord = load<u32>(unpenalized + preferred * 4)
      if (!isPenalized(level, preferred) || coord === NO_COORD) continue
      store<f32>(level.preferredSource + pixel * 8, <f32>columnOf(coord))
      store<f32>(level.preferredSource + pixel * 8, <f32>rowOf(coord), 4)
      store<u32>(level.meanColour + pixel * 4, load<u32>(level.meanColour + <usize>pixelOf(level, coord) * 4))
    }
  }
  heap.free(unpenalized)
}

/** The first estimate: the colours of the preferred sources. The margin repeats the picture's edge. */
export function startFromPreferred(level: Level): void {
  for (let y = PATCH_RADIUS; y < PATCH_RADIUS + level.height; y++) {
    for (let x = PATCH_RADIUS; x < PATCH_RADIUS + level.width; x++) {
      const pixel = <usize>(y * level.stride + x)
      if (load<u8>(level.known + pixel)) continue
      store<u32>(level.colour + pixel * 4, load<u32>(level.colour + preferredKnownPixel(level, pixel) * 4))
    }
  }
  fillMargin(level)
}

/** The known pixel that is nearest to the preferred source. */
function preferredKnownPixel(level: Level, pixel: usize): usize {
  const x = <i32>Mathf.round(load<f32>(level.preferredSource + pixel * 8))
  const y = <i32>Mathf.round(load<f32>(level.preferredSource + pixel * 8, 4))
  const innerX = min(PATCH_RADIUS + level.width - 1, max(PATCH_RADIUS, x))
  const innerY = min(PATCH_RADIUS + level.height - 1, max(PATCH_RADIUS, y))
  return <usize>pixelOf(level, load<u32>(level.nearestKnown + <usize>(innerY * level.stride + innerX) * 4))
}

function fillMargin(level: Level): void {
  for (let y = 0; y < level.rows; y++) {
    const innerY = min(PATCH_RADIUS + level.height - 1, max(PATCH_RADIUS, y))
    for (let x = 0; x < level.stride; x++) {
      const innerX = min(PATCH_RADIUS + level.width - 1, max(PATCH_RADIUS, x))
      if (innerX === x && innerY === y) continue
      const colour = load<u32>(level.colour + <usize>(innerY * level.stride + innerX) * 4)
      store<u32>(level.colour + <usize>(y * level.stride + x) * 4, colour)
    }
  }
}
