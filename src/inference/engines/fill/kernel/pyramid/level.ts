import { PATCH_RADIUS } from '../../parameters'
import { allocateZeroed } from '../memory'

/**
 * One resolution of the picture that is being completed, with a margin of PATCH_RADIUS pixels on all sides, so that
 * every patch is inside it.
 *
 * Fields of type `usize` are addresses of planes: row-major, `stride` pixels to a row, margin included. Levels that are
 * only refined, not searched, have none of the planes marked with *, and 0 instead of the address.
 */
@unmanaged
export class Level {
  // The host reads the fields by their order: see kernel.ts.

  /** Without the margin, in pixels. */
  width: i32
  height: i32
  /** With the margin, in pixels. */
  stride: i32
  rows: i32
  /** Of the patches that are compared on this level, in pixels, 0 to PATCH_RADIUS. */
  radius: i32
  /** How many patches there are to copy from. */
  sourceCount: i32
  /** 4 bytes: red, green, blue and 0. Where the picture is not known, the current estimate. */
  colour: usize
  /** 1 byte: 1 if the picture is known. */
  known: usize
  /** 1 byte: 1 if the patch around it is wholly known, so that it may be copied from. */
  valid: usize
  /** 1 byte: 1 if the patch around it contains a pixel to be painted. */
  target: usize
  /** 4 bytes: packed coordinate of the source, the nearest neighbour of the patch; NO_COORD for none. */
  source: usize
  /** f32: cost of that source, in squared grey levels by pixel. */
  cost: usize
  /** * 2 bytes: roughness across and down, times TEXTURE_GAIN. Where not known, what is expected, or ANY_TEXTURE. */
  texture: usize
  /** * 4 bytes: mean colour of the window around it. Where not known, what is expected. */
  meanColour: usize
  /** * Two f32: what it costs to copy from it; see saliency/copy-penalty.ts. */
  copyPenalty: usize
  /** * 4 bytes: packed coordinate of the nearest known pixel. */
  nearestKnown: usize
  /** * 1 byte: distance to it, in pixels, at most 255. */
  distance: usize
  /** * 4 bytes: packed coordinate of the boundary pixel that it continues. */
  boundaryLabel: usize
  /** * f32: weight of its patch in the vote. */
  voteWeight: usize
  /** * Two f32: x and y of where it prefers to copy from, margin included. */
  preferredSource: usize
  /** * 1 byte: the number of its straight line, from 1, and SALIENT_LINE; 0 for none. */
  line: usize
}

/** A level of which nothing is known yet. */
export function newLevel(width: i32, height: i32, isRefined: bool): Level {
  const level = changetype<Level>(allocateZeroed(offsetof<Level>()))
  level.width = width
  level.height = height
  level.stride = width + 2 * PATCH_RADIUS
  level.rows = height + 2 * PATCH_RADIUS
  level.radius = PATCH_RADIUS
  const pixels = <usize>(level.stride * level.rows)
  level.colour = allocateZeroed(pixels * 4)
  level.known = allocateZeroed(pixels)
  level.valid = allocateZeroed(pixels)
  level.target = allocateZeroed(pixels)
  level.source = allocateZeroed(pixels * 4)
  level.cost = allocateZeroed(pixels * 4)
  if (isRefined) return level
  level.texture = allocateZeroed(pixels * 2)
  level.meanColour = allocateZeroed(pixels * 4)
  level.copyPenalty = allocateZeroed(pixels * 8)
  level.nearestKnown = allocateZeroed(pixels * 4)
  level.distance = allocateZeroed(pixels)
  level.boundaryLabel = allocateZeroed(pixels * 4)
  level.voteWeight = allocateZeroed(pixels * 4)
  level.preferredSource = allocateZeroed(pixels * 8)
  level.line = allocateZeroed(pixels)
  return level
}
