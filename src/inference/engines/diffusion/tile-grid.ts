import type { Box } from '../../image/geometry.js'
import { filledPixels, type Pixels } from '../../image/pixels.js'
import { VAE_SCALE_FACTOR } from './model/vae.js'

/** A tile's part of an axis, in pixels. The last one may end beyond the picture. */
export type Span = {
  readonly start: number
  readonly length: number
  /** Where the tile fades in over the one before it, from `start`; before that nothing of it is used. */
  readonly fade: { readonly start: number; readonly length: number }
}

/**
 * Evenly spaced tiles along an axis that together cover it. They begin at whole latents, so that latents of two tiles have the same places.
 *
 * @param whole length of the axis, in pixels
 * @param length of each tile, a multiple of 8
 * @param overlap of neighbours, at least; at most half of a tile
 */
export function tileSpans(whole: number, length: number, overlap: number): Span[] {
  const latents = (pixels: number) => Math.ceil(pixels / VAE_SCALE_FACTOR)
  const [all, side, shared] = [
    latents(whole),
    latents(length),
    Math.min(latents(overlap), Math.floor(latents(length) / 2)),
  ]
  const count = Math.max(1, Math.ceil((all - shared) / (side - shared)))
  return Array.from({ length: count }, (_, index) => {
    const startOf = (tile: number) => {
      return count === 1 ? 0 : Math.floor((tile * (all - side)) / (count - 1)) * VAE_SCALE_FACTOR
    }
    if (index === 0) return { start: 0, length, fade: { start: 0, length: 0 } }
    const start = startOf(index)
    const fadeLength = Math.min(shared * VAE_SCALE_FACTOR, startOf(index - 1) + length - start)
    const fadeStart = Math.floor((startOf(index - 1) + length - start - fadeLength) / 2)
    return { start, length, fade: { start: fadeStart, length: fadeLength } }
  })
}

/** The part of a picture in `box`, mirrored beyond its right and lower edges. */
export function cropMirrored({ width, height, data }: Pixels, box: Box): Pixels {
  const tile = filledPixels(box)
  const columns = Array.from({ length: box.width }, (_, x) => mirror(box.x + x, width) * 3)
  let to = 0
  for (let y = 0; y < box.height; y++) {
    const row = mirror(box.y + y, height) * width * 3
    for (const column of columns) {
      for (let channel = 0; channel < 3; channel++) tile.data[to++] = data[row + column + channel]!
    }
  }
  return tile
}

function mirror(at: number, length: number): number {
  const period = Math.max(1, 2 * (length - 1))
  const place = at % period
  return place < length ? place : period - place
}

/** Put a tile onto a band of its height; it fades in over what the tile before it left there. What ends beyond the band is cut off. */
export function blendAcross(band: Pixels, tile: Pixels, span: Span): void {
  const { start } = span
  const width = Math.min(tile.width, band.width - start)
  const shares = fadeIn(span, width)
  for (let y = 0; y < band.height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (y * band.width + start + x) * 3
      for (let channel = 0; channel < 3; channel++) {
        mixInto(band.data, to + channel, tile.data[(y * tile.width + x) * 3 + channel]!, shares[x]!)
      }
    }
  }
}

/** As {@link blendAcross}, of a band onto a picture of its width. */
export function blendDown(picture: Pixels, band: Pixels, span: Span): void {
  const { start } = span
  const height = Math.min(band.height, picture.height - start)
  const shares = fadeIn(span, height)
  const rowLength = picture.width * 3
  for (let y = 0; y < height; y++) {
    for (let at = 0; at < rowLength; at++) {
      mixInto(picture.data, (start + y) * rowLength + at, band.data[y * rowLength + at]!, shares[y]!)
    }
  }
}

/** How much of each position is the tile's, from 0 to 1. */
function fadeIn({ fade }: Span, length: number): Float32Array {
  return Float32Array.from({ length }, (_, at) => {
    if (at < fade.start) return 0
    return at < fade.start + fade.length ? (at - fade.start + 0.5) / fade.length : 1
  })
}

function mixInto(data: Uint8Array, at: number, value: number, share: number): void {
  data[at] = Math.round(data[at]! + (value - data[at]!) * share)
}
