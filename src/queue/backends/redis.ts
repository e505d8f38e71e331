import { Queue, QueueEvents, QueueEventsProducer, Worker } from 'bullmq'
import { Redis, type RedisOptions as RedisClientOptions } from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { UserError } from '../../user-error.js'
import { type Backend, type Listener, type SharedStore, waitUntilListening } from './backend.js'
import { batched } from './batch.js'
import { BLOB_TTL_SECONDS, type BlobStore, folderBlobStore } from './blob-store.js'

export type RedisBackendOptions = {
  /** Before each key and each name of a queue. */
  readonly prefix?: string
  /** After so many milliseconds without a sign of its worker a job is taken up by another. */
  readonly silence?: number
  /** A folder that all machines share, for pictures; without one they go to Redis as well. */
  readonly pictures?: string | undefined
  /** Takes what went wrong on a connection: it is set up again by itself. */
  readonly onError: (error: Error) => void
}

type ConnectionOptions = Omit<RedisClientOptions, 'replyMapping'>

/** In milliseconds. */
const SILENCE = 30_000

/** After so long without an answer somebody who asks is told so, in milliseconds. */
const PATIENCE = 5000

/**
 * Jobs in a Redis (7 or later) or Valkey that any number of processes share.
 *
 * @throws ProblemError `queue-unreachable`
 */
export async function redisBackend(
  url: string,
  { prefix = 'overscan', silence = SILENCE, pictures, onError }: RedisBackendOptions,
): Promise<Backend> {
  const connections = new Set<Redis>()
  const connect = (options: ConnectionOptions) => {
    const redis = connection(url, { ...options, connectTimeout: PATIENCE, lazyConnect: true }, connections)
    redis.on('error', onError)
    return redis
  }
  const client = connect({ maxRetriesPerRequest: 1, commandTimeout: PATIENCE })
  // What runs in the background waits until Redis is back instead of giving up.
  const patient = connect({ maxRetriesPerRequest: null })
  const ear = connect({ maxRetriesPerRequest: null })
  try {
    await Promise.all([client.connect(), patient.connect(), ear.connect()])
  } catch (cause) {
    for (const one of [client, patient, ear]) one.disconnect()
    throw new UserError({ code: 'queue-unreachable' }, { cause })
  }
  const folder = pictures === undefined ? undefined : folderBlobStore(pictures)
  await folder?.sweep()
  const hear = listeners(ear, prefix)
  return {
    shared: true,
    // All goes over one connection, except what goes to a folder.
    runsInOrder: folder === undefined,
    silence,
    queue: lane => new Queue(lane, { connection: client, prefix }),
    worker: (lane, process, options) =>
      new Worker(lane, process, { ...options, connection: patient, prefix, autorun: false }),
    async events(lane) {
      const events = new QueueEvents(lane, { connection: patient, prefix })
      const producer = new QueueEventsProducer(lane, { connection: client, prefix })
      await waitUntilListening(events, event => producer.publishEvent(event))
      await producer.close()
      return events
    },
    store: redisNotes(client, hear, prefix),
    blobs: folder ?? redisBlobs(client, prefix),
    counter: seconds =>
      new RateLimiterRedis({
        storeClient: client,
        keyPrefix: `${prefix}:spent:${seconds}`,
        points: Number.MAX_SAFE_INTEGER,
        duration: seconds,
      }),
    assertRoom: async () => {},
    async ping() {
      await client.ping()
    },
    disconnect() {
      for (const one of connections) one.disconnect()
    },
    async close() {
      for (const one of [client, patient, ear]) one.disconnect()
    },
  }
}

/** A connection that can be ended at any time. It, and BullMQ's duplicates of it, are among `all` until their end. */
function connection(url: string, options: ConnectionOptions, all: Set<Redis>): Redis {
  const redis = new Redis(url, options)
  all.add(redis)
  redis.on('end', () => all.delete(redis))
  redis.duplicate = more => connection(url, { ...options, ...more }, all)
  redis.disconnect = again => {
    // Between two attempts ioredis would never tell of its end, for which BullMQ waits; before the first one it does.
    if (!again && redis.status === 'reconnecting') redis.status = 'wait'
    Redis.prototype.disconnect.call(redis, again)
  }
  return redis
}

/** How a Redis is set up, as it says itself. */
export type RedisInfo = {
  /** Of Redis; a Valkey tells which one it takes the place of. */
  readonly version: string
  /** Whether what it holds outlives it (`appendonly`). */
  readonly keeps: boolean
  /** What it does when its memory is full (`maxmemory-policy`). */
  readonly eviction: string
}

/**
 * Ask a Redis how it is.
 *
 * @param signal ends the connection
 * @throws Error what the connection, or Redis itself, says
 */
export async function inspectRedis(url: string, signal: AbortSignal): Promise<RedisInfo> {
  const redis = new Redis(url, { connectTimeout: PATIENCE, lazyConnect: true, retryStrategy: () => null })
  let reason: Error | undefined
  // More telling than "Connection is closed", which is what asking comes to.
  redis.on('error', error => {
    reason ??= error
  })
  const end = () => redis.disconnect()
  signal.addEventListener('abort', end)
  try {
    await redis.connect()
    const told = await redis.info()
    const [version = '', keeps, eviction = ''] = ['redis_version', 'aof_enabled', 'maxmemory_policy'].map(
      name => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(told)?.[1],
    )
    return { version, keeps: keeps === '1', eviction }
  } catch (error) {
    throw reason ?? error
  } finally {
    signal.removeEventListener('abort', end)
    redis.disconnect()
  }
}

type Hear = (channel: string, listener: Listener) => Promise<() => Promise<void>>

/** One connection for all that is listened to. */
function listeners(ear: Redis, prefix: string): Hear {
  const all = new Map<string, Set<Listener>>()
  let wasReady = true
  ear.on('message', (channel: string, text: string) => {
    for (const { heard } of all.get(channel) ?? []) heard(text)
  })
  ear.on('close', () => {
    wasReady = false
  })
  // ioredis subscribes again by itself before it says so.
  ear.on('ready', () => {
    if (!wasReady) for (const { again } of [...all.values()].flatMap(one => [...one])) again()
    wasReady = true
  })
  return async (name, listener) => {
    const channel = `${prefix}:${name}`
    const listening = all.get(channel) ?? new Set()
    all.set(channel, listening.add(listener))
    await ear.subscribe(channel)
    return async () => {
      listening.delete(listener)
      if (listening.size === 0 && ear.status === 'ready') await ear.unsubscribe(channel)
    }
  }
}

function redisNotes(client: Redis, hear: Hear, prefix: string): SharedStore {
  const key = (kind: string, name: string) => `${prefix}:${kind}:${name}`
  const put = batched<{ map: string; field: string; text: string }>(async notes => {
    const of = byMap(notes)
    await Promise.all(
      [...of].map(([map, all]) => client.hset(key('notes', map), new Map(all.map(({ field, text }) => [field, text])))),
    )
  })
  const drop = batched<{ map: string; field: string }>(async notes => {
    await Promise.all(
      [...byMap(notes)].map(([map, all]) => client.hdel(key('notes', map), ...all.map(({ field }) => field))),
    )
  })
  return {
    put: (map, field, text) => put({ map, field, text }),
    getEntry: async (map, field) => (await client.hget(key('notes', map), field)) ?? undefined,
    all: async map => new Map(Object.entries(await client.hgetall(key('notes', map)))),
    drop: (map, field) => drop({ map, field }),
    claim: async (name, seconds) => (await client.set(key('claim', name), '1', 'EX', seconds, 'NX')) === 'OK',
    async set(name, seconds, text) {
      await client.set(key('sign', name), text, 'EX', seconds)
    },
    get: async name => (await client.get(key('sign', name))) ?? undefined,
    async publish(channel, text) {
      await client.publish(`${prefix}:${channel}`, text)
    },
    subscribe: hear,
  }
}

function byMap<T extends { map: string }>(notes: readonly T[]): Map<string, T[]> {
  const of = new Map<string, T[]>()
  for (const note of notes) of.set(note.map, [...(of.get(note.map) ?? []), note])
  return of
}

function redisBlobs(client: Redis, prefix: string): BlobStore {
  const drop = batched<readonly string[]>(async all => {
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
      if (keys.length > 0) await drop(keys)
    },
  }
}
