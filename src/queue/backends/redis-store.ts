import type { Redis } from 'ioredis'
import { batched } from './batch.js'
import type { RedisClient } from './redis-connections.js'
import type { Listener, SharedStore } from './shared-store.js'

/** Sets a field of a hash if it has the value that is expected. Scripts run as one step. */
const REPLACE_SCRIPT = `
  if redis.call('hget', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
  redis.call('hset', KEYS[1], ARGV[1], ARGV[3])
  return 1`

/** For each key: the text before, the text after, and its seconds. An empty text means that there is none. */
const COMPARE_AND_SET = `
for index, key in ipairs(KEYS) do
  if (redis.call('get', key) or '') ~= ARGV[3 * index - 2] then return 0 end
end
for index, key in ipairs(KEYS) do
  if ARGV[3 * index - 1] == '' then redis.call('del', key)
  else redis.call('set', key, ARGV[3 * index - 1], 'ex', ARGV[3 * index]) end
end
return 1`

/**
 * Texts in hashes and keys of Redis.
 *
 * @param subscriber takes no other commands: it is subscribed
 * @param prefix comes before each key and each channel
 */
export function redisStore(client: RedisClient, subscriber: Redis, prefix: string): SharedStore {
  const key = (kind: string, name: string) => `${prefix}:${kind}:${name}`
  const put = batched<{ map: string; field: string; text: string }>(async entries => {
    await Promise.all(
      [...groupedByMap(entries)].map(([map, all]) =>
        client.hset(key('notes', map), new Map(all.map(({ field, text }) => [field, text]))),
      ),
    )
  })
  const remove = batched<{ map: string; field: string }>(async entries => {
    await Promise.all(
      [...groupedByMap(entries)].map(([map, all]) => client.hdel(key('notes', map), ...all.map(({ field }) => field))),
    )
  })
  return {
    putEntry: (map, field, text) => put({ map, field, text }),
    replaceEntry: async (map, field, before, after) =>
      (await client.eval(REPLACE_SCRIPT, 1, key('notes', map), field, before, after)) === 1,
    getEntry: async (map, field) => (await client.hget(key('notes', map), field)) ?? undefined,
    getEntries: async map => new Map(Object.entries(await client.hgetall(key('notes', map)))),
    deleteEntry: (map, field) => remove({ map, field }),
    claim: async (name, seconds) => (await client.set(key('claim', name), '1', 'EX', seconds, 'NX')) === 'OK',
    async set(name, seconds, text) {
      await client.set(key('sign', name), text, 'EX', seconds)
    },
    get: async name => (await client.get(key('sign', name))) ?? undefined,
    async compareAndSet(changes) {
      const keys = changes.map(({ name }) => key('sign', name))
      const values = changes.flatMap(({ before = '', after = '', seconds }) => [before, after, seconds])
      return (await client.eval(COMPARE_AND_SET, keys.length, ...keys, ...values)) === 1
    },
    async publish(channel, text) {
      await client.publish(`${prefix}:${channel}`, text)
    },
    subscribe: subscriptions(subscriber, prefix),
  }
}

function groupedByMap<T extends { map: string }>(entries: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const entry of entries) groups.set(entry.map, [...(groups.get(entry.map) ?? []), entry])
  return groups
}

/** One connection for all channels: Redis takes no other commands on a connection that is subscribed. */
function subscriptions(subscriber: Redis, prefix: string): SharedStore['subscribe'] {
  const listenersOf = new Map<string, Set<Listener>>()
  let wasReady = true
  subscriber.on('message', (channel: string, text: string) => {
    for (const { onMessage } of listenersOf.get(channel) ?? []) onMessage(text)
  })
  subscriber.on('close', () => {
    wasReady = false
  })
  // ioredis subscribes again by itself before it emits `ready`.
  subscriber.on('ready', () => {
    if (!wasReady) for (const { onReconnect } of [...listenersOf.values()].flatMap(one => [...one])) onReconnect()
    wasReady = true
  })
  return async (name, listener) => {
    const channel = `${prefix}:${name}`
    const listeners = listenersOf.get(channel) ?? new Set()
    listenersOf.set(channel, listeners.add(listener))
    await subscriber.subscribe(channel)
    return async () => {
      listeners.delete(listener)
      if (listeners.size === 0 && subscriber.status === 'ready') await subscriber.unsubscribe(channel)
    }
  }
}
