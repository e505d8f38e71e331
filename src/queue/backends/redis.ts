import { QueueEvents, QueueEventsProducer } from 'bullmq'
import { UserError } from '../../user-error.js'
import { type Backend, LEASE_SECONDS, NEVER_LOST } from './backend.js'
import { folderBlobStore } from './blob-store.js'
import { RedisQueue, RedisWorker } from './library-internals.js'
import { redisBlobStore } from './redis-blob-store.js'
import { connectRedis, type RedisClient } from './redis-connections.js'
import type { RedisAccess } from './redis-options.js'
import { redisStore } from './redis-store.js'
import { inspectRedisAt } from './redis-traits.js'
import { waitUntilListening } from './wait-until-listening.js'

export type RedisBackendOptions = {
  /** Comes before each key and each queue name. In a cluster it gets braces: all keys must be on the same node. */
  readonly prefix?: string
  readonly lockDurationMs?: number
  readonly leaseSeconds?: number
  /** A folder for pictures that all machines share. Without one, pictures go to Redis too. */
  readonly pictureFolder?: string | undefined
  /** Certificates (PEM) of the authorities that are trusted, instead of those that Node knows. */
  readonly ca?: string | undefined
  /** Gets the errors of connections, which reconnect by themselves. */
  readonly onError: (error: Error) => void
}

const LOCK_DURATION_MS = 30_000

const DEFAULT_PREFIX = 'overscan'

/**
 * Jobs in a Redis (7 or later) or Valkey that any number of processes share.
 *
 * @param url see `parseRedisUrl`
 * @throws UserError `queue-unreachable`
 */
export async function redisBackend(
  url: string,
  {
    prefix: name = DEFAULT_PREFIX,
    lockDurationMs = LOCK_DURATION_MS,
    leaseSeconds = LEASE_SECONDS,
    pictureFolder,
    ca,
    onError,
  }: RedisBackendOptions,
): Promise<Backend> {
  const connections = await connectRedis({ url, ca }, onError).catch(cause => {
    throw new UserError({ code: 'queue-unreachable' }, { cause })
  })
  const { client, background, subscriber, isCluster } = connections
  const prefix = prefixFor(isCluster, name)
  try {
    await assertWritable(client, prefix)
    await assertAllowed(client, prefix)
  } catch (cause) {
    connections.disconnect()
    throw new UserError({ code: 'queue-unreachable' }, { cause })
  }
  const folder = pictureFolder === undefined ? undefined : folderBlobStore(pictureFolder)
  await folder?.deleteExpired()
  return {
    shared: true,
    // All commands go over one connection; files don't, and a cluster may send a command to another node.
    runsInOrder: folder === undefined && !isCluster,
    lockDurationMs,
    leaseSeconds,
    ...NEVER_LOST,
    queue: lane => new RedisQueue(lane, { connection: client, prefix }),
    worker: (lane, process, options) =>
      new RedisWorker(lane, process, { ...options, connection: background, prefix, autorun: false }),
    async events(lane) {
      const events = new QueueEvents(lane, { connection: background, prefix })
      const producer = new QueueEventsProducer(lane, { connection: client, prefix })
      // Without a listener an error ends the process. The caller adds its own; until then errors reject the start.
      events.on('error', () => {})
      producer.on('error', onError)
      await waitUntilListening(events, event => producer.publishEvent(event))
      await producer.close()
      return events
    },
    store: redisStore(client, subscriber, prefix),
    blobs: folder ?? redisBlobStore(client, prefix),
    assertFreeSpace: async () => {},
    async ping() {
      await client.ping()
    },
    disconnect: connections.disconnect,
    async close() {
      for (const one of [client, background, subscriber]) one.disconnect()
    },
  }
}

/**
 * Fails now where later each request would: on a read-only replica, or without the right to write.
 *
 * @throws Error the message of Redis
 */
async function assertWritable(client: RedisClient, prefix: string): Promise<void> {
  try {
    await client.eval("return redis.call('set', KEYS[1], '', 'px', 1)", 1, `${prefix}:probe`)
  } catch (error) {
    // Without free memory or disk space, accepted jobs can still be finished.
    if (!/\b(OOM|MISCONF)\b/.test(String(error))) throw error
  }
}

/**
 * Fails where the user has no right to our keys, to scripts, or to our channels. It changes nothing.
 *
 * @throws Error the message of Redis
 */
async function assertAllowed(client: RedisClient, prefix: string): Promise<void> {
  const attempts = [
    () => client.get(`${prefix}:probe`),
    () => client.eval('return 1', 0),
    () => client.publish(`${prefix}:probe`, ''),
  ]
  for (const attempt of attempts) {
    await attempt().catch(error => {
      if (/\bNOPERM\b/.test(String(error))) throw error // anything else, such as MOVED, is not about rights
    })
  }
}

function prefixFor(isCluster: boolean, name = DEFAULT_PREFIX): string {
  return isCluster ? `{${name}}` : name
}

/** What `INFO` says of a Redis. */
export type RedisInfo = {
  /** Of Redis; Valkey tells the version of Redis that it is compatible with. */
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
 * @returns undefined where the user has no right to ask
 * @throws Error the message of the connection, or of Redis
 */
export async function inspectRedis(access: RedisAccess, signal: AbortSignal): Promise<RedisInfo | undefined> {
  const { info } = await inspectRedisAt(access, signal, (redis, { isCluster }) =>
    assertAllowed(redis, prefixFor(isCluster)),
  )
  if (info === undefined) return undefined
  if (/^role:slave/m.test(info)) throw new Error("READONLY You can't write against a read only replica.")
  const [version = '', aofEnabled, maxmemoryPolicy = ''] = ['redis_version', 'aof_enabled', 'maxmemory_policy'].map(
    name => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1],
  )
  return { version, isPersistent: aofEnabled === '1', maxmemoryPolicy }
}
