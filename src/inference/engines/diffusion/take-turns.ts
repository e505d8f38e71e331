/** Runs work alone: each piece starts when the one before has ended, in the order of the calls. */
export type Exclusively = <T>(work: () => Promise<T>) => Promise<T>

/** For a device that several pictures share. */
export function takeTurns(): Exclusively {
  let last: Promise<unknown> = Promise.resolve()
  return work => {
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }
}

/**
 * The results of all items, of which at most `limit` are worked on at the same time, in their order.
 *
 * @param work stops soon after its signal fires
 * @throws the first error, when no work goes on any more; the reason of `signal`
 */
export async function mapAtOnce<Item, Result>(
  items: readonly Item[],
  limit: number,
  signal: AbortSignal,
  work: (item: Item, index: number, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const failure = new AbortController()
  const either = AbortSignal.any([signal, failure.signal])
  const results: Result[] = []
  const waiting = items.entries()
  const workOn = async () => {
    for (const [index, item] of waiting) {
      either.throwIfAborted()
      results[index] = await work(item, index, either)
    }
  }
  const running = Array.from({ length: Math.min(limit, items.length) }, () =>
    workOn().catch(error => {
      failure.abort(error)
      throw error
    }),
  )
  await Promise.allSettled(running)
  either.throwIfAborted()
  return results
}
