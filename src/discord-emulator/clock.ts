/** The first second of 2015, in milliseconds since 1970; snowflakes count from here. */
export const DISCORD_EPOCH_MS = 1_420_070_400_000n

/** The emulator's time: the machine's, plus what tests added. */
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number
  advance(milliseconds: number): void
  /** Call `action` after a time on this clock. @returns cancels it */
  schedule(milliseconds: number, action: () => void): () => void
}

export function createClock(): Clock {
  let offsetMs = 0
  const timers = new Set<{ due: number; action: () => void; timer: NodeJS.Timeout }>()
  const now = () => Date.now() + offsetMs
  return {
    now,
    advance(milliseconds) {
      offsetMs += milliseconds
      for (const one of timers) {
        if (one.due > now()) continue
        timers.delete(one)
        clearTimeout(one.timer)
        one.action()
      }
    },
    schedule(milliseconds, action) {
      const one = {
        due: now() + milliseconds,
        action,
        timer: setTimeout(() => {
          timers.delete(one)
          action()
        }, milliseconds).unref(),
      }
      timers.add(one)
      return () => {
        timers.delete(one)
        clearTimeout(one.timer)
      }
    },
  }
}

/** Snowflakes: milliseconds since Discord's epoch, shifted by 22 bits. Each is larger than the one before. */
export function snowflakeGenerator({ now }: Clock): () => string {
  let last = 0n
  return () => {
    const id = (BigInt(now()) - DISCORD_EPOCH_MS) << 22n
    last = id > last ? id : last + 1n
    return String(last)
  }
}
