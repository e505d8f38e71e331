/**
 * Turns many small calls into few large ones: items that arrive while a batch runs go together into the next batch.
 *
 * @param run takes the items in the order of the calls; where it fails, the calls of the whole batch fail
 */
export function batched<T>(run: (items: readonly T[]) => Promise<unknown>): (item: T) => Promise<void> {
  let waiting: T[] = []
  let next: Promise<void> | undefined
  let running: Promise<unknown> = Promise.resolve()
  return item => {
    waiting.push(item)
    next ??= running.then(async () => {
      const items = waiting
      waiting = []
      next = undefined
      const batch = run(items)
      // The callers get the error; the next batch starts all the same.
      running = batch.catch(() => {})
      await batch
    })
    return next
  }
}
