import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type {
  APIApplicationCommand,
  APIAttachment,
  APIChannel,
  APIMessage,
  APIRole,
  APIUser,
  LocaleString,
  PermissionsString,
} from 'discord.js'
import { type ChannelOptions, createChannel, createForeignGuild, createGroupDm, deleteChannel } from './channels.js'
import type { Clock } from './clock.js'
import { type FaultMatch, type FaultResponse, faultInjector } from './fault-injection.js'
import { type Gateway, startGateway } from './gateway.js'
import { findOrCreateRole, revokeFromEveryone, setLocale, setPermissionOverwrite } from './guild.js'
import { createSmallGuilds, type SmallGuild } from './guilds.js'
import { hostPicture } from './link-previews.js'
import { deleteMessage, messageObject } from './messages.js'
import { createOpenApiValidator, type OpenApiValidator } from './openapi.js'
import { createPerson, type Person, type PersonOptions } from './person.js'
import { createRateLimiter } from './rate-limits.js'
import { restApp } from './rest.js'
import type { SentInteraction } from './sent-interaction.js'
import {
  createState,
  type LoggedRequest,
  type Names,
  newToken,
  type PictureSizeReader,
  type StoredInteraction,
  type StoredMessage,
  type Violation,
} from './state.js'
import { createThread, setThreadState, type ThreadOptions } from './threads.js'
import { type WaitOptions, waitUntil } from './wait-until.js'

export type { Person, SentInteraction }

export type DiscordEmulatorOptions = {
  /** The file of Discord's OpenAPI document. With it every request and response is validated. */
  readonly openapi?: string
  /** On 127.0.0.1; any free one if left out. */
  readonly port?: number
  /** Whether the bot may have the message content intent. */
  readonly messageContentIntent?: boolean
  /** Whether Activities are on in the developer portal. */
  readonly activities?: boolean
  /** How many shards `GET /gateway/bot` recommends; one for each 1,000 servers if left out. */
  readonly shards?: number
  /** How many shards may log in per 5 seconds. Any number may if left out, and `GET /gateway/bot` says 1. */
  readonly maxConcurrency?: number
  /** Whether a reply to the bot's response to an interaction mentions the bot, as a reply to its other messages does. */
  readonly mentionInInteractionReplies?: boolean
  /** What people see of the bot, its server and the first channel; `Bot`, `Server` and `general` if left out. */
  readonly names?: Partial<Names>
  /** For the sizes of attachments; they have none if it is left out. */
  readonly readPictureSize?: PictureSizeReader
}

export type InteractionEvent = {
  readonly id: string
  readonly type: number
  readonly user: APIUser
  /** The type of the bot's callback; undefined until it responds. */
  readonly callbackType: number | undefined
}

/** Discord on 127.0.0.1: one application with its bot, one server, and any number of people. */
export type DiscordEmulator = {
  readonly url: string
  readonly token: string
  readonly applicationId: string
  readonly clientSecret: string
  readonly guild: { readonly id: string; readonly name: string }
  readonly channel: APIChannel
  readonly validation: 'openapi' | 'rules only'
  readonly clock: Clock
  readonly gateway: Omit<Gateway, 'dispatchInteraction' | 'close'>
  /** Requests and responses that broke Discord's rules. */
  readonly violations: readonly Violation[]
  readonly requestLog: readonly LoggedRequest[]
  /** The person of this name; created on the first call, with the options. */
  person(name: string, options?: PersonOptions): Person
  /** The server's preferred locale. */
  setGuildLocale(locale: LocaleString): void
  /** The commands that the bot registered. */
  commands(): APIApplicationCommand[]
  roles(): APIRole[]
  /** The server's role of this name; created with these permissions on the first call. */
  role(name: string, permissions?: readonly PermissionsString[]): APIRole
  /** Set a permission overwrite of the bot in a channel. Without one it has the permissions of `@everyone`. */
  allow(channelId: string, ...permissions: PermissionsString[]): void
  deny(channelId: string, ...permissions: PermissionsString[]): void
  /** Take permissions from `@everyone`. */
  revoke(...permissions: PermissionsString[]): void
  /** How often the bot may still log in today. */
  setSessionStarts(left: number): void
  /** Give the bot another token. Connections stay, as Discord leaves them; the old token can't log in any more. */
  resetToken(): void
  /** Make small servers that the bot is a member of, from its next login. */
  createGuilds(count: number): readonly SmallGuild[]
  /** The interactions endpoint URL; undefined for the gateway. */
  setInteractionsEndpoint(url: string | undefined): void
  /** Create a channel of the server; a text channel if no kind is given. */
  createChannel(name: string, options?: ChannelOptions): APIChannel
  /** Create a thread of a channel, or a post of a forum, whose owner is to send its first message. */
  createThread(parentId: string, name: string, options?: ThreadOptions): APIChannel
  /** Archive, lock or reopen a thread. */
  setThreadState(threadId: string, change: { readonly archived?: boolean; readonly locked?: boolean }): void
  /** Let AutoMod block messages with one of these words. */
  blockWords(...words: string[]): void
  /** Take the bot's files in a channel for explicit content. */
  blockExplicitContent(channelId: string): void
  /** Let a link show a picture: messages of people with this URL have an embed. */
  hostPicture(url: string, data: Uint8Array): Promise<void>
  /** Enforce rate limits from now on, of each route and of all requests together. */
  enforceRateLimits(): void
  /** Delete a channel and its messages. */
  deleteChannel(id: string): void
  /** Create a group DM without the bot. Its commands work by user install. @returns the channel's id */
  createGroupDm(people: readonly Person[]): string
  /** Create a server without the bot. Its commands work by user install. @returns the channel's id */
  createForeignGuild(): string
  /** The messages of a channel, oldest first; of the first channel if left out. */
  messages(channelId?: string): APIMessage[]
  /** Wait until `check` returns a value. It is called again after each change. */
  waitUntil<T>(check: () => T | undefined | false, options?: WaitOptions): Promise<T>
  /** @returns unsubscribes */
  on(event: 'message' | 'edit' | 'delete', listener: (message: APIMessage) => void): () => void
  /** Emitted when a person sends an interaction, and when the bot responds. */
  on(event: 'interaction', listener: (interaction: InteractionEvent) => void): () => void
  /** @throws Error if the URL has expired */
  download(attachment: Pick<APIAttachment, 'url'>): Promise<Buffer>
  /** Delete a message, as a moderator can. */
  deleteMessage(message: APIMessage): Promise<void>
  /** Remove an attachment from a message, as its author can. */
  removeAttachment(message: APIMessage, attachmentId: string): void
  /** Let all attachment URLs expire that were issued so far. */
  expireAttachments(): void
  /** Answer the next matching requests with an error. */
  injectFault(match: FaultMatch, answer: FaultResponse): void
  close(): Promise<void>
}

export async function startDiscordEmulator({
  openapi,
  port = 0,
  messageContentIntent = false,
  mentionInInteractionReplies = false,
  activities = false,
  shards,
  maxConcurrency,
  names = {},
  readPictureSize,
}: DiscordEmulatorOptions = {}): Promise<DiscordEmulator> {
  const allNames = { bot: 'Bot', server: 'Server', channel: 'general', ...names }
  const settings = {
    messageContentIntent,
    mentionInInteractionReplies,
    activities,
    shards,
    maxConcurrency,
    readPictureSize,
  }
  const state = createState({ ...settings, names: allNames })
  const validator = openapi === undefined ? undefined : validatorFor(openapi)
  const faults = faultInjector()
  const app = restApp(state, { validator, fault: faults.take })
  const server = await new Promise<Server>(resolve => {
    const started = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => resolve(started as Server))
  })
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const gateway = startGateway(state, server)
  const people = new Map<string, Person>()
  const toMessage = (message: StoredMessage) => messageObject(state, message)

  return {
    url: state.url,
    get token() {
      return state.token
    },
    applicationId: state.applicationId,
    clientSecret: state.clientSecret,
    guild: state.guild,
    channel: state.channel,
    validation: validator ? 'openapi' : 'rules only',
    clock: state.clock,
    gateway,
    violations: state.violations,
    requestLog: state.requestLog,

    person(name, options) {
      const person = people.get(name) ?? createPerson(state, name, gateway.dispatchInteraction, options)
      people.set(name, person)
      return person
    },

    setGuildLocale: locale => setLocale(state, locale),
    commands: () => [...state.commands.values()],
    roles: () => [...state.roles.values()],
    role: (name, permissions = []) => findOrCreateRole(state, name, permissions),
    allow: (channelId, ...permissions) => setPermissionOverwrite(state, channelId, 'allow', permissions),
    deny: (channelId, ...permissions) => setPermissionOverwrite(state, channelId, 'deny', permissions),
    revoke: (...permissions) => revokeFromEveryone(state, permissions),
    setSessionStarts: left => {
      state.sessionStarts = left
    },
    resetToken: () => {
      state.token = newToken(state.applicationId)
    },
    createGuilds: count => createSmallGuilds(state, count),
    setInteractionsEndpoint: url => {
      state.interactionsEndpoint = url
    },
    createChannel: (name, options) => createChannel(state, name, options),
    createThread: (parentId, name, options) => createThread(state, parentId, name, options),
    setThreadState: (threadId, change) => setThreadState(state, threadId, change),
    blockWords: (...words) => void state.blockedWords.push(...words),
    blockExplicitContent: channelId => void state.explicitChannels.add(channelId),
    hostPicture: (url, data) => hostPicture(state, url, data),
    enforceRateLimits: () => {
      state.rateLimiter = createRateLimiter(state)
    },
    deleteChannel: id => deleteChannel(state, id),
    createGroupDm: members =>
      createGroupDm(
        state,
        members.map(({ user }) => user),
      ).id,
    createForeignGuild: () => createForeignGuild(state).id,

    messages(channelId = state.channel.id) {
      return [...state.messages.values()].filter(one => one.channel_id === channelId).map(toMessage)
    },

    waitUntil: (check, options) => waitUntil(state, check, options),

    on(event: string, listener: (interactionEvent: never) => void) {
      const relay = (stored: StoredMessage | StoredInteraction) =>
        listener(
          (event === 'interaction'
            ? interactionEvent(stored as StoredInteraction)
            : toMessage(stored as StoredMessage)) as never,
        )
      state.events.on(event, relay)
      return () => state.events.off(event, relay)
    },

    async download({ url }) {
      const response = await fetch(url)
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
      return Buffer.from(await response.arrayBuffer())
    },

    async deleteMessage({ id }) {
      const message = state.messages.get(id)
      if (message) deleteMessage(state, message)
    },

    removeAttachment({ id }, attachmentId) {
      const message = state.messages.get(id)
      if (message) message.attachments = message.attachments.filter(one => one !== attachmentId)
    },

    expireAttachments() {
      // URLs are signed in whole seconds.
      state.clock.advance(1000)
      state.expiredBefore = Math.floor(state.clock.now() / 1000) * 1000
    },

    injectFault: faults.plan,

    async close() {
      gateway.close()
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

const validators = new Map<string, OpenApiValidator>()

/** The path of the answer to an interaction. */
const CALLBACK = '/interactions/1/token/callback'

/** The document is large, so its validator is shared by all emulators of the process. */
function validatorFor(file: string): OpenApiValidator {
  const known = validators.get(file)
  if (known) return known
  const validator = createOpenApiValidator(file)
  // Schemas are compiled at their first use. This one takes a second, of the three that a bot has to answer its first interaction.
  validator.request('POST', CALLBACK, {})
  validator.response('POST', CALLBACK, 200, {})
  validators.set(file, validator)
  return validator
}

function interactionEvent({ id, type, user, callbackType }: StoredInteraction): InteractionEvent {
  return { id, type, user, callbackType }
}
