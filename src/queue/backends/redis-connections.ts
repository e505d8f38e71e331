import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { OperatorError } from '../../known-causes/cause.js'
import { endWhileReconnecting, setServer, timeOutCommands } from './library-internals.js'
import { parseRedisUrl, type RedisTarget } from './redis-url.js'

/** A connection to one Redis, or to a cluster. */
export type RedisClient = Redis | Cluster

type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>

/** How long a connection attempt, or a command of `client`, may take before it fails, in milliseconds. */
const TIMEOUT_MS = 5000

/** How long to wait at the start for a Redis that loads its data from disk, and the pause between two questions, in milliseconds. */
const LOADING_LIMIT_MS = 60_000
const LOADING_PAUSE_MS = 500

/** The pause before nodes or sentinels are tried again grows from the first to the longest, in milliseconds. */
const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 2000
const retryPauseMs = (attempt: number) => Math.min(attempt * FIRST_PAUSE_MS, MAX_PAUSE_MS)

export type RedisAccess = {
  readonly url: string
  /** Certificates (PEM) of the authorities that are trusted, instead of those that Node knows. */
  readonly ca?: string | undefined
}

/** How a Redis was found to be when it was connected. */
export type RedisTraits = {
  readonly isCluster: boolean
  /** What `INFO` says; undefined for a user that is not allowed to ask. */
  readonly info: string | undefined
}

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
 * Connect once, without retries.
 *
 * @param signal ends the connection
 * @throws Error the message of the connection, or of Redis
 */
export async function inspectRedisAt(
  { url, ca }: RedisAccess,
  signal?: AbortSignal,
  tryOut?: TryOut,
): Promise<RedisTraits> {
  const target = parseRedisUrl(url)
  return inspectTarget(target, connectionOptions(target, ca), signal, tryOut)
}

/** What else is done with a connection that works. */
type TryOut = (redis: Redis, traits: RedisTraits) => Promise<void>

async function inspectTarget(
  target: RedisTarget,
  common: ConnectionOptions,
  signal?: AbortSignal,
  tryOut: TryOut = async () => {},
): Promise<RedisTraits> {
  let lastError: unknown
  // Of several nodes one that can be reached is enough. Sentinels are tried by ioredis.
  for (const node of target.sentinel ? [undefined] : target.nodes) {
    const redis = new Redis({
      ...common,
      ...node,
      db: 0,
      enableReadyCheck: false,
      commandTimeout: TIMEOUT_MS,
      retryStrategy: () => null,
      sentinelRetryStrategy: () => null,
    })
    let firstError: Error | undefined
    redis.on('error', error => {
      firstError ??= error
    })
    const end = () => redis.disconnect()
    signal?.addEventListener('abort', end)
    try {
      await redis.connect()
      const traits = await traitsOf(redis, target)
      await tryOut(redis, traits)
      return traits
    } catch (error) {
      lastError = target.sentinel ? noPrimary(firstError ?? error) : (firstError ?? error)
    } finally {
      signal?.removeEventListener('abort', end)
      redis.disconnect()
    }
  }
  throw lastError
}

function noPrimary(error: unknown): unknown {
  const { message } = error as Error
  if (!message.startsWith('All sentinels are unreachable')) return error
  const known = {
    says: `No sentinel names a primary (${message.replace(/^.*Last error: /, '')})`,
    todo: 'Correct the addresses and the name in REDIS_URL: redis+sentinel://host:26379/NAME.',
  }
  return new OperatorError(known, { cause: error })
}

async function traitsOf(redis: Redis, { nodes, sentinel, database }: RedisTarget): Promise<RedisTraits> {
  await untilLoaded(() => redis.ping())
  // A server outside of a cluster answers with an error, and so does one that the user may not ask.
  const cluster = await redis.cluster('INFO').catch(error => String(error))
  const isCluster = String(cluster).includes('cluster_state:')
  if (nodes.length > 1 && !sentinel && !isCluster) {
    throw new OperatorError({
      says: `REDIS_URL names several servers, but ${redis.options.host}:${redis.options.port} is not a node of a cluster (${cluster})`,
      todo: 'Set REDIS_URL to one server, or to nodes of one cluster.',
    })
  }
  // ioredis passes over a failure here, and goes on in database 0.
  if (database > 0) await redis.select(database)
  const info = await redis.info().catch(error => {
    if (/^NOPERM|unknown command/i.test(error.message)) return undefined
    throw error
  })
  return { isCluster, info }
}

async function untilLoaded(ask: () => Promise<unknown>): Promise<void> {
  for (const start = Date.now(); ; await sleep(LOADING_PAUSE_MS)) {
    try {
      await ask()
      return
    } catch (error) {
      if (!String(error).includes('LOADING ') || Date.now() - start > LOADING_LIMIT_MS) throw error
    }
  }
}

function connectionOptions(target: RedisTarget, ca: string | undefined): ConnectionOptions {
  const { nodes, sentinel, username, password, database, tls } = target
  const tlsOptions = ca === undefined ? {} : { ca }
  return {
    ...(sentinel
      ? {
          sentinels: [...nodes],
          name: sentinel.primary,
          sentinelRetryStrategy: retryPauseMs,
          ...(sentinel.username !== undefined && { sentinelUsername: sentinel.username }),
          ...(sentinel.password !== undefined && { sentinelPassword: sentinel.password }),
          ...(tls && { sentinelTLS: tlsOptions, enableTLSForSentinelMode: true }),
        }
      : nodes[0]),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: tlsOptions }),
    db: database,
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    // After a failover the old primary may still answer, as a replica: the next connection finds the new one.
    reconnectOnError: error => error.message.startsWith('READONLY'),
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
