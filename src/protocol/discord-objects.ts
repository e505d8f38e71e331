import * as z from 'zod/mini'

// Discord's objects, reduced to what the chat page shows. Names and types are Discord's.

export const EPHEMERAL = 64
export const LOADING = 128

export const userSchema = z.object({
  id: z.string(),
  username: z.string(),
  global_name: z.nullish(z.string()),
  bot: z.optional(z.boolean()),
})
export type User = z.infer<typeof userSchema>

const attachmentSchema = z.object({
  id: z.string(),
  filename: z.string(),
  url: z.string(),
  content_type: z.nullish(z.string()),
  size: z.number(),
})
export type Attachment = z.infer<typeof attachmentSchema>

const mediaSchema = z.object({ url: z.string() })

const selectOptionSchema = z.object({ label: z.string(), value: z.string(), default: z.optional(z.boolean()) })

/** Any component of a message or a modal. Which of the fields it has depends on its type. */
export const componentSchema = z.object({
  type: z.number(),
  id: z.optional(z.number()),
  get components() {
    return z.optional(z.array(componentSchema))
  },
  get component() {
    return z.optional(componentSchema)
  },
  get accessory() {
    return z.optional(componentSchema)
  },
  content: z.optional(z.string()),
  label: z.optional(z.string()),
  description: z.nullish(z.string()),
  style: z.optional(z.number()),
  url: z.optional(z.string()),
  custom_id: z.optional(z.string()),
  disabled: z.optional(z.boolean()),
  emoji: z.optional(z.object({ name: z.nullish(z.string()) })),
  items: z.optional(
    z.array(z.object({ media: mediaSchema, description: z.nullish(z.string()), spoiler: z.optional(z.boolean()) })),
  ),
  media: z.optional(mediaSchema),
  file: z.optional(mediaSchema),
  name: z.optional(z.string()),
  size: z.optional(z.number()),
  divider: z.optional(z.boolean()),
  options: z.optional(z.array(selectOptionSchema)),
  placeholder: z.optional(z.string()),
  max_values: z.optional(z.number()),
  max_length: z.optional(z.number()),
  required: z.optional(z.boolean()),
  value: z.optional(z.string()),
  default: z.optional(z.boolean()),
})
export type Component = z.infer<typeof componentSchema>

export const messageSchema = z.object({
  id: z.string(),
  author: userSchema,
  content: z.string(),
  timestamp: z.string(),
  flags: z.optional(z.number()),
  attachments: z.array(attachmentSchema),
  components: z.optional(z.array(componentSchema)),
  interaction_metadata: z.optional(z.object({ user: userSchema, name: z.optional(z.string()) })),
  get referenced_message() {
    return z.nullish(messageSchema)
  },
})
export type Message = z.infer<typeof messageSchema>

const localizationsSchema = z.nullish(z.record(z.string(), z.string()))
const localizedNameSchema = z.object({ name: z.string(), name_localizations: localizationsSchema })
export type LocalizedName = z.infer<typeof localizedNameSchema>

const commandOptionSchema = z.extend(localizedNameSchema, {
  type: z.number(),
  description: z.string(),
  description_localizations: localizationsSchema,
  required: z.optional(z.boolean()),
  autocomplete: z.optional(z.boolean()),
  choices: z.optional(z.array(z.extend(localizedNameSchema, { value: z.union([z.string(), z.number()]) }))),
  get options() {
    return z.optional(z.array(commandOptionSchema))
  },
  min_value: z.optional(z.number()),
  max_value: z.optional(z.number()),
  max_length: z.optional(z.number()),
})
export type CommandOption = z.infer<typeof commandOptionSchema>

export const commandSchema = z.extend(commandOptionSchema, { id: z.string() })
export type Command = z.infer<typeof commandSchema>

export const modalSchema = z.object({ custom_id: z.string(), title: z.string(), components: z.array(componentSchema) })
export type Modal = z.infer<typeof modalSchema>

export const roleSchema = z.object({ id: z.string(), name: z.string() })
