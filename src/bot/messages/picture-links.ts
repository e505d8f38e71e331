import { z } from 'zod'
import type { PictureLink } from '../../commands/command.js'

/** A dialog may be sent for so long after it was opened, in seconds. */
const LIFE = 15 * 60

const linksSchema = z.array(z.object({ name: z.string(), url: z.string(), size: z.number() }))

/**
 * The pictures of messages that somebody opened a dialog about. Without the intent to read messages Discord shows us
 * other people's only in the interaction that names them, and what comes back from its dialog, maybe to another of
 * several bots, holds nothing of them.
 */
export interface PictureLinkCache {
  set(message: string, pictures: readonly PictureLink[]): Promise<void>
  get(message: string): Promise<readonly PictureLink[] | undefined>
}

/** What this file asks of the place that all bots share: texts that are there for some seconds. */
export type ExpiringStore = {
  set(name: string, seconds: number, text: string): Promise<void>
  get(name: string): Promise<string | undefined>
}

export function createPictureLinkCache(texts: ExpiringStore): PictureLinkCache {
  return {
    async set(message, pictures) {
      const links = pictures.map(({ name, url, size }) => ({ name, url, size }))
      await texts.set(`seen:${message}`, LIFE, JSON.stringify(links))
    },
    async get(message) {
      const text = await texts.get(`seen:${message}`)
      return text === undefined ? undefined : linksSchema.parse(JSON.parse(text))
    },
  }
}
