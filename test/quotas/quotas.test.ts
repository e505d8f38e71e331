import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { QuotaStore } from '../../src/quotas/ledger-store.js'
import { quotas } from '../../src/quotas/quotas.js'
import type { Quota } from '../../src/settings/settings.js'
import { memorySettings } from '../../src/settings/settings-file.js'
import { problemIn } from '../support/problems.js'

const HOUR_MS = 3_600_000
const noLimits = { PERSON_PICTURES_PER_HOUR: undefined, SERVER_PICTURES_PER_HOUR: undefined }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Texts that all callers share. An answer takes a turn of the event loop, as over a network. */
function memoryStore(texts = new Map<string, string>()): QuotaStore & { texts: Map<string, string> } {
  return {
    texts,
    async get(name) {
      await null
      return texts.get(name)
    },
    async compareAndSet(changes) {
      await null
      if (changes.some(({ name, before }) => texts.get(name) !== before)) return false
      for (const { name, after } of changes) {
        if (after === undefined) texts.delete(name)
        else texts.set(name, after)
      }
      return true
    },
  }
}

async function withQuotas(
  serverQuotas: Quota[],
  config: Parameters<typeof quotas>[1] = noLimits,
  store: QuotaStore = memoryStore(),
) {
  const settings = await memorySettings()
  await settings.setServer('1', { quotas: serverQuotas })
  return quotas(settings, config, store)
}

let lastJob = 0
const ada = (...roles: string[]) => ({ job: `job${++lastJob}`, person: 'ada', roles: ['1', ...roles], server: '1' })
const direct = (person: string) => ({ job: `job${++lastJob}`, person, roles: [], server: undefined })

describe('quotas', () => {
  test('without quotas nothing is limited', async () => {
    const counted = await withQuotas([])
    expect(await counted.consume({ ...ada(), pictures: 4 })).toBe(4)
    expect(await counted.remaining(ada())).toEqual({})
  })

  test('the remaining pictures are granted, then none until the period is over', async () => {
    const counted = await withQuotas([{ role: '1', pictures: 6, per: 'hour' }])
    expect(await counted.consume({ ...ada(), pictures: 4 })).toBe(4)
    expect(await counted.remaining(ada())).toEqual({ pictures: { amount: 2, per: 'hour' } })
    vi.advanceTimersByTime(HOUR_MS / 2)
    expect(await counted.consume({ ...ada(), pictures: 4 })).toBe(2)
    const until = Date.now() + HOUR_MS / 2
    const problem = await problemIn(counted.consume({ ...ada(), pictures: 1 }))
    expect(problem).toEqual({ code: 'quota-exceeded', whose: 'person', what: 'pictures', limit: 6, per: 'hour', until })
    vi.advanceTimersByTime(HOUR_MS / 2 + 1)
    expect(await counted.consume({ ...ada(), pictures: 1 })).toBe(1)
  })

  test('of a person’s roles the most generous quota counts, by its rate', async () => {
    const counted = await withQuotas([
      { role: '1', pictures: 2, per: 'hour' },
      { role: '5', pictures: 24, per: 'day' },
      { role: '6', pictures: 3, per: 'hour' },
    ])
    expect((await counted.remaining(ada('5'))).pictures).toEqual({ amount: 2, per: 'hour' })
    expect((await counted.remaining(ada('5', '6'))).pictures).toEqual({ amount: 3, per: 'hour' })
  })

  test('seconds are counted after painting, may exceed the quota, and then stop the next request', async () => {
    const counted = await withQuotas([{ role: '1', seconds: 10, per: 'hour' }])
    const job = ada()
    await counted.consume({ ...job, pictures: 4 })
    await counted.settle({ ...job, seconds: 25.2 })
    await counted.settle({ ...job, seconds: 25.2 }) // repeated: counts once
    expect(await counted.remaining(ada())).toEqual({ seconds: { amount: 0, per: 'hour' } })
    expect(await problemIn(counted.consume({ ...ada(), pictures: 1 }))).toMatchObject({ what: 'seconds', limit: 10 })
  })

  test('people and servers are counted separately', async () => {
    const counted = await withQuotas([{ role: '1', pictures: 1, per: 'hour' }])
    await counted.consume({ ...ada(), pictures: 1 })
    expect(await counted.consume({ ...ada(), person: 'bob', pictures: 1 })).toBe(1)
    expect(await counted.consume({ ...direct('ada'), pictures: 4 })).toBe(4)
  })

  test('pictures that were not painted are refunded', async () => {
    const counted = await withQuotas([{ role: '1', pictures: 3, per: 'hour' }])
    const job = ada()
    await counted.consume({ ...job, pictures: 2 })
    await counted.refund(job)
    await counted.refund(job) // repeated: refunds once
    await counted.refund(ada()) // never counted
    expect((await counted.remaining(ada())).pictures?.amount).toBe(3)
  })

  test('a repeated call counts once, and is granted the same', async () => {
    const counted = await withQuotas([{ role: '1', pictures: 3, per: 'hour' }])
    const job = ada()
    expect(await counted.consume({ ...job, pictures: 2 })).toBe(2)
    expect(await counted.consume({ ...job, pictures: 2 })).toBe(2)
    expect((await counted.remaining(ada())).pictures?.amount).toBe(1)
  })

  test('a refund credits the period in which the pictures were counted, not a later one', async () => {
    const counted = await withQuotas([{ role: '1', pictures: 3, per: 'hour' }])
    const job = ada()
    await counted.consume({ ...job, pictures: 3 })
    vi.advanceTimersByTime(HOUR_MS + 1)
    await counted.consume({ ...ada(), pictures: 3 })
    await counted.refund(job)
    expect((await counted.remaining(ada())).pictures?.amount).toBe(0)
  })

  test('what was paid for is not refunded', async () => {
    const counted = await withQuotas([{ role: '1', pictures: 3, per: 'hour' }])
    const job = ada()
    await counted.consume({ ...job, pictures: 2 })
    await counted.settle({ ...job, seconds: 1 })
    await counted.refund(job)
    expect((await counted.remaining(ada())).pictures?.amount).toBe(1)
  })

  test('several processes count together: never more than granted, refunds are exact', async () => {
    const store = memoryStore()
    const limits = { PERSON_PICTURES_PER_HOUR: 20, SERVER_PICTURES_PER_HOUR: 50 }
    const bots = await Promise.all([1, 2, 3].map(() => withQuotas([], limits, store)))
    const granted: Record<string, number> = { ada: 0, bob: 0, cy: 0 }
    const people = Object.keys(granted)
    const ask = async (bot: (typeof bots)[number], person: string, pictures: number) => {
      const job = { ...ada(), person }
      const count = await bot.consume({ ...job, pictures }).catch(() => 0)
      if (pictures === 3) await bot.refund(job)
      else granted[person]! += count
    }
    await Promise.all(people.flatMap(person => bots.flatMap(bot => [1, 2, 3, 4].map(count => ask(bot, person, count)))))
    const total = Object.values(granted).reduce((sum, count) => sum + count)
    expect(total).toBeLessThanOrEqual(50)
    for (const person of people) {
      const { pictures } = await bots[0]!.remaining({ ...ada(), person })
      expect(granted[person]).toBeLessThanOrEqual(20)
      expect(pictures?.amount).toBe(Math.min(20 - granted[person]!, 50 - total))
    }
  })

  test('a count that can’t be read starts at zero', async () => {
    const texts = new Map([
      ['quota:person:ada', '{"counts":'],
      ['quota:server:1', '{"version":9}'],
    ])
    const counted = await withQuotas([{ role: '1', pictures: 3, per: 'hour' }], noLimits, memoryStore(texts))
    expect(await counted.consume({ ...ada(), pictures: 4 })).toBe(3)
  })

  test('of two simultaneous requests one gets the last picture', async () => {
    const counted = await withQuotas([{ role: '1', pictures: 1, per: 'hour' }])
    const both = await Promise.allSettled([1, 2].map(() => counted.consume({ ...ada(), pictures: 1 })))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('the operator’s limits hold for a person everywhere, and for a server as a whole', async () => {
    const counted = await withQuotas([], { PERSON_PICTURES_PER_HOUR: 3, SERVER_PICTURES_PER_HOUR: 5 })
    expect(await counted.consume({ ...direct('ada'), pictures: 2 })).toBe(2)
    expect(await counted.consume({ ...ada(), pictures: 4 })).toBe(1) // in all servers together
    expect(await counted.consume({ ...ada(), person: 'bob', pictures: 4 })).toBe(3)
    expect(await counted.consume({ ...ada(), person: 'dan', pictures: 4 })).toBe(1)
    expect(await problemIn(counted.consume({ ...ada(), person: 'cy', pictures: 1 }))).toMatchObject({
      whose: 'server',
      limit: 5,
    })
  })

  test('a forgotten person starts at zero, and nothing of them is left', async () => {
    const store = memoryStore()
    const counted = await withQuotas([{ role: '1', pictures: 1, per: 'day' }], noLimits, store)
    const job = ada()
    await counted.consume({ ...job, pictures: 1 })
    await counted.forgetPerson('ada')
    await counted.refund(job)
    expect([...store.texts].join()).not.toContain('ada')
    expect(await counted.consume({ ...ada(), pictures: 1 })).toBe(1)
  })
})
