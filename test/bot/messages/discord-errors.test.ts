import { DiscordAPIError, RESTJSONErrorCodes } from 'discord.js'
import { describe, expect, test } from 'vitest'
import { isReplyRefusedError, type Refusal, refusalOf } from '../../../src/bot/messages/discord-errors.js'
import {
  RESULT_WAIT_LIMITS,
  sendByFirstOpenWay,
  UndeliverableError,
  type Way,
} from '../../../src/bot/messages/open-way.js'

/** Every error code that Discord documents. */
const CODES = Object.values(RESTJSONErrorCodes).filter(code => typeof code === 'number')

/** What each documented code means for a message. Every code that is not named here closes its way alone. */
const EXPECTED: Readonly<Partial<Record<Refusal, readonly number[]>>> = {
  malformed: [50_035, 50_006, 50_109],
  'too-large': [40_005, 50_045],
  passing: [40_058, 20_016, 20_022, 20_028, 20_029, 30_046, 40_003, 40_004, 40_006, 40_062, 40_333, 130_000],
  automod: [200_000, 200_001, 240_000, 20_031],
  'explicit-content': [20_009],
  'thread-closed': [50_083, 160_005],
  gone: [10_003, 10_004, 10_008],
  'interaction-over': [10_015, 10_062, 40_060, 50_027],
  forbidden: [50_001, 50_013, 40_007],
  'user-unreachable': [50_007, 50_278, 50_033, 10_013],
}

function refused(code: number, status = 400, errors?: object): DiscordAPIError {
  const body = { code, message: 'refused', ...(errors && { errors }) }
  return new DiscordAPIError(body as never, code, status, 'POST', 'https://discord.com/api/v10/x', {})
}

function expectedFor(code: number): Refusal {
  const found = Object.entries(EXPECTED).find(([, codes]) => codes.includes(code))
  return (found?.[0] as Refusal | undefined) ?? 'other'
}

/** Two ways, the first of which answers with an error. @returns the way that was taken, and how long it took in ms */
async function route(first: () => Error | undefined): Promise<{ way: string; waited: number }> {
  let waited = 0
  const ways: Way<string>[] = [
    async () => {
      const error = first()
      if (error) throw error
      return 'first'
    },
    async why => `second, ${why}`,
  ]
  const way = await sendByFirstOpenWay(ways, RESULT_WAIT_LIMITS, async ms => {
    waited += ms
  })
  return { way, waited }
}

test('Discord documents more than 200 error codes', () => {
  expect(CODES.length).toBeGreaterThan(200)
  expect(CODES).toEqual(expect.arrayContaining(Object.values(EXPECTED).flat()))
})

test.each(CODES)('error code %i is classified', code => {
  expect(refusalOf(refused(code))).toBe(expectedFor(code))
})

test.each(CODES)('a result that is refused with %i takes the next way, or is made smaller, or is kept', async code => {
  const refusal = expectedFor(code)
  const sent = route(() => refused(code))
  if (refusal === 'too-large') return expect(sent).rejects.toThrow(DiscordAPIError)
  if (refusal === 'malformed') return expect(sent).rejects.toThrow(UndeliverableError)
  const { way, waited } = await sent
  expect(way).toBe(`second, ${refusal}`)
  expect(waited > 0).toBe(refusal === 'passing')
  expect(waited).toBeLessThanOrEqual(RESULT_WAIT_LIMITS.passing)
})

describe('codes that Discord adds later', () => {
  test.each([
    [404, 'other'],
    [403, 'other'],
    [400, 'other'],
    [401, 'other'],
    [413, 'too-large'],
    [429, 'passing'],
    [503, 'outage'],
  ] as const)('with status %i are %s', (status, refusal) => {
    expect(refusalOf(refused(987_654, status))).toBe(refusal)
  })
})

test.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'UND_ERR_SOCKET'])(
  'a request that fails with %s meets an outage, also as a cause',
  code => {
    const error = Object.assign(new Error('failed'), { code })
    expect(refusalOf(error)).toBe('outage')
    expect(refusalOf(new TypeError('fetch failed', { cause: error }))).toBe('outage')
  },
)

test('an error that is not Discord’s is a bug, and no way is tried after it', async () => {
  expect(refusalOf(new TypeError('x is undefined'))).toBeUndefined()
  await expect(route(() => new TypeError('x is undefined'))).rejects.toThrow('x is undefined')
})

test('what passes within a minute is waited for', async () => {
  let refusals = 3
  const { way, waited } = await route(() => (refusals-- > 0 ? refused(40_058) : undefined))
  expect(way).toBe('first')
  expect(waited).toBe(1000 + 2000 + 4000)
})

test('where all ways are closed, the first refusal is the reason', async () => {
  const ways = [50_083, 50_278].map(code => async () => Promise.reject(refused(code, 403)))
  await expect(sendByFirstOpenWay(ways, RESULT_WAIT_LIMITS)).rejects.toMatchObject({ reason: 'thread-closed' })
  await expect(sendByFirstOpenWay([async () => undefined], RESULT_WAIT_LIMITS)).rejects.toMatchObject({
    reason: undefined,
  })
})

test('a reply that Discord refuses as a reply can be sent without it', () => {
  const badReference = { message_reference: { _errors: [{ code: 'X', message: 'Cannot reply to a system message' }] } }
  expect(isReplyRefusedError(refused(50_035, 400, badReference))).toBe(true)
  expect(isReplyRefusedError(refused(50_035, 400, { content: {} }))).toBe(false)
  expect([160_002, 160_009, 10_008].every(code => isReplyRefusedError(refused(code)))).toBe(true)
})
