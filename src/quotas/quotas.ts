import type { Settings } from '../settings/settings.js'
import { UserError } from '../user-error.js'
import { addCharge, addPoints, dropCharge, emptyLedger, refundCharge } from './ledger.js'
import { type Ledgers, ledgerStore, type QuotaStore } from './ledger-store.js'
import { limitsFor, type OperatorLimits, type Period, personCounts, type Requester, SERVER_COUNTS } from './limits.js'

/** A job that was counted. */
export type CountedJob = Pick<Requester, 'person' | 'server'> & { readonly job: string }

/** What remains of a limit in its current period. */
export type Remaining = { readonly amount: number; readonly per: Period }

/**
 * Counts what people and servers have painted, against the server's quotas and the operator's limits.
 *
 * A person with several roles has the most generous quota of these. Seconds are known only after painting: they may
 * exceed a quota, and then the next request is refused. Each change is one atomic step for all processes together, and
 * does nothing when it is repeated for the same job.
 */
export interface Quotas {
  /**
   * @returns how many pictures are granted and counted: at least one, at most as many as were asked for
   * @throws UserError `quota-exceeded`; then nothing is counted
   */
  consume(request: Requester & { readonly job: string; readonly pictures: number }): Promise<number>
  /** The job is paid for: its pictures stay counted, and its seconds are counted too. */
  settle(job: CountedJob & { readonly seconds: number }): Promise<void>
  /** Take back what was counted for the job. A period that has ended since is not credited. */
  refund(job: CountedJob): Promise<void>
  remaining(requester: Requester): Promise<{ pictures?: Remaining; seconds?: Remaining }>
  forgetPerson(person: string): Promise<void>
}

/** Everything is counted, also without a limit, so that a limit can change without losing the count. */
export function quotas(settings: Settings, operator: OperatorLimits, store: QuotaStore): Quotas {
  const ledgers = ledgerStore(store)

  /** @throws UserError `quota-exceeded` */
  function grantedPictures(requester: Requester, pictures: number, now: Ledgers): number {
    let granted = pictures
    for (const { countName, ...limit } of limitsFor(requester, settings, operator)) {
      const count = now[limit.whose]?.counts[countName]
      const left = limit.limit - (count?.used ?? 0)
      if (left <= 0) throw new UserError({ code: 'quota-exceeded', ...limit, until: count?.until ?? Date.now() })
      if (limit.what === 'pictures') granted = Math.min(granted, left)
    }
    return granted
  }

  return {
    async consume({ job, pictures, ...requester }) {
      const { person } = await ledgers.update(requester, (before, now) => {
        // A repeated call: the first one succeeded, but its answer was lost.
        if (before.person.charges[job]) return before
        const granted = grantedPictures(requester, pictures, before)
        const { server } = before
        return {
          person: addCharge(before.person, job, granted, personCounts('pictures', requester.server), now),
          ...(server && { server: addCharge(server, job, granted, SERVER_COUNTS, now) }),
        }
      })
      return person.charges[job]!.pictures
    },
    async settle({ job, seconds, ...owners }) {
      await ledgers.update(owners, ({ person, server }, now) => {
        const counted = person.charges[job]
          ? addPoints(person, Math.ceil(seconds), personCounts('seconds', owners.server), now)
          : person
        return { person: dropCharge(counted, job), ...(server && { server: dropCharge(server, job) }) }
      })
    },
    async refund({ job, ...owners }) {
      await ledgers.update(owners, ({ person, server }) => ({
        person: refundCharge(person, job),
        ...(server && { server: refundCharge(server, job) }),
      }))
    },
    async remaining(requester) {
      const now = await ledgers.read(requester)
      const result: { pictures?: Remaining; seconds?: Remaining } = {}
      for (const { whose, what, limit, per, countName } of limitsFor(requester, settings, operator)) {
        const amount = Math.max(0, limit - (now[whose]?.counts[countName]?.used ?? 0))
        const least = result[what]?.amount ?? Number.POSITIVE_INFINITY
        if (amount < least) result[what] = { amount, per }
      }
      return result
    },
    async forgetPerson(person) {
      await ledgers.update({ person, server: undefined }, () => ({ person: emptyLedger }))
    },
  }
}
