import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config.js'
import { openBackend } from '../../src/queue/backends/open-backend.js'
import { quotas } from '../../src/quotas/quotas.js'
import { memorySettings } from '../../src/settings/settings-file.js'
import { hasPostgres, hasRedis, startPostgres, startRedis } from '../support/servers.js'

const RACER = fileURLToPath(new URL('../support/quota-racer.ts', import.meta.url))
const PROCESSES = 2
const JOBS = 120
const PERSON_LIMIT = 40
const SERVER_LIMIT = 70

async function race(environment: Record<string, string>): Promise<void> {
  const limits = { PERSON_PICTURES_PER_HOUR: String(PERSON_LIMIT), SERVER_PICTURES_PER_HOUR: String(SERVER_LIMIT) }
  const env = { ...limits, ...environment }
  const config = parseConfig(env)
  const backend = await openBackend(config, console.error)
  const racers = Array.from({ length: PROCESSES }, () =>
    fork(RACER, [String(JOBS)], { execArgv: ['--import', 'tsx'], env: { ...process.env, ...env } }),
  )
  try {
    await Promise.all(racers.map(one => once(one, 'message')))
    const results = racers.map(one => once(one, 'message'))
    for (const one of racers) one.send('start')
    const granted = (await Promise.all(results)).reduce((sum, [count]) => sum + Number(count), 0)
    // More was asked for than the limit, and what was refunded was granted to others.
    expect(granted).toBe(SERVER_LIMIT)
    const counted = quotas(await memorySettings(), config, backend.store)
    const left = async (person: string, server: string | undefined) =>
      (await counted.remaining({ person, roles: [], server })).pictures!.amount
    const spent = [PERSON_LIMIT - (await left('person0', undefined)), PERSON_LIMIT - (await left('person1', undefined))]
    expect(spent[0]! + spent[1]!).toBe(SERVER_LIMIT)
    expect(await left('somebody else', '1')).toBe(0)
  } finally {
    for (const one of racers) one.kill('SIGKILL')
    await backend.close()
  }
}

describe('bots in several processes count together: never more than the quota, refunds are exact', () => {
  test.skipIf(!hasRedis)('on a real Redis', async () => {
    const redis = await startRedis()
    try {
      await race({ REDIS_URL: redis.url })
    } finally {
      await redis.close()
    }
  })

  test.skipIf(!hasPostgres)('on a real PostgreSQL', async () => {
    const postgres = await startPostgres()
    try {
      await race({ DATABASE_URL: postgres.url })
    } finally {
      await postgres.close()
    }
  })
})
