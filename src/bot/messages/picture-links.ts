import { z } from 'zod'
import type { PictureLink } from '../../commands/command.js'
import { parseJson } from '../../parse-json.js'
import type { ExpiringStore } from '../expiring-store.js'

/** In seconds: as long as a link to the editor works, and longer than a modal can be submitted. */
const LIFETIME_SECONDS = 30 * 60

const linksSchema = z.array(
  z.object({ name: z.string(), url: z.string(), size: z.number(), spoiler: z.boolean().optional() }),
)

/**
 * The pictures of messages that people opened a modal or the editor about, and of commands that opened the editor. Without the
 * message content intent Discord shows the bot other people's pictures only in that interaction. What follows does not hold them,
 * and may reach another bot of the same token.
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
      await store.set(key(message), LIFETIME_SECONDS, JSON.stringify(links))
    },
    async get(message) {
      // What another version wrote counts as expired.
      return linksSchema.safeParse(parseJson(await store.get(key(message)))).data
    },
  }
}
