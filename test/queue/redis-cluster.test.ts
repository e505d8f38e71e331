import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isUnreachable } from '../../src/queue/backends/reconnect.js'
import { redisBackend } from '../../src/queue/backends/redis.js'
import { queueContract } from '../contracts/queue.js'
import { startRedisCluster } from '../support/redis-servers.js'
import { hasRedis } from '../support/servers.js'

const WAIT = { timeout: 60_000, interval: 100 }

describe.skipIf(!hasRedis)('with a real Redis Cluster of three nodes', () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>
  beforeAll(async () => {
    cluster = await startRedisCluster()
  })
  afterAll(() => cluster.close())

  queueContract('the queue on a Redis Cluster', prefix => redisBackend(cluster.url, { prefix, onError: console.error }))

  test('one node in the URL is enough: the others are found', async () => {
    for (const { url } of cluster.nodes) {
      const backend = await redisBackend(url, { prefix: 'found', onError: console.error })
      await backend.store.set('x', 60, url)
      expect(await backend.store.get('x')).toBe(url)
      await backend.close()
    }
  })

  test('a database number is refused: a cluster has one database', async () => {
    const start = redisBackend(`${cluster.nodes[0]!.url}/3`, { onError: () => {} })
    await expect(start).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/^ERR SELECT is not allowed/) },
    })
  })

  test('nodes go away and come back: calls fail soon and say that the queue can’t be reached, then all continues', async () => {
    const backend = await redisBackend(cluster.url, { prefix: 'lost', onError: () => {} })
    const received: string[] = []
    let reconnects = 0
    await backend.store.subscribe('news', {
      onMessage: text => received.push(text),
      onReconnect: () => {
        reconnects++
      },
    })
    await backend.store.set('x', 600, 'kept')
    await Promise.all(cluster.nodes.map(node => node.kill()))
    const error = await backend.store.get('x').catch(cause => cause)
    expect(isUnreachable(error), String(error)).toBe(true)
    await Promise.all(cluster.nodes.map(node => node.restart()))
    await expect.poll(() => backend.store.get('x').catch(() => undefined), WAIT).toBe('kept')
    await expect.poll(() => reconnects, WAIT).toBeGreaterThan(0)
    await backend.store.publish('news', 'back')
    await expect.poll(() => received, WAIT).toEqual(['back'])
    await backend.close()
  })
})
