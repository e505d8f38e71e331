import { z } from 'zod'
import { UserError } from '../user-error.js'

/** The languages that can be set. Where none is set, Discord's locale counts. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'ja'] as const
export type Language = (typeof LANGUAGES)[number]

/** Limits of a diffusion sampler's steps, inclusive. */
export const DEFAULT_STEPS_RANGE = { min: 1, max: 150 } as const

/** An id of Discord's: a decimal number of 64 bits. */
const id = z.string().regex(/^\d{1,20}$/)
const variations = z.int().min(1).max(4)
const engine = z.string().min(1).max(100)

const quota = z.object({
  /** The server's own id stands for everybody, as at Discord. */
  role: id,
  pictures: z.int().positive().optional(),
  /** Seconds of a device's time. */
  seconds: z.int().positive().optional(),
  per: z.enum(['hour', 'day']),
})
export type Quota = z.infer<typeof quota>

export const serverSettingsSchema = z.object({
  /** Where the bot paints. None means everywhere. */
  channels: z.array(id).default([]),
  /** Who may use it. None means everybody. */
  roles: z.array(id).default([]),
  /** The roles whose jobs have priority. */
  first: z.array(id).default([]),
  quotas: z.array(quota).default([]),
  /** The most pictures for one request. */
  variations: variations.default(4),
  engine: engine.optional(),
  /** The engine of upscaling. */
  upscaler: z.string().min(1).max(120).optional(),
  steps: z.int().min(DEFAULT_STEPS_RANGE.min).max(DEFAULT_STEPS_RANGE.max).optional(),
  /** Whether painted colors are matched to the picture; yes by default. */
  colorMatch: z.boolean().optional(),
  /** Words and phrases that prompts may not contain. */
  forbidden: z.array(z.string().min(1).max(100)).default([]),
  /** Who may use the buttons under a picture. */
  buttons: z.enum(['author', 'all']).default('all'),
  language: z.enum(LANGUAGES).optional(),
  auditChannel: id.optional(),
  spoiler: z.enum(['never', 'always']).default('never'),
  /** Paint only in channels that are marked as age-restricted. */
  restrictedOnly: z.boolean().default(false),
  /** The server's jobs: `draining` accepts no new ones, `paused` starts none. */
  line: z.enum(['open', 'draining', 'paused']).default('open'),
})
export type ServerSettings = z.infer<typeof serverSettingsSchema>

export const personSettingsSchema = z.object({
  variations: variations.optional(),
  engine: engine.optional(),
  /** When to show how a mask was interpreted, and ask, before anything is painted. */
  confirmMasks: z.enum(['always', 'unsure']).default('always'),
  language: z.enum(LANGUAGES).optional(),
})
export type PersonSettings = z.infer<typeof personSettingsSchema>

/** The settings of servers and people. Those who changed nothing are not stored. */
export interface Settings {
  server(id: string): ServerSettings
  person(id: string): PersonSettings
  /** @throws UserError `setting-invalid` */
  setServer(id: string, change: Partial<ServerSettings>): Promise<ServerSettings>
  /** @throws UserError `setting-invalid` */
  setPerson(id: string, change: Partial<PersonSettings>): Promise<PersonSettings>
  /** @returns whether there were any settings of this person */
  forgetPerson(id: string): Promise<boolean>
  /** The servers that have changed a setting. */
  serverIds(): string[]
}

/** @throws UserError `setting-invalid` */
export function parseSettings<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new UserError({ code: 'setting-invalid', detail: z.prettifyError(result.error) })
}
