import { ActivityType, type Client, Events } from 'discord.js'
import type { Logger } from 'pino'
import type { JobInfo, JobQueue } from '../../queue/queue.js'

/** Discord takes 5 presence updates in 20 seconds from each shard; one in this time leaves room for the rest. In milliseconds. */
const STATUS_INTERVAL_MS = 15_000

/** Discord's limit. */
const MAX_STATUS_CHARACTERS = 128

/**
 * Show what the bot is doing as its status in Discord: the models that paint, and how many requests wait. It is the same in all servers, so
 * it is in English.
 *
 * @returns ends it
 */
export function showBotStatus(client: Client<true>, queue: Pick<JobQueue, 'list'>, log: Logger): () => void {
  let shown: string | undefined
  async function update(): Promise<void> {
    const state = statusText(await queue.list())
    if (state === shown) return
    client.user.setActivity({ type: ActivityType.Custom, name: 'status', state })
    shown = state
  }
  const onTick = () => void update().catch(error => log.warn(error, 'status not updated'))
  // A shard that logs in again has lost its status.
  const onShardReady = () => {
    shown = undefined
  }
  client.on(Events.ShardReady, onShardReady)
  onTick()
  const timer = setInterval(onTick, STATUS_INTERVAL_MS).unref()
  return () => {
    clearInterval(timer)
    client.off(Events.ShardReady, onShardReady)
  }
}

/** Like "Painting with fill · 3 waiting". */
export function statusText(jobs: readonly Pick<JobInfo, 'engine' | 'state'>[]): string {
  const running = jobs.filter(({ state }) => state.state === 'running')
  const models = [...new Set(running.map(({ engine }) => engine))]
  const waiting = jobs.length - running.length
  const doing = models.length > 0 ? `Painting with ${models.join(', ')}` : 'Ready'
  return (waiting > 0 ? `${doing} · ${waiting} waiting` : doing).slice(0, MAX_STATUS_CHARACTERS)
}
