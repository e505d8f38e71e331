import type { RateLimiterAbstract } from 'rate-limiter-flexible'
import type { Config } from '../config.js'
import type { Quota, Settings } from '../settings/settings.js'
import { UserError } from '../user-error.js'

/** A person who asks for pictures. `roles` contain the server's own id, the role of everybody. */
export type Requester = {
  readonly person: string
  readonly roles: readonly string[]
  readonly server: string | undefined
}

/** A number of pictures that a person asks for. */
export type Spending = Requester & { readonly pictures: number }

type Unit = 'pictures' | 'seconds'
type Period = Quota['per']
type Limit = {
  readonly whose: 'person' | 'server'
  readonly what: Unit
  readonly limit: number
  readonly per: Period
}

/** What remains of a limit in its current period. */
export type Remaining = { readonly amount: number; readonly per: Period }

/**
 * Counts what people and servers have painted, against the server's quotas and the operator's limits.
 *
 * A person with several roles has the most generous quota of these. Seconds are known only after painting: they may
 * exceed a quota, and then the next request is refused.
 */
export interface Quotas {
  /**
   * @returns how many pictures are granted and counted: at least one, at most as many as were asked for
   * @throws UserError `quota-exceeded`; then nothing is counted
   */
  consume(spending: Spending): Promise<number>
  consumeSeconds(spending: Requester & { readonly seconds: number }): Promise<void>
  refund(spending: Spending): Promise<void>
  remaining(requester: Requester): Promise<{ pictures?: Remaining; seconds?: Remaining }>
  forgetPerson(person: string): Promise<void>
}

const PERIOD_SECONDS = { hour: 3600, day: 86_400 } as const

/**
 * @param counter makes counters. A key's points expire the given number of seconds after its first point. Counters have no
 *   limit, so that a limit can change without losing the count
 */
export function quotas(
  settings: Settings,
  config: Pick<Config, 'PERSON_PICTURES_PER_HOUR' | 'SERVER_PICTURES_PER_HOUR'>,
  counter: (seconds: number) => RateLimiterAbstract,
): Quotas {
  /** The keys that this process has counted for each person, on servers with and without settings. */
  const keysOf = new Map<string, Set<string>>()
  const counters = { hour: counter(PERIOD_SECONDS.hour), day: counter(PERIOD_SECONDS.day) }

  function limitsFor({ roles, server }: Requester): Limit[] {
    const ownQuotas =
      server === undefined ? [] : settings.server(server).quotas.filter(({ role }) => roles.includes(role))
    const mostGenerous = (what: Unit): Limit[] => {
      const limits = ownQuotas.flatMap(({ per, [what]: limit }) => (limit === undefined ? [] : [{ limit, per }]))
      const perSecond = ({ limit, per }: { limit: number; per: Period }) => limit / PERIOD_SECONDS[per]
      const [most] = limits.sort((one, other) => perSecond(other) - perSecond(one))
      return most ? [{ whose: 'person', what, ...most }] : []
    }
    const operatorLimit = (whose: Limit['whose'], limit: number | undefined): Limit[] =>
      limit === undefined ? [] : [{ whose, what: 'pictures', limit, per: 'hour' }]
    return [
      ...mostGenerous('pictures'),
      ...mostGenerous('seconds'),
      ...operatorLimit('person', config.PERSON_PICTURES_PER_HOUR),
      ...(server === undefined ? [] : operatorLimit('server', config.SERVER_PICTURES_PER_HOUR)),
    ]
  }

  function keyOf(whose: Limit['whose'], what: Unit, { person, server }: Pick<Requester, 'person' | 'server'>): string {
    return whose === 'server' ? `server:${server}:${what}` : `person:${person}:${server ?? ''}:${what}`
  }

  async function consumed({ whose, what, per }: Limit, requester: Requester) {
    const points = await counters[per].get(keyOf(whose, what, requester))
    return { count: points?.consumedPoints ?? 0, msUntilReset: points?.msBeforeNext ?? 0 }
  }

  /** @param amount negative to give back; a key without points stays without */
  async function count(what: Unit, amount: number, requester: Requester): Promise<void> {
    const { person, server } = requester
    for (const whose of ['person', 'server'] as const) {
      if (whose === 'server' && server === undefined) continue
      const key = keyOf(whose, what, requester)
      if (whose === 'person') keysOf.set(person, (keysOf.get(person) ?? new Set()).add(key))
      for (const one of Object.values(counters)) {
        if (amount > 0) await one.penalty(key, amount)
        else if (await one.get(key)) await one.reward(key, -amount)
      }
    }
  }

  async function consume(spending: Spending): Promise<number> {
    let granted = spending.pictures
    for (const limit of limitsFor(spending)) {
      const used = await consumed(limit, spending)
      if (used.count >= limit.limit) {
        throw new UserError({ code: 'quota-exceeded', ...limit, until: Date.now() + used.msUntilReset })
      }
      if (limit.what === 'pictures') granted = Math.min(granted, limit.limit - used.count)
    }
    await count('pictures', granted, spending)
    return granted
  }

  // One at a time: of two simultaneous requests only one may get the last picture.
  let lastConsume: Promise<unknown> = Promise.resolve()
  return {
    consume(spending) {
      const next = lastConsume.then(() => consume(spending))
      lastConsume = next.catch(() => {})
      return next
    },
    consumeSeconds: ({ seconds, ...requester }) => count('seconds', Math.ceil(seconds), requester),
    refund: spending => count('pictures', -spending.pictures, spending),
    async remaining(requester) {
      const result: { pictures?: Remaining; seconds?: Remaining } = {}
      for (const limit of limitsFor(requester)) {
        const amount = Math.max(0, limit.limit - (await consumed(limit, requester)).count)
        const least = result[limit.what]?.amount ?? Number.POSITIVE_INFINITY
        if (amount < least) result[limit.what] = { amount, per: limit.per }
      }
      return result
    },
    async forgetPerson(person) {
      const keys = new Set(keysOf.get(person))
      for (const server of [undefined, ...settings.serverIds()]) {
        for (const what of ['pictures', 'seconds'] as const) keys.add(keyOf('person', what, { person, server }))
      }
      for (const one of Object.values(counters)) await Promise.all([...keys].map(key => one.delete(key)))
      keysOf.delete(person)
    },
  }
}
