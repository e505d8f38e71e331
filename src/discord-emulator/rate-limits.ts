import { createHash } from 'node:crypto'
import { RateLimited } from './api-errors.js'
import type { Clock } from './clock.js'
import type { RateLimiter } from './state.js'

type Limit = { readonly requests: number; readonly windowMs: number }

/** Discord does not document its limits by route. These were observed. */
const ROUTE_LIMITS: Readonly<Record<string, Limit>> = {
  'POST /channels/{channel}/messages': { requests: 5, windowMs: 5000 },
  'PATCH /channels/{channel}/messages/{message}': { requests: 5, windowMs: 5000 },
  'DELETE /channels/{channel}/messages/{message}': { requests: 5, windowMs: 1000 },
  'POST /webhooks/{application}/{token}': { requests: 5, windowMs: 2000 },
  'PATCH /webhooks/{application}/{token}/messages/{message}': { requests: 5, windowMs: 2000 },
}
const OTHER_ROUTES: Limit = { requests: 50, windowMs: 1000 }

/** Documented: 50 requests a second, answers to interactions apart. */
const GLOBAL_LIMIT: Limit = { requests: 50, windowMs: 1000 }

/** Rate limits of the routes, each with its channel or webhook, and the global one. */
export function createRateLimiter({ clock }: { readonly clock: Pick<Clock, 'now'> }): RateLimiter {
  const buckets = new Map<string, { count: number; end: number }>()

  function count(key: string, { requests, windowMs }: Limit) {
    const now = clock.now()
    const known = buckets.get(key)
    const bucket = known && known.end > now ? known : { count: 0, end: now + windowMs }
    buckets.set(key, bucket)
    bucket.count++
    return {
      isOver: bucket.count > requests,
      remaining: Math.max(0, requests - bucket.count),
      resetMs: bucket.end - now,
    }
  }

  return {
    take(method, template = 'unknown', path) {
      if (!/^\/(webhooks|interactions)\//.test(template)) {
        const { isOver, resetMs } = count('global', GLOBAL_LIMIT)
        if (isOver) throw new RateLimited(resetMs / 1000, 'global')
      }
      const route = `${method} ${template}`
      const limit = ROUTE_LIMITS[route] ?? OTHER_ROUTES
      // The major parameter: each channel and each webhook has separate limits.
      const [, major = ''] = /^\/(?:channels|guilds|webhooks)\/((?:\d+\/)?[^/]+)/.exec(path) ?? []
      const { isOver, remaining, resetMs } = count(`${route} ${major}`, limit)
      const headers = {
        'x-ratelimit-limit': String(limit.requests),
        'x-ratelimit-remaining': String(remaining),
        'x-ratelimit-reset': ((clock.now() + resetMs) / 1000).toFixed(3),
        'x-ratelimit-reset-after': (resetMs / 1000).toFixed(3),
        'x-ratelimit-bucket': createHash('md5').update(route).digest('hex'),
      }
      if (isOver) throw new RateLimited(resetMs / 1000, 'user', headers)
      return headers
    },
  }
}
