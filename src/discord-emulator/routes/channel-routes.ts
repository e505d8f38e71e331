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
import type { EmulatorState, StoredMessage } from '../state.js'
import { assertOpenThread, openForMessage } from '../threads.js'
import type { MessageBody } from '../validate.js'
import { botChannel, botMessage, noContent, ok, type Route } from './route.js'

type CreateMessageBody = MessageBody & {
  nonce?: string | number
  enforce_nonce?: boolean
  message_reference?: { message_id: string; fail_if_not_exists?: boolean }
}

const ATTACH = ['AttachFiles'] as const

/** Channels and their messages, by the bot's token. */
export const channelRoutes: Route[] = [
  [
    'POST /users/@me/channels',
    (state, { body }) => {
      const member = state.members.get((body as { recipient_id: string }).recipient_id)
      if (!member || member.user.id === state.bot.id) throw new ApiError(400, 50_033, 'Invalid Recipient(s)')
      return ok(dmChannel(state, member.user))
    },
  ],
  ['GET /channels/{channel}', (state, { path }) => ok(botChannel(state, path.channel!))],
  [
    'GET /channels/{channel}/messages',
    (state, { path, query }) => {
      const channel = botChannel(state, path.channel!)
      // Without ReadMessageHistory Discord returns an empty list.
      if (!mayReadHistory(state, channel)) return ok([])
      const { id } = channel
      const [before, after, around] = ['before', 'after', 'around'].map(key => query.get(key))
      const limit = Number(query.get('limit') ?? 50)
      if (!(limit >= 1 && limit <= 100)) throw invalidFormBody(['limit: int value should be between 1 and 100.'])
      const all = [...state.messages.values()].filter(
        one =>
          one.channel_id === id &&
          !(one.flags! & EPHEMERAL) &&
          (!before || BigInt(one.id) < BigInt(before)) &&
          (!after || BigInt(one.id) > BigInt(after)),
      )
      const middle = all.findIndex(one => around && BigInt(one.id) >= BigInt(around))
      const first = Math.max(0, middle - Math.floor(limit / 2))
      const page = middle >= 0 ? all.slice(first, first + limit) : after ? all.slice(0, limit) : all.slice(-limit)
      return ok(page.reverse().map(one => messageObjectForBot(state, one)))
    },
  ],
  [
    'GET /channels/{channel}/messages/{message}',
    (state, { path }) => {
      if (!mayReadHistory(state, botChannel(state, path.channel!))) throw missingAccess()
      return ok(messageObjectForBot(state, botMessage(state, path)))
    },
  ],
  [
    'POST /channels/{channel}/messages',
    async (state, { path, body, files }) => {
      const draft = body as CreateMessageBody
      const channel = botChannel(state, path.channel!, 'SendMessages', ...(files.length > 0 ? ATTACH : []))
      const { id } = channel
      openForMessage(state, channel)
      if (channel.type === 1 && state.usersWithDmsClosed.has(channel.recipients![0]!.id)) throw cannotSendToUser()
      if (draft.message_reference && !mayReadHistory(state, channel)) throw cannotReplyWithoutHistory()
      const more = { ...(draft.nonce !== undefined && { nonce: draft.nonce }), ...messageReference(state, draft, id) }
      const pings = mentionsOfReply(state, draft, more)
      const make = () =>
        createMessage(state, {
          channelId: id,
          author: state.bot,
          body: draft,
          files,
          extra: more,
          extraMentions: pings,
        })
      if (!draft.enforce_nonce || draft.nonce === undefined) return ok(messageObject(state, await make()))
      // A message waits for an earlier one with the same nonce, whose files may take a while.
      const before = state.pendingNonces.get(draft.nonce) ?? Promise.resolve()
      const mine = before.then(() => messageWithNonce(state, draft.nonce) ?? make())
      state.pendingNonces.set(
        draft.nonce,
        mine.then(
          () => {},
          () => {},
        ),
      )
      return ok(messageObject(state, await mine))
    },
  ],
  [
    'PATCH /channels/{channel}/messages/{message}',
    async (state, { path, body, files }) => {
      const message = botMessage(state, path)
      if (message.author.id !== state.bot.id) {
        throw new ApiError(403, 50_005, 'Cannot edit a message authored by another user')
      }
      assertOpenThread(state, message.channel_id)
      return ok(messageObject(state, await editMessage(state, message, body, files)))
    },
  ],
  [
    'DELETE /channels/{channel}/messages/{message}',
    (state, { path }) => {
      const message = botMessage(state, path)
      if (message.author.id !== state.bot.id) {
        if (botChannel(state, message.channel_id, 'ManageMessages').type === 1) throw cannotExecuteInDm()
      }
      assertOpenThread(state, message.channel_id)
      deleteMessage(state, message)
      return noContent
    },
  ],
  [
    'POST /channels/{channel}/typing',
    (state, { path }) => {
      botChannel(state, path.channel!, 'SendMessages')
      return noContent
    },
  ],
  [
    'POST /attachments/refresh-urls',
    (state, { body }) => {
      const { attachment_urls: urls = [] } = (body ?? {}) as { attachment_urls?: string[] }
      if (urls.length < 1 || urls.length > 50)
        throw invalidFormBody(['attachment_urls: Must be between 1 and 50 in length.'])
      const refreshed_urls = urls.map(original => {
        const stored = state.attachments.get(/attachments\/\d+\/(\d+)\//.exec(original)?.[1] ?? '')
        return { original, refreshed: stored ? attachmentObject(state, stored).url : null }
      })
      return ok({ refreshed_urls })
    },
  ],
]

/** Whether the bot may read the message history. */
function mayReadHistory(state: EmulatorState, channel: APIChannel): boolean {
  return channel.type === 1 || hasPermission(state, channel, state.bot.id, 'ReadMessageHistory')
}

/** The bot's message of the last five minutes with this nonce. */
function messageWithNonce(state: EmulatorState, nonce: string | number | undefined): StoredMessage | undefined {
  if (nonce === undefined) return undefined
  const since = state.clock.now() - 5 * 60_000
  return [...state.messages.values()].find(
    one => one.author.id === state.bot.id && one.nonce === nonce && Date.parse(one.timestamp) >= since,
  )
}

/** A reply mentions the referenced message's author, unless `allowed_mentions` forbids it. */
function mentionsOfReply(
  state: EmulatorState,
  { allowed_mentions: allowed }: CreateMessageBody,
  more: Partial<StoredMessage>,
): APIUser[] {
  const replied = state.messages.get(more.message_reference?.message_id ?? '')
  return replied && (allowed?.replied_user ?? !allowed) ? [replied.author] : []
}

function messageReference(
  state: EmulatorState,
  { message_reference: wanted }: CreateMessageBody,
  channelId: string,
): Partial<StoredMessage> {
  if (!wanted) return {}
  const found = state.messages.get(wanted.message_id)
  if (found?.channel_id === channelId && !(found.flags! & EPHEMERAL)) {
    return replyReference(state, found)
  }
  if (wanted.fail_if_not_exists === false) return {}
  throw invalidFormBody(['message_reference: Unknown message'])
}
