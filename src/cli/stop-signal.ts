import type { Logger } from 'pino'

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** How often to check whether npm still runs. */
const PARENT_CHECK_INTERVAL_MS = 500

/** Resolves on the next SIGINT or SIGTERM, or when the npm that started this process is gone. */
export async function stopSignal(log: Logger): Promise<void> {
  let parentCheck: NodeJS.Timeout | undefined
  await new Promise<void>(resolve => {
    const onSignal = () => {
      resolve()
      // Signal handlers of libraries end the process if no other listener is left, so ours is removed after they ran.
      setImmediate(() => {
        for (const signal of STOP_SIGNALS) process.off(signal, onSignal)
      })
    }
    for (const signal of STOP_SIGNALS) process.on(signal, onSignal)
    // npm forwards a signal only to the shell that runs its script. The shell ends, and this process gets another parent.
    const parent = process.ppid
    if (process.env.npm_lifecycle_event !== undefined) {
      parentCheck = setInterval(() => process.ppid !== parent && resolve(), PARENT_CHECK_INTERVAL_MS).unref()
    }
  })
  clearInterval(parentCheck)
  log.info('process stopping')
}
