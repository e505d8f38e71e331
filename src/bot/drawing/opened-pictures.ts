import type { DrawingTarget } from './target.js'

/** Limits of the pictures that were opened and not yet loaded by their page. */
const OPENED_LIFETIME_MS = 60_000
const OPENED_PICTURES_BYTES = 64 * 1024 * 1024

/** The pictures of editors that were opened, until their page loads them: then they need not be fetched again. */
export function openedPictures() {
  const opened = new Map<string, { readonly bytes: Uint8Array; readonly since: number }>()
  return {
    remember(target: DrawingTarget, bytes: Uint8Array): void {
      opened.delete(keyOf(target))
      opened.set(keyOf(target), { bytes, since: Date.now() })
      let sum = [...opened.values()].reduce((total, entry) => total + entry.bytes.length, 0)
      for (const [key, entry] of opened) {
        if (sum <= OPENED_PICTURES_BYTES && Date.now() - entry.since <= OPENED_LIFETIME_MS) continue
        opened.delete(key)
        sum -= entry.bytes.length
      }
    },

    /** @returns undefined if it is not kept any more */
    take(target: DrawingTarget): Uint8Array | undefined {
      const bytes = opened.get(keyOf(target))?.bytes
      opened.delete(keyOf(target))
      return bytes
    },
  }
}

/** A picture that is open, by who opened it. */
function keyOf({ person, message, index }: DrawingTarget): string {
  return `${person} ${message} ${index}`
}
