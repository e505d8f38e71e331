import { z } from 'zod'

/** The languages that can be set; Discord's own locale counts where none is. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'ja'] as const
export type Language = (typeof LANGUAGES)[number]

/** Steps of a diffusion model's sampler, both ends included. */
export const STEPS = { min: 1, max: 150 } as const

const id = z.string().regex(/^\d{1,20}$/)
const variations = z.int().min(1).max(4)
const engine = z.string().min(1).max(100)

const quota = z.object({
  /** The server's own id counts for everybody. */
  role: id,
  pictures: z.int().positive().optional(),
  /** Seconds that a device was busy. */
  seconds: z.int().positive().optional(),
  per: z.enum(['hour', 'day']),
})
export type Quota = z.infer<typeof quota>

export const serverSettingsSchema = z.object({
  /** Where it paints, and who may ask; none named are all. */
  channels: z.array(id).default([]),
  roles: z.array(id).default([]),
  /** Whose turn comes before that of others. */
  first: z.array(id).default([]),
  quotas: z.array(quota).default([]),
  /** The most that one request may ask for. */
  variations: variations.default(4),
  engine: engine.optional(),
  steps: z.int().min(STEPS.min).max(STEPS.max).optional(),
  /** Words and phrases that prompts may not hold. */
  forbidden: z.array(z.string().min(1).max(100)).default([]),
  /** Who may press the buttons under a picture. */
  buttons: z.enum(['author', 'all']).default('all'),
  language: z.enum(LANGUAGES).optional(),
  auditChannel: id.optional(),
  spoiler: z.enum(['never', 'always']).default('never'),
  /** Paint only in channels that are marked as age-restricted. */
  restrictedOnly: z.boolean().default(false),
  /** Draining takes nothing new; paused starts nothing. */
  line: z.enum(['open', 'draining', 'paused']).default('open'),
})
export type ServerSettings = z.infer<typeof serverSettingsSchema>

export const personSettingsSchema = z.object({
  variations: variations.optional(),
  engine: engine.optional(),
  /** When to show what was understood of a mask before anything is painted. */
  confirmMasks: z.enum(['always', 'unsure']).default('always'),
  language: z.enum(LANGUAGES).optional(),
})
export type PersonSettings = z.infer<typeof personSettingsSchema>

/** What servers and people have set. Nobody who has set nothing is stored. */
export interface Settings {
  server(id: string): ServerSettings
  person(id: string): PersonSettings
  /** @throws ProblemError `setting-invalid` */
  setServer(id: string, change: Partial<ServerSettings>): Promise<ServerSettings>
  /** @throws ProblemError `setting-invalid` */
  setPerson(id: string, change: Partial<PersonSettings>): Promise<PersonSettings>
  /** @returns whether there was anything to forget */
  forgetPerson(id: string): Promise<boolean>
  /** Those that have set something. */
  serverIds(): string[]
}
