import { afterAll, beforeAll, describe } from 'vitest'
import { redisBackend } from '../../src/queue/backends/redis.js'
import { queueContract } from '../contracts/queue.js'
import { type RedisServer, startRedis, valkeyServer } from '../support/servers.js'

describe.skipIf(valkeyServer === undefined)('with a real Valkey', () => {
  let valkey: RedisServer
  beforeAll(async () => {
    valkey = await startRedis({}, valkeyServer)
  })
  afterAll(() => valkey.close())

  queueContract('the queue on Valkey', prefix => redisBackend(valkey.url, { prefix, onError: console.error }))
})
