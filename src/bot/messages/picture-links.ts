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
export interface SeenPictures {
  keep(message: string, pictures: readonly PictureLink[]): Promise<void>
  of(message: string): Promise<readonly PictureLink[] | undefined>
}

/** What this file asks of the place that all bots share: texts that are there for some seconds. */
export type ForAWhile = {
  sign(name: string, seconds: number, text: string): Promise<void>
  signed(name: string): Promise<string | undefined>
}

export function seenPictures(texts: ForAWhile): SeenPictures {
  return {
    async keep(message, pictures) {
      const links = pictures.map(({ name, url, size }) => ({ name, url, size }))
      await texts.sign(`seen:${message}`, LIFE, JSON.stringify(links))
    },
    async of(message) {
      const text = await texts.signed(`seen:${message}`)
      return text === undefined ? undefined : linksSchema.parse(JSON.parse(text))
    },
  }
}
