import type { EmulatorState } from './state.js'

export type WaitOptions = { readonly timeoutMs?: number; readonly what?: string }

/** Wait until `check` gives something; it is asked again at each change. What it throws is thrown. */
export function waitUntil<T>(
  state: EmulatorState,
  check: () => T | undefined | false,
  { timeoutMs = 30_000, what = 'something' }: WaitOptions = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = () => {
      try {
        const found = check()
        if (found === undefined || found === false) return
        leave()
        resolve(found)
      } catch (error) {
        leave()
        reject(error)
      }
    }
    const timer = setTimeout(() => {
      leave()
      reject(new Error(`waited ${timeoutMs} ms in vain for ${what}`))
    }, timeoutMs)
    const leave = () => {
      clearTimeout(timer)
      state.events.off('change', look)
    }
    state.events.on('change', look)
    look()
  })
}
