import { type Candidate, qualityOf, stabilityOf, withoutSpecks } from './candidate.js'
import { type CellSet, cellSet, overlapOf } from './cell-set.js'

/**
 * Limits of automatic segmentation: Kirillov et al., Segment Anything (2023), arXiv:2304.02643, appendix B. The paper's numbers are for
 * a training set; these are for a person who chooses.
 */
export const AUTOMATIC_LIMITS = {
  /** Points across and down; the paper has 32. 12 take a seventh of the time and miss small things. */
  gridSide: 12,
  /** Predicted IoU. The paper has 0.88. */
  minIou: 0.88,
  /** IoU of the masks cut at logits of 1 and −1. The paper has 0.95. */
  minStability: 0.9,
  /** IoU of two masks: above, they are the same object. The paper has 0.7, of their boxes. */
  maxOverlap: 0.7,
  /** Of the picture: smaller ones can't be seen on the overlay, larger ones are the picture itself. */
  minShare: 0.002,
  maxShare: 0.9,
  /** A select menu of Discord has 25 entries, a sheet of masks has 24 bits. */
  maxObjects: 24,
} as const

/** A point in the middle of a field of the grid, from 0 to 1 across and down. */
export type GridPoint = { readonly x: number; readonly y: number }

/**
 * A grid of `side` × `side` points, from coarse to fine: if there is no time for all of them, those that are left are spread over the
 * picture.
 */
export function automaticPoints(side: number): GridPoint[] {
  const cells = Array.from({ length: side * side }, (_, at) => ({ column: at % side, row: Math.floor(at / side) }))
  const rank = ({ column, row }: { column: number; row: number }) => {
    let order = 0
    // The bits of both coordinates, interleaved and reversed.
    for (let bit = 1; bit < side; bit *= 2) order = order * 4 + ((column ^ row) & bit ? 2 : 0) + (row & bit ? 1 : 0)
    return order
  }
  return cells
    .toSorted((one, other) => rank(one) - rank(other))
    .map(({ column, row }) => ({ x: (column + 0.5) / side, y: (row + 0.5) / side }))
}

/** A mask that may be an object, with its cells. @property quality see `qualityOf` */
export type Segment = Candidate & { readonly cells: CellSet; readonly quality: number }

/** The masks that are good enough to be objects. */
export function goodSegments(candidates: readonly Candidate[]): Segment[] {
  const { minIou, minStability } = AUTOMATIC_LIMITS
  return candidates
    .filter(({ iou, logits }) => iou >= minIou && stabilityOf(logits) >= minStability)
    .map(toSegment)
    .filter(hasSize)
}

/** Non-maximum suppression: of masks that overlap too much, the one of the best quality stays. */
export function suppressOverlaps(segments: readonly Segment[]): Segment[] {
  const kept: Segment[] = []
  for (const segment of segments.toSorted((one, other) => other.quality - one.quality)) {
    if (kept.every(({ cells }) => overlapOf(cells, segment.cells) <= AUTOMATIC_LIMITS.maxOverlap)) kept.push(segment)
  }
  return kept
}

/** The objects that a person can choose from, the largest first: without specks, and without what has become the same by that. */
export function objectsOf(segments: readonly Segment[]): Segment[] {
  const cleaned = suppressOverlaps(segments).map(one => toSegment({ iou: one.iou, logits: withoutSpecks(one.logits) }))
  return suppressOverlaps(cleaned.filter(hasSize))
    .toSorted((one, other) => other.cells.count - one.cells.count)
    .slice(0, AUTOMATIC_LIMITS.maxObjects)
}

function toSegment({ iou, logits }: Candidate): Segment {
  return { iou, logits, cells: cellSet(logits), quality: qualityOf({ iou, logits }) }
}

function hasSize({ cells, logits }: Segment): boolean {
  const share = cells.count / (logits.content.width * logits.content.height)
  return share >= AUTOMATIC_LIMITS.minShare && share <= AUTOMATIC_LIMITS.maxShare
}
