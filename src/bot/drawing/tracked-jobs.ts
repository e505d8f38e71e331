import type { Message } from 'discord.js'
import type { Logger } from 'pino'
import { problemMessage } from '../../i18n/i18n.js'
import type { PaintResult } from '../../inference/pipeline/paint-request.js'
import type { DrawingJobState } from '../../protocol/drawing.js'
import { hasEnded, type JobQueue, type JobState as QueuedJobState } from '../../queue/queue.js'
import type { JobTrigger } from '../jobs/submit.js'
import { toProblem } from '../messages/reply-with-error.js'
import type { RequestContext } from '../request-context.js'
import type { DrawingTarget } from './target.js'

/** The state of a job that was submitted on the page, with the pictures' files: JPEG for previews, PNG for results. */
export type DrawingJob =
  | Extract<DrawingJobState, { state: 'waiting' | 'failed' }>
  | { readonly state: 'running'; readonly progress: number; readonly preview?: Uint8Array }
  | { readonly state: 'done'; readonly pictures: readonly Uint8Array[]; readonly next: readonly DrawingTarget[] }

/** How long a job's state is kept, in milliseconds. */
const JOB_LIFETIME_MS = 30 * 60_000

/** Most bytes of pictures that are kept, of all jobs. */
const KEPT_PICTURES_BYTES = 256 * 1024 * 1024

type TrackedJob = { readonly person: string; readonly since: number; job: DrawingJob }

/** Follows the jobs of the page, while another follower delivers their pictures to Discord. */
export function trackJobs(queue: JobQueue, log: Logger) {
  const tracked = new Map<string, TrackedJob>()

  function track(id: string, person: string): TrackedJob {
    for (const [old, { since }] of tracked) if (Date.now() - since > JOB_LIFETIME_MS) tracked.delete(old)
    const entry: TrackedJob = { person, since: Date.now(), job: { state: 'waiting', position: 1 } }
    tracked.set(id, entry)
    return entry
  }

  /** @returns the pictures */
  async function watch(id: string, entry: TrackedJob, context: RequestContext): Promise<PaintResult | undefined> {
    for await (const state of queue.follow(id)) {
      if (state.state === 'done') return state.result
      entry.job = toDrawingJob(state, context)
      if (hasEnded(state)) return undefined
    }
    return undefined
  }

  function setDone(id: string, result: PaintResult, message: Message | undefined, target: DrawingTarget): void {
    const entry = tracked.get(id)
    if (!entry) return
    const { task: _task, command: _command, ...opener } = target
    const next = message
      ? result.pictures.map((_, index) => ({ ...opener, channel: message.channelId, message: message.id, index }))
      : []
    entry.job = { state: 'done', pictures: result.pictures.map(({ png }) => png), next }
    dropOldPictures()
  }

  /** The oldest go first. The newest stay, however large. */
  function dropOldPictures(): void {
    const done = [...tracked].filter(([, { job }]) => job.state === 'done')
    while (done.length > 1 && done.reduce((sum, [, { job }]) => sum + bytesOf(job), 0) > KEPT_PICTURES_BYTES) {
      tracked.delete(done.shift()![0])
    }
  }

  return {
    /** What a job of a target calls, so that the page can show it. */
    trigger(id: string, target: DrawingTarget, context: RequestContext): Pick<JobTrigger, 'onQueued' | 'onEnded'> {
      let result: Promise<PaintResult | undefined> = Promise.resolve(undefined)
      return {
        onQueued: async () => {
          const entry = track(id, target.person)
          result = watch(id, entry, context)
          result.catch(error => {
            log.warn(error, 'editor stopped following its job')
            entry.job = { state: 'failed', message: problemMessage(toProblem(error), context.t) }
          })
        },
        onEnded: message => {
          result.then(
            painted => painted && setDone(id, painted, message, target),
            () => {}, // logged above
          )
        },
      }
    },

    /** Undefined where the person has no such job. */
    stateOf(id: string, { person }: DrawingTarget): DrawingJob | undefined {
      const entry = tracked.get(id)
      return entry?.person === person ? entry.job : undefined
    },
  }
}

function bytesOf(job: DrawingJob): number {
  return job.state === 'done' ? job.pictures.reduce((sum, { length }) => sum + length, 0) : 0
}

function toDrawingJob(state: Exclude<QueuedJobState, { state: 'done' }>, { t }: RequestContext): DrawingJob {
  switch (state.state) {
    case 'waiting':
      return { state: 'waiting', position: state.position }
    case 'running':
      return { state: 'running', progress: state.progress, ...(state.preview && { preview: state.preview }) }
    case 'failed':
      return { state: 'failed', message: problemMessage(state.problem, t) }
    case 'cancelled':
      return { state: 'failed', message: problemMessage({ code: 'cancelled' }, t) }
  }
}
