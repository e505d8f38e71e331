import { setTimeout as pause } from 'node:timers/promises'
import type { Backend } from './backend.js'

/** The pause before something is tried once more that could not be reached, in milliseconds. */
const AGAIN = 1000

/** Whether an error says that Redis or PostgreSQL can't be reached or written to; it may be otherwise in a minute. */
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
 * Try again for as long as only the connection stands in the way.
 *
 * @param stop asked before each further try; the last error is thrown where it says true
 */
export async function retryWhileUnreachable<T>(work: () => Promise<T>, stop: () => boolean): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isUnreachable(error) || stop()) throw error
      await pause(AGAIN, undefined, { ref: false })
    }
  }
}

/**
 * Finish a work for as long as there is somebody who answers: otherwise it is hung up, so that nothing waits for ever.
 *
 * @param from when to begin to see to that
 */
export async function finishOrDisconnect(
  backend: Backend,
  from: Promise<void>,
  work: () => Promise<void>,
): Promise<void> {
  const done = new AbortController()
  const { signal } = done
  void from.then(async () => {
    try {
      while (!signal.aborted) {
        await backend.ping()
        await pause(AGAIN, undefined, { signal })
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
