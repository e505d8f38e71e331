import { UserError } from '../user-error.js'

/** A signal that fires with UserError `cancelled` on Ctrl+C (SIGINT). */
export function cancelOnInterrupt(): AbortSignal {
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort(new UserError({ code: 'cancelled' })))
  return controller.signal
}
