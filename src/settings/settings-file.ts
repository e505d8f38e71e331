import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Adapter, Low, Memory } from 'lowdb'
import { JSONFile } from 'lowdb/node'
import { z } from 'zod'
import { UserError } from '../user-error.js'
import {
  type PersonSettings,
  personSettingsSchema,
  type ServerSettings,
  type Settings,
  serverSettingsSchema,
} from './settings.js'

const schema = z.object({
  version: z.literal(1),
  servers: z.record(z.string(), serverSettingsSchema),
  people: z.record(z.string(), personSettingsSchema),
})
type Stored = z.infer<typeof schema>

const empty = (): Stored => ({ version: 1, servers: {}, people: {} })

/**
 * Settings in `settings.json` of a folder, which is made if it is not there. Each change is written beside and renamed
 * over, so that the file is whole at any moment.
 *
 * @throws ProblemError `settings-corrupt` for a file that can't be read, which is left as it is
 */
export async function openSettingsFile(folder: string): Promise<Settings> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'settings.json')
  return open(new JSONFile<unknown>(path), path)
}

/** Settings that are gone with the process. */
export function memorySettings(): Promise<Settings> {
  return open(new Memory<unknown>(), 'memory')
}

async function open(adapter: Adapter<unknown>, path: string): Promise<Settings> {
  const file = new Low<unknown>(adapter, null)
  await file.read().catch(cause => {
    throw new UserError({ code: 'settings-corrupt', path }, { cause })
  })
  const read = schema.safeParse(file.data ?? empty())
  if (!read.success) throw new UserError({ code: 'settings-corrupt', path }, { cause: read.error })
  const stored = read.data
  file.data = stored

  const serverOf = (id: string): ServerSettings => stored.servers[id] ?? serverSettingsSchema.parse({})
  const personOf = (id: string): PersonSettings => stored.people[id] ?? personSettingsSchema.parse({})
  return {
    server: serverOf,
    person: personOf,
    async setServer(id, change) {
      const next = parseSettings(serverSettingsSchema, { ...serverOf(id), ...change })
      stored.servers[id] = next
      await file.write()
      return next
    },
    async setPerson(id, change) {
      const next = parseSettings(personSettingsSchema, { ...personOf(id), ...change })
      stored.people[id] = next
      await file.write()
      return next
    },
    async forgetPerson(id) {
      if (!Object.hasOwn(stored.people, id)) return false
      delete stored.people[id]
      await file.write()
      return true
    },
    serverIds: () => Object.keys(stored.servers),
  }
}

/** @throws ProblemError `setting-invalid` */
export function parseSettings<T>(shape: z.ZodType<T>, value: unknown): T {
  const result = shape.safeParse(value)
  if (result.success) return result.data
  throw new UserError({ code: 'setting-invalid', detail: z.prettifyError(result.error) })
}
