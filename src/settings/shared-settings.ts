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

/**
 * Settings that several processes share. Each process keeps a copy, which it reads again when another one has changed
 * something.
 *
 * @param onError gets the error where they can't be read again
 */
export async function sharedSettings(store: SharedSettingsStore, onError: (error: Error) => void): Promise<Settings> {
  let servers = new Map<string, ServerSettings>()
  let people = new Map<string, PersonSettings>()

  async function load(): Promise<void> {
    const entries = async <T>(map: string, parse: (value: unknown) => T) =>
      new Map([...(await store.getEntries(map))].map(([id, text]) => [id, parse(JSON.parse(text))]))
    servers = await entries(SERVER_SETTINGS, value => serverSettingsSchema.parse(value))
    people = await entries(PERSON_SETTINGS, value => personSettingsSchema.parse(value))
  }
  const reload = () => void load().catch(onError)
  await store.subscribe(CHANGE_CHANNEL, { onMessage: reload, onReconnect: reload })
  await load()

  const serverOf = (id: string) => servers.get(id) ?? serverSettingsSchema.parse({})
  const personOf = (id: string) => people.get(id) ?? personSettingsSchema.parse({})
  async function save(map: string, id: string, value: unknown): Promise<void> {
    await store.putEntry(map, id, JSON.stringify(value))
    await store.publish(CHANGE_CHANNEL, id)
  }
  return {
    server: serverOf,
    person: personOf,
    async setServer(id, change) {
      const next = parseSettings(serverSettingsSchema, { ...serverOf(id), ...change })
      servers.set(id, next)
      await save(SERVER_SETTINGS, id, next)
      return next
    },
    async setPerson(id, change) {
      const next = parseSettings(personSettingsSchema, { ...personOf(id), ...change })
      people.set(id, next)
      await save(PERSON_SETTINGS, id, next)
      return next
    },
    async forgetPerson(id) {
      if (!people.delete(id)) return false
      await store.deleteEntry(PERSON_SETTINGS, id)
      await store.publish(CHANGE_CHANNEL, id)
      return true
    },
    serverIds: () => [...servers.keys()],
  }
}
