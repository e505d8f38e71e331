import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { APIAttachment, APIChannel, APIMessage, APIRole, APIUser } from 'discord.js'
import type { Clock } from './clock.js'
import { type FaultAnswer, type FaultMatch, faults } from './faults.js'
import { type Gateway, startGateway } from './gateway.js'
import { deleteMessage, present } from './messages.js'
import { type Oracle, openapiOracle } from './openapi.js'
import { forbid, makeRole, type Permission } from './permissions.js'
import { joinPerson, type Person, type Sent } from './person.js'
import { deleteChannel, foreignChannel, groupChannel, openChannel, textChannel } from './places.js'
import { restApp } from './rest.js'
import { type UntilOptions, until } from './until.js'
import {
  type LoggedRequest,
  mainChannel,
  makeWorld,
  type StoredInteraction,
  type StoredMessage,
  tellOf,
  type Violation,
} from './world.js'

export type { Person, Sent }

export type DiscordOptions = {
  /** Discord's OpenAPI document: with it every request and answer is checked against it, strictly. */
  readonly openapi?: string
  /** On loopback; any free one if left out. */
  readonly port?: number
  /** Whether the bot may read what people write. */
  readonly messageContentIntent?: boolean
  /** Whether a reply to an answer to an interaction pings the bot: Discord's own rule is not certain. */
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
  readonly guild: { readonly id: string; readonly name: string }
  readonly channel: APIChannel
  readonly oracle: 'openapi' | 'rules only'
  readonly clock: Clock
  readonly gateway: Pick<Gateway, 'reconnect' | 'disconnect'>
  /** Requests and answers that broke Discord's rules. */
  readonly violations: readonly Violation[]
  readonly log: readonly LoggedRequest[]
  /** The same name is the same person. @param locale of their own program; English if left out */
  person(name: string, locale?: string): Person
  /** A role of the server; the same name is the same role. */
  role(name: string, permissions?: readonly Permission[]): APIRole
  /** Take permissions in a channel from the bot. */
  forbid(channelId: string, ...permissions: Permission[]): void
  /** Give them back. */
  allow(channelId: string, ...permissions: Permission[]): void
  openChannel(name: string, options?: { nsfw?: boolean }): APIChannel
  deleteChannel(id: string): void
  /** A channel of a server in which the bot is no member: people bring it along by having installed it themselves. */
  foreignChannel(): APIChannel
  groupChannel(...people: Person[]): APIChannel
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
}: DiscordOptions = {}): Promise<Discord> {
  const world = makeWorld(messageContentIntent, answersArePinged)
  const everybody = world.guild.id
  world.roles.set(everybody, makeRole(everybody, '@everyone'))
  const channelId = world.id()
  world.channels.set(channelId, textChannel(channelId, world.guild.id, 'playground'))
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
    guild: world.guild,
    channel: mainChannel(world),
    oracle: oracle ? 'openapi' : 'rules only',
    clock: world.clock,
    gateway,
    violations: world.violations,
    log: world.log,

    person(name, locale = 'en-US') {
      const known = people.get(name) ?? joinPerson(world, name, locale, gateway.interaction)
      people.set(name, known)
      return known
    },

    role(name, permissions = []) {
      const known = [...world.roles.values()].find(role => role.name === name)
      if (known) return known
      const role = makeRole(world.id(), name, permissions)
      world.roles.set(role.id, role)
      tellOf(world, 'GUILD_ROLE_CREATE', { role })
      return role
    },

    forbid: (channelId, ...permissions) => forbid(world, channelId, permissions, true),
    allow: (channelId, ...permissions) => forbid(world, channelId, permissions, false),
    openChannel: (name, { nsfw = false } = {}) => openChannel(world, name, nsfw),
    deleteChannel: id => deleteChannel(world, id),
    foreignChannel: () => foreignChannel(world),
    groupChannel: (...people) =>
      groupChannel(
        world,
        people.map(({ user }) => user),
      ),

    messages(channelId = mainChannel(world).id) {
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
