import { type Client, Events, GatewayCloseCodes, Status, type WebSocketShard, WebSocketShardEvents } from 'discord.js'
import type { Logger } from 'pino'
import { OperatorError } from '../../known-causes/cause.js'
import { gatewayCloseCause } from '../../known-causes/gateway-causes.js'
import { SILENCE_CLOSE_CODE, type SilenceListener } from './gateway-probe.js'

/** The state of the connections to Discord's gateway, one for each shard. */
export type GatewayWatch = {
  /** For the shards of {@link probedShards}. */
  readonly onSilence: SilenceListener
  /** Which shards get no events now; undefined if all get them. */
  disconnectedReason(): string | undefined
  /** Rejects with OperatorError when Discord closes a connection for a reason that a new login can't remove. */
  readonly refused: Promise<never>
  /** Log nothing more: from now on the bot itself closes its connections. */
  stop(): void
}

/** What is known of one lost connection. */
type Outage = { readonly since: number; readonly logged: Set<string> }

/**
 * Watch the connections of a client. Each loss is logged once with its reason, and again when the connection is back: discord.js tries
 * twice a second meanwhile. The client's own status (`ws.status`) does not change any more after the first login.
 */
export function watchGateway(client: Client, log: Logger, now: () => number = Date.now): GatewayWatch {
  const outages = new Map<number, Outage>()
  const silent = new Set<number>()
  const watched = new Set<WebSocketShard>()
  let isOver = false
  let refuse: (error: OperatorError) => void = () => {}
  const refused = new Promise<never>((_, reject) => {
    refuse = reject
  })
  refused.catch(() => {}) // nobody may be waiting for it yet

  function onLost(shard: number, reason: string, details: Record<string, unknown>): void {
    if (isOver) return
    const outage = outages.get(shard) ?? { since: now(), logged: new Set() }
    outages.set(shard, outage)
    if (outage.logged.has(reason)) return
    outage.logged.add(reason)
    log.warn({ shard, reason, ...details }, 'Discord connection lost')
  }

  function onBack(shard: number): void {
    silent.delete(shard)
    const outage = outages.get(shard)
    if (!outage) return
    outages.delete(shard)
    log.info({ shard, seconds: Math.round((now() - outage.since) / 1000) }, 'Discord connection restored')
  }

  // No event tells the close code, except that of the shard itself. Shards are made while the client logs in.
  client.on(Events.Debug, () => {
    if (watched.size === client.ws.shards.size) return
    for (const shard of client.ws.shards.values()) {
      if (watched.has(shard)) continue
      watched.add(shard)
      shard.on(WebSocketShardEvents.Close, ({ code }) => onLost(shard.id, closeReason(code), { code }))
    }
  })
  client.on(Events.ShardReady, onBack)
  client.on(Events.ShardResume, onBack)
  client.on(Events.ShardError, ({ message }, shard) => onLost(shard, message, {}))
  client.on(Events.ShardDisconnect, ({ code }) => {
    isOver = true
    refuse(new OperatorError(gatewayCloseCause(code)))
  })

  return {
    onSilence(shard, isSilent) {
      if (!isSilent) return onBack(shard)
      silent.add(shard)
      onLost(shard, closeReason(SILENCE_CLOSE_CODE), {})
    },
    disconnectedReason() {
      const shards = [...client.ws.shards.values()]
      const lost = shards.filter(({ id, status }) => status !== Status.Ready || silent.has(id))
      if (client.isReady() && lost.length === 0) return undefined
      if (lost.length === shards.length || !client.isReady()) return 'not connected to Discord'
      return `not connected to Discord: ${lost.length} of ${shards.length} shards (${lost.map(({ id }) => id).join(', ')})`
    },
    refused,
    stop() {
      isOver = true
    },
  }
}

/** @param code of the WebSocket close */
function closeReason(code: number): string {
  if (code === 1006) return 'the connection broke off'
  if (code === 1000 || code === 1001) return 'Discord ended the session'
  // discord.js closes with it to resume the session.
  if (code === 4200) return 'Discord asked to reconnect, or no longer answered'
  if (code === SILENCE_CLOSE_CODE) return 'Discord no longer answers'
  return GatewayCloseCodes[code] ?? 'unknown'
}
