import { expect, test, vi } from 'vitest'
import { type SharedSettingsStore, sharedSettings } from '../../src/settings/shared-settings.js'
import { problemIn } from '../support/problems.js'

const fail = (error: Error) => {
  throw error
}

/** A place that several processes share, in this one. */
function place(): SharedSettingsStore {
  const maps = new Map<string, Map<string, string>>()
  const listeners = new Set<{ heard: (text: string) => void }>()
  const of = (map: string) => {
    const found = maps.get(map) ?? new Map<string, string>()
    maps.set(map, found)
    return found
  }
  return {
    put: async (map, field, text) => {
      of(map).set(field, text)
    },
    all: async map => new Map(of(map)),
    drop: async (map, field) => {
      of(map).delete(field)
    },
    publish: async (_channel, text) => {
      for (const { heard } of listeners) heard(text)
    },
    subscribe: async (_channel, listener) => {
      listeners.add(listener)
    },
  }
}

test('what one process sets the others have, and one that comes later too', async () => {
  const shared = place()
  const [one, other] = [await sharedSettings(shared, fail), await sharedSettings(shared, fail)]
  expect(one.server('1').buttons).toBe('all')
  await one.setServer('1', { buttons: 'author' })
  await one.setPerson('ada', { variations: 2 })
  await vi.waitFor(() => expect(other.server('1').buttons).toBe('author'))
  expect(other.person('ada').variations).toBe(2)
  expect(other.serverIds()).toEqual(['1'])
  expect((await sharedSettings(shared, fail)).person('ada').variations).toBe(2)
  expect(await other.forgetPerson('ada')).toBe(true)
  expect(await other.forgetPerson('ada')).toBe(false)
  await vi.waitFor(() => expect(one.person('ada').variations).toBeUndefined())
})

test('what is wrong is refused, and changes nothing', async () => {
  const settings = await sharedSettings(place(), fail)
  const problem = await problemIn(settings.setServer('1', { variations: 9 }))
  expect(problem?.code).toBe('setting-invalid')
  expect(settings.serverIds()).toEqual([])
})
