import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import type {
  APIApplicationCommand,
  APIAttachment,
  APIChannel,
  APIGuildMember,
  APIMessage,
  APIRole,
  APIUser,
  LocaleString,
} from 'discord.js'
import { type Clock, createClock, snowflakeGenerator } from './clock.js'
import { roleObject, textChannelObject, userObject } from './discord-objects.js'

/** A message as it is kept. Attachment links are signed anew each time it is shown; see `messages.ts`. */
export type StoredMessage = Omit<APIMessage, 'attachments'> & {
  attachments: string[]
  /** Who alone can see it, where it is ephemeral. */
  visibleTo?: string
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
  /** For whom the bot was installed, by the kind of installation: 0 a server, 1 somebody themselves. */
  readonly owners: Readonly<Record<string, string>>
  readonly createdAt: number
  /** The message whose button was pressed, or whose button brought up the dialog. */
  readonly source?: StoredMessage
  /** The interaction that brought up the dialog. */
  readonly trigger?: string
  /** The type of the callback, once there was one. */
  callbackType?: number
  /** The first callback's body. */
  callback?: Record<string, unknown>
  /** The message that answers it: undefined before, null after it was deleted. */
  originalResponse?: StoredMessage | null
  /** Deferred, and nothing has been shown yet. */
  loading?: boolean
  /** By its token the answer was edited. */
  edited?: boolean
  readonly followUps: StoredMessage[]
  /** The instance that it opened or joined, where it launched an Activity. */
  activityInstanceId?: string
  /** Tell who sent it that it was answered. */
  readonly acknowledge: (answer: { type: number; afterMs: number }) => void
}

/** An Activity that runs in a channel, and who is in it. */
export type ActivityInstance = {
  readonly id: string
  readonly launchId: string
  readonly channelId: string
  readonly users: Set<string>
}

/** What somebody allowed the application to know, by a code that is exchanged or by the token that came of it. */
export type OAuthGrant = { readonly user: string; readonly scopes: readonly string[]; readonly expiresAt: number }

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

/** What the stand-in knows: one application with its bot, one server, and what people did there. */
export type EmulatorState = {
  readonly clock: Clock
  readonly id: () => string
  /** `http://127.0.0.1:PORT`; set when the server listens. */
  url: string
  readonly token: string
  /** By which the application itself is known where people sign in. */
  readonly clientSecret: string
  readonly bot: APIUser
  readonly applicationId: string
  readonly guild: { readonly id: string; readonly name: string; readonly ownerId: string; locale: LocaleString }
  /** The first channel of the server. */
  readonly channel: APIChannel
  /** By their ids; that of everybody bears the server's. */
  readonly roles: Map<string, APIRole>
  readonly channels: Map<string, APIChannel>
  readonly members: Map<string, APIGuildMember & { user: APIUser }>
  /** Who takes no direct messages from the bot, by their ids. */
  readonly usersWithDmsClosed: Set<string>
  readonly commands: Map<string, APIApplicationCommand>
  readonly messages: Map<string, StoredMessage>
  /** Messages of these nonces are being made. */
  readonly pendingNonces: Map<string | number, Promise<void>>
  readonly attachments: Map<string, StoredAttachment>
  readonly interactions: Map<string, StoredInteraction>
  /** By their ids. */
  readonly activityInstances: Map<string, ActivityInstance>
  readonly authorizationCodes: Map<string, OAuthGrant>
  readonly accessTokens: Map<string, OAuthGrant>
  /** Who does not let an Activity know who they are. */
  readonly usersDenyingAuthorization: Set<string>
  /** The language of each person's program. */
  readonly locales: Map<string, LocaleString>
  readonly violations: Violation[]
  readonly requestLog: LoggedRequest[]
  readonly events: EventEmitter
  /** How often bots may still log in before the day is over. */
  sessionStarts: number
  /** Where Discord sends interactions, if not to the gateway, as it is said in the developer portal. */
  interactionsEndpoint: string | undefined
  /** Attachment links that were signed before this time, in milliseconds, have expired. */
  expiredBefore: number
  /** Whether the bot may read what people write. */
  readonly messageContentIntent: boolean
  /** Whether a reply to an answer to an interaction names the bot. */
  readonly answersArePinged: boolean
  /** Whether the application may open Activities. */
  readonly activities: boolean
}

/** How often a bot may log in within a day. */
export const SESSION_START_LIMIT = 1000

/** The largest file that Discord takes from a bot, in bytes. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024
export const MAX_REQUEST_BYTES = 25 * 1024 * 1024

type Known = Pick<EmulatorState, 'messageContentIntent' | 'answersArePinged' | 'activities'>

export function createState({ messageContentIntent, answersArePinged, activities }: Known): EmulatorState {
  const time = createClock()
  const id = snowflakeGenerator(time)
  const applicationId = id()
  const bot = userObject(applicationId, 'Overscan', true)
  const guild = { id: id(), name: 'Overscan', ownerId: id(), locale: 'en-US' as LocaleString }
  const channel = textChannelObject(id(), guild.id, 'playground')
  const state: EmulatorState = {
    clock: time,
    id,
    url: '',
    token: `${Buffer.from(applicationId).toString('base64url')}.playground.${Math.random().toString(36).slice(2)}`,
    clientSecret: randomBytes(16).toString('base64url'),
    bot,
    applicationId,
    guild,
    channel,
    roles: new Map([[guild.id, roleObject(guild.id, '@everyone', 0)]]),
    channels: new Map([[channel.id, channel]]),
    members: new Map(),
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
    sessionStarts: SESSION_START_LIMIT,
    interactionsEndpoint: undefined,
    expiredBefore: 0,
    messageContentIntent,
    answersArePinged,
    activities,
  }
  addMember(state, bot)
  addMember(state, userObject(guild.ownerId, 'Owner', false))
  if (activities) addEntryPoint(state)
  return state
}

/** The command that Discord makes of itself once Activities are turned on: it opens them without asking the bot. */
function addEntryPoint({ id, applicationId, commands }: EmulatorState): void {
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

/** Tell everybody who listens that something is different now. */
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

/** Tell the bot what happened to the server. */
export function emitGuildEvent(state: EmulatorState, event: GuildEvent, data: unknown): void {
  state.events.emit('guild', event, data)
}

/** Let those who wait look again. */
export function notifyChange(state: EmulatorState): void {
  state.events.emit('change')
}
