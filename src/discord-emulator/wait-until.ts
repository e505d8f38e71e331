import type { EmulatorState } from './state.js'

export type WaitOptions = { readonly timeoutMs?: number; readonly what?: string }

/** Wait until `check` returns a value. It is called again after each change. @throws what `check` throws; Error after the timeout */
export function waitUntil<T>(
  state: EmulatorState,
  check: () => T | undefined | false,
  { timeoutMs = 30_000, what = 'something' }: WaitOptions = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const recheck = () => {
      try {
        const found = check()
        if (found === undefined || found === false) return
        stop()
        resolve(found)
      } catch (error) {
        stop()
        reject(error)
      }
    }
    const timer = setTimeout(() => {
      stop()
      reject(new Error(`timed out after ${timeoutMs} ms waiting for ${what}`))
    }, timeoutMs)
    const stop = () => {
      clearTimeout(timer)
      state.events.off('change', recheck)
    }
    state.events.on('change', recheck)
    recheck()
  })
}
