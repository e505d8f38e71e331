import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Backend } from '../../src/queue/backends/backend.js'
import { type RedisBackendOptions, redisBackend } from '../../src/queue/backends/redis.js'
import { jobQueue } from '../../src/queue/job-queue.js'
import type { JobQueue } from '../../src/queue/queue.js'
import { startWorker } from '../../src/queue/worker/worker.js'
import { followToEnd, paintRequest, scriptedPainter, workerDevice } from '../contracts/queue.js'
import { paintedPicture } from '../support/painted-picture.js'
import { startTcpProxy } from '../support/proxy.js'
import { hasRedis, type RedisServer, startRedis } from '../support/servers.js'

const WAIT = { timeout: 60_000, interval: 50 }

describe.skipIf(!hasRedis)('with faults between the processes and a real Redis', () => {
  let redis: RedisServer
  let count = 0
  const opened: { close(): Promise<unknown> }[] = []
  /** Messages of background errors, which are expected here. */
  const errorMessages: string[] = []
  const onError = (error: Error) => {
    errorMessages.push(error.message)
  }

  beforeAll(async () => {
    redis = await startRedis()
  })
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close()
    errorMessages.length = 0
  })
  afterAll(() => redis.close())

  const prefix = () => `faults-${count}`
  async function backendAt(port = redis.port, options: Partial<RedisBackendOptions> = {}): Promise<Backend> {
    const backend = await redisBackend(`redis://127.0.0.1:${port}`, { prefix: prefix(), onError, ...options })
    opened.push(backend)
    return backend
  }
  async function queueOn(backend: Backend): Promise<JobQueue> {
    const queue = await jobQueue(backend, { engines: ['fill'], maxWaiting: 100, maxWaitingPerPerson: 100, onError })
    opened.push(queue)
    return queue
  }
  async function painterOn(backend: Backend) {
    const scripted = scriptedPainter()
    const worker = await startWorker(backend, {
      devices: [workerDevice(scripted.painter)],
      reportBug: () => '',
      onError,
    })
    opened.push({ close: () => worker.close(0) })
    return scripted
  }
  const add = (queue: JobQueue, id: string) =>
    queue.add({
      id,
      person: 'ada',
      server: undefined,
      megapixels: 1,
      ticket: id,
      request: { ...paintRequest, prompt: id },
    })
  const ends = async (queue: JobQueue, id: string) =>
    (await followToEnd(queue, id)).filter(({ state }) => state !== 'waiting' && state !== 'running')

  test('Redis is killed and restarted: accepted jobs are kept, and new ones are refused meanwhile', async () => {
    count++
    const backend = await backendAt()
    const queue = await queueOn(backend)
    const { call, startedPrompts } = await painterOn(backend)
    await add(queue, 'runs')
    await call('runs')
    await add(queue, 'waits')
    const both = Promise.all([ends(queue, 'runs'), ends(queue, 'waits')])

    await redis.kill()
    await expect(add(queue, 'meanwhile')).rejects.toMatchObject({ problem: { code: 'queue-unreachable' } })
    ;(await call('runs')).finish()
    await redis.restart()
    ;(await call('waits')).finish()
    for (const end of await both) expect(end).toMatchObject([{ state: 'done' }])
    expect(startedPrompts()).toEqual(['runs', 'waits'])
    await add(queue, 'afterwards')
    const last = ends(queue, 'afterwards')
    ;(await call('afterwards')).finish()
    expect(await last).toMatchObject([{ state: 'done' }])
  })

  test.each([0, 1500])('queue and worker close %i ms after Redis went away, with a job under way', async awayMs => {
    count++
    const backend = await backendAt()
    const queue = await queueOn(backend)
    const { call } = await painterOn(backend)
    await add(queue, 'a')
    await call('a')
    await redis.kill()
    await new Promise(resolve => setTimeout(resolve, awayMs))
    for (const one of opened.splice(0).reverse()) await one.close()
    await redis.restart()

    // The job is still there.
    const next = await queueOn(await backendAt())
    expect(await next.list()).toMatchObject([{ id: 'a' }])
  })

  test('queue and worker close right after Redis came back', async () => {
    count++
    const backend = await backendAt()
    await queueOn(backend)
    await painterOn(backend)
    await redis.kill()
    // By then all connections wait for their next attempt, for another second or more.
    await new Promise(resolve => setTimeout(resolve, 2500))
    await redis.restart()
    for (const one of opened.splice(0).reverse()) await one.close()
  })

  test('jobs whose records are no JSON stop nobody else, and go on as far as they can', async () => {
    const backend = await backendAt()
    const queue = await queueOn(backend)
    const ids = ['first', 'options', 'progress', 'last', 'request']
    for (const id of ids) await add(queue, id)
    const client = new Redis(redis.url)
    opened.push({ close: async () => client.disconnect() })
    const damage = (id: string, field: string) => client.hset(`${prefix()}:paint-fill-4:job-${id}`, field, '{"a":')
    await damage('options', 'opts')
    await damage('progress', 'progress')
    await damage('request', 'data')

    const other = await queueOn(backend)
    expect((await other.list()).map(({ id, state }) => [id, state.state])).toEqual(ids.map(id => [id, 'waiting']))
    await queue.resumeServer('one')
    expect(await other.forgetPerson('eve')).toBe(0)
    const { finishAll } = await painterOn(backend)
    finishAll()
    for (const id of ids.slice(0, 4)) expect(await ends(queue, id)).toMatchObject([{ state: 'done' }])
    for (const id of ids.slice(0, 4)) await queue.acknowledge(id)
    // Without its request a job is left to workers of other versions for a minute, then it fails.
    expect((await other.list()).map(({ id }) => id)).toEqual(['request'])
    expect(await queue.cancel('request')).toBe(true)
    expect(await ends(queue, 'request')).toEqual([{ state: 'cancelled' }])
    expect(errorMessages).toEqual([])
  })

  test('Redis does not answer for a while (CLIENT PAUSE): everything continues afterwards', async () => {
    count++
    const backend = await backendAt()
    const queue = await queueOn(backend)
    const { call } = await painterOn(backend)
    await add(queue, 'a')
    const { hooks, finish } = await call('a')
    const end = ends(queue, 'a')
    const client = new Redis(redis.url)
    await client.client('PAUSE', 3000, 'ALL')
    hooks.onProgress({ done: 0.5 })
    finish()
    await add(queue, 'b')
    expect(await end).toMatchObject([{ state: 'done' }])
    const next = ends(queue, 'b')
    ;(await call('b')).finish()
    expect(await next).toMatchObject([{ state: 'done' }])
    client.disconnect()
  })

  test('the network between worker and Redis is cut for as long as a lock lasts: the job ends once', async () => {
    count++
    const proxy = await startTcpProxy(redis.port)
    opened.push(proxy)
    const lockDurationMs = 3000
    const queue = await queueOn(await backendAt(redis.port, { lockDurationMs }))
    const far = await painterOn(await backendAt(proxy.port, { lockDurationMs }))
    await add(queue, 'a')
    await far.call('a')
    const near = await painterOn(await backendAt(redis.port, { lockDurationMs }))
    const end = ends(queue, 'a')

    proxy.cut()
    // The lock expires about when the network is restored: either worker may get the job, the first one maybe twice.
    far.finishAll()
    near.finishAll()
    await new Promise(resolve => setTimeout(resolve, lockDurationMs))
    proxy.restore()
    expect(await end).toMatchObject([{ state: 'done' }])
    // The next job ends too, at either worker.
    await add(queue, 'b')
    expect(await ends(queue, 'b')).toMatchObject([{ state: 'done' }])
  })

  test('two workers with the same job: the result of the one that lost its lock is dropped', async () => {
    count++
    const proxy = await startTcpProxy(redis.port)
    opened.push(proxy)
    const lockDurationMs = 1500
    const queue = await queueOn(await backendAt(redis.port, { lockDurationMs }))
    const far = await painterOn(await backendAt(proxy.port, { lockDurationMs }))
    await add(queue, 'a')
    const late = await far.call('a')
    proxy.cut()
    const near = await painterOn(await backendAt(redis.port, { lockDurationMs }))
    const end = ends(queue, 'a')
    const { finish } = await near.call('a') // the lock of the other worker has expired
    const resultOf = (seed: number) => ({
      engine: 'fill',
      pictures: [paintedPicture(seed, Uint8Array.of(seed))],
      timings: { read: 0, paint: 0, write: 0, total: 0 },
    })
    late.finish(resultOf(1))
    proxy.restore()
    // The first worker notices that it has lost the job.
    await vi.waitFor(() => expect(errorMessages.join('\n')).toMatch(/lock/i), WAIT)
    finish(resultOf(2))
    expect(await end).toMatchObject([{ state: 'done', result: { pictures: [{ seed: 2 }] } }])
    expect(near.startedPrompts()).toEqual(['a'])
    await queue.acknowledge('a')
    expect(await queue.takeOver()).toEqual([])
  })

  test('many jobs and two workers: each job is painted once', async () => {
    count++
    const backend = await backendAt()
    const queue = await queueOn(backend)
    const painters = [await painterOn(backend), await painterOn(await backendAt())]
    const ids = Array.from({ length: 30 }, (_, index) => `job${index}`)
    for (const id of ids) await add(queue, id)
    const all = Promise.all(ids.map(id => ends(queue, id)))
    for (const id of ids) void Promise.race(painters.map(({ call }) => call(id))).then(({ finish }) => finish())
    for (const end of await all) expect(end).toMatchObject([{ state: 'done' }])
    expect(painters.flatMap(({ startedPrompts }) => startedPrompts()).sort()).toEqual([...ids].sort())
    for (const { mostAtOnce } of painters) expect(mostAtOnce()).toBe(1)
  })

  test('a Redis without free memory refuses a job, and keeps nothing of it', async () => {
    count++
    const backend = await backendAt()
    const queue = await queueOn(backend)
    const client = new Redis(redis.url)
    await client.config('SET', 'maxmemory', '1mb')
    try {
      await expect(add(queue, 'a')).rejects.toMatchObject({
        problem: { code: expect.stringMatching(/disk-full|queue-unreachable/) },
      })
    } finally {
      await client.config('SET', 'maxmemory', '0')
    }
    expect(await queue.list()).toEqual([])
    expect(await client.keys(`${prefix()}:blob:*`)).toEqual([])
    const { call } = await painterOn(backend)
    await add(queue, 'b')
    const end = ends(queue, 'b')
    ;(await call('b')).finish()
    expect(await end).toMatchObject([{ state: 'done' }])
    client.disconnect()
  })

  test('ended jobs and their pictures do not accumulate', async () => {
    count++
    const backend = await backendAt()
    const queue = await queueOn(backend)
    const { call } = await painterOn(backend)
    const client = new Redis(redis.url)
    for (let index = 0; index < 20; index++) {
      await add(queue, `a${index}`)
      const end = ends(queue, `a${index}`)
      ;(await call(`a${index}`)).finish()
      await end
      await queue.acknowledge(`a${index}`)
    }
    expect(await client.keys(`${prefix()}:blob:*`)).toEqual([])
    expect(await client.hlen(`${prefix()}:notes:open`)).toBe(0)
    // BullMQ keeps this much of ended jobs at most.
    const lane = backend.queue('paint-fill-4')
    const [job] = await lane.getCompleted()
    expect(job?.opts).toMatchObject({ removeOnComplete: { age: 3600, count: 500 } })
    await lane.close()
    client.disconnect()
  })
})

test('an unreachable Redis is a problem', async () => {
  await expect(redisBackend('redis://127.0.0.1:1', { onError: () => {} })).rejects.toMatchObject({
    problem: { code: 'queue-unreachable' },
  })
})
