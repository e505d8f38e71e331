import { expect, test, vi } from 'vitest'
import { type SharedSettingsStore, sharedSettings } from '../../src/settings/shared-settings.js'
import { problemIn } from '../support/problems.js'

const fail = (error: Error) => {
  throw error
}

/** A store in memory. */
function memoryStore(): SharedSettingsStore {
  const maps = new Map<string, Map<string, string>>()
  const listeners = new Set<{ onMessage: (text: string) => void }>()
  const mapOf = (map: string) => {
    const found = maps.get(map) ?? new Map<string, string>()
    maps.set(map, found)
    return found
  }
  return {
    putEntry: async (map, field, text) => {
      mapOf(map).set(field, text)
    },
    getEntries: async map => new Map(mapOf(map)),
    deleteEntry: async (map, field) => {
      mapOf(map).delete(field)
    },
    publish: async (_channel, text) => {
      for (const { onMessage } of listeners) onMessage(text)
    },
    subscribe: async (_channel, listener) => {
      listeners.add(listener)
    },
  }
}

test('a change reaches the other processes, and one that starts later', async () => {
  const store = memoryStore()
  const [one, other] = [await sharedSettings(store, fail), await sharedSettings(store, fail)]
  expect(one.server('1').buttons).toBe('all')
  await one.setServer('1', { buttons: 'author' })
  await one.setPerson('ada', { variations: 2 })
  await vi.waitFor(() => expect(other.server('1').buttons).toBe('author'))
  expect(other.person('ada').variations).toBe(2)
  expect(other.serverIds()).toEqual(['1'])
  expect((await sharedSettings(store, fail)).person('ada').variations).toBe(2)
  expect(await other.forgetPerson('ada')).toBe(true)
  expect(await other.forgetPerson('ada')).toBe(false)
  await vi.waitFor(() => expect(one.person('ada').variations).toBeUndefined())
})

test('an invalid value is refused, and nothing changes', async () => {
  const settings = await sharedSettings(memoryStore(), fail)
  const problem = await problemIn(settings.setServer('1', { variations: 9 }))
  expect(problem?.code).toBe('setting-invalid')
  expect(settings.serverIds()).toEqual([])
})
