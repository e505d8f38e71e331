import { expect, onTestFinished, test } from 'vitest'
import { soakStore } from '../../bench/soak.js'
import { hasRedis, startRedis } from '../support/servers.js'

test.skipIf(!hasRedis)(
  'while bots and workers are killed and stopped, no job is lost, delivered twice or left over',
  { timeout: 300_000 },
  async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.close())
    const { accepted, lost, twice, misplaced, kills, freezes, left } = await soakStore('redis', redis.url, 0.08)
    expect({ lost, twice, misplaced }).toEqual({ lost: 0, twice: 0, misplaced: 0 })
    expect(accepted).toBeGreaterThan(0)
    expect(kills + freezes).toBeGreaterThan(0)
    expect(Object.entries(left).filter(([, count]) => count > 0)).toEqual([])
  },
)
