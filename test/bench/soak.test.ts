import { expect, onTestFinished, test } from 'vitest'
import { soakStore } from '../../bench/soak.js'
import { hasRedis, startRedis } from '../support/servers.js'

test.skipIf(!hasRedis)(
  'while bots and workers are killed and stopped, no job is lost, delivered twice or left over',
  { timeout: 300_000 },
  async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.close())
    const { accepted, delivered, lost, twice, misplaced, kills, freezes, left, details } = await soakStore(
      'redis',
      redis.url,
      0.08,
    )
    expect(details).toEqual([])
    expect({ lost, twice, misplaced, notDelivered: accepted - delivered }).toEqual({
      lost: 0,
      twice: 0,
      misplaced: 0,
      notDelivered: 0,
    })
    expect(accepted).toBeGreaterThan(0)
    expect(kills + freezes).toBeGreaterThan(0)
    expect(Object.entries(left).filter(([, count]) => count > 0)).toEqual([])
  },
)
