/** Discord counts its ids' milliseconds from the first second of 2015. */
const EPOCH = 1_420_070_400_000n

/** The stand-in's time: the machine's, moved on by as much as a test likes. */
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number
  advance(milliseconds: number): void
  /** Call back once so many milliseconds have passed on this clock; returns what calls it off. */
  schedule(milliseconds: number, action: () => void): () => void
}

export function createClock(): Clock {
  let ahead = 0
  const waiting = new Set<{ due: number; action: () => void; timer: NodeJS.Timeout }>()
  const now = () => Date.now() + ahead
  return {
    now,
    advance(milliseconds) {
      ahead += milliseconds
      for (const one of waiting) {
        if (one.due > now()) continue
        waiting.delete(one)
        clearTimeout(one.timer)
        one.action()
      }
    },
    schedule(milliseconds, action) {
      const one = {
        due: now() + milliseconds,
        action,
        timer: setTimeout(() => {
          waiting.delete(one)
          action()
        }, milliseconds).unref(),
      }
      waiting.add(one)
      return () => {
        waiting.delete(one)
        clearTimeout(one.timer)
      }
    },
  }
}

/** Ids as Discord makes them: milliseconds since its epoch, then a counter; each larger than the one before. */
export function snowflakeGenerator({ now }: Clock): () => string {
  let last = 0n
  return () => {
    const id = (BigInt(now()) - EPOCH) << 22n
    last = id > last ? id : last + 1n
    return String(last)
  }
}
