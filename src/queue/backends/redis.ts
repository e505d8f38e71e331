import { Queue, QueueEvents, QueueEventsProducer, Worker } from 'bullmq'
import { Redis, type RedisOptions } from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { UserError } from '../../user-error.js'
import { type Backend, LEASE_SECONDS, NEVER_LOST } from './backend.js'
import { batched } from './batch.js'
import { BLOB_TTL_SECONDS, type BlobStore, folderBlobStore } from './blob-store.js'
import type { Listener, SharedStore } from './shared-store.js'
import { waitUntilListening } from './wait-until-listening.js'

export type RedisBackendOptions = {
  /** Comes before each key and each queue name. */
  readonly prefix?: string
  readonly lockDurationMs?: number
  readonly leaseSeconds?: number
  /** A folder for pictures that all machines share. Without one, pictures go to Redis too. */
  readonly pictureFolder?: string | undefined
  /** Gets the errors of connections, which reconnect by themselves. */
  readonly onError: (error: Error) => void
}

type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>

const LOCK_DURATION_MS = 30_000

/** How long a connection attempt, or a command of `client`, may take before it fails. */
const TIMEOUT_MS = 5000

/**
 * Jobs in a Redis (7 or later) or Valkey that any number of processes share.
 *
 * @throws UserError `queue-unreachable`
 */
export async function redisBackend(
  url: string,
  {
    prefix = 'overscan',
    lockDurationMs = LOCK_DURATION_MS,
    leaseSeconds = LEASE_SECONDS,
    pictureFolder,
    onError,
  }: RedisBackendOptions,
): Promise<Backend> {
  const open = new Set<Redis>()
  const connect = (options: ConnectionOptions) => {
    const redis = connection(url, { ...options, connectTimeout: TIMEOUT_MS, lazyConnect: true }, open)
    redis.on('error', onError)
    return redis
  }
  const client = connect({ maxRetriesPerRequest: 1, commandTimeout: TIMEOUT_MS })
  // Workers and event readers run in the background: they wait until Redis is back instead of failing.
  const background = connect({ maxRetriesPerRequest: null })
  const subscriber = connect({ maxRetriesPerRequest: null })
  try {
    await Promise.all([client.connect(), background.connect(), subscriber.connect()])
  } catch (cause) {
    for (const one of [client, background, subscriber]) one.disconnect()
    throw new UserError({ code: 'queue-unreachable' }, { cause })
  }
  const folder = pictureFolder === undefined ? undefined : folderBlobStore(pictureFolder)
  await folder?.deleteExpired()
  return {
    shared: true,
    // All commands go over one connection; files don't.
    runsInOrder: folder === undefined,
    lockDurationMs,
    leaseSeconds,
    ...NEVER_LOST,
    queue: lane => new Queue(lane, { connection: client, prefix }),
    worker: (lane, process, options) =>
      new Worker(lane, process, { ...options, connection: background, prefix, autorun: false }),
    async events(lane) {
      const events = new QueueEvents(lane, { connection: background, prefix })
      const producer = new QueueEventsProducer(lane, { connection: client, prefix })
      await waitUntilListening(events, event => producer.publishEvent(event))
      await producer.close()
      return events
    },
    store: redisStore(client, subscriptions(subscriber, prefix), prefix),
    blobs: folder ?? redisBlobStore(client, prefix),
    counter: seconds =>
      new RateLimiterRedis({
        storeClient: client,
        keyPrefix: `${prefix}:spent:${seconds}`,
        points: Number.MAX_SAFE_INTEGER,
        duration: seconds,
      }),
    assertFreeSpace: async () => {},
    async ping() {
      await client.ping()
    },
    disconnect() {
      for (const one of open) one.disconnect()
    },
    async close() {
      for (const one of [client, background, subscriber]) one.disconnect()
    },
  }
}

/**
 * A connection that can be ended at any time.
 *
 * @param open gets this connection and the duplicates that BullMQ makes of it, each until its end
 */
function connection(url: string, options: ConnectionOptions, open: Set<Redis>): Redis {
  const redis = new Redis(url, options)
  open.add(redis)
  redis.on('end', () => open.delete(redis))
  redis.duplicate = more => connection(url, { ...options, ...more }, open)
  redis.disconnect = reconnect => {
    // BullMQ waits for the event `end`. While ioredis waits for its next attempt to connect, `disconnect` never emits
    // it; in the status `wait` (before the first attempt) it does.
    if (!reconnect && redis.status === 'reconnecting') redis.status = 'wait'
    Redis.prototype.disconnect.call(redis, reconnect)
  }
  return redis
}

/** The settings of a Redis, as `INFO` reports them. */
export type RedisInfo = {
  /** Of Redis; Valkey reports the version of Redis that it is compatible with. */
  readonly version: string
  /** Whether its data survive a restart (`appendonly`). */
  readonly isPersistent: boolean
  /** What it does when its memory is full (`maxmemory-policy`). */
  readonly maxmemoryPolicy: string
}

/**
 * Ask a Redis for its version and settings.
 *
 * @param signal ends the connection
 * @throws Error the message of the connection, or of Redis
 */
export async function inspectRedis(url: string, signal: AbortSignal): Promise<RedisInfo> {
  const redis = new Redis(url, { connectTimeout: TIMEOUT_MS, lazyConnect: true, retryStrategy: () => null })
  let firstError: Error | undefined
  // It says more than "Connection is closed", the error of `connect`.
  redis.on('error', error => {
    firstError ??= error
  })
  const end = () => redis.disconnect()
  signal.addEventListener('abort', end)
  try {
    await redis.connect()
    const info = await redis.info()
    const [version = '', aofEnabled, maxmemoryPolicy = ''] = ['redis_version', 'aof_enabled', 'maxmemory_policy'].map(
      name => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1],
    )
    return { version, isPersistent: aofEnabled === '1', maxmemoryPolicy }
  } catch (error) {
    throw firstError ?? error
  } finally {
    signal.removeEventListener('abort', end)
    redis.disconnect()
  }
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

/** Sets a field of a hash if it has the value that is expected. Scripts run as one step. */
const REPLACE_SCRIPT = `
  if redis.call('hget', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
  redis.call('hset', KEYS[1], ARGV[1], ARGV[3])
  return 1`

function redisStore(client: Redis, subscribe: SharedStore['subscribe'], prefix: string): SharedStore {
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
    async publish(channel, text) {
      await client.publish(`${prefix}:${channel}`, text)
    },
    subscribe,
  }
}

function groupedByMap<T extends { map: string }>(entries: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const entry of entries) groups.set(entry.map, [...(groups.get(entry.map) ?? []), entry])
  return groups
}

function redisBlobStore(client: Redis, prefix: string): BlobStore {
  const unlink = batched<readonly string[]>(async all => {
    await client.unlink(...all.flat().map(key => `${prefix}:blob:${key}`))
  })
  return {
    async put(key, bytes) {
      const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      await client.set(`${prefix}:blob:${key}`, view, 'EX', BLOB_TTL_SECONDS).catch(cause => {
        throw /^OOM /.test(cause.message) ? new UserError({ code: 'disk-full' }, { cause }) : cause
      })
    },
    get: async key => (await client.getBuffer(`${prefix}:blob:${key}`)) ?? undefined,
    async delete(keys) {
      if (keys.length > 0) await unlink(keys)
    },
  }
}
