import { z } from 'zod'
import { parseJson } from '../parse-json.js'

/** How long a charge can be refunded, in milliseconds: as long as a job can wait. */
const CHARGE_TTL_MS = 24 * 3_600_000

const untilByCount = z.record(z.string(), z.number())
const ledgerSchema = z.object({
  /** `used` points since the first one. They expire at `until`, in milliseconds since 1970. */
  counts: z.record(z.string(), z.object({ used: z.number(), until: z.number() })),
  /** By job: what was counted for it, with the `until` of each count at that time. */
  charges: z.record(z.string(), z.object({ pictures: z.number(), at: z.number(), untilByCount })),
})

/** What one person or one server has used. Stored as JSON. */
export type Ledger = z.infer<typeof ledgerSchema>

export const emptyLedger: Ledger = { counts: {}, charges: {} }

/** A count that points are added to. Its period starts with its first point. */
export type CountName = { readonly name: string; readonly periodMs: number }

/** Leaves out what has expired. A text that can't be read counts as empty: nobody is locked out because of it. */
export function parseLedger(text: string | undefined, now: number): Ledger {
  const { counts, charges } = ledgerSchema.safeParse(parseJson(text)).data ?? emptyLedger
  return {
    counts: Object.fromEntries(Object.entries(counts).filter(([, { until }]) => until > now)),
    charges: Object.fromEntries(Object.entries(charges).filter(([, { at }]) => at + CHARGE_TTL_MS > now)),
  }
}

/** @returns when the last of its contents expires, in milliseconds since 1970; undefined for an empty ledger */
export function ledgerExpiry({ counts, charges }: Ledger): number | undefined {
  const ends = [
    ...Object.values(counts).map(({ until }) => until),
    ...Object.values(charges).map(({ at }) => at + CHARGE_TTL_MS),
  ]
  return ends.length > 0 ? Math.max(...ends) : undefined
}

export function addPoints(ledger: Ledger, points: number, names: readonly CountName[], now: number): Ledger {
  const counts = { ...ledger.counts }
  for (const { name, periodMs } of names) {
    const { used, until } = counts[name] ?? { used: 0, until: now + periodMs }
    counts[name] = { used: used + points, until }
  }
  return { ...ledger, counts }
}

/** Count the pictures of a job, and remember them until they are paid for or refunded. */
export function addCharge(
  ledger: Ledger,
  job: string,
  pictures: number,
  names: readonly CountName[],
  now: number,
): Ledger {
  const { counts, charges } = addPoints(ledger, pictures, names, now)
  const untils = Object.fromEntries(names.map(({ name }) => [name, counts[name]!.until]))
  return { counts, charges: { ...charges, [job]: { pictures, at: now, untilByCount: untils } } }
}

/** A charge that was paid for can't be refunded any more. */
export function dropCharge(ledger: Ledger, job: string): Ledger {
  const { [job]: _, ...charges } = ledger.charges
  return { ...ledger, charges }
}

/** Take back what was counted for a job, in the periods in which it was counted. */
export function refundCharge(ledger: Ledger, job: string): Ledger {
  const charge = ledger.charges[job]
  if (!charge) return ledger
  const counts = { ...ledger.counts }
  for (const [name, until] of Object.entries(charge.untilByCount)) {
    const count = counts[name]
    if (count?.until !== until) continue // a later period
    const used = count.used - charge.pictures
    if (used > 0) counts[name] = { used, until }
    else delete counts[name]
  }
  return dropCharge({ ...ledger, counts }, job)
}
