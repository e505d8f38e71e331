import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { redisBackend } from '../../src/queue/backends/redis.js'
import { queueContract } from '../contracts/queue.js'
import { hasRedis, type RedisServer, startRedis } from '../support/servers.js'

describe.skipIf(!hasRedis)('with a real Redis', () => {
  let redis: RedisServer
  const pictureFolder = mkdtempSync(join(tmpdir(), 'overscan-pictures-'))
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(async () => {
    await redis.close()
    await rm(pictureFolder, { recursive: true })
  })

  queueContract('the queue on Redis', prefix => redisBackend(redis.url, { prefix, onError: console.error }))

  queueContract('the queue on Redis with pictures in a shared folder', prefix =>
    redisBackend(redis.url, { prefix: `folder-${prefix}`, pictureFolder, onError: console.error }),
  )
})
