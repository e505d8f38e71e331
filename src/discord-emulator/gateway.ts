import type { IncomingMessage, Server } from 'node:http'
import type { APIInteraction } from 'discord.js'
import { type WebSocket, WebSocketServer } from 'ws'
import { isBotInChannel } from './channels.js'
import { createFrozenConnections } from './frozen-connections.js'
import { createPayloadLimit } from './gateway-limit.js'
import { guildCreate, guildsOfShard, shardOf } from './guilds.js'
import { type Identify, identifyRejection, isBotToken, isTooEarly, type Login, PRIVILEGED_INTENTS } from './identify.js'
import { EPHEMERAL, messageObjectForBot } from './messages.js'
import { hasPermission } from './permissions.js'
import { type EmulatorState, type GuildEvent, notifyChange, type StoredMessage } from './state.js'

/** Gateway opcodes. */
const HEARTBEAT = 1
const IDENTIFY = 2
const PRESENCE_UPDATE = 3
const RESUME = 6
const RECONNECT = 7
const INVALID_SESSION = 9
const HELLO = 10
const HEARTBEAT_ACK = 11

/** Other things a bot may send: voice states, members, soundboard sounds. They have no effect here. */
const OTHER_OPCODES: readonly number[] = [4, 8, 31]

/** How long a disconnected session can be resumed. */
const RESUME_TIMEOUT_MS = 3 * 60_000

/** Between two heartbeats, in milliseconds. */
const HEARTBEAT_INTERVAL_MS = 41_250

const INTENTS = { guilds: 1, guildMessages: 1 << 9, directMessages: 1 << 12 }

/** A gateway session. */
type Session = {
  readonly id: string
  readonly intents: number
  seq: number
  readonly history: { readonly seq: number; readonly text: string }[]
  socket: WebSocket | undefined
  /** When the connection was lost; missing while connected. */
  disconnectedAt?: number
  /** The shard's index, and the number of shards. */
  readonly shard: readonly [number, number]
  presence?: unknown
}

export type Gateway = {
  /** Send INTERACTION_CREATE to all sessions. @returns false if none is connected */
  dispatchInteraction(payload: APIInteraction): boolean
  /** Send opcode 7 to all sessions. */
  reconnect(): void
  /** Drop the connections, or that of one shard, without a close frame. */
  disconnect(shard?: number): void
  /** Let nothing through the connections any more, or that of one shard, but leave them open: as when a network goes away. */
  freeze(shard?: number): void
  /** Let everything through again, and what was sent meanwhile. */
  thaw(): void
  /** Close the connections, or that of one shard, with a code. */
  closeConnections(code: number, shard?: number): void
  /** Close the connection of the next IDENTIFY with this code. */
  rejectNextIdentify(code: number): void
  /** The presence that each connected shard has set, as Discord gets it. */
  presences(): unknown[]
  /** All logins, the refused ones too. */
  readonly logins: readonly Login[]
  close(): void
}

/** The gateway, version 10, JSON without compression, on the port of the REST API. */
export function startGateway(state: EmulatorState, server: Server): Gateway {
  const sockets = new WebSocketServer({ noServer: true })
  const sessions = new Map<string, Session>()
  const frozen = createFrozenConnections()
  const closeCodes: number[] = []
  const logins: Login[] = []
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    sockets.handleUpgrade(request, socket, head, connection => serve(connection))
  })

  function dispatch(session: Session, event: string, data: unknown): void {
    const text = JSON.stringify({ op: 0, t: event, s: ++session.seq, d: data })
    session.history.push({ seq: session.seq, text })
    if (session.history.length > 500) session.history.shift()
    if (session.socket) frozen.send(session.socket, text)
  }

  function serve(socket: WebSocket): void {
    let session: Session | undefined
    const isTooFast = createPayloadLimit(state.clock)
    socket.on('error', () => {}) // a close event follows
    socket.send(JSON.stringify({ op: HELLO, d: { heartbeat_interval: HEARTBEAT_INTERVAL_MS } }))
    socket.on('close', code => {
      if (session?.socket !== socket) return
      session.socket = undefined
      session.disconnectedAt ??= state.clock.now()
      // A session that closes with 1000 or 1001 can't be resumed.
      if (code === 1000 || code === 1001) sessions.delete(session.id)
    })
    socket.on('message', raw => {
      const { op, d } = parsePayload(String(raw))
      if (isTooFast()) socket.close(4008, 'Rate limited.')
      else if (op === HEARTBEAT) socket.send(JSON.stringify({ op: HEARTBEAT_ACK }))
      else if (op === IDENTIFY && session) socket.close(4005, 'Already authenticated.')
      else if (op === IDENTIFY) session = identify(socket, d)
      else if (op === RESUME) session = resume(socket, d)
      else if (op === PRESENCE_UPDATE && session) {
        session.presence = d
        notifyChange(state)
      } else if (op === undefined) socket.close(4002, 'Error while decoding payload.')
      else if (!session) socket.close(4003, 'Not authenticated.')
      else if (!OTHER_OPCODES.includes(op)) socket.close(4001, 'Unknown opcode.')
    })
  }

  function identify(socket: WebSocket, payload: Identify): Session | undefined {
    const { intents, shard = [0, 1] } = payload
    const planned = closeCodes.shift()
    const rejection: [number, string] | undefined =
      planned === undefined ? identifyRejection(state, payload) : [planned, '']
    const isEarly = isTooEarly(state, logins, shard[0])
    logins.push({ at: state.clock.now(), shard })
    if (rejection) {
      socket.close(...rejection)
      return undefined
    }
    if (isEarly) {
      socket.send(JSON.stringify({ op: INVALID_SESSION, d: false }))
      return undefined
    }
    const session: Session = { id: state.nextId(), intents, seq: 0, history: [], socket, shard }
    const guilds = guildsOfShard(state, shard)
    sessions.set(session.id, session)
    state.sessionStarts = Math.max(0, state.sessionStarts - 1)
    dispatch(session, 'READY', {
      v: 10,
      user: { ...state.bot, verified: true, mfa_enabled: false, email: null },
      guilds: guilds.map(id => ({ id, unavailable: true })),
      session_id: session.id,
      session_type: 'normal',
      resume_gateway_url: state.url.replace('http', 'ws'),
      application: { id: state.applicationId, flags: 0 },
      private_channels: [],
      relationships: [],
      shard,
    })
    if (intents & INTENTS.guilds) for (const id of guilds) dispatch(session, 'GUILD_CREATE', guildCreate(state, id))
    return session
  }

  function resume(socket: WebSocket, d: { token: string; session_id: string; seq: number }): Session | undefined {
    if (!isBotToken(state, d.token)) {
      socket.close(4004, 'Authentication failed.')
      return undefined
    }
    const session = sessions.get(d.session_id)
    const hasExpired =
      session?.disconnectedAt !== undefined && state.clock.now() - session.disconnectedAt > RESUME_TIMEOUT_MS
    if (session && hasExpired) sessions.delete(session.id)
    if (!session || hasExpired) {
      socket.send(JSON.stringify({ op: INVALID_SESSION, d: false }))
      return undefined
    }
    if (d.seq > session.seq) {
      socket.close(4007, 'Invalid seq.')
      return undefined
    }
    session.socket = socket
    delete session.disconnectedAt
    for (const { seq, text } of session.history) if (seq > d.seq) socket.send(text)
    dispatch(session, 'RESUMED', { _trace: [] })
    return session
  }

  function receivesGuild({ shard: [index, count] }: Session, guildId: string | undefined): boolean {
    return index === shardOf(guildId, count)
  }

  type Payload = (message: StoredMessage, intent: boolean) => object
  function broadcast(event: string, message: StoredMessage, payload: Payload): void {
    if (message.flags! & EPHEMERAL) return
    const channel = state.channels.get(message.channel_id)!
    if (!isBotInChannel(state, channel)) return
    const guildId = 'guild_id' in channel ? channel.guild_id : undefined
    if (guildId && !hasPermission(state, channel, state.bot.id, 'ViewChannel')) return
    const requiredIntent = guildId ? INTENTS.guildMessages : INTENTS.directMessages
    const guild = guildId ? { guild_id: guildId } : {}
    for (const session of sessions.values()) {
      if (!receivesGuild(session, guildId)) continue
      const intent = (session.intents & PRIVILEGED_INTENTS.content) !== 0
      if (session.intents & requiredIntent) dispatch(session, event, { ...payload(message, intent), ...guild })
    }
  }
  // discord.js needs the channel's type to recognize direct messages in a channel that is not in its cache.
  const messagePayload: Payload = (message, intent) => ({
    ...messageObjectForBot(state, message, intent),
    channel_type: state.channels.get(message.channel_id)!.type,
  })
  state.events.on('message', message => broadcast('MESSAGE_CREATE', message, messagePayload))
  state.events.on('edit', message => broadcast('MESSAGE_UPDATE', message, messagePayload))
  state.events.on('delete', message =>
    broadcast('MESSAGE_DELETE', message, ({ id, channel_id }) => ({ id, channel_id })),
  )

  state.events.on('guild', (event: GuildEvent, data: unknown) => {
    for (const session of sessions.values()) {
      if (receivesGuild(session, state.guild.id) && session.intents & INTENTS.guilds) dispatch(session, event, data)
    }
  })

  const connectedSessions = (shard?: number) =>
    [...sessions.values()].filter(session => session.socket && (shard === undefined || session.shard[0] === shard))
  return {
    dispatchInteraction(payload) {
      if (state.interactionsEndpoint !== undefined) return false
      // Disconnected sessions get the events when they resume.
      const receivers = [...sessions.values()].filter(session => receivesGuild(session, payload.guild_id))
      for (const session of receivers) dispatch(session, 'INTERACTION_CREATE', payload)
      return receivers.some(session => session.socket)
    },
    reconnect() {
      for (const { socket } of connectedSessions()) socket?.send(JSON.stringify({ op: RECONNECT, d: null }))
    },
    rejectNextIdentify: code => void closeCodes.push(code),
    logins,
    presences: () => connectedSessions().map(({ presence }) => presence),
    freeze(shard) {
      for (const { socket } of connectedSessions(shard)) if (socket) frozen.freeze(socket)
    },
    thaw: () => frozen.thaw(),
    closeConnections(code, shard) {
      for (const { socket } of connectedSessions(shard)) socket?.close(code)
    },
    disconnect(shard) {
      for (const session of connectedSessions(shard)) {
        session.disconnectedAt = state.clock.now()
        session.socket?.terminate()
      }
    },
    close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    },
  }
}

/** Without opcode if the text is not JSON. */
function parsePayload(text: string): { op?: number; d: never } {
  try {
    return JSON.parse(text)
  } catch {
    return { d: undefined as never }
  }
}
