import { z } from 'zod'
import {
  type PersonSettings,
  parseSettings,
  personSettingsSchema,
  type ServerSettings,
  type Settings,
  serverSettingsSchema,
} from './settings.js'

/** What this file needs of the store that all processes share. */
export type SharedSettingsStore = {
  putEntry(map: string, field: string, text: string): Promise<void>
  getEntries(map: string): Promise<Map<string, string>>
  deleteEntry(map: string, field: string): Promise<void>
  publish(channel: string, text: string): Promise<void>
  subscribe(channel: string, listener: SettingsListener): Promise<unknown>
}
type SettingsListener = { readonly onMessage: (text: string) => void; readonly onReconnect: () => void }

/** The maps of settings by id, and the channel that announces their changes. */
const SERVER_SETTINGS = 'settings-servers'
const PERSON_SETTINGS = 'settings-people'
const CHANGE_CHANNEL = 'settings'

/** Where the text of an entry goes that can't be read and is replaced: the name of its map with this behind it. */
const UNREADABLE = '-unreadable'

/**
 * Settings that several processes share. Each process keeps a copy, which it reads again when another one has changed
 * something. An entry that can't be read affects no other one: what is valid of it holds, and for the rest the defaults.
 *
 * @param onError gets the error where they can't be read again, and each unreadable entry once
 */
export async function sharedSettings(store: SharedSettingsStore, onError: (error: Error) => void): Promise<Settings> {
  const servers = entryReader(store, SERVER_SETTINGS, serverSettingsSchema, onError)
  const people = entryReader(store, PERSON_SETTINGS, personSettingsSchema, onError)

  async function load(): Promise<void> {
    await servers.load()
    await people.load()
  }
  const reload = () => void load().catch(onError)
  await store.subscribe(CHANGE_CHANNEL, { onMessage: reload, onReconnect: reload })
  await load()

  const serverOf = (id: string): ServerSettings => servers.entries().get(id) ?? serverSettingsSchema.parse({})
  const personOf = (id: string): PersonSettings => people.entries().get(id) ?? personSettingsSchema.parse({})
  return {
    server: serverOf,
    person: personOf,
    async setServer(id, change) {
      const next = parseSettings(serverSettingsSchema, { ...serverOf(id), ...change })
      await servers.put(id, next)
      await store.publish(CHANGE_CHANNEL, id)
      return next
    },
    async setPerson(id, change) {
      const next = parseSettings(personSettingsSchema, { ...personOf(id), ...change })
      await people.put(id, next)
      await store.publish(CHANGE_CHANNEL, id)
      return next
    },
    async forgetPerson(id) {
      if (!(await people.delete(id))) return false
      await store.publish(CHANGE_CHANNEL, id)
      return true
    },
    serverIds: () => [...servers.entries().keys()],
  }
}

/** This process's copy of one map. */
function entryReader<T>(
  store: SharedSettingsStore,
  map: string,
  schema: z.ZodType<T>,
  onError: (error: Error) => void,
) {
  let entries = new Map<string, T>()
  /** The texts of entries that can't be read, by id. */
  let unreadable = new Map<string, string>()
  return {
    entries: (): ReadonlyMap<string, T> => entries,
    async load(): Promise<void> {
      const read = new Map<string, T>()
      const bad = new Map<string, string>()
      for (const [id, text] of await store.getEntries(map)) {
        const { value, problem } = parseEntry(text, schema)
        read.set(id, value)
        if (problem === undefined) continue
        bad.set(id, text)
        if (unreadable.get(id) !== text) onError(new Error(`the entry ${id} of ${map} can't be read: ${problem}`))
      }
      entries = read
      unreadable = bad
    },
    async put(id: string, value: T): Promise<void> {
      entries.set(id, value)
      const text = unreadable.get(id)
      if (text !== undefined) await store.putEntry(`${map}${UNREADABLE}`, id, text)
      await store.putEntry(map, id, JSON.stringify(value))
    },
    /** @returns whether there was such an entry */
    async delete(id: string): Promise<boolean> {
      // It may be there from an entry that was replaced.
      await store.deleteEntry(`${map}${UNREADABLE}`, id)
      if (!entries.delete(id)) return false
      await store.deleteEntry(map, id)
      return true
    },
  }
}

/** @returns the valid fields of an entry, and what is wrong with the others */
function parseEntry<T>(text: string, schema: z.ZodType<T>): { readonly value: T; readonly problem?: string } {
  let stored: unknown
  try {
    stored = JSON.parse(text)
  } catch {
    return { value: schema.parse({}), problem: 'it is not JSON' }
  }
  const parsed = schema.safeParse(stored)
  if (parsed.success) return { value: parsed.data }
  const problem = z.prettifyError(parsed.error)
  const invalid = new Set(parsed.error.issues.map(({ path }) => path[0]))
  const fields = z.record(z.string(), z.unknown()).safeParse(stored).data ?? {}
  const valid = Object.entries(fields).filter(([name]) => !invalid.has(name))
  return { value: schema.parse(Object.fromEntries(valid)), problem }
}
