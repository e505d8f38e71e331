import * as z from 'zod/mini'

/** The body of every answer whose status is 400 or above: a sentence for the person. */
export const errorSchema = z.object({ error: z.string() })
export type ErrorBody = z.infer<typeof errorSchema>
