import type { ObjectSelection } from '../../protocol/drawing.js'

/** Which of the masks is taken; `best` is the one that the network prefers. */
export const OBJECT_SIZES = ['best', 'small', 'medium', 'large'] as const
export type ObjectSize = (typeof OBJECT_SIZES)[number]

/** The mask of an answer that a choice takes. */
export function sizeOf({ best }: ObjectSelection, chosen: ObjectSize): ObjectSelection['best'] {
  return chosen === 'best' ? best : chosen
}
