import type { APIMessage, APIUser } from 'discord.js'
import { cannotSendEmptyMessage, invalidFormBody, unknownChannel, unknownMessage } from './api-errors.js'
import { attachmentObject, sanitizeFileName, storeAttachment, type Upload } from './cdn.js'
import { resolveComponents } from './components.js'
import { snapshotObjects } from './forwards.js'
import { moderate } from './moderation.js'
import { type EmulatorState, emitMessageEvent, type StoredAttachment, type StoredMessage } from './state.js'
import { COMPONENTS_V2, type MessageBody, messageErrors } from './validate.js'

export const EPHEMERAL = 64
export const LOADING = 128
const SUPPRESS_EMBEDS = 4

/** The flags that a bot may set: SUPPRESS_EMBEDS, EPHEMERAL, SUPPRESS_NOTIFICATIONS, IS_COMPONENTS_V2. */
const SETTABLE_FLAGS = SUPPRESS_EMBEDS | EPHEMERAL | 4096 | COMPONENTS_V2

export type NewMessage = {
  readonly channelId: string
  readonly author: APIUser
  readonly body: MessageBody
  readonly files: readonly Upload[]
  readonly extra?: Partial<StoredMessage>
  /** Users to mention in addition to those in the content. */
  readonly extraMentions?: readonly APIUser[]
  /** Flags that a bot can't set, like LOADING. */
  readonly flags?: number
}

/** Create a message and emit it. @throws ApiError 50035, 50006, 40005, 10003 */
export async function createMessage(state: EmulatorState, draft: NewMessage): Promise<StoredMessage> {
  const { channelId, author, body, files, extra: more, extraMentions: pings = [], flags } = draft
  const allFlags = ((body.flags ?? 0) & SETTABLE_FLAGS) | (flags ?? 0)
  const names = files.map(file => sanitizeFileName(file.name))
  throwIfInvalid(messageErrors(body, (allFlags & COMPONENTS_V2) !== 0, names))
  if (author.id === state.bot.id) moderate(state, state.channels.get(channelId), body, files.length)
  if (!(allFlags & LOADING) && !more?.snapshot && isEmpty(body, files.length)) throw cannotSendEmptyMessage()
  const attachments = await storeAttachments(state, channelId, body, files, (allFlags & EPHEMERAL) !== 0)
  if (!state.channels.has(channelId)) throw unknownChannel()
  const id = state.nextId()
  const message: StoredMessage = {
    id,
    channel_id: channelId,
    type: 0,
    author,
    content: body.content ?? '',
    mentions: [...new Set([...mentionedUsers(state, body), ...pings])],
    mention_roles: [],
    mention_everyone: false,
    attachments: attachments.map(one => one.info.id),
    embeds: richEmbeds(body.embeds),
    components: (body.components ?? []) as NonNullable<StoredMessage['components']>,
    timestamp: new Date(state.clock.now()).toISOString(),
    edited_timestamp: null,
    flags: allFlags,
    pinned: false,
    tts: false,
    ...more,
  }
  state.messages.set(id, message)
  emitMessageEvent(state, 'message', message)
  return message
}

/** Edit a message and emit it. Fields that the body lacks stay. @throws ApiError 50035, 50006, 40005, 10008 */
export async function editMessage(
  state: EmulatorState,
  message: StoredMessage,
  body: MessageBody,
  files: readonly Upload[],
) {
  const ephemeral = (message.flags! & EPHEMERAL) !== 0
  const keptIds = keptAttachments(message, body)
  const names = [
    ...keptIds.map(id => state.attachments.get(id)!.info.filename),
    ...files.map(file => sanitizeFileName(file.name)),
  ]
  const content = body.content === undefined ? message.content : (body.content ?? '')
  const embeds = body.embeds === undefined ? message.embeds : richEmbeds(body.embeds)
  const components = (body.components === undefined ? message.components : body.components) ?? []
  // Unchanged components may refer to files that this edit removes, so they are not checked.
  const merged = { ...body, content, embeds, components: body.components ?? [] } as MessageBody
  throwIfInvalid(messageErrors(merged, (editedFlags(message, body) & COMPONENTS_V2) !== 0, names))
  moderate(state, state.channels.get(message.channel_id), body, files.length)
  if (isEmpty({ content, embeds, components } as MessageBody, names.length)) throw cannotSendEmptyMessage()
  const added = await storeAttachments(state, message.channel_id, body, files, ephemeral)
  if (!state.messages.has(message.id)) throw unknownMessage()
  Object.assign(message, { content, embeds, components, flags: editedFlags(message, body) })
  message.attachments = [...keptIds, ...added.map(one => one.info.id)]
  message.edited_timestamp = new Date(state.clock.now()).toISOString()
  emitMessageEvent(state, 'edit', message)
  return message
}

/** IS_COMPONENTS_V2 can be set but not removed; EPHEMERAL does not change. */
function editedFlags(message: StoredMessage, { flags }: MessageBody): number {
  const current = message.flags! & ~LOADING
  if (flags === undefined || flags === null) return current
  return (current & ~SUPPRESS_EMBEDS) | (flags & (SUPPRESS_EMBEDS | COMPONENTS_V2))
}

function keptAttachments(message: StoredMessage, { attachments }: MessageBody): string[] {
  const listed = attachments?.map(one => String(one.id))
  return message.attachments.filter(id => listed?.includes(id) ?? true)
}

/** All embeds of bots have the type `rich`. */
function richEmbeds(embeds: MessageBody['embeds']): StoredMessage['embeds'] {
  return (embeds ?? []).map(embed => ({ ...(embed as object), type: 'rich' })) as StoredMessage['embeds']
}

function isEmpty({ content, embeds, components, poll, sticker_ids }: MessageBody, files: number): boolean {
  return !content && !embeds?.length && !components?.length && !poll && !sticker_ids?.length && files === 0
}

export function deleteMessage(state: EmulatorState, message: StoredMessage): void {
  removeMessage(state, message)
  emitMessageEvent(state, 'delete', message)
}

/** Delete the messages of a deleted channel, without an event. */
export function deleteChannelMessages(state: EmulatorState, channelId: string): void {
  for (const message of state.messages.values()) if (message.channel_id === channelId) removeMessage(state, message)
}

function removeMessage(state: EmulatorState, message: StoredMessage): void {
  state.messages.delete(message.id)
  for (const interaction of state.interactions.values()) {
    if (interaction.originalResponse === message) interaction.originalResponse = null
  }
}

/** The fields that make a message a reply. */
export function replyReference(state: EmulatorState, { id, channel_id }: Pick<APIMessage, 'id' | 'channel_id'>) {
  const channel = state.channels.get(channel_id)!
  const guild = 'guild_id' in channel ? { guild_id: channel.guild_id! } : {}
  return { type: 19, message_reference: { type: 0, channel_id, message_id: id, ...guild } } as const
}

/** A message object: components have ids, attachment URLs are signed now. */
export function messageObject(state: EmulatorState, message: StoredMessage): APIMessage {
  const isReply = message.message_reference !== undefined && message.snapshot === undefined
  const referenced = message.message_reference && state.messages.get(message.message_reference.message_id!)
  return {
    ...withoutReference(state, message),
    ...(isReply && { referenced_message: referenced ? withoutReference(state, referenced) : null }),
  }
}

/** A message object without `referenced_message`. */
function withoutReference(state: EmulatorState, message: StoredMessage): APIMessage {
  const { visibleTo: _, snapshot, attachments, components, ...rest } = message
  const files = attachments.map(id => attachmentObject(state, state.attachments.get(id)!))
  return {
    ...rest,
    attachments: files,
    components: resolveComponents((components ?? []) as never, files),
    ...(snapshot && { message_snapshots: snapshotObjects(state, snapshot) }),
  } as APIMessage
}

/**
 * A message object as the bot receives it. Without the message content intent, other users' messages that don't mention
 *
 * the bot have no content.
 */
export function messageObjectForBot(
  state: EmulatorState,
  message: StoredMessage,
  intent = state.messageContentIntent,
): APIMessage {
  const redact = (one: APIMessage): APIMessage => {
    const isDm = state.channels.get(one.channel_id)?.type === 1
    const isMentioned = one.mentions.some(user => user.id === state.bot.id)
    if (intent || isDm || isMentioned || one.author.id === state.bot.id) return one
    const { message_snapshots: _, ...rest } = one
    return { ...rest, content: '', attachments: [], embeds: [], components: [] }
  }
  const complete = messageObject(state, message)
  const { referenced_message: referenced } = complete
  return { ...redact(complete), ...(referenced && { referenced_message: redact(referenced) }) }
}

/** The mentioned users that `allowed_mentions` permits. */
function mentionedUsers(state: EmulatorState, { content, allowed_mentions: allowed }: MessageBody): APIUser[] {
  if (allowed && !allowed.parse?.includes('users') && !allowed.users?.length) return []
  const ids = [...(content ?? '').matchAll(/<@!?(\d+)>/g)].map(([, id]) => id!)
  return [...new Set(ids)].flatMap(id => state.members.get(id)?.user ?? [])
}

function throwIfInvalid(errors: readonly string[]): void {
  if (errors.length > 0) throw invalidFormBody(errors)
}

async function storeAttachments(
  state: EmulatorState,
  channelId: string,
  body: MessageBody,
  files: readonly Upload[],
  ephemeral: boolean,
): Promise<StoredAttachment[]> {
  return Promise.all(
    files.map((file, index) => {
      const metadata = body.attachments?.find(one => String(one.id) === (file.id ?? String(index)))
      // discord.js sends null for a file without a description.
      const description = metadata?.description ?? undefined
      return storeAttachment(
        state,
        channelId,
        { ...file, ...(description !== undefined && { description }) },
        ephemeral,
      )
    }),
  )
}
