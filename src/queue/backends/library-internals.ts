import { Job, type JobJson, Queue, RedisQueueBackend, Worker } from 'bullmq'
import type { Cluster, Redis } from 'ioredis'
import { parseJson } from '../../parse-json.js'
import { MAX_STALLED_COUNT } from './backend.js'
import { isUnreachable } from './reconnect.js'
import type { SqlPool } from './sql-pool.js'

// Everything that relies on how ioredis and BullMQ work inside, beyond what they promise. package.json pins both to a minor
// version. With a new one, read their changes to what is named here, and run test/queue.

// ioredis: `disconnect` and `status`; `sendCommand` and `Command.setTimeout`; `options`, read again before each attempt.

/**
 * BullMQ waits for the event `end`. While ioredis waits for its next attempt to connect, `disconnect` never emits it; in the
 * status `wait` (before the first attempt) it does.
 */
export function endWhileReconnecting(redis: Redis | Cluster): void {
  const disconnect = redis.disconnect.bind(redis)
  redis.disconnect = (reconnect?: boolean) => {
    if (!reconnect && redis.status === 'reconnecting') redis.status = 'wait'
    disconnect(reconnect)
  }
}

/** Also for commands that wait until the cluster is connected again: its `commandTimeout` is for those that were sent. */
export function timeOutCommands(cluster: Cluster, timeoutMs: number): void {
  const send = cluster.sendCommand.bind(cluster)
  cluster.sendCommand = (command, ...rest) => {
    command.setTimeout(timeoutMs)
    return send(command, ...rest)
  }
}

/** Where the next attempt to connect goes. */
export function setServer(redis: Redis, server: { readonly host?: string; readonly port?: number }): void {
  Object.assign(redis.options, server)
}

// BullMQ on Redis: the getter `Job`, through which queues and workers make jobs; the fields of a job's hash.

type JobOwner = Parameters<typeof Job.fromJSON>[0]

/** Fields that BullMQ parses, and what replaces a text that isn’t JSON. Without a request a job fails, and its person reads why. */
const FIELDS = { data: 'null', opts: '{}', progress: '0' } as const

/** A job in Redis, where any program can write any text: one that BullMQ can't parse must not stop the others of its lane. */
class RedisJob<T, R, N extends string> extends Job<T, R, N> {
  static override fromJSON<T, R, N extends string>(queue: JobOwner, json: JobJson, id?: string): Job<T, R, N> {
    const isReadable = parseJson(json.data) !== undefined
    return Job.fromJSON(queue, isReadable ? json : { ...json, data: FIELDS.data }, id)
  }

  static override async fromId<T, R, N extends string>(queue: JobOwner, id: string): Promise<Job<T, R, N> | undefined> {
    const load = () => queue.backend.getJobData(id)
    const json = await load().catch(async error => {
      if (isUnreachable(error)) throw error
      await repair(queue, id)
      return load()
    })
    return json && RedisJob.fromJSON(queue, json, id)
  }
}

/** A worker that can't parse a job takes it again and again. */
async function repair(queue: JobOwner, id: string): Promise<void> {
  const { backend } = queue
  if (!(backend instanceof RedisQueueBackend)) return
  const client = await backend.client
  const key = queue.toKey(id)
  const stored = await client.hgetall(key)
  const damaged = Object.entries(FIELDS).filter(([name]) => {
    const text = stored[name]
    return text !== undefined && parseJson(text) === undefined
  })
  if (damaged.length > 0) await client.hset(key, Object.fromEntries(damaged))
}

export class RedisQueue extends Queue {
  protected override get Job(): typeof Job {
    return RedisJob as typeof Job
  }
}

export class RedisWorker extends Worker {
  protected override get Job(): typeof Job {
    return RedisJob as typeof Job
  }
}

// BullMQ on PostgreSQL: tables, columns and functions.

/**
 * Put the jobs that were active when the last process ended back at the head of the queue. No other
 * process can have their locks, so there is no need to wait until these expire.
 */
export async function requeueActiveJobs(pool: SqlPool): Promise<void> {
  // The stalled check moves a job whose lock has run out and which an
  // earlier check has marked: this makes it so for all of them at once.
  await pool.query(`update job set locked_until_ms = 0, stalled_marked = true where state = 'active'`)
  // The time of the last check: within the stalled interval BullMQ would skip another one.
  await pool.query(`delete from meta where field = 'stalled-check'`)
  const { rows } = await pool.query(
    `select queue, move_stalled_jobs_to_wait(queue, $1, $2, 0) as id
     from (select distinct queue from job where state = 'active') as queues`,
    [MAX_STALLED_COUNT, Date.now()],
  )
  for (const { queue, id } of rows) {
    // Among equal priorities the smallest seq is taken first: a negative one comes before all others.
    await pool.query('update job set seq = -seq where queue = $1 and id = $2', [queue, id])
  }
}
