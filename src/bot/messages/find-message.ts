import type { Client, Message, SendableChannels } from 'discord.js'

/** How many pages are searched for a picture that somebody uploads again: they have just seen it. */
const MAX_RECENT_PAGES = 3

/** At most this many messages are looked through, in pages of Discord's largest size. */
const MAX_PAGES = 10
const PAGE_SIZE = 100

/**
 * The oldest of the bot's messages in a channel that matches.
 *
 * @param after an older id
 * @param before a newer id, where only messages from before it count
 * @throws DiscordAPIError where the bot may not read the channel
 */
export async function findFirstMessage(
  client: Client<true>,
  channel: SendableChannels,
  { after, before }: { readonly after: string; readonly before?: string },
  matches: (message: Message) => boolean,
): Promise<Message | undefined> {
  let last = after
  for (let page = 0; page < MAX_PAGES; page++) {
    // Discord returns those that follow right after the id.
    const fetched = await channel.messages.fetch({ after: last, limit: PAGE_SIZE, cache: false })
    const inOrder = [...fetched.values()].sort((one, other) => (BigInt(one.id) < BigInt(other.id) ? -1 : 1))
    const inRange = inOrder.filter(({ id }) => before === undefined || BigInt(id) < BigInt(before))
    const found = inRange.find(message => message.author.id === client.user.id && matches(message))
    if (found || inRange.length < PAGE_SIZE) return found
    last = inRange.at(-1)!.id
  }
  return undefined
}

/**
 * The latest of the bot's messages in a channel that matches; undefined where there is none, or the bot may not read the channel.
 *
 * @throws what `matches` throws
 */
export async function findLatestMessage(
  client: Client<true>,
  channelId: string,
  matches: (message: Message) => Promise<boolean>,
): Promise<Message | undefined> {
  const channel = await client.channels.fetch(channelId, { allowUnknownGuild: true }).catch(() => null)
  if (!channel?.isTextBased()) return undefined
  let before: string | undefined
  for (let page = 0; page < MAX_RECENT_PAGES; page++) {
    const options = { limit: PAGE_SIZE, cache: false, ...(before !== undefined && { before }) }
    const fetched = await channel.messages.fetch(options).catch(() => undefined)
    for (const message of fetched?.values() ?? []) {
      if (message.author.id === client.user.id && (await matches(message))) return message
    }
    before = fetched?.lastKey()
    if (!fetched || fetched.size < PAGE_SIZE) return undefined
  }
  return undefined
}
