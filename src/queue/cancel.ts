import { setTimeout as sleep } from 'node:timers/promises'
import type { SharedStore } from './backends/shared-store.js'
import { toBullJobId } from './payload.js'
import { publishSignal } from './signals.js'
import type { QueueView } from './view/queue-view.js'

/** The signal to cancel is repeated this often until the job has ended, in milliseconds: its worker may have missed it. */
const CANCEL_INTERVAL_MS = 2000

/**
 * A job of a paused server that was just taken seems to run until its worker puts it back. How often and how long
 * `cancelServer` waits for that.
 */
const MAX_PUT_BACK_WAITS = 10
const PUT_BACK_WAIT_MS = 100

/** @param isClosed stops the repetition */
export function jobCanceller(
  view: QueueView,
  store: SharedStore,
  isClosed: () => boolean,
  onError: (error: Error) => void,
) {
  const { order } = view

  /** Remove a job from BullMQ if it waits. @returns false where it does not wait (any more) */
  async function removeFromQueue(id: string): Promise<boolean> {
    const lane = order.get(id)?.lane
    if (!lane) return false
    try {
      if ((await view.queueOf(lane).remove(toBullJobId(id))) !== 1) return false
      await publishSignal(store, 'removed', id)
      return true
    } catch (error) {
      // A worker has just taken it.
      if (/locked|could not be removed/i.test((error as Error).message)) return false
      throw error
    }
  }

  /** Cancel a job if it waits. @returns false where it does not wait (any more) */
  async function cancelWaiting(id: string): Promise<boolean> {
    if (!(await removeFromQueue(id))) return false
    view.end(id, { state: 'cancelled' })
    return true
  }

  /** Cancel a job, whether it waits or runs. Repeats until it has ended: it may be just between the two. */
  async function cancel(id: string): Promise<void> {
    if (isClosed() || !order.get(id)) return
    if (await cancelWaiting(id)) return
    await publishSignal(store, 'cancel', id)
    setTimeout(() => void cancel(id).catch(onError), CANCEL_INTERVAL_MS).unref()
  }

  /** Cancel the waiting jobs of a server. @returns how many */
  async function cancelServer(server: string): Promise<number> {
    let count = 0
    for (let waits = 0; ; waits++) {
      // Some may seem to run, but a job that a worker paints is locked and can't be removed.
      const notBegun = () => order.ofServer(server).filter(({ progress }) => progress === 0)
      for (const { id } of notBegun()) if (await cancelWaiting(id)) count++
      if (notBegun().length === 0 || !order.pausedServers.has(server) || waits === MAX_PUT_BACK_WAITS) return count
      await sleep(PUT_BACK_WAIT_MS)
    }
  }

  return { cancel, cancelServer }
}
