import type { PictureLink } from '../commands/command.js'

/** Dialogs that are open at a time, about. */
const MOST = 1000

/**
 * The pictures of messages that somebody opened a dialog about. Without the intent to read messages Discord shows us
 * other people's only in the interaction that names them, and what comes back from its dialog holds nothing of them.
 */
export interface SeenPictures {
  keep(message: string, pictures: readonly PictureLink[]): void
  of(message: string): readonly PictureLink[] | undefined
}

export function seenPictures(): SeenPictures {
  const seen = new Map<string, readonly PictureLink[]>()
  return {
    keep(message, pictures) {
      seen.delete(message)
      seen.set(message, pictures)
      for (const oldest of [...seen.keys()].slice(0, Math.max(0, seen.size - MOST))) seen.delete(oldest)
    },
    of: message => seen.get(message),
  }
}
