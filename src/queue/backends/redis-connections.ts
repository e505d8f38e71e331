import { Cluster, Redis } from 'ioredis'
import { endWhileReconnecting, setServer, timeOutCommands } from './library-internals.js'
import {
  type ConnectionOptions,
  connectionOptions,
  type RedisAccess,
  retryPauseMs,
  TIMEOUT_MS,
} from './redis-options.js'
import { inspectTarget, type RedisTraits } from './redis-traits.js'
import { parseRedisUrl, type RedisTarget } from './redis-url.js'

/** A connection to one Redis, or to a cluster. */
export type RedisClient = Redis | Cluster

export type RedisConnections = RedisTraits & {
  /** Fails soon while Redis can't be reached. */
  readonly client: RedisClient
  /** Waits until Redis is back, for workers and event readers. */
  readonly background: RedisClient
  /** For subscriptions: Redis takes no other commands on a connection that is subscribed. */
  readonly subscriber: Redis
  /** End all of them, and those that BullMQ made of them. */
  disconnect(): void
}

/**
 * Connect to the Redis of a URL: one server, a cluster, or the primary that sentinels name.
 *
 * @param onError gets the errors of connections, which reconnect by themselves
 * @throws Error the first message of a connection, or of Redis
 */
export async function connectRedis(access: RedisAccess, onError: (error: Error) => void): Promise<RedisConnections> {
  const target = parseRedisUrl(access.url)
  const common = connectionOptions(target, access.ca)
  const traits = await inspectTarget(target, common)
  const open = new Set<RedisClient>()
  let firstError: Error | undefined
  let isConnected = false
  const watched = <T extends RedisClient>(one: T): T => {
    one.on('error', (error: Error & { lastNodeError?: Error }) => {
      // Of a cluster the error of a node says more.
      const { lastNodeError = error } = error
      // It says more than "Connection is closed", the error of `connect`.
      firstError ??= lastNodeError
      if (isConnected) onError(lastNodeError)
    })
    return one
  }
  const disconnect = () => {
    for (const one of open) one.disconnect()
  }
  // Without the right to ask, ioredis would print a warning for each connection, and BullMQ (`skipVersionCheck`) would fail.
  const options = {
    ...common,
    ...(traits.info === undefined && { enableReadyCheck: false, skipVersionCheck: true }),
  }
  const connect = (more: ConnectionOptions): RedisClient =>
    traits.isCluster
      ? clusterConnection(target, { ...options, ...more }, open)
      : connection({ ...options, ...more }, open)
  try {
    const client = watched(connect({ maxRetriesPerRequest: 1, commandTimeout: TIMEOUT_MS }))
    const background = watched(connect({ maxRetriesPerRequest: null }))
    await Promise.all([client.connect(), background.connect()])
    const endless = { ...options, maxRetriesPerRequest: null }
    const subscriber = watched(
      client instanceof Cluster ? anyNodeConnection(client, endless, open) : connection(endless, open),
    )
    await subscriber.connect()
    isConnected = true
    return { ...traits, client, background, subscriber, disconnect }
  } catch (error) {
    disconnect()
    throw firstError ?? error
  }
}

/**
 * A connection that can be ended at any time.
 *
 * @param open gets this connection and the duplicates that BullMQ makes of it, each until its end
 */
function connection(options: ConnectionOptions, open: Set<RedisClient>): Redis {
  const redis = tracked(new Redis(options), open)
  redis.duplicate = more => connection({ ...options, ...more }, open)
  return redis
}

/** Like {@link connection}, for all nodes of a cluster. */
function clusterConnection(target: RedisTarget, options: ConnectionOptions, open: Set<RedisClient>): Cluster {
  const { host: _, port: __, commandTimeout, ...redisOptions } = options
  const cluster = new Cluster([...target.nodes], {
    lazyConnect: true,
    redisOptions,
    slotsRefreshTimeout: TIMEOUT_MS,
    clusterRetryStrategy: retryPauseMs,
    // Names are resolved when a node is connected: certificates are made for names.
    dnsLookup: (name, callback) => callback(null, name),
  })
  cluster.duplicate = (_nodes, more) => clusterConnection(target, { ...options, ...more?.redisOptions }, open)
  if (commandTimeout !== undefined) timeOutCommands(cluster, commandTimeout)
  return tracked(cluster, open)
}

/** A connection to one node of a cluster: each of them gets all messages. When it is lost, another node is chosen. */
function anyNodeConnection(cluster: Cluster, options: ConnectionOptions, open: Set<RedisClient>): Redis {
  const someNode = () => {
    const nodes = cluster.nodes()
    const { host, port } = nodes[Math.floor(Math.random() * nodes.length)]?.options ?? {}
    return { ...(host !== undefined && { host }), ...(port !== undefined && { port }) }
  }
  const redis = connection(
    {
      ...options,
      ...someNode(),
      retryStrategy(attempt) {
        setServer(redis, someNode())
        return retryPauseMs(attempt)
      },
    },
    open,
  )
  return redis
}

/** Adds a connection to `open` until its end. */
function tracked<T extends RedisClient>(redis: T, open: Set<RedisClient>): T {
  open.add(redis)
  redis.on('end', () => open.delete(redis))
  endWhileReconnecting(redis)
  return redis
}
