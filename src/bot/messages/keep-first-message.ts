import type { Client, Message } from 'discord.js'
import type { Logger } from 'pino'
import { findFirstMessage } from './find-message.js'
import { fetchSendableChannel } from './post-message.js'

/**
 * Of two messages with the same result, which two processes posted at the same time, the first one stays. Both processes
 * call this after their post: the one that sees an older message deletes its own.
 *
 * @param after an id from before both
 * @returns the message that stays
 */
export async function keepFirstMessage(
  message: Message,
  after: string,
  isResult: (message: Message) => boolean,
  log: Logger,
): Promise<Message> {
  const client = message.client as Client<true>
  try {
    const channel = await fetchSendableChannel(client, message.channelId)
    const first = channel && (await findFirstMessage(client, channel, { after, before: message.id }, isResult))
    if (!first) return message
    log.warn({ first: first.id, second: message.id }, 'result was posted twice, the second message is deleted')
    await message.delete()
    return first
  } catch (error) {
    // The bot may not be allowed to read the channel: two results are better than none.
    log.warn(error, 'could not look for a second result')
    return message
  }
}
