import { z } from 'zod'

/** A picture in one of the bot's messages, and the person who may draw on it. */
export const drawingTargetSchema = z.strictObject({
  person: z.string(),
  server: z.string().optional(),
  channel: z.string(),
  message: z.string(),
  /** Index of the picture in the message, from 0. */
  index: z.int().min(0).max(3),
  /** Discord's locale of the person. */
  locale: z.string().optional(),
})
export type DrawingTarget = z.infer<typeof drawingTargetSchema>
