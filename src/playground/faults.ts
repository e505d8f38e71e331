import { ApiError } from './errors.js'

export type FaultMatch = { readonly method: string; readonly path: RegExp; readonly times?: number }
export type FaultAnswer = {
  readonly status: number
  readonly code?: number
  readonly message?: string
  readonly retryAfter?: number
}
export type Fault = { readonly error: ApiError }

/** Errors that are to come instead of answers. */
export function faults() {
  const planned: { match: FaultMatch; answer: FaultAnswer; left: number }[] = []
  return {
    plan(match: FaultMatch, answer: FaultAnswer): void {
      planned.push({ match, answer, left: match.times ?? 1 })
    },
    take(method: string, path: string): Fault | undefined {
      const found = planned.find(({ match, left }) => left > 0 && match.method === method && match.path.test(path))
      if (!found) return undefined
      found.left--
      return { error: error(found.answer) }
    },
  }
}

function error({ status, code = 0, message, retryAfter }: FaultAnswer): ApiError {
  if (status !== 429) return new ApiError(status, code, message ?? `${status}: planned`)
  const seconds = retryAfter ?? 1
  const headers = {
    'retry-after': String(seconds),
    'x-ratelimit-scope': 'user',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset-after': String(seconds),
  }
  const limited = new ApiError(429, 0, 'You are being rate limited.', undefined, headers)
  Object.defineProperty(limited, 'body', { value: { message: limited.message, retry_after: seconds, global: false } })
  return limited
}
