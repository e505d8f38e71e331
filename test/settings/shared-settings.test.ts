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

test.each([
  ['no JSON', '{"buttons":"author"'],
  ['another type', '["author"]'],
  ['null', 'null'],
  ['a number', '7'],
  ['nothing', ''],
])('an entry with %s is logged once, and affects no other one', async (_name, text) => {
  const store = memoryStore()
  await store.putEntry('settings-servers', '1', '{"buttons":"author"}')
  await store.putEntry('settings-servers', '2', text)
  await store.putEntry('settings-people', 'bob', text)
  const errors: string[] = []
  const settings = await sharedSettings(store, error => errors.push(error.message))
  expect(settings.server('1').buttons).toBe('author')
  expect(settings.server('2').buttons).toBe('all')
  expect(settings.person('bob').confirmMasks).toBe('always')
  await settings.setServer('3', { buttons: 'author' })
  await vi.waitFor(() => expect(settings.serverIds()).toEqual(['1', '2', '3']))
  expect(errors.map(message => message.replace(/ can't be read.*/s, ''))).toEqual([
    'the entry 2 of settings-servers',
    'the entry bob of settings-people',
  ])
})

test('of an entry with an invalid field the other fields hold', async () => {
  const store = memoryStore()
  const text = '{"restrictedOnly":true,"forbidden":["cat"],"line":"a newer state","quotas":[{"role":"x"}]}'
  await store.putEntry('settings-servers', '1', text)
  const errors: Error[] = []
  const settings = await sharedSettings(store, error => errors.push(error))
  expect(settings.server('1')).toMatchObject({ restrictedOnly: true, forbidden: ['cat'], line: 'open', quotas: [] })
  expect(errors.map(String).join()).toContain('line')
})

test('an unreadable entry is kept where it is replaced, and goes where its person is forgotten', async () => {
  const store = memoryStore()
  await store.putEntry('settings-people', 'bob', 'damaged')
  await store.putEntry('settings-people', 'eve', 'damaged')
  const settings = await sharedSettings(store, () => {})
  await settings.setPerson('bob', { variations: 2 })
  expect(settings.person('bob').variations).toBe(2)
  expect(await store.getEntries('settings-people-unreadable')).toEqual(new Map([['bob', 'damaged']]))
  expect(await settings.forgetPerson('bob')).toBe(true)
  expect(await settings.forgetPerson('eve')).toBe(true)
  expect((await store.getEntries('settings-people-unreadable')).size).toBe(0)
  expect((await store.getEntries('settings-people')).size).toBe(0)
})
