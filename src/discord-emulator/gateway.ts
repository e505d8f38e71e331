import type { IncomingMessage, Server } from 'node:http'
import type { APIInteraction } from 'discord.js'
import { type WebSocket, WebSocketServer } from 'ws'
import { channelContext, isBotInChannel } from './channels.js'
import { guildObject } from './guild.js'
import { EPHEMERAL, messageObjectForBot } from './messages.js'
import { hasPermission } from './permissions.js'
import type { EmulatorState, GuildEvent, StoredMessage } from './state.js'

/** Gateway opcodes. */
const HEARTBEAT = 1
const IDENTIFY = 2
const RESUME = 6
const RECONNECT = 7
const INVALID_SESSION = 9
const HELLO = 10
const HEARTBEAT_ACK = 11

/** How long a disconnected session can be resumed. */
const RESUME_TIMEOUT_MS = 3 * 60_000

/** Between two heartbeats, in milliseconds. */
const HEARTBEAT_INTERVAL_MS = 41_250

const INTENTS = { guilds: 1, guildMessages: 1 << 9, directMessages: 1 << 12 }
/** Intents that need to be on in the developer portal. */
const PRIVILEGED_INTENTS = { presences: 1 << 8, members: 1 << 1, content: 1 << 15 }

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
}

export type Gateway = {
  /** Send INTERACTION_CREATE to all sessions. @returns false if none is connected */
  dispatchInteraction(payload: APIInteraction): boolean
  /** Send opcode 7 to all sessions. */
  reconnect(): void
  /** Drop the connections without a close frame. */
  disconnect(): void
  /** Close the connection of the next IDENTIFY with this code. */
  refuse(code: number): void
  close(): void
}

/** The gateway, version 10, JSON without compression, on the port of the REST API. */
export function startGateway(state: EmulatorState, server: Server): Gateway {
  const sockets = new WebSocketServer({ noServer: true })
  const sessions = new Map<string, Session>()
  const closeCodes: number[] = []
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    sockets.handleUpgrade(request, socket, head, connection => serve(connection))
  })

  function dispatch(session: Session, event: string, data: unknown): void {
    const text = JSON.stringify({ op: 0, t: event, s: ++session.seq, d: data })
    session.history.push({ seq: session.seq, text })
    if (session.history.length > 500) session.history.shift()
    session.socket?.send(text)
  }

  function serve(socket: WebSocket): void {
    let session: Session | undefined
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
      if (op === HEARTBEAT) socket.send(JSON.stringify({ op: HEARTBEAT_ACK }))
      else if (op === IDENTIFY && session) socket.close(4005, 'Already authenticated.')
      else if (op === IDENTIFY) session = identify(socket, d)
      else if (op === RESUME) session = resume(socket, d)
      else if (op === undefined) socket.close(4002, 'Error while decoding payload.')
      else if (!session) socket.close(4003, 'Not authenticated.')
    })
  }

  type Identify = { token: string; intents: number; shard?: readonly [number, number] }
  function identify(socket: WebSocket, { token, intents, shard = [0, 1] }: Identify): Session | undefined {
    if (token.replace(/^Bot /, '') !== state.token) {
      socket.close(4004, 'Authentication failed.')
      return undefined
    }
    const code = closeCodes.shift()
    if (code !== undefined) {
      socket.close(code)
      return undefined
    }
    const allowedIntents = state.messageContentIntent ? PRIVILEGED_INTENTS.content : 0
    const missingIntents = Object.values(PRIVILEGED_INTENTS).reduce((sum, bit) => sum | bit, 0) & ~allowedIntents
    if (intents & missingIntents) {
      socket.close(4014, 'Disallowed intent(s).')
      return undefined
    }
    if (!(shard[0] >= 0 && shard[0] < shard[1])) {
      socket.close(4010, 'Invalid shard.')
      return undefined
    }
    const session: Session = { id: state.nextId(), intents, seq: 0, history: [], socket, shard }
    const isInGuild = receivesGuild(session, state.guild.id)
    sessions.set(session.id, session)
    state.sessionStarts = Math.max(0, state.sessionStarts - 1)
    dispatch(session, 'READY', {
      v: 10,
      user: { ...state.bot, verified: true, mfa_enabled: false, email: null },
      guilds: isInGuild ? [{ id: state.guild.id, unavailable: true }] : [],
      session_id: session.id,
      session_type: 'normal',
      resume_gateway_url: state.url.replace('http', 'ws'),
      application: { id: state.applicationId, flags: 0 },
      private_channels: [],
      relationships: [],
      shard,
    })
    if (isInGuild && intents & INTENTS.guilds) dispatch(session, 'GUILD_CREATE', guildCreate(state))
    return session
  }

  function resume(socket: WebSocket, d: { token: string; session_id: string; seq: number }): Session | undefined {
    const session = sessions.get(d.session_id)
    const hasExpired =
      session?.disconnectedAt !== undefined && state.clock.now() - session.disconnectedAt > RESUME_TIMEOUT_MS
    if (session && hasExpired) sessions.delete(session.id)
    if (!session || hasExpired || d.token.replace(/^Bot /, '') !== state.token) {
      socket.send(JSON.stringify({ op: INVALID_SESSION, d: false }))
      return undefined
    }
    session.socket = socket
    delete session.disconnectedAt
    for (const { seq, text } of session.history) if (seq > d.seq) socket.send(text)
    dispatch(session, 'RESUMED', { _trace: [] })
    return session
  }

  /** Guilds are spread over the shards; direct messages go to the first one. */
  function receivesGuild({ shard: [index, count] }: Session, guildId: string | undefined): boolean {
    return index === (guildId ? Number((BigInt(guildId) >> 22n) % BigInt(count)) : 0)
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

  const connectedSessions = () => [...sessions.values()].filter(session => session.socket)
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
    refuse: code => void closeCodes.push(code),
    disconnect() {
      for (const session of connectedSessions()) {
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

function guildCreate(state: EmulatorState): unknown {
  return {
    ...guildObject(state),
    joined_at: new Date(state.clock.now()).toISOString(),
    large: false,
    unavailable: false,
    member_count: state.members.size,
    members: [...state.members.values()],
    channels: [...state.channels.values()].filter(channel => channelContext(state, channel) === 'server'),
    threads: [],
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  }
}
