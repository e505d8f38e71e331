import { setTimeout as sleep } from 'node:timers/promises'
import type { Backend } from './backend.js'

/** The pause between two retries, and between two pings, in milliseconds. */
const RETRY_INTERVAL_MS = 1000

/** Whether an error says that Redis or PostgreSQL can't be reached or written to right now: a retry may succeed. */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, name, message } = error as NodeJS.ErrnoException
  return (
    /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EHOSTUNREACH|57P0|08)/.test(code ?? '') ||
    name === 'MaxRetriesPerRequestError' ||
    /^(Command timed out|Connection is closed|LOADING|READONLY|OOM|MISCONF)/.test(message) ||
    /timeout exceeded when trying to connect|Connection terminated/.test(message)
  )
}

/**
 * Retry while the backend is unreachable. Other errors are thrown at once.
 *
 * @param shouldStop asked before each retry; where it returns true, the last error is thrown
 */
export async function retryWhileUnreachable<T>(work: () => Promise<T>, shouldStop: () => boolean): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isUnreachable(error) || shouldStop()) throw error
      await sleep(RETRY_INTERVAL_MS, undefined, { ref: false })
    }
  }
}

/**
 * Do some work, and disconnect the backend as soon as it does not answer a ping, so that the work can't wait for ever.
 *
 * @param startPinging resolves when pinging is to start
 */
export async function finishOrDisconnect(
  backend: Backend,
  startPinging: Promise<void>,
  work: () => Promise<void>,
): Promise<void> {
  const done = new AbortController()
  const { signal } = done
  void startPinging.then(async () => {
    try {
      while (!signal.aborted) {
        await backend.ping()
        await sleep(RETRY_INTERVAL_MS, undefined, { signal })
      }
    } catch {
      if (!signal.aborted) backend.disconnect()
    }
  })
  try {
    await work()
  } finally {
    done.abort()
  }
}
