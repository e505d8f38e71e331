import type { Processor, Queue, QueueEvents, Worker, WorkerOptions } from 'bullmq'
import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import type { BlobStore } from './blob-store.js'

/**
 * Where jobs, pictures and signals are kept: the only part of the queue that differs between one process on a laptop
 * and many machines.
 */
export interface Backend {
  /** Whether other processes can reach it. Where they can't, the one that has it must paint as well. */
  readonly shared: boolean
  /** What is asked for first is done first, so that nobody need wait in between. */
  readonly runsInOrder: boolean
  /** After so many milliseconds without a sign of its worker a job is taken up by another. */
  readonly silence: number
  queue(lane: string): Queue
  /** The worker does not run until it is told to. */
  worker(lane: string, process: Processor, options: Omit<WorkerOptions, 'connection'>): Worker
  /** Resolves once no event can be missed any more. */
  events(lane: string): Promise<QueueEvents>
  readonly store: SharedStore
  readonly blobs: BlobStore
  /** Counts points under keys that are forgotten `seconds` after their first point; see rate-limiter-flexible. */
  counter(seconds: number): RateLimiterAbstract
  /** @throws ProblemError `disk-full` where another `bytes` would leave too little room */
  assertRoom(bytes: number): Promise<void>
  /** @throws whatever stands in the way of using it */
  ping(): Promise<void>
  /** What waits for an answer fails at once, and nothing is answered any more. */
  disconnect(): void
  close(): Promise<void>
}

/** A job whose worker was lost more often than this is given up. */
export const MAX_STALLED_COUNT = 2

/** Small texts that all processes share, and word between them. */
export interface SharedStore {
  put(map: string, field: string, text: string): Promise<void>
  getEntry(map: string, field: string): Promise<string | undefined>
  all(map: string): Promise<Map<string, string>>
  drop(map: string, field: string): Promise<void>
  /** True for the first who asks; for others once `seconds` have passed. */
  claim(name: string, seconds: number): Promise<boolean>
  /** A text that is there for `seconds`, or until it is replaced. */
  set(name: string, seconds: number, text: string): Promise<void>
  get(name: string): Promise<string | undefined>
  /** Reaches who listens right now; who may have been away hears `again`. */
  publish(channel: string, text: string): Promise<void>
  subscribe(channel: string, listener: Listener): Promise<Unsubscribe>
}

export type Listener = {
  readonly heard: (text: string) => void
  /** Something may have been missed: the connection was gone for a while. */
  readonly again: () => void
}
export type Unsubscribe = () => Promise<void>

/** Jobs of this name tell that somebody listens; see {@link waitUntilListening}. */
const SYNC = 'overscan-sync'

/**
 * Resolves once `events` hears what is said: asking is not enough, since it begins with what comes after its first
 * reading.
 *
 * @param say publish an event of this name
 */
export async function waitUntilListening(events: QueueEvents, say: (event: { eventName: string }) => Promise<void>) {
  await events.waitUntilReady()
  let heard = false
  const sync = () => {
    heard = true
  }
  events.on(SYNC as 'drained', sync)
  for (let pause = 5; !heard; pause = Math.min(pause * 2, 500)) {
    await say({ eventName: SYNC })
    await new Promise(resolve => setTimeout(resolve, pause))
  }
  events.off(SYNC as 'drained', sync)
}
