import * as z from 'zod/mini'

// What the server answers to the editor page where Discord shows it as an Activity.

/** The page's own sentences. */
const activityTextsSchema = z.object({
  nothing: z.string(),
  outside: z.string(),
  entering: z.string(),
  silent: z.string(),
  declined: z.string(),
  again: z.string(),
})

export const activityInfoSchema = z.object({
  /** The application's id. */
  application: z.string(),
  /** Of the texts, as a BCP 47 tag. */
  language: z.string(),
  texts: activityTextsSchema,
})
export type ActivityInfo = z.infer<typeof activityInfoSchema>

/** The picture whose Vary (Region) the person pressed last; empty if there is none. */
export const recentDrawingSchema = z.object({
  /** The interaction's id. */
  press: z.optional(z.string()),
  /** Opens the picture. */
  token: z.optional(z.string()),
})
export type RecentDrawing = z.infer<typeof recentDrawingSchema>

export const activitySessionSchema = z.extend(recentDrawingSchema, {
  /** Bearer token of the person; it opens no picture. */
  pass: z.string(),
  /** Discord's access token, for `authenticate` of the SDK. */
  access: z.string(),
})
export type ActivitySession = z.infer<typeof activitySessionSchema>
