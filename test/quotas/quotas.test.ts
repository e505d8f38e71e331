import { RateLimiterMemory } from 'rate-limiter-flexible'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
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

const inMemory = (duration: number) => new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration })

async function withQuotas(serverQuotas: Quota[], config: Parameters<typeof quotas>[1] = noLimits) {
  const settings = await memorySettings()
  await settings.setServer('1', { quotas: serverQuotas })
  return quotas(settings, config, inMemory)
}

const ada = (...roles: string[]) => ({ person: 'ada', roles: ['1', ...roles], server: '1' })

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
    await counted.consume({ ...ada(), pictures: 4 })
    await counted.consumeSeconds({ ...ada(), seconds: 25.2 })
    expect(await counted.remaining(ada())).toEqual({ seconds: { amount: 0, per: 'hour' } })
    expect(await problemIn(counted.consume({ ...ada(), pictures: 1 }))).toMatchObject({ what: 'seconds', limit: 10 })
  })

  test('people and servers are counted separately', async () => {
    const counted = await withQuotas([{ role: '1', pictures: 1, per: 'hour' }])
    await counted.consume({ ...ada(), pictures: 1 })
    expect(await counted.consume({ ...ada(), person: 'bob', pictures: 1 })).toBe(1)
    expect(await counted.consume({ person: 'ada', roles: [], server: undefined, pictures: 4 })).toBe(4)
  })

  test('pictures that were not painted are refunded', async () => {
    const counted = await withQuotas([{ role: '1', pictures: 3, per: 'hour' }])
    await counted.consume({ ...ada(), pictures: 2 })
    await counted.refund({ ...ada(), pictures: 2 })
    expect((await counted.remaining(ada())).pictures?.amount).toBe(3)
  })

  test('of two simultaneous requests one gets the last picture', async () => {
    const counted = await withQuotas([{ role: '1', pictures: 1, per: 'hour' }])
    const both = await Promise.allSettled([1, 2].map(() => counted.consume({ ...ada(), pictures: 1 })))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('the operator’s limits hold for a person everywhere, and for a server as a whole', async () => {
    const counted = await withQuotas([], { PERSON_PICTURES_PER_HOUR: 3, SERVER_PICTURES_PER_HOUR: 5 })
    expect(await counted.consume({ person: 'ada', roles: [], server: undefined, pictures: 4 })).toBe(3)
    expect(await counted.consume({ ...ada(), pictures: 4 })).toBe(3)
    expect(await counted.consume({ ...ada(), person: 'bob', pictures: 4 })).toBe(2)
    expect(await problemIn(counted.consume({ ...ada(), person: 'cy', pictures: 1 }))).toMatchObject({
      whose: 'server',
      limit: 5,
    })
  })

  test('a forgotten person starts at zero', async () => {
    const counted = await withQuotas([{ role: '1', pictures: 1, per: 'day' }])
    await counted.consume({ ...ada(), pictures: 1 })
    await counted.forgetPerson('ada')
    expect(await counted.consume({ ...ada(), pictures: 1 })).toBe(1)
  })
})
