import type { IncomingMessage, Server } from 'node:http'
import type { APIInteraction } from 'discord.js'
import { type WebSocket, WebSocketServer } from 'ws'
import { EPHEMERAL, forBot } from './messages.js'
import type { StoredMessage, World } from './world.js'

const HEARTBEAT = 41_250
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
}

export type Gateway = {
  /** Send an interaction to every bot that is connected; false if there is none. */
  interaction(payload: APIInteraction): boolean
  /** Ask the bots to reconnect (op 7). */
  reconnect(): void
  /** Drop the connections without a word. */
  disconnect(): void
  close(): void
}

/** The gateway, version 10, JSON without compression, on the same port as all else. */
export function startGateway(world: World, server: Server): Gateway {
  const sockets = new WebSocketServer({ noServer: true })
  const sessions = new Map<string, Session>()
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
    socket.send(JSON.stringify({ op: 10, d: { heartbeat_interval: HEARTBEAT } }))
    socket.on('close', code => {
      if (session?.socket !== socket) return
      session.socket = undefined
      // Who says goodbye (1000, 1001) does not come back for what it missed.
      if (code === 1000 || code === 1001) sessions.delete(session.id)
    })
    socket.on('message', raw => {
      const { op, d } = JSON.parse(String(raw))
      if (op === 1) socket.send(JSON.stringify({ op: 11 }))
      else if (op === 2) session = identify(socket, d)
      else if (op === 6) session = resume(socket, d)
    })
  }

  function identify(socket: WebSocket, { token, intents }: { token: string; intents: number }): Session | undefined {
    if (token.replace(/^Bot /, '') !== world.token) {
      socket.close(4004, 'Authentication failed.')
      return undefined
    }
    const granted = world.messageContentIntent ? PRIVILEGED.content : 0
    const refused = Object.values(PRIVILEGED).reduce((sum, bit) => sum | bit, 0) & ~granted
    if (intents & refused) {
      socket.close(4014, 'Disallowed intent(s).')
      return undefined
    }
    const session: Session = { id: world.id(), intents, seq: 0, sent: [], socket }
    sessions.set(session.id, session)
    dispatch(session, 'READY', {
      v: 10,
      user: { ...world.bot, verified: true, mfa_enabled: false, email: null },
      guilds: [{ id: world.guild.id, unavailable: true }],
      session_id: session.id,
      session_type: 'normal',
      resume_gateway_url: world.url.replace('http', 'ws'),
      application: { id: world.applicationId, flags: 0 },
      private_channels: [],
      relationships: [],
      shard: [0, 1],
    })
    if (intents & INTENTS.guilds) dispatch(session, 'GUILD_CREATE', guildCreate(world))
    return session
  }

  function resume(socket: WebSocket, d: { token: string; session_id: string; seq: number }): Session | undefined {
    const session = sessions.get(d.session_id)
    if (!session || d.token.replace(/^Bot /, '') !== world.token) {
      socket.send(JSON.stringify({ op: 9, d: false }))
      return undefined
    }
    session.socket = socket
    for (const { seq, text } of session.sent) if (seq > d.seq) socket.send(text)
    dispatch(session, 'RESUMED', { _trace: [] })
    return session
  }

  function broadcast(event: string, message: StoredMessage, data: (message: StoredMessage) => unknown): void {
    if (message.flags! & EPHEMERAL) return
    const guild = 'guild_id' in world.channels.get(message.channel_id)!
    const needed = guild ? INTENTS.guildMessages : INTENTS.directMessages
    const more = guild ? { guild_id: world.guild.id } : {}
    for (const session of sessions.values()) {
      if (session.intents & needed) dispatch(session, event, { ...(data(message) as object), ...more })
    }
  }
  world.events.on('message', message => broadcast('MESSAGE_CREATE', message, one => forBot(world, one)))
  world.events.on('edit', message => broadcast('MESSAGE_UPDATE', message, one => forBot(world, one)))
  world.events.on('delete', message =>
    broadcast('MESSAGE_DELETE', message, ({ id, channel_id }) => ({ id, channel_id })),
  )

  const connected = () => [...sessions.values()].filter(session => session.socket)
  return {
    interaction(payload) {
      // A bot that lost its line gets what it missed when it resumes; one that left does not come back.
      const alive = [...sessions.values()]
      for (const session of alive) dispatch(session, 'INTERACTION_CREATE', payload)
      return alive.some(session => session.socket)
    },
    reconnect() {
      for (const { socket } of connected()) socket?.send(JSON.stringify({ op: 7, d: null }))
    },
    disconnect() {
      for (const { socket } of connected()) socket?.terminate()
    },
    close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    },
  }
}

function guildCreate(world: World): unknown {
  return {
    ...guildObject(world),
    joined_at: new Date(world.clock.now()).toISOString(),
    large: false,
    unavailable: false,
    member_count: world.members.size,
    members: [...world.members.values()],
    channels: [...world.channels.values()].filter(channel => 'guild_id' in channel),
    threads: [],
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  }
}

/** The server as REST shows it. */
export function guildObject({ guild }: World): Record<string, unknown> {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    description: null,
    home_header: null,
    splash: null,
    discovery_splash: null,
    features: [],
    banner: null,
    owner_id: guild.ownerId,
    application_id: null,
    region: 'us-central',
    afk_channel_id: null,
    afk_timeout: 300,
    system_channel_id: null,
    system_channel_flags: 0,
    widget_enabled: false,
    widget_channel_id: null,
    verification_level: 0,
    roles: [
      {
        id: guild.id,
        name: '@everyone',
        permissions: '562949953421311',
        position: 0,
        color: 0,
        colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
        hoist: false,
        managed: false,
        mentionable: false,
        icon: null,
        unicode_emoji: null,
        flags: 0,
      },
    ],
    default_message_notifications: 1,
    mfa_level: 0,
    explicit_content_filter: 0,
    max_presences: null,
    max_members: 500_000,
    max_stage_video_channel_users: 50,
    max_video_channel_users: 25,
    vanity_url_code: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    preferred_locale: 'en-US',
    rules_channel_id: null,
    safety_alerts_channel_id: null,
    public_updates_channel_id: null,
    premium_progress_bar_enabled: false,
    nsfw: false,
    nsfw_level: 0,
    emojis: [],
    stickers: [],
    incidents_data: null,
  }
}
