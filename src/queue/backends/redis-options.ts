import type { RedisOptions } from 'ioredis'
import type { RedisTarget } from './redis-url.js'

export type RedisAccess = {
  readonly url: string
  /** Certificates (PEM) of the authorities that are trusted, instead of those that Node knows. */
  readonly ca?: string | undefined
}

export type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>

/** How long a connection attempt, or a command of `client`, may take before it fails, in milliseconds. */
export const TIMEOUT_MS = 5000

/** The pause before nodes or sentinels are tried again grows from the first to the longest, in milliseconds. */
const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 2000
export const retryPauseMs = (attempt: number) => Math.min(attempt * FIRST_PAUSE_MS, MAX_PAUSE_MS)

/** What every connection to a target has. It is opened by `connect`. */
export function connectionOptions(target: RedisTarget, ca: string | undefined): ConnectionOptions {
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
