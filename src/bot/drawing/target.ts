import { z } from 'zod'

/** A picture that a message shows, or that came with a command, and the person who may draw on it. */
export const drawingTargetSchema = z.strictObject({
  person: z.string(),
  server: z.string().optional(),
  channel: z.string(),
  /** Of the message or, for a picture that came with a command, of its interaction. */
  message: z.string(),
  /** Index of the picture in the message, from 0. */
  index: z.int().min(0).max(9),
  /** The picture came with a command: no message shows it. */
  command: z.literal(true).optional(),
  /** What the person asked for, if not to repaint. */
  task: z.enum(['remove', 'extend']).optional(),
  /** Discord's locale of the person. */
  locale: z.string().optional(),
})
export type DrawingTarget = z.infer<typeof drawingTargetSchema>
