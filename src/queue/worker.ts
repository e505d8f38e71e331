import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type Worker as BullWorker,
  DelayedError,
  ErrorCode,
  type Job,
  type Queue,
  UnrecoverableError,
  WaitingError,
} from 'bullmq'
import type { PaintRequest } from '../inference/pipeline/paint.js'
import type { Painter } from '../inference/runtime/painter.js'
import { type Problem, UserError } from '../user-error.js'
import { type Backend, MAX_STALLED_COUNT } from './backends/backend.js'
import { finishOrDisconnect, retryWhileUnreachable } from './backends/reconnect.js'
import { CANCEL_CHANNEL } from './job-queue.js'
import { type Capability, lanesOf } from './lanes.js'
import { blobKey, fromBullJobId, type JobPayload, parsePayload, toFailedReason, toStoredResult } from './payload.js'
import { PAUSED_SERVERS } from './queue-view.js'
import { registerWorker } from './worker-registry.js'

/** Something that paints one picture at a time. */
export type WorkerDevice = Capability & { readonly name: string; readonly painter: Painter }

/** How a job ended on this worker. `put back` is no end for the person. */
export type JobOutcome = 'done' | 'failed' | 'cancelled' | 'put back'

export type QueueWorkerOptions = {
  readonly devices: readonly WorkerDevice[]
  /** Takes what was thrown and is no problem of the person's, and returns the id under which it can be found. */
  readonly report: (error: unknown, job: string) => string
  /** Takes what went wrong in the background: it is tried again. */
  readonly onError: (error: Error) => void
  /** Told of each job: who watches over the machine wants to know. */
  readonly observer?: JobObserver
}

export type JobObserver = {
  readonly started: (job: { id: string; engine: string; waited: number; device: string }) => void
  readonly ended: (job: {
    id: string
    engine: string
    device: string
    outcome: JobOutcome
    /** Wall time in milliseconds. */
    took: number
    timings?: { read: number; paint: number; write: number }
  }) => void
}

export interface QueueWorker {
  /** Take no more jobs; what runs may go on for `patience` milliseconds, then it is put back in its place. */
  close(patience: number): Promise<void>
}

/** A job whose server is held is put aside for so long, in milliseconds, if nobody releases it before. */
const ASIDE = 60_000

/** How often to look for jobs whose worker has gone silent, in milliseconds. */
const LOOK = 5000

/** How often progress is told at most, in milliseconds. */
const BETWEEN_PROGRESS = 200

/** Faults that may pass: the same job may succeed the next time. */
const PASSING: ReadonlySet<Problem['code']> = new Set<Problem['code']>([
  'engine-crashed',
  'engine-killed',
  'disk-full',
  'queue-unreachable',
])

/** Why painting was stopped. */
type Stop = 'cancelled' | 'closing' | 'lost'

/** Paints what it is able to, until it is closed. */
export async function startWorker(backend: Backend, options: QueueWorkerOptions): Promise<QueueWorker> {
  const { devices, report, onError, observer } = options
  const { store, blobs } = backend
  const name = `worker:${randomUUID()}`
  const running = new Map<string, AbortController>()
  const held = new Set<string>()
  let isHurried = false
  const stop = (id: string, why: Stop) => running.get(id)?.abort(why)

  async function meetHeld(): Promise<void> {
    const all = await store.all(PAUSED_SERVERS)
    held.clear()
    for (const server of all.keys()) held.add(server)
  }

  async function paint(device: WorkerDevice, job: Job, token: string): Promise<unknown> {
    const id = fromBullJobId(job.id!)
    const start = performance.now()
    const controller = new AbortController()
    const { signal } = controller
    const stopped = () => signal.aborted
    let payload: JobPayload | undefined
    let outcome: JobOutcome = 'failed'
    let timings: { read: number; paint: number; write: number } | undefined
    try {
      payload = parsePayload(job.data)
      if (payload.server !== undefined && held.has(payload.server)) {
        outcome = 'put back'
        await job.moveToDelayed(Date.now() + ASIDE, token).catch(error => {
          // Somebody has just taken it out of the line.
          if (error.code !== ErrorCode.JobNotExist) throw error
        })
        throw new DelayedError()
      }
      running.set(id, controller)
      // It was on its way here when all others were stopped.
      if (isHurried) stop(id, 'closing')
      const { engine } = payload
      observer?.started({ id, engine, device: device.name, waited: Date.now() - job.timestamp })
      const request = await retryWhileUnreachable(() => requestOf(id, payload!), stopped)
      signal.throwIfAborted()
      const progress = progressTeller(id, job)
      const result = await device.painter.paint(request, { signal, onProgress: progress.tell })
      await progress.finished()
      signal.throwIfAborted()
      const keys = result.pictures.map((_, index) => blobKey(id, `${token}/${index}`))
      // What took minutes to paint is not thrown away for a network that is gone for a moment.
      await Promise.all(
        result.pictures.map(({ png }, index) => retryWhileUnreachable(() => blobs.put(keys[index]!, png), stopped)),
      )
      outcome = 'done'
      timings = result.timings
      return toStoredResult(result, keys)
    } catch (error) {
      if (error instanceof DelayedError) throw error
      if (signal.aborted && signal.reason === 'closing') {
        outcome = 'put back'
        await job.moveToWait(token)
        throw new WaitingError()
      }
      if (signal.aborted && signal.reason === 'cancelled') {
        outcome = 'cancelled'
        throw new UnrecoverableError(toFailedReason({ code: 'cancelled' }))
      }
      const problem: Problem = error instanceof UserError ? error.problem : { code: 'bug', incident: report(error, id) }
      if (error instanceof UserError && !PASSING.has(problem.code))
        throw new UnrecoverableError(toFailedReason(problem))
      throw new Error(toFailedReason(problem), { cause: error })
    } finally {
      running.delete(id)
      const engine = payload?.engine ?? ''
      const took = performance.now() - start
      observer?.ended({ id, engine, device: device.name, outcome, took, ...(timings && { timings }) })
    }
  }

  async function requestOf(
    id: string,
    { edit, prompt, seeds, engine, options, source, mask }: JobPayload,
  ): Promise<PaintRequest> {
    const fetched = async (name: 'source' | 'mask') => {
      const bytes = await blobs.get(blobKey(id, name))
      if (!bytes) throw new UserError({ code: 'job-lost' })
      return bytes
    }
    const [sourceBytes, maskBytes] = await Promise.all([source && fetched('source'), mask && fetched('mask')])
    return {
      edit,
      prompt,
      seeds,
      engine,
      ...(options && { options }),
      ...(sourceBytes && { source: sourceBytes }),
      ...(maskBytes && { mask: maskBytes }),
    }
  }

  /** Hands progress on, the newest only. That it can't be told is no reason to stop. */
  function progressTeller(id: string, job: Job) {
    let newest: { done: number; preview?: Uint8Array } | undefined
    let previews = 0
    let telling: Promise<void> | undefined
    async function pump(): Promise<void> {
      while (newest) {
        const { done, preview } = newest
        newest = undefined
        if (preview) {
          await blobs.put(blobKey(id, 'preview'), preview)
          previews++
        }
        await job.updateProgress({ done, ...(previews > 0 && { preview: previews }) })
        if (newest) await pause(BETWEEN_PROGRESS)
      }
    }
    return {
      tell(progress: { done: number; preview?: Uint8Array }): void {
        const preview = progress.preview ?? newest?.preview
        newest = { done: progress.done, ...(preview && { preview }) }
        telling ??= pump()
          .catch(onError)
          .finally(() => {
            telling = undefined
          })
      },
      async finished(): Promise<void> {
        newest = undefined
        await telling
      },
    }
  }

  await meetHeld()
  const unheld = await store.subscribe(PAUSED_SERVERS, {
    heard: () => void meetHeld().catch(onError),
    again: () => void meetHeld().catch(onError),
  })
  const uncancel = await store.subscribe(CANCEL_CHANNEL, { heard: id => stop(id, 'cancelled'), again: () => {} })

  const takers = devices.flatMap(device => {
    const lanes = lanesOf(device)
    const gate = oneAtATime(onError)
    return lanes.map(lane => {
      const worker: BullWorker = backend.worker(
        lane,
        async (job, token) => {
          if (!gate.enter(worker)) {
            await job.moveToWait(token)
            throw new WaitingError()
          }
          try {
            return await paint(device, job, token!)
          } finally {
            gate.leave()
          }
        },
        {
          name: device.name,
          lockDuration: backend.silence,
          stalledInterval: Math.min(backend.silence / 2, LOOK),
          maxStalledCount: MAX_STALLED_COUNT,
        },
      )
      const queue = backend.queue(lane)
      queue.on('error', onError)
      gate.add({ worker, queue })
      worker.on('error', onError)
      // Somebody else has it by now, or soon.
      worker.on('lockRenewalFailed', jobs => {
        for (const id of jobs) stop(fromBullJobId(id), 'lost')
      })
      return { worker, queue, gate }
    })
  })
  await Promise.all(takers.map(({ worker }) => worker.waitUntilReady()))
  const infos = devices.map(({ name: device, engines, largest }) => ({ device, engines: [...engines], largest }))
  const leave = await registerWorker(backend, name, { host: hostname(), since: Date.now(), devices: infos }, onError)
  for (const { worker } of takers) worker.run().catch(onError)

  let hurry = () => {}
  const hurried = new Promise<void>(resolve => {
    hurry = () => {
      isHurried = true
      for (const id of running.keys()) stop(id, 'closing')
      resolve()
    }
  })
  let closed: Promise<void> | undefined
  async function close(patience: number): Promise<void> {
    // First of all, so that not one more job is taken.
    const closing = Promise.all(takers.map(({ worker }) => worker.close()))
    // With nothing to finish there is nothing to wait for.
    const late = setTimeout(hurry, running.size > 0 ? patience : 0)
    await finishOrDisconnect(backend, hurried, async () => {
      await leave().catch(onError)
      await closing
      clearTimeout(late)
      await Promise.all(takers.map(({ gate }) => gate.settled()))
      await Promise.all(takers.map(({ queue }) => queue.close()))
      await Promise.all([unheld(), uncancel()])
    })
    await Promise.all(devices.map(({ painter }) => painter.close()))
  }

  return {
    close(patience) {
      closed ??= close(patience)
      // Asked again, and with no patience left.
      if (patience === 0) hurry()
      return closed
    },
  }
}

/** How long the lane whose turn it is has for itself, in milliseconds: somebody else may have taken its job. */
const HEAD_START = 50

type Lane = { readonly worker: BullWorker; readonly queue: Queue }

/**
 * Of several BullMQ workers that share one device only one works at a time. The others take no jobs meanwhile; what
 * one of them had already taken it gives back. Then it is the turn of the lane whose first job goes first.
 */
function oneAtATime(onError: (error: Error) => void) {
  const lanes: Lane[] = []
  let working: BullWorker | undefined
  let handing: Promise<void> | undefined

  function resume(worker: BullWorker): void {
    if (!worker.closing && worker.isPaused()) worker.resume().catch(onError)
  }

  async function handOn(): Promise<void> {
    const first = await headOf(lanes)
    if (working) return
    if (first) resume(first.worker)
    setTimeout(() => {
      if (!working) for (const { worker } of lanes) resume(worker)
    }, HEAD_START)
  }

  return {
    add: (lane: Lane) => lanes.push(lane),
    enter(worker: BullWorker): boolean {
      if (working) return false
      working = worker
      for (const other of lanes) if (other.worker !== worker) other.worker.pause(true).catch(onError)
      return true
    },
    leave(): void {
      const worker = working!
      working = undefined
      if (lanes.length === 1) return
      // Paused, it does not take its next job in the same breath.
      worker.pause(true).catch(onError)
      if (worker.closing) return
      handing = handOn().catch(error => {
        onError(error)
        for (const one of lanes) resume(one.worker)
      })
    },
    /** Resolves once nothing of it is under way. */
    settled: async () => handing,
  }
}

/** The lane whose first job goes before those of the others. */
async function headOf(lanes: readonly Lane[]): Promise<Lane | undefined> {
  const heads = await Promise.all(
    lanes.map(async lane => {
      const [job] = await lane.queue.getJobs(['prioritized'], 0, 0, true)
      return job ? { lane, priority: job.priority, since: job.timestamp } : undefined
    }),
  )
  const there = heads.filter(head => head !== undefined)
  return there.sort((one, other) => one.priority - other.priority || one.since - other.since)[0]?.lane
}
