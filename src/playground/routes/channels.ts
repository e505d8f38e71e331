import { shown } from '../cdn.js'
import { ApiError, invalidBody, noHistory } from '../errors.js'
import { createMessage, deleteMessage, EPHEMERAL, editMessage, forBot, present } from '../messages.js'
import { demand, may } from '../permissions.js'
import type { MessageBody } from '../rules.js'
import { directChannel, type StoredMessage, type World } from '../world.js'
import { channelOf, empty, inChannel, ok, type Route } from './route.js'

type Draft = MessageBody & {
  nonce?: string | number
  enforce_nonce?: boolean
  message_reference?: { message_id: string; fail_if_not_exists?: boolean }
}

/** Channels, and messages by the bot's own token. */
export const channelRoutes: Route[] = [
  [
    'POST /users/@me/channels',
    (world, { body }) => {
      const member = world.members.get((body as { recipient_id: string }).recipient_id)
      if (!member || member.user.id === world.bot.id) throw new ApiError(400, 50_033, 'Invalid Recipient(s)')
      return ok(directChannel(world, member.user))
    },
  ],
  [
    'GET /channels/{channel}',
    (world, { path }) => {
      const channel = channelOf(world, path.channel!)
      demand(world, channel.id)
      return ok(channel)
    },
  ],
  [
    'GET /channels/{channel}/messages',
    (world, { path, query }) => {
      const { id } = channelOf(world, path.channel!)
      demand(world, id, 'ReadMessageHistory')
      const [before, after, around] = ['before', 'after', 'around'].map(key => query.get(key))
      const limit = Number(query.get('limit') ?? 50)
      if (!(limit >= 1 && limit <= 100)) throw invalidBody(['limit: int value should be between 1 and 100.'])
      const all = [...world.messages.values()].filter(
        one =>
          one.channel_id === id &&
          !(one.flags! & EPHEMERAL) &&
          (!before || BigInt(one.id) < BigInt(before)) &&
          (!after || BigInt(one.id) > BigInt(after)),
      )
      const middle = all.findIndex(one => around && BigInt(one.id) >= BigInt(around))
      const first = Math.max(0, middle - Math.floor(limit / 2))
      const page = middle >= 0 ? all.slice(first, first + limit) : after ? all.slice(0, limit) : all.slice(-limit)
      return ok(page.reverse().map(one => forBot(world, one)))
    },
  ],
  [
    'GET /channels/{channel}/messages/{message}',
    (world, { path }) => {
      demand(world, channelOf(world, path.channel!).id, 'ReadMessageHistory')
      return ok(forBot(world, inChannel(world, path)))
    },
  ],
  [
    'POST /channels/{channel}/messages',
    async (world, { path, body, files }) => {
      const { id } = channelOf(world, path.channel!)
      const draft = body as Draft
      demand(world, id, 'SendMessages', ...(files.length > 0 ? (['AttachFiles'] as const) : []))
      if (draft.message_reference && !may(world, id, 'ReadMessageHistory')) throw noHistory()
      if (isClosed(world, id)) throw new ApiError(403, 50_007, 'Cannot send messages to this user')
      const more = { ...(draft.nonce !== undefined && { nonce: draft.nonce }), ...reference(world, draft, id) }
      const make = () => createMessage(world, { channelId: id, author: world.bot, body: draft, files, more })
      if (!draft.enforce_nonce || draft.nonce === undefined) return ok(present(world, await make()))
      // The next of this nonce waits for the one before, whose files may take a while.
      const before = world.nonces.get(draft.nonce) ?? Promise.resolve()
      const mine = before.then(() => sameNonce(world, draft.nonce) ?? make())
      world.nonces.set(
        draft.nonce,
        mine.then(
          () => {},
          () => {},
        ),
      )
      return ok(present(world, await mine))
    },
  ],
  [
    'PATCH /channels/{channel}/messages/{message}',
    async (world, { path, body, files }) => {
      const message = inChannel(world, path)
      demand(world, message.channel_id)
      if (message.author.id !== world.bot.id) {
        throw new ApiError(403, 50_005, 'Cannot edit a message authored by another user')
      }
      return ok(present(world, await editMessage(world, message, body, files)))
    },
  ],
  [
    'DELETE /channels/{channel}/messages/{message}',
    (world, { path }) => {
      const message = inChannel(world, path)
      demand(world, message.channel_id, ...(message.author.id === world.bot.id ? [] : (['ManageMessages'] as const)))
      deleteMessage(world, message)
      return empty
    },
  ],
  [
    'POST /channels/{channel}/typing',
    (world, { path }) => {
      demand(world, channelOf(world, path.channel!).id, 'SendMessages')
      return empty
    },
  ],
  [
    'POST /attachments/refresh-urls',
    (world, { body }) => {
      const { attachment_urls: urls = [] } = (body ?? {}) as { attachment_urls?: string[] }
      if (urls.length < 1 || urls.length > 50)
        throw invalidBody(['attachment_urls: Must be between 1 and 50 in length.'])
      const refreshed_urls = urls.map(original => {
        const stored = world.attachments.get(/attachments\/\d+\/(\d+)\//.exec(original)?.[1] ?? '')
        return { original, refreshed: stored ? shown(world, stored).url : null }
      })
      return ok({ refreshed_urls })
    },
  ],
]

/** Whoever the direct message goes to takes none. */
function isClosed(world: World, channelId: string): boolean {
  const channel = world.channels.get(channelId)
  return channel?.type === 1 && (channel.recipients ?? []).some(({ id }) => world.closed.has(id))
}

/** The bot's message that was sent with this nonce in the last few minutes. */
function sameNonce(world: World, nonce: string | number | undefined): StoredMessage | undefined {
  if (nonce === undefined) return undefined
  const since = world.clock.now() - 5 * 60_000
  return [...world.messages.values()].find(
    one => one.author.id === world.bot.id && one.nonce === nonce && Date.parse(one.timestamp) >= since,
  )
}

function reference(world: World, { message_reference: wanted }: Draft, channelId: string): Partial<StoredMessage> {
  if (!wanted) return {}
  const found = world.messages.get(wanted.message_id)
  if (found?.channel_id === channelId && !(found.flags! & EPHEMERAL)) {
    return { type: 19, message_reference: { type: 0, channel_id: channelId, message_id: found.id } }
  }
  if (wanted.fail_if_not_exists === false) return {}
  throw invalidBody(['message_reference: Unknown message'])
}
