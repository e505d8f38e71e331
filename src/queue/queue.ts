import type { EngineInfo } from '../inference/engines/engine-info.js'
import type { Edit } from '../inference/pipeline/edit.js'
import type { PaintRequest, PaintResult } from '../inference/pipeline/paint-request.js'
import type { Problem } from '../user-error.js'
import type { Lease } from './heartbeat.js'

/** One request of one person. */
export type Job = {
  /** Chosen by the caller of `add`; unique among all jobs. */
  readonly id: string
  /** The person who asked for it: people take turns. */
  readonly person: string
  /** The Discord server it was asked for on; undefined in direct messages. */
  readonly server: string | undefined
  readonly request: PaintRequest
  /** Size of the picture that will be painted. */
  readonly megapixels: number
  /** Whether this person comes before the others of the same round. */
  readonly hasPriority?: boolean
  /** Where the answer goes: plain data for the process that takes the job over. The queue does not read it. */
  readonly ticket: unknown
}

/** A job whose process is gone. */
export type OrphanedJob = Pick<Job, 'id' | 'ticket'>

/** The pictures of a job's request, as far as they are still stored. */
export type RequestPictures = { readonly source?: Uint8Array; readonly mask?: Uint8Array }

/** A job that has not ended, as it is shown to people. */
export type JobInfo = Pick<Job, 'id' | 'person' | 'server'> & {
  readonly edit: Edit
  /** Without its variant: `fill` of `fill:pde`. */
  readonly engine: string
  /** How many pictures are painted. */
  readonly pictureCount: number
  readonly state: Extract<JobState, { state: 'waiting' | 'running' }>
}

/** The state of a job. The last three are ends. */
export type JobState =
  /**
   * `position` counts from 1, the next job of the lane. `waitMs` is the expected wait, once run times were measured.
   * `paused`: the server of the job is paused, and the position is behind those that are not. `noWorker`: no worker
   * that can paint the job is alive.
   */
  | {
      readonly state: 'waiting'
      readonly position: number
      readonly waitMs?: number
      readonly paused?: true
      readonly noWorker?: true
    }
  /** `progress` is from 0 to 1; `preview` is the latest preview, a small JPEG. */
  | { readonly state: 'running'; readonly progress: number; readonly preview?: Uint8Array }
  | { readonly state: 'done'; readonly result: PaintResult }
  | { readonly state: 'failed'; readonly problem: Problem }
  | { readonly state: 'cancelled' }

/**
 * The job queue as the bot uses it. `startWorker` in `worker/worker.ts` is the other side, which paints.
 *
 * Every queue keeps these promises; `test/contracts/queue.ts` tests each backend against them.
 * - An accepted job is kept until it is acknowledged, whatever crashes. It is painted once, or again where its worker
 *   was lost.
 * - A worker takes only jobs that it can paint, one at a time for each device.
 * - People take turns: a person with many jobs does not make the others wait. A person's own jobs keep their order.
 * - A follower gets the current state of a job, then each change. It may miss states in between, but never the end.
 * - The jobs of a paused server are skipped until it is resumed. Jobs that already run go on.
 * - A cancelled job that waits is never run; one that runs is stopped. Other jobs are not affected.
 * - A temporary failure is retried. A problem that only the person can solve is not.
 *
 * A queue does not talk to Discord, and it keeps pictures for a day at most.
 *
 * Each method throws UserError `queue-unreachable` while the backend can't be read or written.
 */
export interface JobQueue {
  /** @throws UserError `queue-full`, `queue-full-for-person`, `queue-full-for-server`, `no-capable-worker`, `disk-full` */
  add(job: Job): Promise<void>
  /**
   * The states of a job, the last of which is its end. Stops earlier where the queue is closed. Nothing for an unknown
   * job.
   */
  follow(id: string): AsyncIterable<JobState>
  /**
   * Replace the ticket of a job.
   *
   * @returns a lease: what may be done only once is done only while it is valid, and otherwise after another update.
   *   Undefined where another process has taken the job over
   */
  updateTicket(id: string, ticket: unknown): Promise<Lease | undefined>
  /** The lease on a job since its ticket was written last; undefined for a job that this process does not follow. */
  leaseOf(id: string): Lease | undefined
  /** Whether a job was accepted, by whichever process, and is not acknowledged. */
  isOpen(id: string): Promise<boolean>
  /** The pictures of a job's request: nobody keeps them in memory while the job waits. */
  requestPictures(id: string): Promise<RequestPictures>
  /** The person has got the result: the job and its pictures may be deleted. */
  acknowledge(id: string): Promise<void>
  /**
   * Take over the jobs whose process is gone. Each is returned to one caller, which follows and acknowledges it.
   *
   * @param canReadTicket a job whose ticket can't be read is left to other versions for a minute
   */
  takeOver(canReadTicket?: (ticket: unknown) => boolean): Promise<OrphanedJob[]>
  /** @returns false for an unknown job or one that has ended */
  cancel(id: string): Promise<boolean>
  /** The jobs that run, then those that wait, in the order in which they will be taken, paused ones last. */
  list(): Promise<JobInfo[]>
  /** How many jobs wait and run. */
  counts(): { readonly waiting: number; readonly running: number }
  /** What the connected workers can paint with; what the last ones could, if none is connected. Empty if that is unknown. */
  engines(): readonly EngineInfo[]
  /** The names of the engines that the connected workers can upscale with; as {@link engines}. */
  upscalers(): readonly string[]
  pauseServer(server: string): Promise<void>
  resumeServer(server: string): Promise<void>
  /** Cancel all waiting jobs of a server. @returns how many */
  clearServer(server: string): Promise<number>
  /**
   * Cancel a person's jobs, and delete those that have ended. A job whose result has not reached them yet is deleted
   * once it is acknowledged.
   *
   * @returns how many were cancelled
   */
  forgetPerson(person: string): Promise<number>
  /** @returns true for the first process that claims this event, false for all others */
  claimEvent(event: string): Promise<boolean>
  /** Stop following. Waiting jobs go on waiting, and running ones go on at their workers. */
  close(): Promise<void>
}

export function hasEnded(state: JobState): boolean {
  return state.state === 'done' || state.state === 'failed' || state.state === 'cancelled'
}
