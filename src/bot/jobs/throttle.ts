/** Gives out times, so that what many ask for is spread. */
export type Pacer = {
  /** The time of the next free turn, which is taken then. In milliseconds on the clock of performance.now(). */
  reserve(): number
}

export type ThrottleOptions<T> = {
  /** The least time after the value before was handled, in milliseconds. Asked again with each new value. */
  readonly intervalMs: (value: T) => number
  /** Whose turn a value takes once its interval is over. */
  readonly pacerFor: (value: T) => Pacer
  /** A value that passes at once. The first and the last one do so too. */
  readonly isUrgent: (value: T) => boolean
}

/** @param perSecond how many turns there are at most */
export function createPacer(perSecond: number): Pacer {
  let nextFree = 0
  return {
    reserve() {
      const turn = Math.max(nextFree, performance.now())
      nextFree = turn + 1000 / perSecond
      return turn
    },
  }
}

/** The latest values of a source, as often as the options allow. Others are dropped. */
export async function* throttleLatest<T>(
  source: AsyncIterable<T>,
  { intervalMs, pacerFor, isUrgent }: ThrottleOptions<T>,
): AsyncGenerator<T, void> {
  let latest: { value: T } | undefined
  let ended = false
  let failure: { error: unknown } | undefined
  let wake = () => {}
  const consumed = (async () => {
    try {
      for await (const value of source) {
        latest = { value }
        wake()
      }
    } catch (error) {
      failure = { error }
    }
    ended = true
    wake()
  })()

  let handledAt = Number.NEGATIVE_INFINITY
  let turn: { readonly of: Pacer; readonly at: number } | undefined

  /** How long until a value may pass, in milliseconds. */
  function waitFor(value: T): number {
    const now = performance.now()
    const wait = handledAt + intervalMs(value) - now
    if (wait > 0 || handledAt === Number.NEGATIVE_INFINITY) return wait
    const pacer = pacerFor(value)
    if (turn?.of !== pacer) turn = { of: pacer, at: pacer.reserve() }
    return turn.at - now
  }

  for (;;) {
    const passesAtOnce = ended || (latest !== undefined && isUrgent(latest.value))
    const wait = latest === undefined ? Number.POSITIVE_INFINITY : passesAtOnce ? 0 : waitFor(latest.value)
    if (latest && wait <= 0) {
      const { value } = latest
      latest = undefined
      turn = undefined
      yield value
      // From here: a slow edit must not bring the next one closer.
      handledAt = performance.now()
    } else if (ended) {
      break
    } else {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>(resolve => {
        wake = resolve
        if (Number.isFinite(wait)) timer = setTimeout(resolve, wait)
      })
      clearTimeout(timer)
    }
  }
  await consumed
  if (failure) throw failure.error
}
