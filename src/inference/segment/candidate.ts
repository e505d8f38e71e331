import type { Extent } from '../image/geometry.js'
import { countPainted, KEEP, type Mask, PAINT } from '../image/pixels.js'
import { dilate, removeSmallComponents } from '../mask/morphology.js'
import type { SegmentSize } from './prompt.js'

/**
 * What a decoder computes for each cell of a coarse grid: above 0 is the object. The picture covers the part of the grid from its
 * top left corner to `content`, in cells and fractions of them; the rest is padding.
 */
export type LogitMap = Extent & { readonly data: Float32Array; readonly content: Extent }

/** A mask that a decoder offers. @property iou how good the network expects it to be, from 0 to about 1 */
export type Candidate = { readonly iou: number; readonly logits: LogitMap }

/**
 * The masks that a prompt may mean: one for each size, and the index of the best of them. `best` is the mask for everybody who
 * chooses no size.
 */
export type Selection = { readonly masks: Readonly<Record<SegmentSize, Candidate>>; readonly best: Candidate }

/** Components and holes of a smaller share of the object are specks. Tuned on 24 photos. */
const SPECK_SHARE = 0.01

/** Cells of the smallest component and hole that are kept; four are about 16 × 16 pixels of a picture 1024 pixels wide. */
const MIN_SPECK_CELLS = 4

/**
 * Order what a decoder returned. SAM has four masks: the first is for prompts without ambiguity, the others are a part, a
 * subpart and the whole in no fixed order. Among these the product of predicted IoU and stability decides: with the IoU alone, the
 * whole is taken too often (median IoU with outlined objects 0.63 instead of 0.77).
 *
 * @param coordinates how many the decoder was given, the padding point included
 */
export function selectionOf(candidates: readonly Candidate[], coordinates: number): Selection {
  const sizes = ambiguousMasks(candidates)
    .map(cleaned)
    .map(candidate => ({ candidate, cells: cellsOf(candidate), quality: qualityOf(candidate) }))
    .toSorted((one, other) => one.cells - other.cells)
  const isClear = sizes.length < candidates.length && coordinates > 2
  const likeliest = sizes.reduce((one, other) => (other.quality > one.quality ? other : one))
  const best = isClear ? cleaned(candidates[0]!) : likeliest.candidate
  const at = (share: number) => sizes[Math.round((sizes.length - 1) * share)]!.candidate
  return { masks: { small: at(0), medium: at(0.5), large: at(1) }, best }
}

function cleaned({ iou, logits }: Candidate): Candidate {
  return { iou, logits: withoutSpecks(logits) }
}

/** The masks for a prompt that may mean a part or the whole: of four, all but the first. */
export function ambiguousMasks(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.length === 4 ? candidates.slice(1) : candidates
}

/** How good a mask is, from 0 to 1: its predicted IoU times its stability. */
export function qualityOf({ iou, logits }: Candidate): number {
  return Math.min(1, iou) * stabilityOf(logits)
}

/** How little a mask depends on its threshold, from 0 to 1: the IoU of the masks cut at 1 and at −1 (SAM's stability score). */
export function stabilityOf({ data }: LogitMap): number {
  let [certain, possible] = [0, 0]
  for (const value of data) {
    if (value > 1) certain++
    if (value > -1) possible++
  }
  return possible === 0 ? 0 : certain / possible
}

/** @param size undefined for the best mask */
export function maskOfSize({ masks, best }: Selection, size: SegmentSize | undefined): Candidate {
  return size === undefined ? best : masks[size]
}

/** How many cells are above 0. */
export function cellsOf({ logits }: Candidate): number {
  let count = 0
  for (const value of logits.data) if (value > 0) count++
  return count
}

/** Small components and holes get the other sign. */
export function withoutSpecks(logits: LogitMap): LogitMap {
  const { width, height, data } = logits
  const mask: Mask = { width, height, data: new Uint8Array(data.length) }
  for (let at = 0; at < data.length; at++) mask.data[at] = data[at]! > 0 ? PAINT : KEEP
  const minCells = Math.max(MIN_SPECK_CELLS, Math.round(countPainted(mask) * SPECK_SHARE))
  const kept = removeSmallComponents(mask, minCells)
  const signed = data.slice()
  for (let at = 0; at < data.length; at++) if (kept.data[at] !== mask.data[at]) signed[at] = -data[at]!
  return { ...logits, data: signed }
}

/** How much a selected object grows where nobody says, in pixels of the picture: its edge is known to a cell of the coarse grid. */
export function defaultGrow({ width, height }: Extent): number {
  return Math.ceil(Math.max(width, height) / 256) + 1
}

/**
 * The mask at the picture's size: logits interpolated bilinearly, cut at 0, and grown.
 *
 * @param grow in pixels of the picture
 */
export function candidateMask({ logits }: Candidate, picture: Extent, grow: number): Mask {
  const { width, height } = picture
  const { content, data: cells } = logits
  const data = new Uint8Array(width * height)
  const columns = sampleAxis(width, content.width, logits.width)
  const rows = sampleAxis(height, content.height, logits.height)
  for (let y = 0; y < height; y++) {
    const [top, bottom, down] = [rows.low[y]! * logits.width, rows.high[y]! * logits.width, rows.share[y]!]
    for (let x = 0; x < width; x++) {
      const [left, right, along] = [columns.low[x]!, columns.high[x]!, columns.share[x]!]
      const upper = cells[top + left]! * (1 - along) + cells[top + right]! * along
      const lower = cells[bottom + left]! * (1 - along) + cells[bottom + right]! * along
      if (upper * (1 - down) + lower * down > 0) data[y * width + x] = PAINT
    }
  }
  const mask = { width, height, data }
  return grow > 0 ? dilate(mask, grow) : mask
}

/** For each pixel of an axis the cells around its centre, and how far it is from the first to the second. */
function sampleAxis(pixels: number, content: number, cells: number) {
  const low = new Int32Array(pixels)
  const high = new Int32Array(pixels)
  const share = new Float32Array(pixels)
  const last = Math.min(cells, Math.ceil(content)) - 1
  for (let at = 0; at < pixels; at++) {
    const position = Math.min(last, Math.max(0, ((at + 0.5) * content) / pixels - 0.5))
    low[at] = Math.floor(position)
    high[at] = Math.min(last, low[at]! + 1)
    share[at] = position - low[at]!
  }
  return { low, high, share }
}
