import { join } from 'node:path'
import { type Adapter, Low, Memory } from 'lowdb'
import { JSONFile } from 'lowdb/node'
import { z } from 'zod'
import { answersInTime } from '../disk-timeout.js'
import { findKnownCause } from '../known-causes/known-causes.js'
import { makeFolder } from '../make-folder.js'
import { UserError } from '../user-error.js'
import {
  type PersonSettings,
  parseSettings,
  personSettingsSchema,
  type ServerSettings,
  type Settings,
  serverSettingsSchema,
} from './settings.js'

const fileSchema = z.object({
  version: z.literal(1),
  servers: z.record(z.string(), serverSettingsSchema),
  people: z.record(z.string(), personSettingsSchema),
})
type SettingsFile = z.infer<typeof fileSchema>

const emptyFile = (): SettingsFile => ({ version: 1, servers: {}, people: {} })

/**
 * Settings in the file `settings.json` of a folder, which is created where it is missing. lowdb writes each change to a
 * temporary file and renames it, so that the file is never half written.
 *
 * @throws UserError `settings-corrupt` for a file with other content, which is not changed; OperatorError or an error of the system where
 *   it can't be read
 */
export async function openSettingsFile(folder: string): Promise<Settings> {
  await makeFolder(folder)
  const path = join(folder, 'settings.json')
  return openSettings(new JSONFile<unknown>(path), path)
}

/** Settings that are lost when the process ends. */
export function memorySettings(): Promise<Settings> {
  return openSettings(new Memory<unknown>(), 'memory')
}

async function openSettings(adapter: Adapter<unknown>, path: string): Promise<Settings> {
  const file = new Low<unknown>(adapter, null)
  await answersInTime(path, file.read()).catch(cause => {
    throw findKnownCause(cause) ? cause : new UserError({ code: 'settings-corrupt', path }, { cause })
  })
  const parsed = fileSchema.safeParse(file.data ?? emptyFile())
  if (!parsed.success) throw new UserError({ code: 'settings-corrupt', path }, { cause: parsed.error })
  const stored = parsed.data
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
