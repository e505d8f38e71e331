import type { APIChannel, APIUser } from 'discord.js'
import {
  archivedThread,
  cannotMessageUnbegunPost,
  cannotSendInNonTextChannel,
  lockedThread,
  missingAccess,
} from './api-errors.js'
import { hasPermission } from './permissions.js'
import { type EmulatorState, emitGuildEvent } from './state.js'

const ANNOUNCEMENT = 5
const FORUM = 15
const ANNOUNCEMENT_THREAD = 10
const PUBLIC_THREAD = 11
const PRIVATE_THREAD = 12
const DAY_MINUTES = 24 * 60

export type ThreadOptions = {
  /** Only those who are added see it. */
  readonly isPrivate?: boolean
  /** Who creates it, and for a private thread who else is in it. */
  readonly people?: readonly { readonly user: APIUser }[]
  /** Whether the bot is in a private thread. */
  readonly withBot?: boolean
}

export type Thread = APIChannel & {
  parent_id: string
  owner_id: string
  thread_metadata: { archived: boolean; locked: boolean; archive_timestamp: string }
}

export function isThread(channel: APIChannel): channel is Thread {
  return channel.type === ANNOUNCEMENT_THREAD || channel.type === PUBLIC_THREAD || channel.type === PRIVATE_THREAD
}

/** Create a thread of a channel, or a post of a forum, which has no message yet. @throws Error if it can't have threads */
export function createThread(
  state: EmulatorState,
  parentId: string,
  name: string,
  { isPrivate = false, people = [], withBot = false }: ThreadOptions = {},
): Thread {
  const parent = state.channels.get(parentId)
  if (!parent || !('guild_id' in parent) || isThread(parent)) throw new Error('that channel can have no threads')
  const now = new Date(state.clock.now()).toISOString()
  const ownerId = people[0]?.user.id ?? state.guild.ownerId
  const thread = {
    id: state.nextId(),
    type: isPrivate ? PRIVATE_THREAD : parent.type === ANNOUNCEMENT ? ANNOUNCEMENT_THREAD : PUBLIC_THREAD,
    flags: 0,
    guild_id: parent.guild_id,
    parent_id: parentId,
    name,
    owner_id: ownerId,
    last_message_id: null,
    rate_limit_per_user: 0,
    message_count: 0,
    member_count: people.length,
    total_message_sent: 0,
    thread_metadata: {
      archived: false,
      archive_timestamp: now,
      auto_archive_duration: DAY_MINUTES,
      locked: false,
      create_timestamp: now,
      ...(isPrivate && { invitable: true }),
    },
  } as unknown as Thread
  state.channels.set(thread.id, thread)
  const members = [ownerId, ...people.map(({ user }) => user.id), ...(withBot ? [state.bot.id] : [])]
  state.threadMembers.set(thread.id, new Set(members))
  if (maySeeThread(state, thread, state.bot.id)) emitGuildEvent(state, 'THREAD_CREATE', thread)
  return thread
}

/** Archive, lock or reopen a thread, as a moderator can. */
export function setThreadState(
  state: EmulatorState,
  id: string,
  change: { readonly archived?: boolean; readonly locked?: boolean },
): void {
  const thread = state.channels.get(id)
  if (!thread || !isThread(thread)) throw new Error('there is no such thread')
  const archive_timestamp = new Date(state.clock.now()).toISOString()
  thread.thread_metadata = { ...thread.thread_metadata, ...change, archive_timestamp }
  if (maySeeThread(state, thread, state.bot.id)) emitGuildEvent(state, 'THREAD_UPDATE', thread)
}

/** Whether a user may see a thread: of a private one, those who are in it and moderators. */
export function maySeeThread(state: EmulatorState, thread: Thread, userId: string): boolean {
  if (!hasPermission(state, thread, userId, 'ViewChannel')) return false
  if (thread.type !== (PRIVATE_THREAD as number)) return true
  const isMember = state.threadMembers.get(thread.id)?.has(userId) ?? false
  return isMember || hasPermission(state, thread, userId, 'ManageThreads')
}

/** The threads that a bot gets when it logs in. */
export function activeThreads(state: EmulatorState): Thread[] {
  return [...state.channels.values()]
    .filter(isThread)
    .filter(thread => !thread.thread_metadata.archived && maySeeThread(state, thread, state.bot.id))
}

/** Why a user can't send a message to a thread that they see; undefined if they can. */
export function whyThreadIsClosed(
  state: EmulatorState,
  thread: Thread,
  userId: string,
): 'archived' | 'locked' | undefined {
  const { archived, locked } = thread.thread_metadata
  if (!locked || hasPermission(state, thread, userId, 'ManageThreads')) return undefined
  return archived ? 'archived' : 'locked'
}

/**
 * Prepare a channel for a message of the bot: an archived thread is reopened.
 *
 * @throws ApiError 50008, 50083 (locked), 40058 (the author of a forum post has not sent its first message), 50001
 */
export function openForMessage(state: EmulatorState, channel: APIChannel): void {
  if (channel.type === FORUM) throw cannotSendInNonTextChannel()
  if (!isThread(channel)) return
  if (!maySeeThread(state, channel, state.bot.id)) throw missingAccess()
  if (whyThreadIsClosed(state, channel, state.bot.id)) throw lockedThread()
  if (isPostWithoutMessage(state, channel)) throw cannotMessageUnbegunPost()
  if (channel.thread_metadata.archived) setThreadState(state, channel.id, { archived: false })
}

/** @throws ApiError 50083 where the thread is archived or locked: its messages can't be edited or deleted */
export function assertOpenThread(state: EmulatorState, channelId: string): void {
  const channel = state.channels.get(channelId)
  if (!channel || !isThread(channel)) return
  if (whyThreadIsClosed(state, channel, state.bot.id)) throw lockedThread()
  if (channel.thread_metadata.archived) throw archivedThread()
}

function isPostWithoutMessage(state: EmulatorState, thread: Thread): boolean {
  if (state.channels.get(thread.parent_id)?.type !== FORUM) return false
  return ![...state.messages.values()].some(one => one.channel_id === thread.id && one.author.id === thread.owner_id)
}
