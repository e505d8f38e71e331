import type { Clock } from './clock.js'

/** Discord's limit for what a bot sends on one connection of the gateway, heartbeats included. */
const MAX_PAYLOADS = 120
const LIMIT_WINDOW_MS = 60_000

/** Counts the payloads of one connection. @returns a function to call for each: whether it is one too many */
export function createPayloadLimit(clock: Clock): () => boolean {
  let times: number[] = []
  return () => {
    const now = clock.now()
    times = [...times.filter(at => now - at < LIMIT_WINDOW_MS), now]
    return times.length > MAX_PAYLOADS
  }
}
