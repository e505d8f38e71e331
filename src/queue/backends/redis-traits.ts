import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { OperatorError } from '../../known-causes/cause.js'
import { type ConnectionOptions, connectionOptions, type RedisAccess, TIMEOUT_MS } from './redis-options.js'
import { parseRedisUrl, type RedisTarget } from './redis-url.js'

/** How long to wait at the start for a Redis that loads its data from disk, and the pause between two questions, in milliseconds. */
const LOADING_LIMIT_MS = 60_000
const LOADING_PAUSE_MS = 500

/** How a Redis was found to be when it was connected. */
export type RedisTraits = {
  readonly isCluster: boolean
  /** What `INFO` says; undefined for a user that is not allowed to ask. */
  readonly info: string | undefined
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

/** Like {@link inspectRedisAt}, with the options of the connections that follow. */
export async function inspectTarget(
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
