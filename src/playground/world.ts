import { EventEmitter } from 'node:events'
import type {
  APIApplicationCommand,
  APIAttachment,
  APIChannel,
  APIGuildMember,
  APIMessage,
  APIRole,
  APIUser,
} from 'discord.js'
import { type Clock, clock, snowflakes } from './clock.js'

/** A message as it is kept. Attachment links are signed anew each time it is shown; see `messages.ts`. */
export type StoredMessage = Omit<APIMessage, 'attachments'> & {
  attachments: string[]
  /** Who alone can see it, where it is ephemeral. */
  for?: string
}

export type StoredAttachment = {
  readonly info: Omit<APIAttachment, 'url' | 'proxy_url'>
  readonly channelId: string
  readonly ephemeral: boolean
  readonly bytes: Buffer
}

/** An interaction and what has become of it. */
export type StoredInteraction = {
  readonly id: string
  readonly token: string
  readonly type: number
  readonly user: APIUser
  readonly channelId: string
  readonly born: number
  /** The message whose button was pressed, or whose button brought up the dialog. */
  readonly source?: StoredMessage
  /** The interaction that brought up the dialog. */
  readonly trigger?: string
  /** The type of the callback, once there was one. */
  answered?: number
  /** The first callback's body. */
  callback?: Record<string, unknown>
  /** The message that answers it: undefined before, null after it was deleted. */
  original?: StoredMessage | null
  /** Deferred, and nothing has been shown yet. */
  loading?: boolean
  /** By its token the answer was edited. */
  edited?: boolean
  readonly followUps: StoredMessage[]
  /** Tell who sent it that it was answered. */
  readonly acknowledge: (answer: { type: number; afterMs: number }) => void
}

export type Violation = {
  readonly direction: 'request' | 'response'
  readonly route: string
  readonly errors: string[]
}

export type LoggedRequest = {
  /** On the stand-in's clock. */
  readonly at: number
  readonly method: string
  readonly path: string
  /** Like `/channels/{channel}/messages`; undefined where Discord has no such route. */
  readonly route: string | undefined
  status: number
  readonly body: unknown
  readonly files: readonly { readonly name: string; readonly size: number }[]
}

/** What the stand-in knows: one application with its bot, one server with one channel, and what people did there. */
export type World = {
  readonly clock: Clock
  readonly id: () => string
  /** `http://127.0.0.1:PORT`; set when the server listens. */
  url: string
  readonly token: string
  readonly bot: APIUser
  readonly applicationId: string
  readonly guild: { readonly id: string; readonly name: string; readonly ownerId: string }
  readonly channels: Map<string, APIChannel>
  readonly roles: Map<string, APIRole>
  /** What the bot may not do, by channel. */
  readonly forbidden: Map<string, bigint>
  /** The languages of people's own programs, where they are not English. */
  readonly locales: Map<string, string>
  /** Who takes no direct messages. */
  readonly closed: Set<string>
  readonly members: Map<string, APIGuildMember & { user: APIUser }>
  readonly commands: Map<string, APIApplicationCommand>
  readonly messages: Map<string, StoredMessage>
  /** Messages of these nonces are being made. */
  readonly nonces: Map<string | number, Promise<void>>
  readonly attachments: Map<string, StoredAttachment>
  readonly interactions: Map<string, StoredInteraction>
  readonly violations: Violation[]
  readonly log: LoggedRequest[]
  readonly events: EventEmitter
  /** Attachment links that were signed before this time, in milliseconds, have expired. */
  expiredBefore: number
  /** Whether the bot may read what people write. */
  readonly messageContentIntent: boolean
  /** Whether a reply to an answer to an interaction pings the bot as a reply to an ordinary message does. */
  readonly answersArePinged: boolean
}

/** The largest file that Discord takes from a bot, in bytes. */
export const FILE_LIMIT = 10 * 1024 * 1024
export const REQUEST_LIMIT = 25 * 1024 * 1024

export function makeWorld(messageContentIntent: boolean, answersArePinged: boolean): World {
  const time = clock()
  const id = snowflakes(time)
  const applicationId = id()
  const bot = user(applicationId, 'Overscan', true)
  const guild = { id: id(), name: 'Overscan', ownerId: id() }
  const world: World = {
    clock: time,
    id,
    url: '',
    token: `${Buffer.from(applicationId).toString('base64url')}.playground.${Math.random().toString(36).slice(2)}`,
    bot,
    applicationId,
    guild,
    channels: new Map(),
    roles: new Map(),
    forbidden: new Map(),
    closed: new Set(),
    locales: new Map(),
    members: new Map(),
    commands: new Map(),
    messages: new Map(),
    nonces: new Map(),
    attachments: new Map(),
    interactions: new Map(),
    violations: [],
    log: [],
    events: new EventEmitter().setMaxListeners(0),
    expiredBefore: 0,
    messageContentIntent,
    answersArePinged,
  }
  addMember(world, bot)
  addMember(world, user(guild.ownerId, 'Owner', false))
  return world
}

export function user(id: string, name: string, bot: boolean): APIUser {
  return {
    id,
    username: bot ? name : name.toLowerCase().replaceAll(/[^a-z0-9_.]/g, '_'),
    discriminator: bot ? '0001' : '0',
    global_name: bot ? null : name,
    avatar: null,
    bot,
    public_flags: 0,
    flags: 0,
    primary_guild: null,
  } as unknown as APIUser
}

export function addMember(world: World, member: APIUser): void {
  world.members.set(member.id, {
    user: member,
    nick: null,
    avatar: null,
    banner: null,
    roles: [],
    joined_at: new Date(world.clock.now()).toISOString(),
    premium_since: null,
    communication_disabled_until: null,
    pending: false,
    deaf: false,
    mute: false,
    flags: 0,
  } as unknown as APIGuildMember & { user: APIUser })
}

/** The first text channel of the server. */
export function mainChannel(world: World): APIChannel {
  return [...world.channels.values()][0]!
}

/** Where somebody and the bot write to each other alone; opened when it is not there yet. */
export function directChannel(world: World, recipient: APIUser): APIChannel {
  const known = [...world.channels.values()].find(one => one.type === 1 && one.recipients?.[0]?.id === recipient.id)
  if (known) return known
  const recipients = [recipient]
  const made = { id: world.id(), type: 1, flags: 0, last_message_id: null, recipients } as unknown as APIChannel
  world.channels.set(made.id, made)
  return made
}

/** Tell everybody who listens that something is different now. */
export function tell(world: World, event: 'message' | 'edit' | 'delete' | 'interaction', what: unknown): void {
  world.events.emit(event, what)
  changed(world)
}

/** The language of somebody's own program. */
export function localeOf(world: World, userId: string): string {
  return world.locales.get(userId) ?? 'en-US'
}

/** @throws Error if they are no member of the server */
export function memberOf(world: World, userId: string): APIGuildMember & { user: APIUser } {
  const member = world.members.get(userId)
  if (!member) throw new Error(`${userId} is no member`)
  return member
}

/** Tell the bots, by an event of the gateway, that something of the server is different now. */
export function tellOf(world: World, event: string, what: unknown): void {
  world.events.emit('server', event, what)
  changed(world)
}

/** Let those who wait look again. */
export function changed(world: World): void {
  world.events.emit('change')
}
