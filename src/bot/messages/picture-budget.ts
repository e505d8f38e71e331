import { type AttachmentFetcher, FILE_LIMIT_BYTES } from './attachments.js'

/** One of the largest files, and some usual ones: with them the bot stays well under 500 MB. */
export const MAX_HELD_BYTES = 96 * 1024 * 1024

export type PictureBudget = ReturnType<typeof createPictureBudget>

/**
 * Bounds the memory of attachments while many people ask at once: a request holds what it has fetched until it is in the
 * queue. The first file of a request waits until there is room for it. Its others don't: two requests that each held one
 * would wait for each other.
 *
 * @param maxBytes a larger file is fetched alone
 */
export function createPictureBudget(fetchAttachment: AttachmentFetcher, maxBytes: number = MAX_HELD_BYTES) {
  let held = 0
  const waiting: { readonly size: number; readonly enter: () => void }[] = []
  const hasRoomFor = (size: number) => held === 0 || held + size <= maxBytes

  function letIn(): void {
    while (waiting.length > 0 && hasRoomFor(waiting[0]!.size)) {
      const { size, enter } = waiting.shift()!
      held += size
      enter()
    }
  }

  return {
    /** The fetcher of one request. What it has fetched counts until it is released. */
    forRequest(): { readonly fetchAttachment: AttachmentFetcher; readonly release: () => void } {
      let admission: Promise<void> | undefined
      let own = 0
      let isReleased = false
      const hold = (bytes: number) => {
        if (isReleased) return
        own += bytes
        held += bytes
      }
      const enter = (size: number) =>
        new Promise<void>(resolve => {
          waiting.push({ size, enter: resolve })
          letIn()
        }).then(() => {
          own += size
          if (isReleased) release()
        })
      function release(): void {
        isReleased = true
        held -= own
        own = 0
        letIn()
      }
      return {
        async fetchAttachment(link) {
          // It is refused, and need not wait for that.
          if (link.size > FILE_LIMIT_BYTES) return fetchAttachment(link)
          const isFirst = admission === undefined
          admission ??= enter(link.size)
          await admission
          if (!isFirst) hold(link.size)
          const bytes = await fetchAttachment(link)
          // A link of a page does not say its size.
          hold(Math.max(0, bytes.length - link.size))
          return bytes
        },
        release,
      }
    },
  }
}
