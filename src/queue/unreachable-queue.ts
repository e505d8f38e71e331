import { UserError } from '../user-error.js'
import { isUnreachable } from './backends/reconnect.js'
import type { JobQueue } from './queue.js'

/** A queue that throws UserError `queue-unreachable` where the backend is unreachable. All other errors are bugs and stay as they are. */
export function withUnreachableProblem(queue: JobQueue): JobQueue {
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
  // Following and closing deal with it themselves; the other four ask no backend.
  const { follow, leaseOf, counts, engines, upscalers, close, ...rest } = queue
  const entries = Object.entries(rest).map(([name, method]) => [name, guarded(method as () => Promise<unknown>)])
  // Object.fromEntries() forgets the names: these are those of `rest`, each with the type it had.
  return { ...Object.fromEntries(entries), follow, leaseOf, counts, engines, upscalers, close } as JobQueue
}
