import { type Command, InvalidArgumentError } from 'commander'
import { MASK_GROW } from '../../inference/pipeline/edit.js'
import { SEGMENT_SIZES, type SegmentPoint, type SegmentSize } from '../../inference/segment/prompt.js'
import type { ObjectRequest } from '../../inference/segment/select.js'
import { UserError } from '../../user-error.js'

type Position = { readonly x: number; readonly y: number }
type Box = Position & { readonly width: number; readonly height: number }

/** Where an object is, as commander parses it. */
export type SelectionOptions = { at?: readonly Position[]; notAt?: readonly Position[]; box?: Box }

/** Add the options that say where an object is. */
export function addSelectionFlags(command: Command): Command {
  return command
    .option(
      '--at <x,y>',
      'select the object at this point, in pixels from the top left; can be repeated',
      collectPosition,
    )
    .option('--not-at <x,y>', 'a point that isn’t part of the object; can be repeated', collectPosition)
    .option('--box <x,y,width,height>', 'select the object in this box, in pixels', parseBox)
}

export const OBJECT_SIZE_HELP = `which of the masks to take: ${SEGMENT_SIZES.join(', ')} (default: the best one)`
export const OBJECT_GROW_HELP =
  'grow the selected object by this many pixels (default: about 0.4% of the longer side, plus 1)'

/**
 * What these options select.
 *
 * @returns undefined if none of them is set
 * @throws UserError `options-invalid`
 */
export function objectRequest(
  { at = [], notAt = [], box }: SelectionOptions,
  size: SegmentSize | undefined,
  grow: number | undefined,
): ObjectRequest | undefined {
  if (at.length === 0 && notAt.length === 0 && !box) {
    if (size !== undefined) throw new UserError({ code: 'selection-empty' })
    return undefined
  }
  const points: SegmentPoint[] = [
    ...at.map(point => ({ ...point, inside: true })),
    ...notAt.map(point => ({ ...point, inside: false })),
  ]
  return { prompt: { points, box }, size, grow }
}

export function parseObjectSize(text: string): SegmentSize {
  const size = SEGMENT_SIZES.find(one => one === text)
  if (!size) throw new InvalidArgumentError(`Use one of: ${SEGMENT_SIZES.join(', ')}.`)
  return size
}

export function parseGrow(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < MASK_GROW.min || value > MASK_GROW.max) {
    throw new InvalidArgumentError(`Use a whole number from ${MASK_GROW.min} to ${MASK_GROW.max}.`)
  }
  return value
}

function collectPosition(text: string, earlier: readonly Position[] = []): Position[] {
  const [x, y] = parseNumbers(text, 2, 'Use two numbers like 512,300: pixels from the left and from the top.')
  return [...earlier, { x: x!, y: y! }]
}

function parseBox(text: string): Box {
  const help = 'Use four numbers like 100,80,200,150: left, top, width and height in pixels.'
  const [x, y, width, height] = parseNumbers(text, 4, help)
  if (!(width! > 0 && height! > 0)) throw new InvalidArgumentError(help)
  return { x: x!, y: y!, width: width!, height: height! }
}

function parseNumbers(text: string, count: number, help: string): number[] {
  const parts = text.split(',').map(part => part.trim())
  const numbers = parts.map(Number)
  if (parts.length !== count || parts.includes('') || !numbers.every(Number.isFinite)) {
    throw new InvalidArgumentError(help)
  }
  return numbers
}
