/**
 * Runs many small calls as few large ones: what is asked for while one is under way goes together into the next.
 *
 * @param run takes them in the order in which they were asked for; where it fails all of them do
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
      // Whoever asked hears of a failure; the next batch begins all the same.
      running = batch.catch(() => {})
      await batch
    })
    return next
  }
}
