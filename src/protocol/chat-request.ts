import * as z from 'zod/mini'

// What the playground's chat page sends. Its bundle needs the types only, so these schemas are in another file than those of the answers.

/** A file, by its index among the request's files. */
const fileSchema = z.strictObject({ file: z.int().check(z.minimum(0), z.maximum(9)) })
const scalarSchema = z.union([z.string(), z.number(), z.boolean()])
/** `id` names a user, a channel or a role. */
const optionSchema = z.union([scalarSchema, fileSchema, z.strictObject({ id: z.string() })])
const fieldSchema = z.union([z.string(), z.boolean(), z.array(z.string()), z.array(fileSchema)])

/** What the person does in the chat. Messages are named by their ids. */
export const chatActionSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('message'), content: z.string(), replyTo: z.optional(z.string()) }),
  /** @property command its name, and that of a subcommand after a space */
  z.strictObject({
    type: z.literal('slash'),
    command: z.string(),
    options: z.record(z.string(), optionSchema),
  }),
  /** @property focused the option that is being typed */
  z.strictObject({
    type: z.literal('autocomplete'),
    command: z.string(),
    options: z.record(z.string(), scalarSchema),
    focused: z.string(),
  }),
  z.strictObject({ type: z.literal('message-command'), message: z.string(), command: z.string() }),
  /** @property button its custom id */
  z.strictObject({ type: z.literal('button'), message: z.string(), button: z.string() }),
  /** @property menu its custom id */
  z.strictObject({ type: z.literal('select'), message: z.string(), menu: z.string(), values: z.array(z.string()) }),
  /** @property interaction the one that opened the modal; @property fields by their custom ids */
  z.strictObject({
    type: z.literal('modal-submit'),
    interaction: z.string(),
    fields: z.record(z.string(), fieldSchema),
  }),
  z.strictObject({ type: z.literal('dismiss'), message: z.string() }),
  z.strictObject({ type: z.literal('launch-activity') }),
  /** @property activity the instance's id */
  z.strictObject({ type: z.literal('leave-activity'), activity: z.string() }),
])
export type ChatAction = z.infer<typeof chatActionSchema>
export type CommandOptionValue = z.infer<typeof optionSchema>
export type ModalFieldValue = z.infer<typeof fieldSchema>

/** A command of an Activity to Discord's client. */
export const rpcRequestSchema = z.strictObject({
  activity: z.string(),
  cmd: z.string(),
  args: z.record(z.string(), z.unknown()),
})
export type RpcRequest = z.infer<typeof rpcRequestSchema>
