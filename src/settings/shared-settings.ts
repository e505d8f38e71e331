import {
  type PersonSettings,
  personSettingsSchema,
  type ServerSettings,
  type Settings,
  serverSettingsSchema,
} from './settings.js'
import { parseSettings } from './settings-file.js'

/** What this file asks of the place that all processes share: texts under a name, and word between them. */
export type SharedSettingsStore = {
  put(map: string, field: string, text: string): Promise<void>
  all(map: string): Promise<Map<string, string>>
  drop(map: string, field: string): Promise<void>
  publish(channel: string, text: string): Promise<void>
  subscribe(channel: string, listener: { heard: (text: string) => void; again: () => void }): Promise<unknown>
}

const SERVERS = 'settings-servers'
const PEOPLE = 'settings-people'
const CHANGED = 'settings'

/**
 * Settings that several processes share: each has them at hand, and hears of the others' changes.
 *
 * @param onError takes what went wrong when they were read again
 */
export async function sharedSettings(texts: SharedSettingsStore, onError: (error: Error) => void): Promise<Settings> {
  let servers = new Map<string, ServerSettings>()
  let people = new Map<string, PersonSettings>()

  async function read(): Promise<void> {
    const parsed = async <T>(map: string, parse: (value: unknown) => T) =>
      new Map([...(await texts.all(map))].map(([id, text]) => [id, parse(JSON.parse(text))]))
    servers = await parsed(SERVERS, value => serverSettingsSchema.parse(value))
    people = await parsed(PEOPLE, value => personSettingsSchema.parse(value))
  }
  const again = () => void read().catch(onError)
  await texts.subscribe(CHANGED, { heard: again, again })
  await read()

  const serverOf = (id: string) => servers.get(id) ?? serverSettingsSchema.parse({})
  const personOf = (id: string) => people.get(id) ?? personSettingsSchema.parse({})
  async function keep(map: string, id: string, value: unknown): Promise<void> {
    await texts.put(map, id, JSON.stringify(value))
    await texts.publish(CHANGED, id)
  }
  return {
    server: serverOf,
    person: personOf,
    async setServer(id, change) {
      const next = parseSettings(serverSettingsSchema, { ...serverOf(id), ...change })
      servers.set(id, next)
      await keep(SERVERS, id, next)
      return next
    },
    async setPerson(id, change) {
      const next = parseSettings(personSettingsSchema, { ...personOf(id), ...change })
      people.set(id, next)
      await keep(PEOPLE, id, next)
      return next
    },
    async forgetPerson(id) {
      if (!people.delete(id)) return false
      await texts.drop(PEOPLE, id)
      await texts.publish(CHANGED, id)
      return true
    },
    serverIds: () => [...servers.keys()],
  }
}
