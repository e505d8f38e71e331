import { RateLimiterMemory } from 'rate-limiter-flexible'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { limits } from '../../src/quotas/quotas.js'
import type { Quota } from '../../src/settings/settings.js'
import { memorySettings } from '../../src/settings/settings-file.js'
import { problemIn } from '../support/problems.js'

const HOUR = 3_600_000
const none = { PERSON_PICTURES_PER_HOUR: undefined, SERVER_PICTURES_PER_HOUR: undefined }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const inMemory = (duration: number) => new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration })

async function withQuotas(quotas: Quota[], config: Parameters<typeof limits>[1] = none) {
  const settings = await memorySettings()
  await settings.setServer('1', { quotas })
  return limits(settings, config, inMemory)
}

const ada = (...roles: string[]) => ({ person: 'ada', roles: ['1', ...roles], server: '1' })

describe('quotas', () => {
  test('without one nothing is limited', async () => {
    const limit = await withQuotas([])
    expect(await limit.consume({ ...ada(), pictures: 4 })).toBe(4)
    expect(await limit.remaining(ada())).toEqual({})
  })

  test('what is left is granted; then nothing, until the time is over', async () => {
    const limit = await withQuotas([{ role: '1', pictures: 6, per: 'hour' }])
    expect(await limit.consume({ ...ada(), pictures: 4 })).toBe(4)
    expect(await limit.remaining(ada())).toEqual({ pictures: { left: 2, per: 'hour' } })
    vi.advanceTimersByTime(HOUR / 2)
    expect(await limit.consume({ ...ada(), pictures: 4 })).toBe(2)
    const until = Date.now() + HOUR / 2
    const problem = await problemIn(limit.consume({ ...ada(), pictures: 1 }))
    expect(problem).toEqual({ code: 'quota-exceeded', whose: 'person', what: 'pictures', limit: 6, per: 'hour', until })
    vi.advanceTimersByTime(HOUR / 2 + 1)
    expect(await limit.consume({ ...ada(), pictures: 1 })).toBe(1)
  })

  test('the most generous of one’s roles counts, by the hour', async () => {
    const limit = await withQuotas([
      { role: '1', pictures: 2, per: 'hour' },
      { role: '5', pictures: 24, per: 'day' },
      { role: '6', pictures: 3, per: 'hour' },
    ])
    expect((await limit.remaining(ada('5'))).pictures).toEqual({ left: 2, per: 'hour' })
    expect((await limit.remaining(ada('5', '6'))).pictures).toEqual({ left: 3, per: 'hour' })
  })

  test('GPU seconds are booked afterwards, may go over, and then stop the next one', async () => {
    const limit = await withQuotas([{ role: '1', seconds: 10, per: 'hour' }])
    await limit.consume({ ...ada(), pictures: 4 })
    await limit.consumeSeconds({ ...ada(), seconds: 25.2 })
    expect(await limit.remaining(ada())).toEqual({ seconds: { left: 0, per: 'hour' } })
    expect(await problemIn(limit.consume({ ...ada(), pictures: 1 }))).toMatchObject({ what: 'seconds', limit: 10 })
  })

  test('people and servers are counted apart', async () => {
    const limit = await withQuotas([{ role: '1', pictures: 1, per: 'hour' }])
    await limit.consume({ ...ada(), pictures: 1 })
    expect(await limit.consume({ ...ada(), person: 'bob', pictures: 1 })).toBe(1)
    expect(await limit.consume({ person: 'ada', roles: [], server: undefined, pictures: 4 })).toBe(4)
  })

  test('what was not painted is given back, but never more than was spent', async () => {
    const limit = await withQuotas([{ role: '1', pictures: 3, per: 'hour' }])
    await limit.consume({ ...ada(), pictures: 2 })
    await limit.refund({ ...ada(), pictures: 2 })
    expect((await limit.remaining(ada())).pictures?.left).toBe(3)
  })

  test('two requests at once don’t both take the last picture', async () => {
    const limit = await withQuotas([{ role: '1', pictures: 1, per: 'hour' }])
    const both = await Promise.allSettled([1, 2].map(() => limit.consume({ ...ada(), pictures: 1 })))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('the owner’s limits hold for people everywhere, and for a server as a whole', async () => {
    const limit = await withQuotas([], { PERSON_PICTURES_PER_HOUR: 3, SERVER_PICTURES_PER_HOUR: 5 })
    expect(await limit.consume({ person: 'ada', roles: [], server: undefined, pictures: 4 })).toBe(3)
    expect(await limit.consume({ ...ada(), pictures: 4 })).toBe(3)
    expect(await limit.consume({ ...ada(), person: 'bob', pictures: 4 })).toBe(2)
    expect(await problemIn(limit.consume({ ...ada(), person: 'cy', pictures: 1 }))).toMatchObject({
      whose: 'server',
      limit: 5,
    })
  })

  test('who is forgotten starts anew', async () => {
    const limit = await withQuotas([{ role: '1', pictures: 1, per: 'day' }])
    await limit.consume({ ...ada(), pictures: 1 })
    await limit.forgetPerson('ada')
    expect(await limit.consume({ ...ada(), pictures: 1 })).toBe(1)
  })
})
