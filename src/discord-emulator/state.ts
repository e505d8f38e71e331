import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import type { APIApplicationCommand, APIChannel, APIGuildMember, APIRole, APIUser, LocaleString } from 'discord.js'
import { type Clock, createClock, snowflakeGenerator } from './clock.js'
import { roleObject, textChannelObject, userObject } from './discord-objects.js'
import type {
  ActivityInstance,
  LinkedPicture,
  LoggedRequest,
  OAuthGrant,
  RateLimiter,
  StoredAttachment,
  StoredInteraction,
  StoredMessage,
  StoredSticker,
  Violation,
} from './stored-objects.js'

export type * from './stored-objects.js'

/** All that the emulator stores: one application with its bot, one server, and what happened there. */
export type EmulatorState = {
  readonly clock: Clock
  readonly nextId: () => string
  /** `http://127.0.0.1:PORT`; set when the server listens. */
  url: string
  /** The bot's token. */
  token: string
  /** The OAuth 2 client secret. */
  readonly clientSecret: string
  readonly bot: APIUser
  readonly applicationId: string
  readonly guild: { readonly id: string; readonly name: string; readonly ownerId: string; locale: LocaleString }
  /** The first channel of the server. */
  readonly channel: APIChannel
  /** Further servers that the bot is a member of, by id. */
  readonly smallGuilds: Map<string, { readonly id: string; readonly name: string; readonly channel: APIChannel }>
  /** By id. `@everyone` has the server's id. */
  readonly roles: Map<string, APIRole>
  readonly channels: Map<string, APIChannel>
  readonly members: Map<string, APIGuildMember & { user: APIUser }>
  /** Ids of the users in each thread, by its id. */
  readonly threadMembers: Map<string, Set<string>>
  /** AutoMod blocks messages with one of these. */
  readonly blockedWords: string[]
  /** Ids of channels in which files of the bot are taken for explicit content. */
  readonly explicitChannels: Set<string>
  /** Pictures elsewhere on the internet, by URL. */
  readonly linkedPictures: Map<string, LinkedPicture>
  /** By id. */
  readonly stickers: Map<string, StoredSticker>
  /** Undefined while no rate limit is enforced. */
  rateLimiter: RateLimiter | undefined
  /** Ids of users who refuse direct messages from the bot. */
  readonly usersWithDmsClosed: Set<string>
  readonly commands: Map<string, APIApplicationCommand>
  readonly messages: Map<string, StoredMessage>
  /** Settles when the message of a nonce is created. */
  readonly pendingNonces: Map<string | number, Promise<void>>
  readonly attachments: Map<string, StoredAttachment>
  readonly interactions: Map<string, StoredInteraction>
  /** By id. */
  readonly activityInstances: Map<string, ActivityInstance>
  readonly authorizationCodes: Map<string, OAuthGrant>
  readonly accessTokens: Map<string, OAuthGrant>
  /** Ids of users who decline the authorization prompt. */
  readonly usersDenyingAuthorization: Set<string>
  /** The language of each user's client, by user id. */
  readonly locales: Map<string, LocaleString>
  readonly violations: Violation[]
  readonly requestLog: LoggedRequest[]
  readonly events: EventEmitter
  /** What `GET /gateway/bot` recommends; computed from the number of servers if undefined. */
  shards: number | undefined
  /** How many shards may log in per 5 seconds; undefined if any number may. */
  maxConcurrency: number | undefined
  /** `session_start_limit.remaining` of the gateway. */
  sessionStarts: number
  /** The interactions endpoint URL; undefined for the gateway. */
  interactionsEndpoint: string | undefined
  /** Attachment URLs that were signed before this time have expired; milliseconds since 1970. */
  expiredBefore: number
  /** Whether the bot may have the message content intent. */
  readonly messageContentIntent: boolean
  /** Whether a reply to the bot's response to an interaction mentions the bot. */
  readonly mentionInInteractionReplies: boolean
  /** Whether Activities are on in the developer portal. */
  readonly activities: boolean
  /** Undefined where attachments have no sizes. */
  readonly readPictureSize: PictureSizeReader | undefined
}

/** Logins a day. */
export const SESSION_START_LIMIT = 1000

/** The limit of Discord for bots. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024
export const MAX_REQUEST_BYTES = 25 * 1024 * 1024

/** Reads the size of a picture file, as it is shown, and its format, like `png`. It throws where the file is none. */
export type PictureSizeReader = (file: Uint8Array) => {
  readonly width: number
  readonly height: number
  readonly format: string
}

/** What people see of the bot and its server. */
export type Names = { readonly bot: string; readonly server: string; readonly channel: string }

type EmulatorSettings = Pick<
  EmulatorState,
  | 'messageContentIntent'
  | 'mentionInInteractionReplies'
  | 'activities'
  | 'shards'
  | 'maxConcurrency'
  | 'readPictureSize'
> & { readonly names: Names }

export function createState({
  messageContentIntent,
  mentionInInteractionReplies,
  activities,
  shards,
  maxConcurrency,
  names,
  readPictureSize,
}: EmulatorSettings): EmulatorState {
  const clock = createClock()
  const nextId = snowflakeGenerator(clock)
  const applicationId = nextId()
  const bot = userObject(applicationId, names.bot, true)
  const guild = { id: nextId(), name: names.server, ownerId: nextId(), locale: 'en-US' as LocaleString }
  const channel = textChannelObject(nextId(), guild.id, names.channel)
  const state: EmulatorState = {
    clock,
    nextId,
    url: '',
    token: newToken(applicationId),
    clientSecret: randomBytes(16).toString('base64url'),
    bot,
    applicationId,
    guild,
    channel,
    smallGuilds: new Map(),
    roles: new Map([[guild.id, roleObject(guild.id, '@everyone', 0)]]),
    channels: new Map([[channel.id, channel]]),
    members: new Map(),
    threadMembers: new Map(),
    blockedWords: [],
    explicitChannels: new Set(),
    linkedPictures: new Map(),
    stickers: new Map(),
    rateLimiter: undefined,
    usersWithDmsClosed: new Set(),
    commands: new Map(),
    messages: new Map(),
    pendingNonces: new Map(),
    attachments: new Map(),
    interactions: new Map(),
    activityInstances: new Map(),
    authorizationCodes: new Map(),
    accessTokens: new Map(),
    usersDenyingAuthorization: new Set(),
    locales: new Map(),
    violations: [],
    requestLog: [],
    events: new EventEmitter().setMaxListeners(0),
    shards,
    maxConcurrency,
    sessionStarts: SESSION_START_LIMIT,
    interactionsEndpoint: undefined,
    expiredBefore: 0,
    messageContentIntent,
    mentionInInteractionReplies,
    activities,
    readPictureSize,
  }
  addMember(state, bot)
  addMember(state, userObject(guild.ownerId, 'Owner', false))
  if (activities) addEntryPoint(state)
  return state
}

/** A bot token in the form of Discord's. */
export function newToken(applicationId: string): string {
  return `${Buffer.from(applicationId).toString('base64url')}.emulator.${Math.random().toString(36).slice(2)}`
}

/** Discord adds this command when Activities are turned on. */
function addEntryPoint({ nextId: id, applicationId, commands }: EmulatorState): void {
  const entry = {
    id: id(),
    application_id: applicationId,
    version: id(),
    type: 4,
    name: 'launch',
    name_localizations: null,
    description: '',
    description_localizations: null,
    default_member_permissions: null,
    nsfw: false,
    dm_permission: true,
    integration_types: [0, 1],
    contexts: [0, 1, 2],
    handler: 2,
  } as unknown as APIApplicationCommand
  commands.set(entry.id, entry)
}

export function addMember(state: EmulatorState, member: APIUser): void {
  state.members.set(member.id, {
    user: member,
    nick: null,
    avatar: null,
    banner: null,
    roles: [],
    joined_at: new Date(state.clock.now()).toISOString(),
    premium_since: null,
    communication_disabled_until: null,
    pending: false,
    deaf: false,
    mute: false,
    flags: 0,
  } as unknown as APIGuildMember & { user: APIUser })
}

/** Emit an event of a message or an interaction. */
export function emitMessageEvent(
  state: EmulatorState,
  event: 'message' | 'edit' | 'delete' | 'interaction',
  what: unknown,
): void {
  state.events.emit(event, what)
  notifyChange(state)
}

export type GuildEvent =
  | 'GUILD_UPDATE'
  | 'GUILD_ROLE_CREATE'
  | 'GUILD_ROLE_UPDATE'
  | 'CHANNEL_CREATE'
  | 'CHANNEL_UPDATE'
  | 'CHANNEL_DELETE'
  | 'THREAD_CREATE'
  | 'THREAD_UPDATE'
  | 'THREAD_DELETE'

/** Emit a gateway event of the server. */
export function emitGuildEvent(state: EmulatorState, event: GuildEvent, data: unknown): void {
  state.events.emit('guild', event, data)
}

/** Let `waitUntil` check again. */
export function notifyChange(state: EmulatorState): void {
  state.events.emit('change')
}
