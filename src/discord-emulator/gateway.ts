import type { IncomingMessage, Server } from 'node:http'
import type { APIInteraction } from 'discord.js'
import { type WebSocket, WebSocketServer } from 'ws'
import { channelContext, isBotInChannel } from './channels.js'
import { guildObject } from './guild.js'
import { EPHEMERAL, messageObjectForBot } from './messages.js'
import { hasPermission } from './permissions.js'
import type { EmulatorState, GuildEvent, StoredMessage } from './state.js'

/** Operations. */
const HEARTBEAT = 1
const IDENTIFY = 2
const RESUME = 6
const RECONNECT = 7
const INVALID_SESSION = 9
const HELLO = 10
const HEARTBEAT_ACK = 11

/** How long a session waits for a bot that lost its line, in milliseconds. */
const SESSION_LIFE = 3 * 60_000

/** Between two heartbeats, in milliseconds. */
const HEARTBEAT_INTERVAL = 41_250

const INTENTS = { guilds: 1, guildMessages: 1 << 9, directMessages: 1 << 12 }
/** Presences, members, message content: to be switched on in the developer portal first. */
const PRIVILEGED = { presences: 1 << 8, members: 1 << 1, content: 1 << 15 }

/** What a bot's connection leaves behind, so that it can be resumed. */
type Session = {
  readonly id: string
  readonly intents: number
  seq: number
  readonly sent: { readonly seq: number; readonly text: string }[]
  socket: WebSocket | undefined
  /** When its line was lost. */
  lost?: number
  /** Which of how many it is. */
  readonly shard: readonly [number, number]
}

export type Gateway = {
  /** Send an interaction to every bot that is connected; false if there is none. */
  dispatchInteraction(payload: APIInteraction): boolean
  /** Ask the bots to reconnect (op 7). */
  reconnect(): void
  /** Drop the connections without a word. */
  disconnect(): void
  /** End the next connection that wants to log in with this close code. */
  refuse(code: number): void
  close(): void
}

/** The gateway, version 10, JSON without compression, on the same port as all else. */
export function startGateway(state: EmulatorState, server: Server): Gateway {
  const sockets = new WebSocketServer({ noServer: true })
  const sessions = new Map<string, Session>()
  const refusals: number[] = []
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    sockets.handleUpgrade(request, socket, head, connection => serve(connection))
  })

  function dispatch(session: Session, event: string, data: unknown): void {
    const text = JSON.stringify({ op: 0, t: event, s: ++session.seq, d: data })
    session.sent.push({ seq: session.seq, text })
    if (session.sent.length > 500) session.sent.shift()
    session.socket?.send(text)
  }

  function serve(socket: WebSocket): void {
    let session: Session | undefined
    socket.on('error', () => {}) // the close that follows tells enough
    socket.send(JSON.stringify({ op: HELLO, d: { heartbeat_interval: HEARTBEAT_INTERVAL } }))
    socket.on('close', code => {
      if (session?.socket !== socket) return
      session.socket = undefined
      session.lost ??= state.clock.now()
      // Who says goodbye (1000, 1001) does not come back for what it missed.
      if (code === 1000 || code === 1001) sessions.delete(session.id)
    })
    socket.on('message', raw => {
      const { op, d } = parsed(String(raw))
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
    const code = refusals.shift()
    if (code !== undefined) {
      socket.close(code)
      return undefined
    }
    const granted = state.messageContentIntent ? PRIVILEGED.content : 0
    const refused = Object.values(PRIVILEGED).reduce((sum, bit) => sum | bit, 0) & ~granted
    if (intents & refused) {
      socket.close(4014, 'Disallowed intent(s).')
      return undefined
    }
    if (!(shard[0] >= 0 && shard[0] < shard[1])) {
      socket.close(4010, 'Invalid shard.')
      return undefined
    }
    const session: Session = { id: state.id(), intents, seq: 0, sent: [], socket, shard }
    const inGuild = serves(session, state.guild.id)
    sessions.set(session.id, session)
    state.sessionStarts = Math.max(0, state.sessionStarts - 1)
    dispatch(session, 'READY', {
      v: 10,
      user: { ...state.bot, verified: true, mfa_enabled: false, email: null },
      guilds: inGuild ? [{ id: state.guild.id, unavailable: true }] : [],
      session_id: session.id,
      session_type: 'normal',
      resume_gateway_url: state.url.replace('http', 'ws'),
      application: { id: state.applicationId, flags: 0 },
      private_channels: [],
      relationships: [],
      shard,
    })
    if (inGuild && intents & INTENTS.guilds) dispatch(session, 'GUILD_CREATE', guildCreate(state))
    return session
  }

  function resume(socket: WebSocket, d: { token: string; session_id: string; seq: number }): Session | undefined {
    const session = sessions.get(d.session_id)
    const late = session?.lost !== undefined && state.clock.now() - session.lost > SESSION_LIFE
    if (session && late) sessions.delete(session.id)
    if (!session || late || d.token.replace(/^Bot /, '') !== state.token) {
      socket.send(JSON.stringify({ op: INVALID_SESSION, d: false }))
      return undefined
    }
    session.socket = socket
    delete session.lost
    for (const { seq, text } of session.sent) if (seq > d.seq) socket.send(text)
    dispatch(session, 'RESUMED', { _trace: [] })
    return session
  }

  /** Shards share the servers between them; direct messages go to the first. */
  function serves({ shard: [index, count] }: Session, guildId: string | undefined): boolean {
    return index === (guildId ? Number((BigInt(guildId) >> 22n) % BigInt(count)) : 0)
  }

  type Told = (message: StoredMessage, intent: boolean) => object
  function broadcast(event: string, message: StoredMessage, told: Told): void {
    if (message.flags! & EPHEMERAL) return
    const channel = state.channels.get(message.channel_id)!
    if (!isBotInChannel(state, channel)) return
    const guildId = 'guild_id' in channel ? channel.guild_id : undefined
    if (guildId && !hasPermission(state, channel, state.bot.id, 'ViewChannel')) return
    const needed = guildId ? INTENTS.guildMessages : INTENTS.directMessages
    const more = guildId ? { guild_id: guildId } : {}
    for (const session of sessions.values()) {
      if (!serves(session, guildId)) continue
      const intent = (session.intents & PRIVILEGED.content) !== 0
      if (session.intents & needed) dispatch(session, event, { ...told(message, intent), ...more })
    }
  }
  // By the type of its channel the client knows a direct message in one that it has not seen before.
  const shown: Told = (message, intent) => ({
    ...messageObjectForBot(state, message, intent),
    channel_type: state.channels.get(message.channel_id)!.type,
  })
  state.events.on('message', message => broadcast('MESSAGE_CREATE', message, shown))
  state.events.on('edit', message => broadcast('MESSAGE_UPDATE', message, shown))
  state.events.on('delete', message =>
    broadcast('MESSAGE_DELETE', message, ({ id, channel_id }) => ({ id, channel_id })),
  )

  state.events.on('guild', (event: GuildEvent, data: unknown) => {
    for (const session of sessions.values()) {
      if (serves(session, state.guild.id) && session.intents & INTENTS.guilds) dispatch(session, event, data)
    }
  })

  const connected = () => [...sessions.values()].filter(session => session.socket)
  return {
    dispatchInteraction(payload) {
      if (state.interactionsEndpoint !== undefined) return false
      // A bot that lost its line gets what it missed when it resumes; one that left does not come back.
      const alive = [...sessions.values()].filter(session => serves(session, payload.guild_id))
      for (const session of alive) dispatch(session, 'INTERACTION_CREATE', payload)
      return alive.some(session => session.socket)
    },
    reconnect() {
      for (const { socket } of connected()) socket?.send(JSON.stringify({ op: RECONNECT, d: null }))
    },
    refuse: code => void refusals.push(code),
    disconnect() {
      for (const session of connected()) {
        session.lost = state.clock.now()
        session.socket?.terminate()
      }
    },
    close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    },
  }
}

/** What somebody sent; nothing of it when it is not JSON. */
function parsed(text: string): { op?: number; d: never } {
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
