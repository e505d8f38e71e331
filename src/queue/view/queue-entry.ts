import type { Edit } from '../../inference/pipeline/edit.js'

/** A job that has not ended. */
export type QueueEntry = {
  readonly id: string
  readonly person: string
  readonly server: string | undefined
  readonly edit: Edit
  readonly pictureCount: number
  readonly lane: string
  /** As BullMQ uses it: the smallest number is taken first. See `fair-order.ts`. */
  readonly priority: number
  phase: 'waiting' | 'running'
  /** From 0 to 1, while it runs. */
  progress: number
}
