import type { Client } from 'discord.js'
import type { Logger } from 'pino'

/** Write a line to a server's audit channel, if it has one. A failure is only logged. */
export async function writeAuditLog(
  client: Client,
  channel: string | undefined,
  line: string,
  log: Logger,
): Promise<void> {
  if (!channel) return
  try {
    const sendable = await client.channels.fetch(channel, { allowUnknownGuild: true })
    if (!sendable?.isSendable()) throw new Error('the bot can’t send to it')
    await sendable.send({ content: line.slice(0, 2000), allowedMentions: { parse: [] } })
  } catch (error) {
    log.warn({ err: error, channel }, 'audit message not sent')
  }
}
