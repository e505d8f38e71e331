import * as z from 'zod/mini'

const opaqueSchema = z.string().check(z.regex(/^[\w.-]{1,512}$/))

/** @property code of OAuth 2, valid once; @property instance the Activity instance that the page runs in */
export const activityLoginSchema = z.strictObject({ code: opaqueSchema, instance: opaqueSchema })
export type ActivityLogin = z.infer<typeof activityLoginSchema>
