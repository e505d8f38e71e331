import { z } from 'zod'
import type { PictureLink } from '../../commands/command.js'
import { parseJson } from '../../parse-json.js'
import type { ExpiringStore } from '../expiring-store.js'

/** How long after it was opened a modal may be submitted, in seconds. */
const MODAL_LIFETIME_SECONDS = 15 * 60

const linksSchema = z.array(
  z.object({ name: z.string(), url: z.string(), size: z.number(), spoiler: z.boolean().optional() }),
)

/**
 * The pictures of messages that people opened a modal about. Without the message content intent Discord shows the bot
 * other people's pictures only in the interaction that opens the modal. Its submit does not hold them, and may reach
 * another bot of the same token.
 */
export interface PictureLinkCache {
  set(message: string, pictures: readonly PictureLink[]): Promise<void>
  get(message: string): Promise<readonly PictureLink[] | undefined>
}

export function createPictureLinkCache(store: ExpiringStore): PictureLinkCache {
  const key = (message: string) => `seen:${message}`
  return {
    async set(message, pictures) {
      const links = pictures.map(({ name, url, size, spoiler }) => ({ name, url, size, spoiler }))
      await store.set(key(message), MODAL_LIFETIME_SECONDS, JSON.stringify(links))
    },
    async get(message) {
      // What another version wrote counts as expired.
      return linksSchema.safeParse(parseJson(await store.get(key(message)))).data
    },
  }
}
