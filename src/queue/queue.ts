import type { Edit } from '../inference/pipeline/edit.js'
import type { PaintRequest, PaintResult } from '../inference/pipeline/paint.js'
import type { Problem } from '../user-error.js'

/** One request of one person. */
export type Job = {
  /** Chosen by whoever adds it; no two jobs have the same. */
  readonly id: string
  /** Whose job it is: people take turns. */
  readonly person: string
  /** The Discord server that it was asked for in; undefined elsewhere. */
  readonly server: string | undefined
  readonly request: PaintRequest
  /** Megapixels of the picture that will be painted. */
  readonly megapixels: number
  /** Of those whose turn it is this person goes first. */
  readonly first?: boolean
  /** Plain data for whoever takes the job over: where its answer goes. The queue does not look into it. */
  readonly ticket: unknown
}

/** A job whose follower is gone. Of the request that is left which could still be read. */
export type OrphanedJob = Pick<Job, 'id' | 'ticket'> & { readonly source?: Uint8Array; readonly mask?: Uint8Array }

/** A job that has not ended, as it is shown to people. */
export type JobInfo = Pick<Job, 'id' | 'person' | 'server'> & {
  readonly edit: Edit
  /** How many are painted. */
  readonly pictures: number
  readonly state: Extract<JobState, { state: 'waiting' | 'running' }>
}

/** How a job stands. The last three are ends. */
export type JobState =
  /**
   * `place` counts from 1: the next to be taken. `wait` is how long that will take by what was measured so far, in
   * milliseconds. A job that is held has no place among those that move; `unmanned` tells that nobody is there who
   * could paint it.
   */
  | {
      readonly state: 'waiting'
      readonly place: number
      readonly wait?: number
      readonly held?: true
      readonly unmanned?: true
    }
  /** `done` goes from 0 to 1; `preview` is a small JPEG, the latest there is. */
  | { readonly state: 'running'; readonly done: number; readonly preview?: Uint8Array }
  | { readonly state: 'done'; readonly result: PaintResult }
  | { readonly state: 'failed'; readonly problem: Problem }
  | { readonly state: 'cancelled' }

/**
 * Where jobs wait for a device, and where they are followed.
 *
 * Every queue promises the following; `test/contracts/queue.ts` holds each of them to it.
 * - A job that was added is kept until it is settled, whatever crashes. It is painted once, unless its worker is lost.
 * - Only who is able to paint it takes a job, one at a time per device.
 * - People take turns: one with many jobs does not keep the others waiting. A person's own jobs keep their order.
 * - Who follows a job sees how it stands now, then changes as they come: some may be skipped, the end never.
 * - Jobs of a server that is held are passed by until it is released; what runs goes on.
 * - A cancelled job that waited is not run at all; one that runs is stopped. Others are not touched.
 * - Faults that may pass are tried again; what the person has to change is not.
 * What a queue does not do: talk to Discord, keep pictures for longer than a day.
 *
 * Each method throws ProblemError `queue-unreachable` while nothing can be read or written.
 */
export interface JobQueue {
  /** @throws ProblemError `queue-full`, `queue-full-for-person`, `queue-full-for-server`, `no-capable-worker`, `disk-full` */
  add(job: Job): Promise<void>
  /**
   * Ends with the end of the job, or without one when the queue is closed before. An unknown job has nothing to
   * follow.
   */
  follow(id: string): AsyncIterable<JobState>
  /** Another ticket for a job. @returns false where somebody else has adopted it meanwhile: then it is theirs */
  updateTicket(id: string, ticket: unknown): Promise<boolean>
  /** The end has reached the person: the job and its pictures may be forgotten. */
  acknowledge(id: string): Promise<void>
  /**
   * Jobs that nobody follows because who did is gone. Each is handed out once, to one process, which is to follow it
   * and to settle it.
   */
  takeOver(): Promise<OrphanedJob[]>
  /** @returns false if there is no such job or it has ended already */
  cancel(id: string): Promise<boolean>
  /** What runs, then what waits in the order in which it will be taken, the held ones last. */
  list(): Promise<JobInfo[]>
  pauseServer(server: string): Promise<void>
  resumeServer(server: string): Promise<void>
  /** Cancel all that waits of a server. @returns how many */
  clearServer(server: string): Promise<number>
  /**
   * Cancel what a person has in the line, and keep nothing of what has ended; what is on its way to them is forgotten
   * once it is settled.
   *
   * @returns how many were cancelled
   */
  forgetPerson(person: string): Promise<number>
  /** True for the first of all processes that asks for this event. */
  claimEvent(event: string): Promise<boolean>
  /** Follow nothing any more. What waits goes on waiting, what runs goes on elsewhere. */
  close(): Promise<void>
}

export function hasEnded(state: JobState): boolean {
  return state.state === 'done' || state.state === 'failed' || state.state === 'cancelled'
}
