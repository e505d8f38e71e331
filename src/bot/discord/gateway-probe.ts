import {
  type IContextFetchingStrategy,
  type IShardingStrategy,
  managerToFetchingStrategyOptions,
  SimpleContextFetchingStrategy,
  SimpleShardingStrategy,
  type WebSocketManager,
  WebSocketShard,
  WebSocketShardDestroyRecovery,
  WebSocketShardEvents,
} from '@discordjs/ws'
import { GatewayOpcodes } from 'discord.js'

/**
 * How often a shard looks whether anything has arrived, in milliseconds. The limits below are counted in these ticks, so that a process
 * that stood still first reads what has arrived meanwhile.
 */
const TICK_MS = 500

/** After this number of ticks without a message from Discord, a shard asks for one: 2 seconds. Discord allows 120 payloads in 60 seconds. */
const ASK_TICKS = 4

/** After this the connection counts as lost: 4.5 seconds. */
const SILENT_TICKS = 9

/** After this the shard makes a new connection and resumes its session, which costs no login: 10 seconds. */
const RECONNECT_TICKS = 20

/** The close code for that: from the range that WebSocket leaves to applications, and none of Discord's. */
export const SILENCE_CLOSE_CODE = 4900

/** Called when a shard's connection no longer answers, and when it answers again. */
export type SilenceListener = (shard: number, isSilent: boolean) => void

/**
 * A shard that notices a connection through which nothing comes any more, as after a network change. TCP does not report that, and
 * Discord's own heartbeats miss it for up to 80 seconds. So between them it sends more heartbeats, each of which Discord acknowledges.
 */
class ProbedShard extends WebSocketShard {
  #timer: NodeJS.Timeout | undefined
  #quietTicks = 0
  #isSilent = false
  /** Whether this connection has ever acknowledged a heartbeat: without that, silence proves nothing. */
  #acknowledges = false

  constructor(
    private readonly context: IContextFetchingStrategy,
    id: number,
    private readonly onSilence: SilenceListener,
    private readonly tickMs: number,
  ) {
    super(context, id)
    this.on(WebSocketShardEvents.Ready, () => this.#start())
    this.on(WebSocketShardEvents.Resumed, () => this.#start())
    this.on(WebSocketShardEvents.Dispatch, () => this.#hear())
    this.on(WebSocketShardEvents.HeartbeatComplete, () => {
      this.#acknowledges = true
      this.#hear()
    })
  }

  /** Also called by the shard itself, before each new connection. */
  override destroy(...options: Parameters<WebSocketShard['destroy']>): Promise<void> {
    clearInterval(this.#timer)
    return super.destroy(...options)
  }

  #start(): void {
    clearInterval(this.#timer)
    this.#acknowledges = false
    this.#hear()
    const onTick = () => this.#tick().catch(error => this.emit(WebSocketShardEvents.Error, { error }))
    this.#timer = setInterval(onTick, this.tickMs)
  }

  #hear(): void {
    this.#quietTicks = 0
    if (this.#isSilent) this.onSilence(this.id, false)
    this.#isSilent = false
  }

  async #tick(): Promise<void> {
    this.#quietTicks++
    if (this.#quietTicks === ASK_TICKS) {
      const session = await this.context.retrieveSessionInfo(this.id)
      await this.send({ op: GatewayOpcodes.Heartbeat, d: session?.sequence ?? null })
    }
    if (!this.#acknowledges) return
    if (this.#quietTicks === SILENT_TICKS) {
      this.#isSilent = true
      this.onSilence(this.id, true)
    }
    if (this.#quietTicks === RECONNECT_TICKS) {
      await this.destroy({
        code: SILENCE_CLOSE_CODE,
        reason: 'no longer answers',
        recover: WebSocketShardDestroyRecovery.Resume,
      })
    }
  }
}

/**
 * For `ws.buildStrategy` of a client: all shards in this process, as discord.js does it, but probed.
 *
 * @param tickMs for tests
 */
export function probedShards(
  onSilence: SilenceListener,
  tickMs = TICK_MS,
): (manager: WebSocketManager) => IShardingStrategy {
  return manager => {
    const shards = new Map<number, ProbedShard>()
    const each = async (act: (shard: ProbedShard) => Promise<void>) => {
      await Promise.all([...shards.values()].map(act))
    }
    return {
      async spawn(ids) {
        const options = await managerToFetchingStrategyOptions(manager)
        for (const id of ids) {
          const shard = new ProbedShard(new SimpleContextFetchingStrategy(manager, options), id, onSilence, tickMs)
          forwardEvents(shard, manager)
          shards.set(id, shard)
        }
      },
      connect: () => each(shard => shard.connect()),
      async destroy(options) {
        await each(shard => shard.destroy(options))
        shards.clear()
      },
      async send(id, payload) {
        const shard = shards.get(id)
        if (!shard) throw new RangeError(`there is no shard ${id}`)
        await shard.send(payload)
      },
      async fetchStatus() {
        const statuses = await new SimpleShardingStrategy(manager).fetchStatus() // empty, and of the type that @discordjs/ws expects
        for (const { id, status } of shards.values()) statuses.set(id, status)
        return statuses
      },
    }
  }
}

function forwardEvents(shard: WebSocketShard, manager: WebSocketManager): void {
  const shardId = shard.id
  shard.on(WebSocketShardEvents.Closed, event => manager.emit(WebSocketShardEvents.Closed, { ...event, shardId }))
  shard.on(WebSocketShardEvents.Debug, event => manager.emit(WebSocketShardEvents.Debug, { ...event, shardId }))
  shard.on(WebSocketShardEvents.Dispatch, event => manager.emit(WebSocketShardEvents.Dispatch, { ...event, shardId }))
  shard.on(WebSocketShardEvents.Error, event => manager.emit(WebSocketShardEvents.Error, { ...event, shardId }))
  shard.on(WebSocketShardEvents.HeartbeatComplete, event =>
    manager.emit(WebSocketShardEvents.HeartbeatComplete, { ...event, shardId }),
  )
  shard.on(WebSocketShardEvents.Hello, () => manager.emit(WebSocketShardEvents.Hello, { shardId }))
  shard.on(WebSocketShardEvents.Ready, event => manager.emit(WebSocketShardEvents.Ready, { ...event, shardId }))
  shard.on(WebSocketShardEvents.Resumed, () => manager.emit(WebSocketShardEvents.Resumed, { shardId }))
}
