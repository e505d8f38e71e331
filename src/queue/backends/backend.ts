import type { Processor, Queue, QueueEvents, Worker, WorkerOptions } from 'bullmq'
import type { UserError } from '../../user-error.js'
import type { BlobStore } from './blob-store.js'
import type { SharedStore } from './shared-store.js'

/**
 * Where jobs, pictures and messages between processes are kept: the only part of the queue that differs between one
 * process on a laptop and many machines.
 */
export interface Backend {
  /** Whether other processes can reach it. If not, the process that opened it must paint as well. */
  readonly shared: boolean
  /** Calls are carried out in the order in which they are made, so that a caller need not wait between two of them. */
  readonly runsInOrder: boolean
  /** A job whose worker did not renew its lock for this long is stalled: another worker takes it. In milliseconds. */
  readonly lockDurationMs: number
  /** A process that sent no heartbeat for this long is gone: another one takes over its jobs. In whole seconds. */
  readonly leaseSeconds: number
  /**
   * Whether another process has taken over all of a backend that is not shared, because this one stood still for too
   * long. Then it must end.
   */
  isLost(): boolean
  /** Resolves with the problem once the backend is lost. */
  readonly whenLost: Promise<UserError>
  queue(lane: string): Queue
  /** A worker that does not run yet: `run()` starts it. */
  worker(lane: string, process: Processor, options: Omit<WorkerOptions, 'connection'>): Worker
  /** Resolves once it receives every later event. */
  events(lane: string): Promise<QueueEvents>
  readonly store: SharedStore
  readonly blobs: BlobStore
  /** @throws UserError `disk-full` where another `bytes` would leave too little free space */
  assertFreeSpace(bytes: number): Promise<void>
  /** @throws Error the reason why the backend can't be used */
  ping(): Promise<void>
  /** End all connections now: calls under way fail, and later ones too. */
  disconnect(): void
  close(): Promise<void>
}

/** {@link Backend.leaseSeconds} unless a test wants another one. */
export const LEASE_SECONDS = 15

/** Of a backend that can't be lost. */
export const NEVER_LOST: Pick<Backend, 'isLost' | 'whenLost'> = { isLost: () => false, whenLost: new Promise(() => {}) }

/** A job that stalled more often than this fails (BullMQ's `maxStalledCount`). */
export const MAX_STALLED_COUNT = 2
