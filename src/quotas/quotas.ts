import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import type { Config } from '../config.js'
import type { Quota, Settings } from '../settings/settings.js'
import { UserError } from '../user-error.js'

/** Who wants pictures, and as what. `roles` hold the server's own id as everybody's. */
export type Requester = {
  readonly person: string
  readonly roles: readonly string[]
  readonly server: string | undefined
}

/** What was spent. */
export type Spending = Requester & { readonly pictures: number }

type What = 'pictures' | 'seconds'
type Per = Quota['per']
type Limit = { readonly whose: 'person' | 'server'; readonly what: What; readonly limit: number; readonly per: Per }

/** What is left of a limit, and in which time it was given. */
export type Remaining = { readonly left: number; readonly per: Per }

/**
 * Counts what people and servers have painted, against the server's quotas and the owner's limits.
 *
 * Of the quotas of a person's roles the most generous counts. GPU seconds are known only afterwards: they may go over,
 * and then the next request has to wait.
 */
export interface Quotas {
  /**
   * @returns how many pictures may be painted: what was asked for, or what is left of it
   * @throws ProblemError `quota-exceeded`; nothing is counted then
   */
  consume(bill: Spending): Promise<number>
  consumeSeconds(spender: Requester & { readonly seconds: number }): Promise<void>
  refund(bill: Spending): Promise<void>
  remaining(spender: Requester): Promise<{ pictures?: Remaining; seconds?: Remaining }>
  forgetPerson(person: string): Promise<void>
}

const SECONDS = { hour: 3600, day: 86_400 } as const

/**
 * @param counter counts under keys that are forgotten so many seconds after their first point, and knows no limits of
 *   its own, so that a limit can change without losing the count
 */
export function limits(
  settings: Settings,
  config: Pick<Config, 'PERSON_PICTURES_PER_HOUR' | 'SERVER_PICTURES_PER_HOUR'>,
  counter: (seconds: number) => RateLimiterAbstract,
): Quotas {
  /** The counters that somebody got in this process, on whichever server. */
  const keys = new Map<string, Set<string>>()
  const counters = { hour: counter(SECONDS.hour), day: counter(SECONDS.day) }

  function limitsOf({ person: _, roles, server }: Requester): Limit[] {
    const own = server === undefined ? [] : settings.server(server).quotas.filter(({ role }) => roles.includes(role))
    const best = (what: What): Limit[] => {
      const quotas = own.flatMap(quota => (quota[what] === undefined ? [] : [{ limit: quota[what], per: quota.per }]))
      const perHour = ({ limit, per }: { limit: number; per: Per }) => limit / SECONDS[per]
      const [most] = quotas.sort((one, other) => perHour(other) - perHour(one))
      return most ? [{ whose: 'person', what, ...most }] : []
    }
    const owners = (whose: Limit['whose'], limit: number | undefined): Limit[] =>
      limit === undefined ? [] : [{ whose, what: 'pictures', limit, per: 'hour' }]
    return [
      ...best('pictures'),
      ...best('seconds'),
      ...owners('person', config.PERSON_PICTURES_PER_HOUR),
      ...(server === undefined ? [] : owners('server', config.SERVER_PICTURES_PER_HOUR)),
    ]
  }

  function keyOf(whose: Limit['whose'], what: What, { person, server }: Requester): string {
    return whose === 'server' ? `server:${server}:${what}` : `person:${person}:${server ?? ''}:${what}`
  }

  async function consumed({ whose, what, per }: Limit, spender: Requester) {
    const found = await counters[per].get(keyOf(whose, what, spender))
    return { count: found?.consumedPoints ?? 0, wait: found?.msBeforeNext ?? 0 }
  }

  async function count(what: What, amount: number, spender: Requester): Promise<void> {
    for (const whose of ['person', 'server'] as const) {
      if (whose === 'server' && spender.server === undefined) continue
      const key = keyOf(whose, what, spender)
      if (whose === 'person') keys.set(spender.person, (keys.get(spender.person) ?? new Set()).add(key))
      for (const counter of Object.values(counters)) {
        if (amount > 0) await counter.penalty(key, amount)
        else if (await counter.get(key)) await counter.reward(key, -amount)
      }
    }
  }

  async function spend(bill: Spending): Promise<number> {
    let granted = bill.pictures
    for (const one of limitsOf(bill)) {
      const { count, wait } = await consumed(one, bill)
      if (count >= one.limit) throw new UserError({ code: 'quota-exceeded', ...one, until: Date.now() + wait })
      if (one.what === 'pictures') granted = Math.min(granted, one.limit - count)
    }
    await count('pictures', granted, bill)
    return granted
  }

  // One after the other: two requests at once may not both take the last picture.
  let last: Promise<unknown> = Promise.resolve()
  return {
    consume(bill) {
      const next = last.then(() => spend(bill))
      last = next.catch(() => {})
      return next
    },
    consumeSeconds: ({ seconds, ...spender }) => count('seconds', Math.ceil(seconds), spender),
    refund: bill => count('pictures', -bill.pictures, bill),
    async remaining(spender) {
      const result: { pictures?: Remaining; seconds?: Remaining } = {}
      for (const one of limitsOf(spender)) {
        const left = Math.max(0, one.limit - (await consumed(one, spender)).count)
        if (left < (result[one.what]?.left ?? Number.POSITIVE_INFINITY)) result[one.what] = { left, per: one.per }
      }
      return result
    },
    async forgetPerson(person) {
      const all = new Set(keys.get(person))
      for (const server of [undefined, ...settings.serverIds()]) {
        for (const what of ['pictures', 'seconds'] as const)
          all.add(keyOf('person', what, { person, roles: [], server }))
      }
      for (const counter of Object.values(counters)) await Promise.all([...all].map(key => counter.delete(key)))
      keys.delete(person)
    },
  }
}
