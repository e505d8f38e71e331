import type { Edit } from '../inference/edit.js'
import type { PaintRequest, PaintResult } from '../inference/paint.js'
import type { Problem } from '../problem.js'

/** One request of one person. */
export type Job = {
  /** Chosen by whoever adds it; no two jobs have the same. */
  readonly id: string
  /** Whose job it is: people take turns. */
  readonly person: string
  /** The Discord server that it was asked for in; undefined elsewhere. */
  readonly server: string | undefined
  readonly request: PaintRequest
}

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
   * milliseconds. A job that is held has no place among those that move.
   */
  | { readonly state: 'waiting'; readonly place: number; readonly wait?: number; readonly held?: true }
  /** `done` goes from 0 to 1; `preview` is a small JPEG, the latest there is. */
  | { readonly state: 'running'; readonly done: number; readonly preview?: Uint8Array }
  | { readonly state: 'done'; readonly result: PaintResult }
  | { readonly state: 'failed'; readonly problem: Problem }
  | { readonly state: 'cancelled' }

/**
 * Where jobs wait for a device, and where they are followed.
 *
 * Every queue promises the following; `test/contracts/queue.ts` holds each of them to it.
 * - A job that was added is run once, one at a time per device.
 * - People take turns: one with many jobs does not keep the others waiting. A person's own jobs keep their order.
 * - Who follows a job sees how it stands now, then changes as they come: some may be skipped, the end never.
 * - Jobs of a server that is held are passed by until it is released; what runs goes on.
 * - A cancelled job that waited is not run at all; one that runs is stopped. Others are not touched.
 * What a queue does not do: talk to Discord, keep pictures for longer than a job lives.
 */
export interface JobQueue {
  /** @throws ProblemError `queue-full`, `queue-full-for-you` */
  add(job: Job): Promise<void>
  /** Once the end was handed out the job is forgotten; an unknown job has nothing to follow and ends at once. */
  follow(id: string): AsyncIterable<JobState>
  /** @returns false if there is no such job or it has ended already */
  cancel(id: string): Promise<boolean>
  /** What runs, then what waits in the order in which it will be taken, the held ones last. */
  list(): Promise<JobInfo[]>
  hold(server: string): Promise<void>
  release(server: string): Promise<void>
  /** Cancel all that waits of a server. @returns how many */
  clear(server: string): Promise<number>
  /** Stop what runs, and take no more. */
  close(): Promise<void>
}

export function ended(state: JobState): boolean {
  return state.state === 'done' || state.state === 'failed' || state.state === 'cancelled'
}
