import { Job, type JobJson, Queue, RedisQueueBackend, Worker } from 'bullmq'
import { parseJson } from '../../parse-json.js'
import { isUnreachable } from './reconnect.js'

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
