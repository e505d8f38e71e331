/**
 * The newest values of `source`, at least `pause` milliseconds apart; what comes in between is dropped, except that
 * an `urgent` value is handed on at once and the last value always.
 */
export async function* throttleLatest<T>(
  source: AsyncIterable<T>,
  pause: number,
  urgent: (value: T) => boolean,
): AsyncGenerator<T, void> {
  let newest: { value: T } | undefined
  let ended = false
  let failure: { error: unknown } | undefined
  let wake = () => {}
  const pump = (async () => {
    try {
      for await (const value of source) {
        newest = { value }
        wake()
      }
    } catch (error) {
      failure = { error }
    }
    ended = true
    wake()
  })()

  let next = 0 // when the next value that is not urgent may go, on performance.now()'s clock
  for (;;) {
    const hurry = ended || (newest !== undefined && urgent(newest.value))
    const wait = newest === undefined ? Number.POSITIVE_INFINITY : next - performance.now()
    if (newest && (hurry || wait <= 0)) {
      const { value } = newest
      newest = undefined
      next = performance.now() + pause
      yield value
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
  await pump
  if (failure) throw failure.error
}
