import { DiscordAPIError, HTTPError, RateLimitError } from 'discord.js'
import { ReplyError } from 'ioredis'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createMetrics } from '../src/admin/metrics.js'
import { replyWithError } from '../src/bot/messages/reply-with-error.js'
import { createLogger } from '../src/cli/log.js'
import { secretValues } from '../src/config.js'
import { translationsFor } from '../src/i18n/i18n.js'
import { formatError, hideSecrets, redact, serializeError } from '../src/serialize-error.js'
import { UserError } from '../src/user-error.js'

/** What was planted: no output may contain it. */
const PLANTED = 'plantedSecret'
const TOKEN = `aW50ZXJhY3Rpb246MTIz${PLANTED}`
const PROMPT = `a portrait of ${PLANTED}`
const BODY = { files: undefined, json: { data: { content: PROMPT } } }

/** An error of Redis, as ioredis throws it: with the whole command. */
function redisError(message: string, name: string, ...args: string[]): Error {
  return Object.assign(new ReplyError(message), { command: { name, args } })
}

function databaseError(fields: object, message: string): Error {
  return Object.assign(new pg.DatabaseError(message, 1, 'error'), { severity: 'ERROR', ...fields })
}

function thrownBy(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return error
  }
}

const ERRORS: readonly (readonly [string, () => unknown])[] = [
  ['a refused password of Redis', () => redisError('WRONGPASS invalid username-password pair', 'auth', PLANTED)],
  ['a refused HSET', () => redisError('OOM command not allowed', 'hset', 'job', PROMPT)],
  [
    'a command that Redis does not know',
    () => redisError(`ERR unknown command 'X', with args beginning with: '${PROMPT}'`, 'X', PROMPT),
  ],
  [
    'an expired interaction',
    () =>
      new DiscordAPIError(
        { code: 10062, message: 'Unknown interaction' },
        10062,
        404,
        'POST',
        `https://discord.com/api/v10/interactions/123/${TOKEN}/callback`,
        BODY,
      ),
  ],
  [
    'an expired webhook',
    () =>
      new HTTPError(
        502,
        'Bad Gateway',
        'PATCH',
        `https://discord.com/api/webhooks/1/${TOKEN}/messages/@original`,
        BODY,
      ),
  ],
  [
    'a rate limit',
    () =>
      new RateLimitError({
        timeToReset: 1,
        limit: 1,
        method: 'POST',
        hash: TOKEN,
        url: `https://discord.com/api/webhooks/1/${TOKEN}`,
        route: '/webhooks/:id/:token',
        majorParameter: TOKEN,
        global: false,
        retryAfter: 1,
        sublimitTimeout: 0,
        scope: 'user',
      }),
  ],
  ['a row that PostgreSQL refuses', () => databaseError({ code: '23514', detail: PROMPT, where: PROMPT }, 'check "x"')],
  ['a value that PostgreSQL refuses', () => databaseError({ code: '22P02' }, `invalid input for json: "${PROMPT}"`)],
  ['a wrong password of PostgreSQL', () => connectionError('DATABASE_URL', `postgres://me:${PLANTED}@db/x`)],
  ['a URL with a password', () => new Error(`can't connect to redis://default:${PLANTED}@host:6379/0`)],
  ['a URL with a key', () => new TypeError(`Failed to parse URL from https://x.test/f?token=${PLANTED}&a=1`)],
  ['a URL that is none', () => thrownBy(() => new URL(`http://[${PLANTED}`))],
  ['what is no JSON', () => thrownBy(() => JSON.parse(`${PLANTED} "x`))],
  ['what is no JSON, shortened', () => thrownBy(() => JSON.parse(`{"prompt":"${PROMPT}", x}`))],
  ['data of another shape', () => z.object({ prompt: z.number() }).safeParse({ prompt: PROMPT }).error],
  ['a token of a bot', () => new Error(`refused: MTAwMDAwMDAwMDAwMDAwMDAw.Gabcde.${PLANTED}${'a'.repeat(27)}`)],
  ['a link of the editor', () => new Error(`see /paint#eyJhbGciOiJIUzI1NiJ9.${PLANTED}.abc`)],
  ['a header', () => new Error(`401 for Bearer ${PLANTED}`)],
  ['a cause', () => new Error('outer', { cause: connectionError('HF_TOKEN', PLANTED) })],
  ['many errors', () => new AggregateError([connectionError('HF_TOKEN', PLANTED)], 'all failed')],
  ['fields of any name', () => Object.assign(new Error('x'), { anything: PLANTED, config: { auth: PLANTED } })],
  ['an object that is no error', () => ({ url: PLANTED, command: { args: [PLANTED] } })],
  ['a problem', () => new UserError({ code: 'download-forbidden', url: `https://x.test/f?token=${PLANTED}` })],
  [
    'a problem of a request',
    () => new UserError({ code: 'queue-unreachable' }, { cause: new Error(`re://a:${PLANTED}@b`) }),
  ],
]

function connectionError(setting: string, value: string): Error {
  hideSecrets(secretValues({ [setting]: value }))
  return new Error(`authentication failed for ${value}`)
}

describe.each(ERRORS)('%s', (_, make) => {
  test('leaves no secret in the log, on the terminal, in metrics or in the answer', async () => {
    const error = await make()
    const lines: string[] = []
    const log = createLogger('trace', line => void lines.push(line))
    log.error(error, 'first')
    log.warn({ err: error, job: '1' }, 'second')
    log
      .child({ job: '1' })
      .info({ problem: error instanceof UserError ? error.problem : undefined, err: error }, 'third')
    const shown: string[] = []
    const responder = { notify: async (view: unknown) => void shown.push(JSON.stringify(view)) } as never
    await replyWithError(error, responder, translationsFor('en-US'), log)
    const metrics = await createMetrics().text()
    expect(lines.length).toBeGreaterThanOrEqual(4)
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('msg')
    expect([...lines, ...shown, formatError(error), metrics].filter(text => text.includes(PLANTED))).toEqual([])
  })
})

test('what helps to find the cause stays', () => {
  const url = `https://discord.com/api/v10/interactions/123/${TOKEN}/callback`
  const error = new DiscordAPIError({ code: 10062, message: 'Unknown interaction' }, 10062, 404, 'POST', url, BODY)
  expect(serializeError(new Error('outer', { cause: error }))).toMatchObject({
    type: 'Error',
    message: 'outer',
    stack: expect.stringMatching(/^\s+at .*serialize-error\.test/),
    cause: { code: 10062, status: 404, method: 'POST', route: '/api/v10/interactions/123/[hidden]/callback' },
  })
})

test('causes that go round end', () => {
  const error = new Error('round')
  error.cause = error
  expect(JSON.stringify(serializeError(error)).length).toBeLessThan(20_000)
})

test('plain texts stay as they are', () => {
  const text = 'See https://example.org/docs/x.html#part, then run overscan doctor. 3:4, a@b, v1.2.3'
  expect(redact(text)).toBe(text)
})
