import type { Client } from 'discord.js'
import type { Logger } from 'pino'

/** A line in the server's audit channel, where it has one. That it can't be written is told in the log only. */
export async function writeAuditLog(
  client: Client,
  channel: string | undefined,
  line: string,
  log: Logger,
): Promise<void> {
  if (!channel) return
  try {
    const found = await client.channels.fetch(channel)
    if (!found?.isSendable()) throw new Error('it can’t be written to')
    await found.send({ content: line.slice(0, 2000), allowedMentions: { parse: [] } })
  } catch (error) {
    log.warn({ err: error, channel }, 'the audit channel was not written to')
  }
}
