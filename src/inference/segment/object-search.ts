import type { Extent } from '../image/geometry.js'
import type { Mask } from '../image/pixels.js'
import {
  AUTOMATIC_LIMITS,
  automaticPoints,
  goodSegments,
  objectsOf,
  type Segment,
  suppressOverlaps,
} from './automatic.js'
import { candidateMask, defaultGrow } from './candidate.js'
import type { Embedding, SegmentModel } from './segment-model.js'

/** Points that are decoded at a time, in about a second: then somebody else's click has its turn. */
const SLICE_POINTS = 8

/** Of the decoder, in milliseconds: after it, the grid stays coarser. Two quiet cores need a sixth of it. */
const TIME_LIMIT_MS = 60_000

/** An object of a picture. @property share of the picture, from 0 to 1 @property iou as the network predicts it */
export type PictureObject = { readonly mask: Mask; readonly share: number; readonly iou: number }

/** A search for all objects of a picture, which goes on slice by slice. */
export interface ObjectSearch {
  /** @returns whether all points are done */
  continue(): Promise<boolean>
  /**
   * The objects, the largest first; at most 24.
   *
   * @param size of the masks
   * @param grow in pixels of these masks; {@link defaultGrow} if undefined
   */
  objects(size: Extent, grow?: number): PictureObject[]
}

/**
 * SAM's automatic mask generator, see automatic.ts.
 *
 * @param gridSide points across and down
 */
export function searchObjects(
  model: Pick<SegmentModel, 'candidates'>,
  embedding: Embedding,
  gridSide: number = AUTOMATIC_LIMITS.gridSide,
): ObjectSearch {
  const points = automaticPoints(gridSide)
  const { width, height } = embedding.picture
  let segments: readonly Segment[] = []
  let next = 0
  let spentMs = 0
  return {
    async continue() {
      const start = performance.now()
      const found: Segment[] = []
      for (const { x, y } of points.slice(next, next + SLICE_POINTS)) {
        const point = { x: Math.floor(x * width), y: Math.floor(y * height), inside: true }
        found.push(...goodSegments(await model.candidates(embedding, { points: [point] })))
      }
      next += SLICE_POINTS
      // After each slice, so that few masks are in memory.
      segments = suppressOverlaps([...segments, ...found])
      spentMs += performance.now() - start
      return next >= points.length || spentMs > TIME_LIMIT_MS
    },
    objects(size, grow = defaultGrow(size)) {
      return objectsOf(segments).map(candidate => {
        const { cells, logits, iou } = candidate
        const { content } = logits
        const share = cells.count / (content.width * content.height)
        return { mask: candidateMask(candidate, size, grow), share, iou }
      })
    },
  }
}
