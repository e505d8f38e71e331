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
import { deleteChannel, foreignServer, groupChannel, openChannel } from './channels.js'
import type { Clock } from './clock.js'
import { type FaultAnswer, type FaultMatch, faults } from './fault-injection.js'
import { type Gateway, startGateway } from './gateway.js'
import { overwrite, revoke, roleNamed, setLocale } from './guild.js'
import { deleteMessage, present } from './messages.js'
import { type Oracle, openapiOracle } from './openapi.js'
import { joinPerson, type Person, type PersonOptions } from './person.js'
import { restApp } from './rest.js'
import type { Sent } from './sent-interaction.js'
import { type UntilOptions, until } from './wait-until.js'
import { type LoggedRequest, makeWorld, type StoredInteraction, type StoredMessage, type Violation } from './world.js'

export type { Person, Sent }

export type DiscordOptions = {
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

export type InteractionNews = {
  readonly id: string
  readonly type: number
  readonly user: APIUser
  /** The type of the bot's first answer; undefined while there is none. */
  readonly answered: number | undefined
}

/** A stand-in for Discord on loopback: one server, one channel, as many people as are asked for. */
export type Discord = {
  readonly url: string
  readonly token: string
  readonly applicationId: string
  readonly clientSecret: string
  readonly guild: { readonly id: string; readonly name: string }
  readonly channel: APIChannel
  readonly oracle: 'openapi' | 'rules only'
  readonly clock: Clock
  readonly gateway: Pick<Gateway, 'reconnect' | 'disconnect' | 'refuse'>
  /** Requests and answers that broke Discord's rules. */
  readonly violations: readonly Violation[]
  readonly log: readonly LoggedRequest[]
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
  forbid(channelId: string, ...permissions: PermissionsString[]): void
  /** Take them from everybody, in the whole server. */
  revoke(...permissions: PermissionsString[]): void
  /** How often bots may still log in. */
  setSessionStarts(left: number): void
  /** Where interactions go instead of to the bot; undefined for the bot. */
  setEndpoint(url: string | undefined): void
  /** Another channel of the server. */
  openChannel(name: string, options?: { readonly nsfw?: boolean }): APIChannel
  /** With all that was said in it. */
  deleteChannel(id: string): void
  /** Where these people write to each other, without the bot; its commands work by what each of them installed. */
  groupChannel(people: readonly Person[]): string
  /** A channel of a new server without the bot; its commands work by what each person installed. */
  foreignServer(): string
  /** Everything that was said and not deleted, in order. */
  messages(channelId?: string): APIMessage[]
  /** Wait until `check` gives something; it is asked again at each change. */
  until<T>(check: () => T | undefined | false, options?: UntilOptions): Promise<T>
  /** What stops it is returned. */
  on(event: 'message' | 'edit' | 'delete', listener: (message: APIMessage) => void): () => void
  /** When somebody sends one, and when the bot answers it. */
  on(event: 'interaction', listener: (interaction: InteractionNews) => void): () => void
  /** @throws Error if the link is not good any more */
  download(attachment: Pick<APIAttachment, 'url'>): Promise<Buffer>
  /** As a moderator does. */
  deleteMessage(message: APIMessage): Promise<void>
  /** Take a file out of a message, as its author can. */
  dropAttachment(message: APIMessage, attachmentId: string): void
  /** Let every attachment link expire that was shown so far. */
  expireAttachments(): void
  /** Answer the next such request with an error. */
  fail(match: FaultMatch, answer: FaultAnswer): void
  close(): Promise<void>
}

export async function startDiscord({
  openapi,
  port = 0,
  messageContentIntent = false,
  answersArePinged = false,
  activities = false,
}: DiscordOptions = {}): Promise<Discord> {
  const world = makeWorld({ messageContentIntent, answersArePinged, activities })
  const oracle = openapi === undefined ? undefined : oracleOf(openapi)
  const planned = faults()
  const app = restApp(world, { oracle, fault: planned.take })
  const server = await new Promise<Server>(resolve => {
    const started = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => resolve(started as Server))
  })
  world.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const gateway = startGateway(world, server)
  const people = new Map<string, Person>()
  const show = (message: StoredMessage) => present(world, message)

  return {
    url: world.url,
    token: world.token,
    applicationId: world.applicationId,
    clientSecret: world.clientSecret,
    guild: world.guild,
    channel: world.channel,
    oracle: oracle ? 'openapi' : 'rules only',
    clock: world.clock,
    gateway,
    violations: world.violations,
    log: world.log,

    person(name, options) {
      const known = people.get(name) ?? joinPerson(world, name, gateway.interaction, options)
      people.set(name, known)
      return known
    },

    setGuildLocale: locale => setLocale(world, locale),
    commands: () => [...world.commands.values()],
    roles: () => [...world.roles.values()],
    role: (name, permissions = []) => roleNamed(world, name, permissions),
    allow: (channelId, ...permissions) => overwrite(world, channelId, 'allow', permissions),
    forbid: (channelId, ...permissions) => overwrite(world, channelId, 'deny', permissions),
    revoke: (...permissions) => revoke(world, permissions),
    setSessionStarts: left => {
      world.sessionStarts = left
    },
    setEndpoint: url => {
      world.endpoint = url
    },
    openChannel: (name, { nsfw = false } = {}) => openChannel(world, name, nsfw),
    deleteChannel: id => deleteChannel(world, id),
    groupChannel: members =>
      groupChannel(
        world,
        members.map(({ user }) => user),
      ).id,
    foreignServer: () => foreignServer(world).id,

    messages(channelId = world.channel.id) {
      return [...world.messages.values()].filter(one => one.channel_id === channelId).map(show)
    },

    until: (check, options) => until(world, check, options),

    on(event: string, listener: (news: never) => void) {
      const relay = (what: StoredMessage | StoredInteraction) =>
        listener((event === 'interaction' ? news(what as StoredInteraction) : show(what as StoredMessage)) as never)
      world.events.on(event, relay)
      return () => world.events.off(event, relay)
    },

    async download({ url }) {
      const response = await fetch(url)
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
      return Buffer.from(await response.arrayBuffer())
    },

    async deleteMessage({ id }) {
      const message = world.messages.get(id)
      if (message) deleteMessage(world, message)
    },

    dropAttachment({ id }, attachmentId) {
      const message = world.messages.get(id)
      if (message) message.attachments = message.attachments.filter(one => one !== attachmentId)
    },

    expireAttachments() {
      // Links name whole seconds: go on to the next one.
      world.clock.advance(1000)
      world.expiredBefore = Math.floor(world.clock.now() / 1000) * 1000
    },

    fail: planned.plan,

    async close() {
      gateway.close()
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

const oracles = new Map<string, Oracle>()

/** The document is large: what was made of it serves every stand-in of this process. */
function oracleOf(file: string): Oracle {
  const oracle = oracles.get(file) ?? openapiOracle(file)
  oracles.set(file, oracle)
  return oracle
}

function news({ id, type, user, answered }: StoredInteraction): InteractionNews {
  return { id, type, user, answered }
}
