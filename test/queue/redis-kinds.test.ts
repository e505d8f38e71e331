import { Redis } from 'ioredis'
import { afterEach, describe, expect, test } from 'vitest'
import type { Backend } from '../../src/queue/backends/backend.js'
import { readCertificates } from '../../src/queue/backends/open-backend.js'
import { inspectRedis, type RedisBackendOptions, redisBackend } from '../../src/queue/backends/redis.js'
import { jobQueue } from '../../src/queue/job-queue.js'
import { startWorker } from '../../src/queue/worker/worker.js'
import { followToEnd, paintRequest, scriptedPainter, workerDevice } from '../contracts/queue.js'
import { startSentinel, startTlsRedis } from '../support/redis-servers.js'
import { hasRedis, startRedis } from '../support/servers.js'

const WAIT = { timeout: 60_000, interval: 100 }
const opened: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close()
})

async function opens<T extends { close(): Promise<unknown> }>(starting: Promise<T>): Promise<T> {
  const one = await starting
  opened.push(one)
  return one
}

const backendAt = (url: string, options: Partial<RedisBackendOptions> = {}): Promise<Backend> =>
  opens(redisBackend(url, { onError: () => {}, ...options }))

/** Paints a job on this backend from its start to its end. */
async function paintOn(backend: Backend, id = 'a'): Promise<void> {
  const onError = () => {} // after a failover there are some
  const queue = await opens(jobQueue(backend, { engines: ['fill'], maxWaiting: 9, maxWaitingPerPerson: 9, onError }))
  const { painter, finishAll } = scriptedPainter()
  finishAll()
  const worker = await startWorker(backend, { devices: [workerDevice(painter)], reportBug: () => '', onError })
  opened.push({ close: () => worker.close(0) })
  await queue.add({ id, person: 'ada', server: undefined, megapixels: 1, ticket: id, request: paintRequest })
  expect((await followToEnd(queue, id)).at(-1)).toMatchObject({ state: 'done' })
  await queue.acknowledge(id)
}

describe.skipIf(!hasRedis)('kinds of Redis', () => {
  test('TLS with a certificate of a private authority: refused with its reason, accepted with REDIS_CA', async () => {
    const redis = await opens(startTlsRedis())
    await expect(redisBackend(redis.url, { onError: () => {} })).rejects.toMatchObject({
      problem: { code: 'queue-unreachable' },
      cause: { code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY/) },
    })
    const ca = await readCertificates(redis.caFile)
    await paintOn(await backendAt(redis.url, { ca }))
    expect(await inspectRedis({ url: redis.url, ca }, new AbortController().signal)).toMatchObject({
      isPersistent: true,
    })
  })

  test('a file for REDIS_CA that is missing, or has no certificate, is a problem', async () => {
    await expect(readCertificates('/nowhere/ca.pem')).rejects.toMatchObject({
      problem: { code: 'cannot-read', path: '/nowhere/ca.pem' },
    })
    await expect(readCertificates('package.json')).rejects.toMatchObject({
      problem: { code: 'cannot-read', reason: expect.stringContaining('PEM') },
    })
  })

  test('a user with rights on our keys only, and without INFO and CONFIG', async () => {
    const redis = await opens(
      startRedis({ user: 'painter on >se,c:ret@ resetchannels ~overscan:* &overscan:* +@all -@admin -@dangerous' }),
    )
    const url = `redis://painter:${encodeURIComponent('se,c:ret@')}@127.0.0.1:${redis.port}`
    await paintOn(await backendAt(url))
    expect(await inspectRedis({ url }, new AbortController().signal)).toBeUndefined()
    await expect(redisBackend(url, { prefix: 'other', onError: () => {} })).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/NOPERM|ACL failure/) },
    })
    await expect(redisBackend(url.replace('ret', 'wrong'), { onError: () => {} })).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/^WRONGPASS/) },
    })
  })

  test.each([
    ['keys', '~other:* &* +@all'],
    ['scripts', '~overscan:* &* +@all -@scripting'],
    ['channels', '~overscan:* resetchannels +@all'],
  ])('a user without rights on our %s is refused at the start, and the doctor sees it', async (_, rights) => {
    const redis = await opens(startRedis({ user: `poor on >pw ${rights}` }))
    const url = `redis://poor:pw@127.0.0.1:${redis.port}`
    const refused = { message: expect.stringContaining('NOPERM') }
    await expect(redisBackend(url, { onError: () => {} })).rejects.toMatchObject({ cause: refused })
    await expect(inspectRedis({ url }, new AbortController().signal)).rejects.toMatchObject(refused)
  })

  test('a read-only replica is named at the start', async () => {
    const primary = await opens(startRedis())
    const replica = await opens(startRedis({ replicaof: `127.0.0.1 ${primary.port}` }))
    const refusal = { message: expect.stringMatching(/READONLY/) }
    await expect(redisBackend(replica.url, { onError: () => {} })).rejects.toMatchObject({ cause: refusal })
    await expect(inspectRedis({ url: replica.url }, new AbortController().signal)).rejects.toMatchObject(refusal)
  })

  test('a database that the server does not have is refused, and one that it has is used', async () => {
    const redis = await opens(startRedis())
    await expect(redisBackend(`${redis.url}/99`, { onError: () => {} })).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/^ERR DB index is out of range/) },
    })
    await (await backendAt(`${redis.url}/3`)).store.set('x', 60, '1')
    const client = new Redis(redis.url, { db: 3 })
    expect(await client.get('overscan:sign:x')).toBe('1')
    client.disconnect()
  })

  test('several servers that are no cluster are refused', async () => {
    const redis = await opens(startRedis())
    await expect(redisBackend(`${redis.url},${redis.url}`, { onError: () => {} })).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/is not a node of a cluster/) },
    })
  })

  test('sentinels: the primary is found, and after a failover the new one', async () => {
    const primary = await opens(startRedis())
    const replica = await opens(startRedis({ replicaof: `127.0.0.1 ${primary.port}` }))
    const client = new Redis(replica.url)
    await expect.poll(() => client.info('replication'), WAIT).toContain('master_link_status:up')
    const sentinel = await opens(startSentinel(primary))
    const backend = await backendAt(sentinel.url)
    await paintOn(backend)
    await backend.store.set('x', 600, 'kept')
    await expect.poll(() => client.get('overscan:sign:x'), WAIT).toBe('kept')
    client.disconnect()
    await primary.kill()
    await expect.poll(() => backend.store.set('y', 600, '1').catch(error => error), WAIT).toBeUndefined()
    expect(await backend.store.get('x')).toBe('kept')
    await paintOn(backend, 'b')
  })

  test('no sentinel can be reached, or none knows the name: the start fails', async () => {
    await expect(redisBackend('redis+sentinel://127.0.0.1:1/painting', { onError: () => {} })).rejects.toMatchObject({
      problem: { code: 'queue-unreachable' },
    })
    const primary = await opens(startRedis())
    const sentinel = await opens(startSentinel(primary))
    const wrongName = sentinel.url.replace('painting', 'other')
    await expect(redisBackend(wrongName, { onError: () => {} })).rejects.toMatchObject({
      problem: { code: 'queue-unreachable' },
    })
  })
})
