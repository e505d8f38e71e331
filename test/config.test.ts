import { describe, expect, test } from 'vitest'
import {
  defaultValueOf,
  ENV_VARS,
  type EnvVar,
  envVarNames,
  isSecretEnvVar,
  malformedEnvVars,
  parseConfig,
  parseEnvVars,
} from '../src/config.js'
import { problemMessage } from '../src/i18n/i18n.js'
import { problemOf } from './support/problems.js'

test('an empty environment gives Discord itself and the defaults', () => {
  expect(parseConfig({ DISCORD_TOKEN: '', UNRELATED: 'x' })).toStrictEqual({
    DISCORD_API: 'https://discord.com/api',
    DISCORD_CDN: 'https://cdn.discordapp.com',
    DISCORD_MEDIA: 'https://media.discordapp.net',
    LOG_LEVEL: 'info',
    MODEL_FOLDER: 'models',
    PYPI_ENDPOINT: 'https://pypi.org/simple',
    HF_ENDPOINT: 'https://huggingface.co',
    DATA_FOLDER: 'data',
    QUEUE_LIMIT: 100,
    QUEUE_LIMIT_PER_PERSON: 10,
    OPERATOR_HOST: '127.0.0.1',
    PAGES_HOST: '127.0.0.1',
    STOP_SECONDS: 30,
    SHARDS: 'auto',
    BOT_STATUS: 'on',
    UPDATE_NOTICE: 'on',
  })
})

/** The message about settings that are wrong, a line for each. */
function said(environment: Record<string, string>): string[] {
  const problem = problemOf(() => parseConfig(environment))
  return problem ? problemMessage(problem).split('\n') : []
}

describe('every invalid setting has a message:', () => {
  test('its name, its value and the accepted values', () => {
    expect(said({ QUEUE_LIMIT: 'many', LOG_LEVEL: 'loud', DISCORD_API: 'ftp://x', STOP_SECONDS: '3601' })).toEqual([
      'QUEUE_LIMIT is “many”. Use a whole number from 1 to 10000.',
      'STOP_SECONDS is “3601”. Use a whole number from 0 to 3600.',
      'LOG_LEVEL is “loud”. Use one of trace, debug, info, warn, error, silent.',
      'DISCORD_API is “ftp://x”. Use a URL that starts with https:// or http://.',
    ])
  })

  test.each(['', ' ', '1.5', '-1', '1e3', '0x10', '1 000', 'NaN', '0', '65536'])('a port is not “%s”', port => {
    expect(said({ PAGES_PORT: port })).toHaveLength(port === '' ? 0 : 1)
  })

  test.each([
    ['REDIS_URL', 'redis:/x', 1],
    ['REDIS_URL', 'localhost:6379', 1],
    ['REDIS_URL', 'rediss://ada:pw@redis.example:6380/2', 0],
    ['DATABASE_URL', 'postgres:x', 1],
    ['DATABASE_URL', 'postgres:///overscan?host=/run/postgresql', 0],
    ['PUBLIC_URL', 'https:example.com', 1],
    ['PUBLIC_URL', 'https://example.com/overscan/', 0],
  ])('%s as “%s”: %i faults', (name, value, count) => {
    expect(said({ [name]: value })).toHaveLength(count)
  })

  test('secrets and values that may contain one are left out', () => {
    const secret = 'hunter2'
    const environment = {
      ...Object.fromEntries(envVarNames.filter(isSecretEnvVar).map(name => [name, secret])),
      PUBLIC_URL: `example.com//ada:${secret}@`,
    }
    const lines = said(environment)
    expect(lines).toEqual(
      expect.arrayContaining([
        'OPERATOR_PASSWORD is invalid. Use text of at least 8 characters.',
        'REDIS_URL is invalid. Use a URL that starts with redis:// or rediss:// or redis+sentinel:// or rediss+sentinel://.',
      ]),
    )
    expect(lines).toHaveLength(4)
    expect(JSON.stringify(malformedEnvVars(environment))).not.toContain(secret)
    expect(envVarNames.filter(name => /TOKEN|SECRET|PASSWORD|(REDIS|DATABASE)_URL/.test(name))).toEqual(
      envVarNames.filter(isSecretEnvVar),
    )
  })

  test('long values are truncated', () => {
    expect(said({ DEVICE: 'x'.repeat(1000) })[0]).toMatch(/^DEVICE is “x{60}…”/)
  })
})

test('a subset of settings ignores faults in others', () => {
  const environment = { QUEUE_LIMIT: 'many', MODEL_FOLDER: '/models' }
  expect(parseEnvVars(environment, ['MODEL_FOLDER', 'DEVICE'])).toStrictEqual({ MODEL_FOLDER: '/models' })
  expect(problemOf(() => parseEnvVars(environment, ['QUEUE_LIMIT']))?.code).toBe('configuration-invalid')
})

test('devices are separated by commas, with a GPU number after a colon', () => {
  expect(parseConfig({ DEVICE: 'cuda:0,cuda:1' }).DEVICE).toEqual(['cuda:0', 'cuda:1'])
  expect(parseConfig({ DEVICE: 'webgpu' }).DEVICE).toEqual(['webgpu'])
  for (const DEVICE of ['gpu', 'cpu:1', 'cuda,', 'cuda:x']) expect(said({ DEVICE })[0]).toContain('cuda:1')
})

test('shards: all of a number, one, or a range', () => {
  const shards = (SHARDS: string) => parseConfig({ SHARDS }).SHARDS
  expect(shards('auto')).toBe('auto')
  expect(shards('3')).toEqual({ ids: [0, 1, 2], total: 3 })
  expect(shards('2/16')).toEqual({ ids: [2], total: 16 })
  expect(shards('4-7/16')).toEqual({ ids: [4, 5, 6, 7], total: 16 })
  for (const SHARDS of ['0', '16/16', '3-1/16', '0-16/16', '-1/4', '1,2/4', '0-3', '99999', 'all']) {
    expect(said({ SHARDS }), SHARDS).toEqual([
      expect.stringMatching(/^SHARDS is “.*”\. Use auto, the number .* 0-3\/16\.$/),
    ])
  }
})

test.each(['“abc”', '‘abc’', '„abc“', '«abc»', 'abc”', '"abc"', "'abc'"])(
  'quotation marks around %s are named',
  value => {
    const mark = value.startsWith('a') ? value.at(-1) : value[0]
    for (const name of ['DISCORD_TOKEN', 'DATA_FOLDER']) {
      expect(said({ [name]: value })).toEqual([
        `${name} begins or ends with the quotation mark ${mark}, which would be part of the value. Write the value without quotation marks.`,
      ])
    }
  },
)

test('a token has no spaces and only ASCII', () => {
  for (const DISCORD_TOKEN of ['a b', 'abс', 'a\u200bb', 'a\nb']) {
    expect(said({ DISCORD_TOKEN })).toEqual([
      'DISCORD_TOKEN is invalid. Use printable ASCII characters without spaces.',
    ])
  }
  expect(said({ DISCORD_TOKEN: 'Bot MTE.x-y_z' })).toEqual([])
})

test('documented defaults and examples are valid', () => {
  for (const name of envVarNames) {
    const { example }: EnvVar = ENV_VARS[name]
    const values = [defaultValueOf(name), example]
    for (const value of values) expect(malformedEnvVars({ [name]: value })).toEqual([])
  }
})
