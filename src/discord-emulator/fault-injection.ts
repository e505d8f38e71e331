import { ApiError, RateLimited } from './api-errors.js'

export type FaultMatch = { readonly method: string; readonly path: RegExp; readonly times?: number }
export type FaultResponse = {
  readonly status: number
  readonly code?: number
  readonly message?: string
  /** In seconds, with status 429. */
  readonly retryAfter?: number
}

/** Errors to answer requests with. */
export function faultInjector() {
  const plannedFaults: { match: FaultMatch; answer: FaultResponse; remaining: number }[] = []
  return {
    plan(match: FaultMatch, answer: FaultResponse): void {
      plannedFaults.push({ match, answer, remaining: match.times ?? 1 })
    },
    take(method: string, path: string): ApiError | undefined {
      const found = plannedFaults.find(
        ({ match, remaining }) => remaining > 0 && match.method === method && match.path.test(path),
      )
      if (!found) return undefined
      found.remaining--
      const { status, code = 0, message, retryAfter } = found.answer
      return status === 429
        ? new RateLimited(retryAfter ?? 1)
        : new ApiError(status, code, message ?? `${status}: planned`)
    },
  }
}
