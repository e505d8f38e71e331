/**
 * The latest values of a source, each at least `intervalMs` milliseconds after the one before was handled. Others are dropped. A value that
 * `isUrgent` passes at once, and the last value always passes.
 */
export async function* throttleLatest<T>(
  source: AsyncIterable<T>,
  intervalMs: number,
  isUrgent: (value: T) => boolean,
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

  let nextAt = 0 // when the next value may pass, on performance.now()'s clock
  for (;;) {
    const passesAtOnce = ended || (latest !== undefined && isUrgent(latest.value))
    const wait = latest === undefined ? Number.POSITIVE_INFINITY : nextAt - performance.now()
    if (latest && (passesAtOnce || wait <= 0)) {
      const { value } = latest
      latest = undefined
      yield value
      // From here: a slow edit must not bring the next one closer.
      nextAt = performance.now() + intervalMs
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
