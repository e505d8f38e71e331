import { afterAll, beforeAll, describe } from 'vitest'
import { redisBackend } from '../../src/queue/backends/redis.js'
import { queueContract } from '../contracts/queue.js'
import { hasRedis, type RedisServer, startRedis } from '../support/servers.js'

describe.skipIf(!hasRedis)('with a real Redis', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.close())

  queueContract('the queue on Redis', prefix => redisBackend(redis.url, { prefix, onError: console.error }))
})
