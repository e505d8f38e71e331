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
import { createChannel, createForeignGuild, createGroupDm, deleteChannel } from './channels.js'
import type { Clock } from './clock.js'
import { type FaultMatch, type FaultResponse, faultInjector } from './fault-injection.js'
import { type Gateway, startGateway } from './gateway.js'
import { findOrCreateRole, revokeFromEveryone, setLocale, setPermissionOverwrite } from './guild.js'
import { deleteMessage, messageObject } from './messages.js'
import { createOpenApiValidator, type OpenApiValidator } from './openapi.js'
import { createPerson, type Person, type PersonOptions } from './person.js'
import { restApp } from './rest.js'
import type { SentInteraction } from './sent-interaction.js'
import { createState, type LoggedRequest, type StoredInteraction, type StoredMessage, type Violation } from './state.js'
import { type WaitOptions, waitUntil } from './wait-until.js'

export type { Person, SentInteraction }

export type DiscordEmulatorOptions = {
  /** Discord's OpenAPI document: with it every request and answer is checked against it, strictly. */
  readonly openapi?: string
  /** On loopback; any free one if left out. */
  readonly port?: number
  /** Whether the bot may read what people write. */
  readonly messageContentIntent?: boolean
  /** Whether Activities are turned on, in the developer portal. */
  readonly activities?: boolean
  /** Whether a reply to an answer to an interaction names the bot, as one to its other messages does. */
  readonly answersArePinged?: boolean
}

export type InteractionEvent = {
  readonly id: string
  readonly type: number
  readonly user: APIUser
  /** The type of the bot's first answer; undefined while there is none. */
  readonly callbackType: number | undefined
}

/** A stand-in for Discord on loopback: one server, one channel, as many people as are asked for. */
export type DiscordEmulator = {
  readonly url: string
  readonly token: string
  readonly applicationId: string
  readonly clientSecret: string
  readonly guild: { readonly id: string; readonly name: string }
  readonly channel: APIChannel
  readonly validation: 'openapi' | 'rules only'
  readonly clock: Clock
  readonly gateway: Pick<Gateway, 'reconnect' | 'disconnect' | 'refuse'>
  /** Requests and answers that broke Discord's rules. */
  readonly violations: readonly Violation[]
  readonly requestLog: readonly LoggedRequest[]
  /** The same name is the same person; the options count the first time. */
  person(name: string, options?: PersonOptions): Person
  /** The language of the server. */
  setGuildLocale(locale: LocaleString): void
  /** What bots offer, as they registered it. */
  commands(): APIApplicationCommand[]
  roles(): APIRole[]
  /** The server's role of that name, made with these permissions when it is not there yet. */
  role(name: string, permissions?: readonly PermissionsString[]): APIRole
  /** Let the bot do something in a channel, or no longer. At first it may do what everybody may. */
  allow(channelId: string, ...permissions: PermissionsString[]): void
  deny(channelId: string, ...permissions: PermissionsString[]): void
  /** Take them from everybody, in the whole server. */
  revoke(...permissions: PermissionsString[]): void
  /** How often bots may still log in. */
  setSessionStarts(left: number): void
  /** Where interactions go instead of to the bot; undefined for the bot. */
  setInteractionsEndpoint(url: string | undefined): void
  /** Another channel of the server. */
  createChannel(name: string, options?: { readonly nsfw?: boolean }): APIChannel
  /** With all that was said in it. */
  deleteChannel(id: string): void
  /** Where these people write to each other, without the bot; its commands work by what each of them installed. */
  createGroupDm(people: readonly Person[]): string
  /** A channel of a new server without the bot; its commands work by what each person installed. */
  createForeignGuild(): string
  /** Everything that was said and not deleted, in order. */
  messages(channelId?: string): APIMessage[]
  /** Wait until `check` gives something; it is asked again at each change. */
  waitUntil<T>(check: () => T | undefined | false, options?: WaitOptions): Promise<T>
  /** What stops it is returned. */
  on(event: 'message' | 'edit' | 'delete', listener: (message: APIMessage) => void): () => void
  /** When somebody sends one, and when the bot answers it. */
  on(event: 'interaction', listener: (interaction: InteractionEvent) => void): () => void
  /** @throws Error if the link is not good any more */
  download(attachment: Pick<APIAttachment, 'url'>): Promise<Buffer>
  /** As a moderator does. */
  deleteMessage(message: APIMessage): Promise<void>
  /** Take a file out of a message, as its author can. */
  removeAttachment(message: APIMessage, attachmentId: string): void
  /** Let every attachment link expire that was shown so far. */
  expireAttachments(): void
  /** Answer the next such request with an error. */
  injectFault(match: FaultMatch, answer: FaultResponse): void
  close(): Promise<void>
}

export async function startDiscordEmulator({
  openapi,
  port = 0,
  messageContentIntent = false,
  answersArePinged = false,
  activities = false,
}: DiscordEmulatorOptions = {}): Promise<DiscordEmulator> {
  const state = createState({ messageContentIntent, answersArePinged, activities })
  const oracle = openapi === undefined ? undefined : oracleOf(openapi)
  const planned = faultInjector()
  const app = restApp(state, { oracle, fault: planned.take })
  const server = await new Promise<Server>(resolve => {
    const started = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => resolve(started as Server))
  })
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const gateway = startGateway(state, server)
  const people = new Map<string, Person>()
  const show = (message: StoredMessage) => messageObject(state, message)

  return {
    url: state.url,
    token: state.token,
    applicationId: state.applicationId,
    clientSecret: state.clientSecret,
    guild: state.guild,
    channel: state.channel,
    validation: oracle ? 'openapi' : 'rules only',
    clock: state.clock,
    gateway,
    violations: state.violations,
    requestLog: state.requestLog,

    person(name, options) {
      const known = people.get(name) ?? createPerson(state, name, gateway.dispatchInteraction, options)
      people.set(name, known)
      return known
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
    setInteractionsEndpoint: url => {
      state.interactionsEndpoint = url
    },
    createChannel: (name, { nsfw = false } = {}) => createChannel(state, name, nsfw),
    deleteChannel: id => deleteChannel(state, id),
    createGroupDm: members =>
      createGroupDm(
        state,
        members.map(({ user }) => user),
      ).id,
    createForeignGuild: () => createForeignGuild(state).id,

    messages(channelId = state.channel.id) {
      return [...state.messages.values()].filter(one => one.channel_id === channelId).map(show)
    },

    waitUntil: (check, options) => waitUntil(state, check, options),

    on(event: string, listener: (news: never) => void) {
      const relay = (what: StoredMessage | StoredInteraction) =>
        listener((event === 'interaction' ? news(what as StoredInteraction) : show(what as StoredMessage)) as never)
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
      // Links name whole seconds: go on to the next one.
      state.clock.advance(1000)
      state.expiredBefore = Math.floor(state.clock.now() / 1000) * 1000
    },

    injectFault: planned.plan,

    async close() {
      gateway.close()
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

const oracles = new Map<string, OpenApiValidator>()

/** The document is large: what was made of it serves every stand-in of this process. */
function oracleOf(file: string): OpenApiValidator {
  const oracle = oracles.get(file) ?? createOpenApiValidator(file)
  oracles.set(file, oracle)
  return oracle
}

function news({ id, type, user, callbackType }: StoredInteraction): InteractionEvent {
  return { id, type, user, callbackType }
}
