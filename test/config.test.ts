import { expect, test } from 'vitest'
import { parseConfig } from '../src/config.js'
import { problemOf } from './support/problems.js'

test('an empty environment means Discord itself, with everything else as it comes', () => {
  expect(parseConfig({ DISCORD_TOKEN: '', UNRELATED: 'x' })).toEqual({
    DISCORD_API: 'https://discord.com/api',
    DISCORD_CDN: 'https://cdn.discordapp.com',
    DISCORD_MEDIA: 'https://media.discordapp.net',
    LOG_LEVEL: 'info',
    DATA_FOLDER: 'data',
    QUEUE_LIMIT: 100,
    QUEUE_LIMIT_PER_PERSON: 10,
    OPERATOR_HOST: '127.0.0.1',
    PAGES_HOST: '127.0.0.1',
    STOP_SECONDS: 30,
  })
})

test('every wrong setting is named', () => {
  const wrong = { LOG_LEVEL: 'loud', QUEUE_LIMIT: 'many', DISCORD_API: 'ftp://x', REDIS_URL: 'http://x' }
  const problem = problemOf(() => parseConfig(wrong))
  expect(problem?.code).toBe('setting-wrong')
  for (const name of Object.keys(wrong)) expect(JSON.stringify(problem)).toContain(name)
})

test('devices stand with commas between; which of several cards, after a colon', () => {
  expect(parseConfig({ DEVICE: 'cuda:0,cuda:1' }).DEVICE).toEqual(['cuda:0', 'cuda:1'])
  expect(parseConfig({ DEVICE: 'webgpu' }).DEVICE).toEqual(['webgpu'])
  for (const DEVICE of ['gpu', 'cpu:1', 'cuda,', 'cuda:x']) {
    expect(problemOf(() => parseConfig({ DEVICE }))).toMatchObject({ detail: expect.stringContaining('cuda:1') })
  }
})
