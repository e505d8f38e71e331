import type { APIChannel, APIUser } from 'discord.js'
import {
  ApiError,
  cannotExecuteInDm,
  cannotReplyWithoutHistory,
  cannotSendToUser,
  invalidFormBody,
  missingAccess,
} from '../api-errors.js'
import { attachmentObject } from '../cdn.js'
import { dmChannel } from '../channels.js'
import {
  createMessage,
  deleteMessage,
  EPHEMERAL,
  editMessage,
  messageObject,
  messageObjectForBot,
  replyReference,
} from '../messages.js'
import { hasPermission } from '../permissions.js'
import type { MessageBody } from '../validate.js'
import type { EmulatorState, StoredMessage } from '../world.js'
import { botChannel, botMessage, noContent, ok, type Route } from './route.js'

type Draft = MessageBody & {
  nonce?: string | number
  enforce_nonce?: boolean
  message_reference?: { message_id: string; fail_if_not_exists?: boolean }
}

const ATTACH = ['AttachFiles'] as const

/** Channels, and messages by the bot's own token. */
export const channelRoutes: Route[] = [
  [
    'POST /users/@me/channels',
    (world, { body }) => {
      const member = world.members.get((body as { recipient_id: string }).recipient_id)
      if (!member || member.user.id === world.bot.id) throw new ApiError(400, 50_033, 'Invalid Recipient(s)')
      return ok(dmChannel(world, member.user))
    },
  ],
  ['GET /channels/{channel}', (world, { path }) => ok(botChannel(world, path.channel!))],
  [
    'GET /channels/{channel}/messages',
    (world, { path, query }) => {
      const channel = botChannel(world, path.channel!)
      // Who may not read what was said before is told that nothing was.
      if (!remembers(world, channel)) return ok([])
      const { id } = channel
      const [before, after, around] = ['before', 'after', 'around'].map(key => query.get(key))
      const limit = Number(query.get('limit') ?? 50)
      if (!(limit >= 1 && limit <= 100)) throw invalidFormBody(['limit: int value should be between 1 and 100.'])
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
      return ok(page.reverse().map(one => messageObjectForBot(world, one)))
    },
  ],
  [
    'GET /channels/{channel}/messages/{message}',
    (world, { path }) => {
      if (!remembers(world, botChannel(world, path.channel!))) throw missingAccess()
      return ok(messageObjectForBot(world, botMessage(world, path)))
    },
  ],
  [
    'POST /channels/{channel}/messages',
    async (world, { path, body, files }) => {
      const draft = body as Draft
      const channel = botChannel(world, path.channel!, 'SendMessages', ...(files.length > 0 ? ATTACH : []))
      const { id } = channel
      if (channel.type === 1 && world.usersWithDmsClosed.has(channel.recipients![0]!.id)) throw cannotSendToUser()
      if (draft.message_reference && !remembers(world, channel)) throw cannotReplyWithoutHistory()
      const more = { ...(draft.nonce !== undefined && { nonce: draft.nonce }), ...reference(world, draft, id) }
      const pings = repliedTo(world, draft, more)
      const make = () => createMessage(world, { channelId: id, author: world.bot, body: draft, files, more, pings })
      if (!draft.enforce_nonce || draft.nonce === undefined) return ok(messageObject(world, await make()))
      // The next of this nonce waits for the one before, whose files may take a while.
      const before = world.pendingNonces.get(draft.nonce) ?? Promise.resolve()
      const mine = before.then(() => sameNonce(world, draft.nonce) ?? make())
      world.pendingNonces.set(
        draft.nonce,
        mine.then(
          () => {},
          () => {},
        ),
      )
      return ok(messageObject(world, await mine))
    },
  ],
  [
    'PATCH /channels/{channel}/messages/{message}',
    async (world, { path, body, files }) => {
      const message = botMessage(world, path)
      if (message.author.id !== world.bot.id) {
        throw new ApiError(403, 50_005, 'Cannot edit a message authored by another user')
      }
      return ok(messageObject(world, await editMessage(world, message, body, files)))
    },
  ],
  [
    'DELETE /channels/{channel}/messages/{message}',
    (world, { path }) => {
      const message = botMessage(world, path)
      if (message.author.id !== world.bot.id) {
        if (botChannel(world, message.channel_id, 'ManageMessages').type === 1) throw cannotExecuteInDm()
      }
      deleteMessage(world, message)
      return noContent
    },
  ],
  [
    'POST /channels/{channel}/typing',
    (world, { path }) => {
      botChannel(world, path.channel!, 'SendMessages')
      return noContent
    },
  ],
  [
    'POST /attachments/refresh-urls',
    (world, { body }) => {
      const { attachment_urls: urls = [] } = (body ?? {}) as { attachment_urls?: string[] }
      if (urls.length < 1 || urls.length > 50)
        throw invalidFormBody(['attachment_urls: Must be between 1 and 50 in length.'])
      const refreshed_urls = urls.map(original => {
        const stored = world.attachments.get(/attachments\/\d+\/(\d+)\//.exec(original)?.[1] ?? '')
        return { original, refreshed: stored ? attachmentObject(world, stored).url : null }
      })
      return ok({ refreshed_urls })
    },
  ],
]

/** Whether the bot may read what was said before. */
function remembers(world: EmulatorState, channel: APIChannel): boolean {
  return channel.type === 1 || hasPermission(world, channel, world.bot.id, 'ReadMessageHistory')
}

/** The bot's message that was sent with this nonce in the last few minutes. */
function sameNonce(world: EmulatorState, nonce: string | number | undefined): StoredMessage | undefined {
  if (nonce === undefined) return undefined
  const since = world.clock.now() - 5 * 60_000
  return [...world.messages.values()].find(
    one => one.author.id === world.bot.id && one.nonce === nonce && Date.parse(one.timestamp) >= since,
  )
}

/** Who is told of a reply: whoever wrote what it replies to, unless that was not wished. */
function repliedTo(
  world: EmulatorState,
  { allowed_mentions: allowed }: Draft,
  more: Partial<StoredMessage>,
): APIUser[] {
  const replied = world.messages.get(more.message_reference?.message_id ?? '')
  return replied && (allowed?.replied_user ?? !allowed) ? [replied.author] : []
}

function reference(
  world: EmulatorState,
  { message_reference: wanted }: Draft,
  channelId: string,
): Partial<StoredMessage> {
  if (!wanted) return {}
  const found = world.messages.get(wanted.message_id)
  if (found?.channel_id === channelId && !(found.flags! & EPHEMERAL)) {
    return replyReference(world, found)
  }
  if (wanted.fail_if_not_exists === false) return {}
  throw invalidFormBody(['message_reference: Unknown message'])
}
