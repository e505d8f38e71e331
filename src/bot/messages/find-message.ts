import type { Client, Message, SendableChannels } from 'discord.js'

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
