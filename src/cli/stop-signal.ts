import type { Logger } from 'pino'

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** How often to check whether npm still runs. */
const PARENT_CHECK_INTERVAL_MS = 500

/** What the operator wants of a process that runs until it gets a signal. */
export type StopRequest = {
  /** Fires with the first SIGINT or SIGTERM, or when the npm that started this process is gone. */
  readonly signal: AbortSignal
  /** Resolves then. */
  readonly requested: Promise<void>
  /** Resolves with the second signal: stop at once. A third one kills the process. */
  readonly insisted: Promise<void>
}

/** Listen for signals from now on. */
export function listenForStop(log: Logger): StopRequest {
  const [first, second] = [new AbortController(), new AbortController()]
  const firedBy = ({ signal }: AbortController) =>
    new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
  const request = { signal: first.signal, requested: firedBy(first), insisted: firedBy(second) }

  // npm forwards a signal only to the shell that runs its script. The shell ends, and this process gets another parent.
  const parent = process.ppid
  const parentCheck =
    process.env.npm_lifecycle_event === undefined
      ? undefined
      : setInterval(() => process.ppid !== parent && stop(), PARENT_CHECK_INTERVAL_MS).unref()

  function stop(): void {
    clearInterval(parentCheck)
    if (first.signal.aborted) return
    log.info('process stopping')
    first.abort()
  }

  function onSignal(): void {
    if (!first.signal.aborted) {
      stop()
      return
    }
    log.info('process stopping at once')
    second.abort()
    // Signal handlers of libraries end the process if no other listener is left, so ours is removed after they ran.
    setImmediate(() => {
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal)
    })
  }
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal)
  return request
}
