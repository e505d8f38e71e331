import * as z from 'zod/mini'
import { commandSchema, messageSchema, modalSchema, roleSchema, userSchema } from './discord-objects.js'
import { chatTextsSchema } from './page-texts.js'

// What the server answers to the playground's chat page.

/** The channel as the page shows it at first. */
export const chatSchema = z.object({
  /** The person who uses the page. */
  me: userSchema,
  channel: z.object({ id: z.string(), name: z.optional(z.nullable(z.string())) }),
  commands: z.array(commandSchema),
  roles: z.array(roleSchema),
  messages: z.array(messageSchema),
  /** The origin of attachment URLs; the server of the page serves the same paths. */
  cdn: z.string(),
  /** Of the texts, as a BCP 47 tag. */
  language: z.string(),
  texts: chatTextsSchema,
})
export type Chat = z.infer<typeof chatSchema>

/** An event of `/api/chat/events`, by its name. `ready` and `ping` carry nothing. */
export const messageEventSchema = messageSchema
export const deleteEventSchema = z.object({ id: z.string() })

/** An open Activity, and what Discord adds to its page's address. */
export const openActivitySchema = z.object({
  id: z.string(),
  application: z.string(),
  guild: z.string(),
  channel: z.string(),
})
export type OpenActivity = z.infer<typeof openActivitySchema>

/** The bot's first answer to an action, where it is more than a message. */
export const actionResponseSchema = z.object({
  /** The interaction's id. */
  interaction: z.optional(z.string()),
  modal: z.optional(modalSchema),
  activity: z.optional(openActivitySchema),
  choices: z.optional(z.array(z.object({ name: z.string(), value: z.union([z.string(), z.number()]) }))),
})
export type ActionResponse = z.infer<typeof actionResponseSchema>

/** The answer to a command of an Activity. */
export const rpcResponseSchema = z.union([
  z.object({ error: z.object({ code: z.number(), message: z.string() }) }),
  z.object({ data: z.unknown() }),
])
export type RpcResponse = z.infer<typeof rpcResponseSchema>

/** File names of the sample pictures. */
export const samplesSchema = z.array(z.string())
