import type { Logger } from 'pino'
import { findKnownCause } from '../known-causes/known-causes.js'
import type { Backend } from '../queue/backends/backend.js'
import { isUnreachable } from '../queue/backends/reconnect.js'

/** How often a queue that can't be reached is asked whether it is back, in milliseconds. */
const PING_INTERVAL_MS = 1000

/** Connections notice one after the other that they were cut. Their errors belong to the same loss this long after it, in milliseconds. */
const LATE_ERRORS_MS = 10_000

export type QueueErrorLog = {
  /** Logs an error of the queue, with its cause where it is known. */
  readonly onError: (error: unknown) => void
  /** From now on the loss of this queue is one line, and its return another one. */
  watch(backend: Pick<Backend, 'ping'>): void
  close(): void
}

export function createQueueErrorLog(log: Logger): QueueErrorLog {
  let backend: Pick<Backend, 'ping'> | undefined
  let isLost = false
  let isClosed = false
  let returnedAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined

  async function isReachable(): Promise<boolean> {
    try {
      await backend?.ping()
      return true
    } catch {
      return false // the error that led here says why
    }
  }

  async function lose(error: unknown): Promise<void> {
    isLost = true
    const isLate = performance.now() - returnedAt < LATE_ERRORS_MS
    if (isLate && (await isReachable())) {
      isLost = false
      return
    }
    log.warn({ err: error, ...findKnownCause(error) }, 'queue unreachable, trying again until it is back')
    waitForReturn(performance.now())
  }

  function waitForReturn(lostAt: number): void {
    if (isClosed) return
    timer = setTimeout(async () => {
      if (!(await isReachable())) return waitForReturn(lostAt)
      isLost = false
      returnedAt = performance.now()
      if (!isClosed) log.info({ seconds: Math.round((returnedAt - lostAt) / 1000) }, 'queue reachable again')
    }, PING_INTERVAL_MS).unref()
  }

  return {
    onError(error) {
      if (!backend || !isUnreachable(error)) {
        log.warn({ err: error, ...findKnownCause(error) }, 'queue error')
        return
      }
      log.debug({ err: error }, 'queue unreachable')
      if (!isLost && !isClosed) void lose(error)
    },
    watch(opened) {
      backend = opened
    },
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}
