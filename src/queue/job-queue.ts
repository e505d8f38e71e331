import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { PaintResult } from '../inference/pipeline/paint.js'
import { UserError } from '../user-error.js'
import type { Backend } from './backends/backend.js'
import { finishOrDisconnect, isUnreachable, retryWhileUnreachable } from './backends/reconnect.js'
import { looksSame } from './fair-order.js'
import { type JobRequirements, laneOf } from './lanes.js'
import {
  blobKey,
  fromBullJobId,
  parsePayload,
  type StoredResult,
  toBullJobId,
  toPaintResult,
  toPayload,
} from './payload.js'
import { hasEnded, type JobQueue, type JobState, type OrphanedJob } from './queue.js'
import { type FollowedJob, PAUSED_SERVERS, queueView, REMOVED_CHANNEL } from './queue-view.js'
import { hasHeartbeat, startHeartbeat } from './worker-registry.js'

export type JobQueueOptions = {
  /** The engines that jobs may name. */
  readonly engines: readonly string[]
  /** The most jobs that may wait: of everybody, of one person, of one server. */
  readonly limit: number
  readonly limitPerPerson: number
  readonly limitPerServer?: number | undefined
  /** Takes what went wrong in the background: it is tried again. */
  readonly onError: (error: Error) => void
}

/** How often a job is tried, and the pause after the first time, in milliseconds; it doubles. */
const ATTEMPTS = 3
const BACKOFF = 500

/** Ended jobs stay in sight of who runs the machine for so long, in seconds, so many of them at most. */
const KEPT_DONE = { age: 3600, count: 500 }
const KEPT_FAILED = { age: 24 * 3600, count: 500 }

/** Jobs whose end has not reached the person yet, by their id. */
const OPEN = 'open'
const openSchema = z.object({
  /** The process that follows it. */
  by: z.string(),
  lane: z.string(),
  source: z.boolean(),
  mask: z.boolean(),
  ticket: z.unknown(),
})
type Open = z.infer<typeof openSchema>

/** Jobs of people who want to be forgotten: of which nothing is kept once they are settled. */
const FORGOTTEN = 'forgotten'

/** Told to who may be painting a job: stop. Said again until the job has ended, since nobody may have listened. */
export const CANCEL_CHANNEL = 'cancel'
const CANCEL_AGAIN = 2000

/** What comes to its turn while its server is held seems to run until it is put aside: how often that is waited for, in milliseconds. */
const PUT_ASIDE = { every: 100, times: 10 }

/** An adoption that came to nothing may be tried again after so many seconds. */
const ADOPTING = 60

/** Jobs over BullMQ: in a lane for each engine and size, seen through the {@link queueView mirror} of all lanes. */
export async function jobQueue(backend: Backend, options: JobQueueOptions): Promise<JobQueue> {
  const { limit, limitPerPerson, limitPerServer } = options
  const { store, blobs } = backend
  const me = `bot:${randomUUID()}`
  let closed = false
  // What is under way when the queue is closed may find nothing there any more.
  const onError = (error: Error) => {
    if (!closed) options.onError(error)
  }
  const mirror = await queueView(backend, options.engines, onError)
  const { line } = mirror
  /** The jobs that this process is to bring to their end. */
  const own = new Map<string, Open>()

  async function openJobs(): Promise<Map<string, Open>> {
    const all = await store.all(OPEN)
    return new Map([...all].map(([id, text]) => [id, openSchema.parse(JSON.parse(text))]))
  }

  /** How a followed job stands, with its pictures. */
  async function stateOf(id: string, one: FollowedJob, seen: { preview: number; bytes?: Uint8Array | undefined }) {
    if (one.end?.state === 'stored') return finished(one.end.result)
    if (one.end) return one.end
    const state = line.stateOf(id)
    if (state?.state !== 'running' || one.preview === 0) return state
    if (seen.preview !== one.preview) {
      const { preview } = one
      // What can't be fetched is not shown.
      const bytes = await blobs.get(blobKey(id, 'preview')).catch(onError)
      if (bytes) seen.bytes = new Uint8Array(bytes)
      seen.preview = preview
    }
    return seen.bytes ? { ...state, preview: seen.bytes } : state
  }

  async function finished(result: StoredResult): Promise<JobState> {
    const stop = () => closed
    const pngs = await Promise.all(
      result.pictures.map(({ blob }) => retryWhileUnreachable(() => blobs.get(blob), stop)),
    )
    if (pngs.some(png => png === undefined)) return { state: 'failed', problem: { code: 'job-lost' } }
    const whole: PaintResult = toPaintResult(result, pngs as Uint8Array[])
    return { state: 'done', result: whole }
  }

  async function forget(id: string, { source, mask }: Pick<Open, 'source' | 'mask'>): Promise<void> {
    const one = mirror.unwatch(id)
    const result = one?.end?.state === 'stored' ? one.end.result : undefined
    const left = [
      ...(one?.preview ? [blobKey(id, 'preview')] : []),
      ...(source ? [blobKey(id, 'source')] : []),
      ...(mask ? [blobKey(id, 'mask')] : []),
      ...(result?.pictures.map(({ blob }) => blob) ?? []),
    ]
    await Promise.all([store.drop(OPEN, id), left.length > 0 && blobs.delete(left)])
  }

  /** Remove a job that waits. @returns false if it does not, or not any more */
  async function removed(id: string): Promise<boolean> {
    const lane = line.get(id)?.lane
    if (!lane) return false
    try {
      if ((await mirror.queueOf(lane).remove(toBullJobId(id))) !== 1) return false
      await store.publish(REMOVED_CHANNEL, id)
      return true
    } catch (error) {
      // Somebody has just begun to paint it.
      if (/locked|could not be removed/i.test((error as Error).message)) return false
      throw error
    }
  }

  /** Take a job out, or have it stopped: until it has ended, since it may just be on its way from one to the other. */
  async function takeOutOrStop(id: string): Promise<void> {
    if (closed || !line.get(id)) return
    if (await takenOut(id)) return
    await store.publish(CANCEL_CHANNEL, id)
    setTimeout(() => void takeOutOrStop(id).catch(onError), CANCEL_AGAIN).unref()
  }

  /** Take a job out if nobody paints it. @returns whether it was there to be taken */
  async function takenOut(id: string): Promise<boolean> {
    if (!(await removed(id))) return false
    mirror.end(id, { state: 'cancelled' })
    return true
  }

  const leave = await startHeartbeat(backend, me, onError)

  const queue: JobQueue = {
    async add({ id, person, server, request, megapixels, first = false, ticket }) {
      if (closed) throw new UserError({ code: 'stopped' })
      const needs: JobRequirements = { engine: request.engine, megapixels }
      if (!mirror.isAnybodyAble(needs)) {
        throw new UserError({ code: 'no-capable-worker', engine: request.engine, megapixels: Math.ceil(megapixels) })
      }
      const { all, mine, ours } = line.waiting(person, server)
      if (all >= limit) throw new UserError({ code: 'queue-full', waiting: all, limit })
      if (mine >= limitPerPerson) {
        throw new UserError({ code: 'queue-full-for-person', waiting: mine, limit: limitPerPerson })
      }
      if (limitPerServer !== undefined && ours >= limitPerServer) {
        throw new UserError({ code: 'queue-full-for-server', waiting: ours, limit: limitPerServer })
      }
      if (line.get(id) || mirror.watched(id)) throw new Error(`there is a job ${id} already`)
      const lane = laneOf(needs)
      const queue = mirror.queueOf(lane)
      const { edit, seeds, source, mask } = request
      const priority = line.priorityFor(person, first)
      const entry = { id, person, server, edit, pictures: seeds.length, lane, priority, phase: 'waiting', done: 0 }
      // Before anything is awaited, so that the next one counts it.
      line.add({ ...entry, phase: 'waiting' })
      mirror.watch(id, lane, true)
      const record: Open = { by: me, lane, source: source !== undefined, mask: mask !== undefined, ticket }
      try {
        await backend.assertRoom((source?.length ?? 0) + (mask?.length ?? 0))
        const kept = Promise.all([
          store.put(OPEN, id, JSON.stringify(record)),
          source && blobs.put(blobKey(id, 'source'), source),
          mask && blobs.put(blobKey(id, 'mask'), mask),
        ])
        if (!backend.runsInOrder) await kept
        const added = queue.add('paint', toPayload(request, { person, server }), {
          jobId: toBullJobId(id),
          priority,
          attempts: ATTEMPTS,
          backoff: { type: 'exponential', delay: BACKOFF },
          removeOnComplete: KEPT_DONE,
          removeOnFail: KEPT_FAILED,
        })
        await Promise.all([kept, added])
        own.set(id, record)
        mirror.tellPlaces()
      } catch (error) {
        line.end(id)
        await Promise.all([queue.remove(toBullJobId(id)), forget(id, record)]).catch(onError)
        throw error
      }
    },

    async *follow(id) {
      const one = mirror.watched(id)
      if (!one) return
      const seen = { preview: 0 }
      let told: JobState | undefined
      for (;;) {
        const { changed } = one
        const state = await stateOf(id, one, seen)
        if (state && !(told && looksSame(told, state))) {
          told = state
          yield state
          if (hasEnded(state)) return
        }
        if (closed) return
        if (one.changed === changed) await changed.fired
      }
    },

    async updateTicket(id, ticket) {
      const record = own.get(id)
      if (!record) return false
      const now = await store.getEntry(OPEN, id)
      if (now !== undefined && openSchema.parse(JSON.parse(now)).by !== me) return false
      const next = { ...record, ticket }
      own.set(id, next)
      await store.put(OPEN, id, JSON.stringify(next))
      return true
    },

    async acknowledge(id) {
      const record = own.get(id)
      own.delete(id)
      if (!record) return
      await forget(id, record)
      if ((await store.getEntry(FORGOTTEN, id)) === undefined) return
      await mirror.queueOf(record.lane).remove(toBullJobId(id))
      await store.drop(FORGOTTEN, id)
    },

    async takeOver() {
      const found: OrphanedJob[] = []
      const present = new Map<string, boolean>()
      for (const [id, record] of await openJobs()) {
        // Ours are followed already, also those that are just being added, and those that were settled since we looked.
        if (record.by === me || own.has(id)) continue
        // Where nobody else can be, whoever it was is gone.
        const there = present.get(record.by) ?? (backend.shared && (await hasHeartbeat(backend, record.by)))
        present.set(record.by, there)
        if (there || !(await store.claim(`adopt:${id}:${record.by}`, ADOPTING))) continue
        const [source, mask] = await Promise.all([
          record.source ? blobs.get(blobKey(id, 'source')) : undefined,
          record.mask ? blobs.get(blobKey(id, 'mask')) : undefined,
        ])
        const next = { ...record, by: me }
        await store.put(OPEN, id, JSON.stringify(next))
        own.set(id, next)
        mirror.watch(id, record.lane, false)
        found.push({ id, ticket: record.ticket, ...(source && { source }), ...(mask && { mask }) })
      }
      if (found.length > 0) await mirror.compare()
      return found
    },

    async cancel(id) {
      if (!line.get(id)) return false
      await takeOutOrStop(id)
      return true
    },

    async list() {
      return [...line.states()].flatMap(([id, state]) => {
        const entry = line.get(id)
        if (!entry) return []
        const { person, server, edit, pictures } = entry
        return [{ id, person, server, edit, pictures, state }]
      })
    },

    async pauseServer(server) {
      await store.put(PAUSED_SERVERS, server, '')
      line.held.add(server)
      await store.publish(PAUSED_SERVERS, server)
      mirror.tellPlaces()
    },

    async resumeServer(server) {
      await store.drop(PAUSED_SERVERS, server)
      line.held.delete(server)
      await store.publish(PAUSED_SERVERS, server)
      // Those that came to their turn meanwhile were put aside.
      for (const queue of mirror.queues()) {
        for (const job of await queue.getDelayed()) {
          if (parsePayload(job.data).server === server) await job.promote()
        }
      }
      mirror.tellPlaces()
    },

    async clearServer(server) {
      let count = 0
      for (let times = 0; ; times++) {
        // Also what seems to run: nobody takes it out of a painter's hands.
        const unpainted = () => line.of(server).filter(({ done }) => done === 0)
        for (const { id } of unpainted()) if (await takenOut(id)) count++
        if (unpainted().length === 0 || !line.held.has(server) || times === PUT_ASIDE.times) return count
        await pause(PUT_ASIDE.every)
      }
    },

    async forgetPerson(person) {
      const open = await openJobs()
      const theirs = [...line.states()].flatMap(([id]) => (line.get(id)?.person === person ? [id] : []))
      let count = 0
      for (const id of theirs) {
        await store.put(FORGOTTEN, id, '')
        if (await queue.cancel(id)) count++
      }
      for (const lane of mirror.queues()) {
        for (const job of await lane.getJobs(['completed', 'failed'])) {
          const id = fromBullJobId(job.id!)
          if (theirs.includes(id) || job.data.person !== person) continue
          if (open.has(id)) await store.put(FORGOTTEN, id, '')
          else await job.remove()
        }
      }
      return count
    },

    claimEvent: event => store.claim(`first:${event}`, 3600),

    async close() {
      if (closed) return
      closed = true
      await finishOrDisconnect(backend, Promise.resolve(), async () => {
        await leave().catch(onError)
        await mirror.close()
      })
    },
  }
  return reaching(queue)
}

/** What stands between us and where the jobs are is told as such; our own mistakes are not. */
function reaching(queue: JobQueue): JobQueue {
  const guarded =
    <A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await method(...args)
      } catch (cause) {
        if (!isUnreachable(cause)) throw cause
        throw new UserError({ code: 'queue-unreachable' }, { cause })
      }
    }
  const { follow, close, ...rest } = queue
  const entries = Object.entries(rest).map(([name, method]) => [name, guarded(method as () => Promise<unknown>)])
  return { ...Object.fromEntries(entries), follow, close } as JobQueue
}
