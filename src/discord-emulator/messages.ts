import type { APIMessage, APIUser } from 'discord.js'
import { cannotSendEmptyMessage, invalidFormBody, unknownChannel, unknownMessage } from './api-errors.js'
import { attachmentObject, sanitizeFileName, storeAttachment, type Upload } from './cdn.js'
import { resolveComponents } from './components.js'
import { type EmulatorState, emitMessageEvent, type StoredAttachment, type StoredMessage } from './state.js'
import { COMPONENTS_V2, type MessageBody, messageErrors } from './validate.js'

export const EPHEMERAL = 64
export const LOADING = 128
const SUPPRESS_EMBEDS = 4

/** The flags that a bot may set itself: no embeds, ephemeral, no notification, components V2. */
const SETTABLE = SUPPRESS_EMBEDS | EPHEMERAL | 4096 | COMPONENTS_V2

export type NewMessage = {
  readonly channelId: string
  readonly author: APIUser
  readonly body: MessageBody
  readonly files: readonly Upload[]
  readonly more?: Partial<StoredMessage>
  /** Who is told of it besides those whom it names. */
  readonly pings?: readonly APIUser[]
  /** Flags that nobody can set by asking for them, like that of a message that only says "is thinking". */
  readonly flags?: number
}

/** Make a message and tell of it. @throws ApiError 50035, 50006, 40005, 10003 */
export async function createMessage(state: EmulatorState, draft: NewMessage): Promise<StoredMessage> {
  const { channelId, author, body, files, more, pings = [], flags } = draft
  const set = ((body.flags ?? 0) & SETTABLE) | (flags ?? 0)
  const names = files.map(file => sanitizeFileName(file.name))
  refuse(messageErrors(body, (set & COMPONENTS_V2) !== 0, names))
  if (!(set & LOADING) && isEmpty(body, files.length)) throw cannotSendEmptyMessage()
  const attachments = await attach(state, channelId, body, files, (set & EPHEMERAL) !== 0)
  if (!state.channels.has(channelId)) throw unknownChannel()
  const id = state.id()
  const message: StoredMessage = {
    id,
    channel_id: channelId,
    type: 0,
    author,
    content: body.content ?? '',
    mentions: [...new Set([...mentioned(state, body), ...pings])],
    mention_roles: [],
    mention_everyone: false,
    attachments: attachments.map(one => one.info.id),
    embeds: rich(body.embeds),
    components: (body.components ?? []) as NonNullable<StoredMessage['components']>,
    timestamp: new Date(state.clock.now()).toISOString(),
    edited_timestamp: null,
    flags: set,
    pinned: false,
    tts: false,
    ...more,
  }
  state.messages.set(id, message)
  emitMessageEvent(state, 'message', message)
  return message
}

/** Change a message and tell of it: what the body does not name stays. @throws ApiError 50035, 50006, 40005, 10008 */
export async function editMessage(
  state: EmulatorState,
  message: StoredMessage,
  body: MessageBody,
  files: readonly Upload[],
) {
  const ephemeral = (message.flags! & EPHEMERAL) !== 0
  const kept = keptBy(message, body)
  const names = [
    ...kept.map(id => state.attachments.get(id)!.info.filename),
    ...files.map(file => sanitizeFileName(file.name)),
  ]
  const content = body.content === undefined ? message.content : (body.content ?? '')
  const embeds = body.embeds === undefined ? message.embeds : rich(body.embeds)
  const components = (body.components === undefined ? message.components : body.components) ?? []
  // Components that stay as they were may speak of files that go now.
  const checked = { ...body, content, embeds, components: body.components ?? [] } as MessageBody
  refuse(messageErrors(checked, (editedFlags(message, body) & COMPONENTS_V2) !== 0, names))
  if (isEmpty({ content, embeds, components } as MessageBody, names.length)) throw cannotSendEmptyMessage()
  const added = await attach(state, message.channel_id, body, files, ephemeral)
  if (!state.messages.has(message.id)) throw unknownMessage()
  Object.assign(message, { content, embeds, components, flags: editedFlags(message, body) })
  message.attachments = [...kept, ...added.map(one => one.info.id)]
  message.edited_timestamp = new Date(state.clock.now()).toISOString()
  emitMessageEvent(state, 'edit', message)
  return message
}

/** Components V2 can be switched on, never off again; whether all can see a message does not change. */
function editedFlags(message: StoredMessage, { flags }: MessageBody): number {
  const before = message.flags! & ~LOADING
  if (flags === undefined || flags === null) return before
  return (before & ~SUPPRESS_EMBEDS) | (flags & (SUPPRESS_EMBEDS | COMPONENTS_V2))
}

function keptBy(message: StoredMessage, { attachments }: MessageBody): string[] {
  const named = attachments?.map(one => String(one.id))
  return message.attachments.filter(id => named?.includes(id) ?? true)
}

/** Embeds as they are shown: all that bots send are of one type. */
function rich(embeds: MessageBody['embeds']): StoredMessage['embeds'] {
  return (embeds ?? []).map(embed => ({ ...(embed as object), type: 'rich' })) as StoredMessage['embeds']
}

function isEmpty({ content, embeds, components, poll, sticker_ids }: MessageBody, files: number): boolean {
  return !content && !embeds?.length && !components?.length && !poll && !sticker_ids?.length && files === 0
}

export function deleteMessage(state: EmulatorState, message: StoredMessage): void {
  forget(state, message)
  emitMessageEvent(state, 'delete', message)
}

/** All of a channel that is gone. */
export function deleteChannelMessages(state: EmulatorState, channelId: string): void {
  for (const message of state.messages.values()) if (message.channel_id === channelId) forget(state, message)
}

function forget(state: EmulatorState, message: StoredMessage): void {
  state.messages.delete(message.id)
  for (const interaction of state.interactions.values()) {
    if (interaction.originalResponse === message) interaction.originalResponse = null
  }
}

/** What a message needs to be a reply to another. */
export function replyReference(state: EmulatorState, { id, channel_id }: Pick<APIMessage, 'id' | 'channel_id'>) {
  const channel = state.channels.get(channel_id)!
  const guild = 'guild_id' in channel ? { guild_id: channel.guild_id! } : {}
  return { type: 19, message_reference: { type: 0, channel_id, message_id: id, ...guild } } as const
}

/** A message as everybody sees it: ids for its components, links to its files, freshly signed. */
export function messageObject(state: EmulatorState, message: StoredMessage): APIMessage {
  const referenced = message.message_reference && state.messages.get(message.message_reference.message_id!)
  return {
    ...alone(state, message),
    ...(message.message_reference && { referenced_message: referenced ? alone(state, referenced) : null }),
  }
}

/** Without the message that it replies to. */
function alone(state: EmulatorState, message: StoredMessage): APIMessage {
  const { visibleTo: _, attachments, components, ...rest } = message
  const files = attachments.map(id => attachmentObject(state, state.attachments.get(id)!))
  return {
    ...rest,
    attachments: files,
    components: resolveComponents((components ?? []) as never, files),
  } as APIMessage
}

/**
 * A message as the bot may read it without the intent for it: nothing of what others wrote, unless it was named.
 *
 * @param intent whether it has the intent
 */
export function messageObjectForBot(
  state: EmulatorState,
  message: StoredMessage,
  intent = state.messageContentIntent,
): APIMessage {
  const veil = (one: APIMessage): APIMessage => {
    const isDm = state.channels.get(one.channel_id)?.type === 1
    const named = one.mentions.some(user => user.id === state.bot.id)
    if (intent || isDm || named || one.author.id === state.bot.id) return one
    return { ...one, content: '', attachments: [], embeds: [], components: [] }
  }
  const whole = messageObject(state, message)
  // What it replies to is judged on its own merits.
  const { referenced_message: other } = whole
  return { ...veil(whole), ...(other && { referenced_message: veil(other) }) }
}

/** Who is named in a message, as far as they are to be told. */
function mentioned(state: EmulatorState, { content, allowed_mentions: allowed }: MessageBody): APIUser[] {
  if (allowed && !allowed.parse?.includes('users') && !allowed.users?.length) return []
  const ids = [...(content ?? '').matchAll(/<@!?(\d+)>/g)].map(([, id]) => id!)
  return [...new Set(ids)].flatMap(id => state.members.get(id)?.user ?? [])
}

function refuse(errors: readonly string[]): void {
  if (errors.length > 0) throw invalidFormBody(errors)
}

async function attach(
  state: EmulatorState,
  channelId: string,
  body: MessageBody,
  files: readonly Upload[],
  ephemeral: boolean,
): Promise<StoredAttachment[]> {
  return Promise.all(
    files.map((file, index) => {
      const about = body.attachments?.find(one => String(one.id) === (file.id ?? String(index)))
      // The client sends null for a file without a description; Discord then shows none.
      const description = about?.description ?? undefined
      return storeAttachment(
        state,
        channelId,
        { ...file, ...(description !== undefined && { description }) },
        ephemeral,
      )
    }),
  )
}
