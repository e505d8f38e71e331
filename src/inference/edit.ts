import { z } from 'zod'
import { ProblemError } from '../problem.js'

/** Zoom factors that can be asked for, both ends included. */
export const ZOOM = { min: 1.1, max: 4 } as const

/** How much to add on a side: percent of that side's own axis of the old picture, or pixels. */
const lengthSchema = z.union([
  z.strictObject({ percent: z.number().nonnegative() }),
  z.strictObject({ pixels: z.int().nonnegative() }),
])
export type Length = z.infer<typeof lengthSchema>

const boxSchema = z.strictObject({
  x: z.int().nonnegative(),
  y: z.int().nonnegative(),
  width: z.int().positive(),
  height: z.int().positive(),
})

const plainEditSchema = z.discriminatedUnion('kind', [
  /** Step back. Same picture size as before with the old picture shrunk into the middle, or, to `grow`, a larger canvas. */
  z.strictObject({ kind: z.literal('zoom'), factor: z.number(), grow: z.boolean() }),
  /** Add to the sides; the old picture keeps its size. */
  z.strictObject({
    kind: z.literal('extend'),
    left: lengthSchema,
    right: lengthSchema,
    top: lengthSchema,
    bottom: lengthSchema,
  }),
  /** Add on both ends of the shorter axis until it is as long as the other. */
  z.strictObject({ kind: z.literal('square') }),
  /** Add on both ends of one axis until the sides stand to each other as these two numbers. */
  z.strictObject({ kind: z.literal('fit'), width: z.number(), height: z.number() }),
  /** Repaint what a mask of the picture's own size says. */
  z.strictObject({ kind: z.literal('inpaint') }),
])
export type PlainEdit = z.infer<typeof plainEditSchema>

const editSchema = z.discriminatedUnion('kind', [
  ...plainEditSchema.options,
  /** Paint once more what an earlier edit painted: all of its result that lies outside `keep`. */
  z.strictObject({ kind: z.literal('redo'), of: plainEditSchema, keep: boxSchema }),
])

/** What a person asked for, as plain data: it goes into queues and into the picture's own metadata. */
export type Edit = z.infer<typeof editSchema>

/** @throws ProblemError `edit-unreadable` */
export function parseEdit(value: unknown): Edit {
  const result = editSchema.safeParse(value)
  if (!result.success) throw new ProblemError({ code: 'edit-unreadable', detail: z.prettifyError(result.error) })
  return result.data
}

/** "25%", "256", "256px" → a length. @throws ProblemError `length-unreadable` */
export function parseLength(side: string, text: string): Length {
  const [, digits, unit] = /^\s*(\d{1,6}(?:\.\d{1,3})?)\s*(%|px)?\s*$/i.exec(text) ?? []
  const amount = Number(digits)
  if (digits !== undefined && unit === '%') return { percent: amount }
  if (digits !== undefined && Number.isInteger(amount)) return { pixels: amount }
  throw new ProblemError({ code: 'length-unreadable', side, text })
}

/** "16:9", "16x9", "3/2", "1.85" → width and height. @throws ProblemError `aspect-unreadable` */
export function parseAspect(text: string): { width: number; height: number } {
  const number = String.raw`(\d{1,5}(?:\.\d{1,4})?)`
  const [, width, height = '1'] = new RegExp(`^\\s*${number}\\s*(?:[:x×/]\\s*${number})?\\s*$`, 'i').exec(text) ?? []
  const aspect = { width: Number(width), height: Number(height) }
  if (!(aspect.width > 0 && aspect.height > 0)) throw new ProblemError({ code: 'aspect-unreadable', text })
  return aspect
}

/** The edit that a person first asked for, however often it was painted again. */
export function original(edit: Edit): PlainEdit {
  return edit.kind === 'redo' ? edit.of : edit
}
