import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PaintResult } from '../src/inference/pipeline/paint.js'
import type { Painter } from '../src/inference/runtime/painter.js'
import type { Backend } from '../src/queue/backends/backend.js'
import { embeddedBackend } from '../src/queue/backends/embedded.js'
import { redisBackend } from '../src/queue/backends/redis.js'
import { jobQueue } from '../src/queue/job-queue.js'
import type { Job, JobQueue } from '../src/queue/queue.js'
import { type QueueWorker as OurWorker, startWorker } from '../src/queue/worker.js'
import { paintedPicture } from '../test/support/painted-picture.js'
import { hasRedis, startRedis } from '../test/support/servers.js'
import { median } from './median.js'

const fail = (error: Error) => {
  throw error
}

/** Paints nothing, at once or after a while. */
function fakePainter(bytes = 16, wait = 0): Painter {
  const png = new Uint8Array(bytes).fill(7)
  return {
    async paint({ seeds, engine }) {
      if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait))
      const pictures = seeds.map(seed => paintedPicture(seed, png))
      const result: PaintResult = { engine, pictures, timings: { read: 0, paint: wait, write: 0, total: wait } }
      return result
    },
    close: async () => {},
  }
}

type Opened = { readonly backend: Backend; readonly queue: JobQueue; readonly worker: OurWorker }

/** A queue with so many devices, all of them for small pictures. */
async function opened(backend: Backend, devices: number, painter: () => Painter): Promise<Opened> {
  const names = Array.from({ length: devices }, (_, index) => ({
    name: `fake:${index}`,
    engines: ['fill'],
    largest: 4,
  }))
  const worker = await startWorker(backend, {
    devices: names.map(device => ({ ...device, painter: painter() })),
    report: () => '',
    onError: fail,
  })
  const limits = { limit: 10_000, limitPerPerson: 10_000 }
  const queue = await jobQueue(backend, { engines: ['fill'], ...limits, onError: fail })
  return { backend, queue, worker }
}

async function closed({ backend, queue, worker }: Opened): Promise<void> {
  await worker.close(0)
  await queue.close()
  await backend.close()
}

function job(id: string, person: string, source = new Uint8Array(16)): Job {
  const request = { edit: { kind: 'square' } as const, prompt: '', seeds: [1], engine: 'fill', source }
  return { id, person, server: undefined, megapixels: 1, ticket: { for: id }, request }
}

/** From being asked to having the result at hand. */
async function ended(queue: JobQueue, one: Job): Promise<void> {
  await queue.add(one)
  for await (const state of queue.follow(one.id)) {
    if (state.state === 'failed' || state.state === 'cancelled') throw new Error(`${one.id}: ${state.state}`)
  }
  await queue.acknowledge(one.id)
}

/** What is told of a way to run jobs: how long one takes all alone, and how many go through in a second. */
type Measured = { readonly latencyMs: number; readonly jobsPerSecond: number }

async function measured(run: (id: string, person: string) => Promise<void>, jobs: number): Promise<Measured> {
  for (let warm = 0; warm < 20; warm++) await run(`warm-${warm}`, 'warm')
  const each: number[] = []
  for (let index = 0; index < jobs / 4; index++) {
    const start = performance.now()
    await run(`one-${index}`, 'ada')
    each.push(performance.now() - start)
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: jobs }, (_, index) => run(`many-${index}`, `person-${index % 50}`)))
  const perSecond = (jobs / (performance.now() - start)) * 1000
  return { latencyMs: Number(median(each).toFixed(2)), jobsPerSecond: Math.round(perSecond) }
}

/** BullMQ alone, its end seen through the events; with the pictures moved as we move them, or without any. */
async function bare(backend: Backend, withPictures: boolean, jobs: number): Promise<Measured> {
  const { blobs } = backend
  const queue = backend.queue('bare')
  const events = await backend.events('bare')
  const paint = async ({ id = '' }: { id?: string | undefined }) => {
    if (!withPictures) return { ok: true }
    await blobs.get(`${id}/source`)
    await blobs.put(`${id}/result`, new Uint8Array(16))
    return { ok: true }
  }
  const workers = Array.from({ length: DEVICES }, () => backend.worker('bare', paint, { concurrency: 1 }))
  for (const worker of workers) void worker.run().catch(() => {})
  await Promise.all(workers.map(worker => worker.waitUntilReady()))
  const waiting = new Map<string, () => void>()
  events.on('completed', ({ jobId }) => waiting.get(jobId)?.())
  const result = await measured(async id => {
    const done = new Promise<void>(resolve => waiting.set(id, resolve))
    if (withPictures) await blobs.put(`${id}/source`, new Uint8Array(16))
    await queue.add('paint', payload, { jobId: id, priority: 1, removeOnComplete: { age: 3600, count: 500 } })
    await done
    waiting.delete(id)
    if (!withPictures) return
    await blobs.get(`${id}/result`)
    await blobs.delete([`${id}/source`, `${id}/result`])
  }, jobs)
  await Promise.all(workers.map(worker => worker.close()))
  await events.close()
  await queue.close()
  await backend.close()
  return result
}

/** As much as a job of ours holds besides its pictures. */
const payload = {
  person: 'ada',
  edit: { kind: 'zoom', factor: 1.5, grow: false },
  prompt: '',
  seeds: [1],
  engine: 'fill',
}

const DEVICES = 4

/** Our queue against BullMQ alone, in turns on the same server or database. */
export async function measureOverhead(open: (prefix: string) => Promise<Backend>, jobs: number, rounds: number) {
  const ways = {
    bare: async (name: string) => bare(await open(name), false, jobs),
    bareWithPictures: async (name: string) => bare(await open(name), true, jobs),
    ours: async (name: string) => {
      const one = await opened(await open(name), DEVICES, () => fakePainter())
      const result = await measured((id, person) => ended(one.queue, job(id, person)), jobs)
      await closed(one)
      return result
    },
  }
  const all: Record<keyof typeof ways, Measured[]> = { bare: [], bareWithPictures: [], ours: [] }
  for (let round = 0; round < rounds; round++) {
    for (const way of ['bare', 'bareWithPictures', 'ours'] as const) {
      all[way].push(await ways[way](`${way}-${round}`))
    }
  }
  const middle = (way: keyof typeof ways): Measured => ({
    latencyMs: median(all[way].map(one => one.latencyMs)),
    jobsPerSecond: median(all[way].map(one => one.jobsPerSecond)),
  })
  const [without, with_, ours] = [middle('bare'), middle('bareWithPictures'), middle('ours')]
  const against = (other: Measured) => ({
    latency: Number((ours.latencyMs / other.latencyMs).toFixed(2)),
    time: Number((other.jobsPerSecond / ours.jobsPerSecond).toFixed(2)),
  })
  return { bare: without, bareWithPictures: with_, ours, toBare: against(without), toBareWithPictures: against(with_) }
}

/** Jobs of many people on eight devices: whether each was painted once, and how evenly people waited. */
async function fairness(backend: Backend) {
  const people = 200
  const each = 5
  const one = await opened(backend, 8, () => fakePainter(16, 20))
  const waits = new Map<string, number[]>()
  let painted = 0
  const run = async (person: string, index: number) => {
    const start = performance.now()
    await ended(one.queue, job(`${person}-${index}`, person))
    painted++
    waits.set(person, [...(waits.get(person) ?? []), performance.now() - start])
  }
  // Each asks for all of theirs at once.
  const orders = Array.from({ length: people }, (_, at) =>
    Array.from({ length: each }, (_, index) => [`p${at}`, index] as const),
  )
  await Promise.all(orders.flat().map(([person, index]) => run(person, index)))
  const mean = [...waits.values()].map(all => all.reduce((sum, wait) => sum + wait, 0) / all.length)
  const sum = mean.reduce((all, wait) => all + wait, 0)
  const jain = sum ** 2 / (mean.length * mean.reduce((all, wait) => all + wait ** 2, 0))
  const left = await one.queue.list()
  await closed(one)
  return {
    jobs: people * each,
    painted,
    left: left.length,
    jain: Number(jain.toFixed(4)),
    longestToShortestWait: Number((Math.max(...mean) / Math.min(...mean)).toFixed(2)),
  }
}

/** Resident memory of this process over many jobs, in MB, and how fast large pictures go through. */
async function memory(open: (prefix: string) => Promise<Backend>, jobs: number, large: number) {
  const one = await opened(await open('memory'), 4, () => fakePainter())
  const resident: number[] = []
  const step = jobs / 10
  for (let round = 0; round < 10; round++) {
    for (let batch = 0; batch < step; batch += 100) {
      const ids = Array.from({ length: 100 }, (_, index) => `m-${round}-${batch}-${index}`)
      await Promise.all(ids.map((id, index) => ended(one.queue, job(id, `p${index % 20}`))))
    }
    resident.push(Math.round(process.memoryUsage().rss / 1e6))
  }
  await closed(one)

  const size = 10 * 1024 * 1024
  const big = await opened(await open('large'), 1, () => fakePainter(size))
  const source = new Uint8Array(size).fill(3)
  const start = performance.now()
  for (let index = 0; index < large; index++) await ended(big.queue, job(`large-${index}`, 'ada', source))
  const each = (performance.now() - start) / large
  const after = Math.round(process.memoryUsage().rss / 1e6)
  await closed(big)
  return { jobs, residentMB: resident, largeJobs: large, largeMs: Math.round(each), residentAfterLargeMB: after }
}

/** The queue: what it adds to BullMQ, how fair it is, and whether it grows. Needs a redis-server for its second half. */
export async function benchQueue({ quick }: { quick: boolean }) {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-bench-'))
  const start = performance.now()
  const first = await embeddedBackend(folder, { onError: fail })
  const firstStartMs = Math.round(performance.now() - start)
  await first.close()
  const again = performance.now()
  await (await embeddedBackend(folder, { onError: fail })).close()
  const startMs = Math.round(performance.now() - again)
  const embeddedAt = (prefix: string) => embeddedBackend(folder, { prefix, onError: fail })
  const [jobs, rounds, many, large] = quick ? [100, 1, 1000, 5] : [400, 3, 10_000, 50]
  const embedded = {
    firstStartMs,
    startMs,
    overhead: await measureOverhead(embeddedAt, jobs, rounds),
    fairness: await fairness(await embeddedAt('fair')),
    memory: await memory(embeddedAt, many, large),
  }
  await rm(folder, { recursive: true })
  if (!hasRedis) return { embedded }

  const redis = await startRedis()
  const redisAt = (prefix: string) => redisBackend(redis.url, { prefix, onError: fail })
  const distributed = {
    overhead: await measureOverhead(redisAt, jobs, rounds),
    fairness: await fairness(await redisAt('fair')),
    memory: await memory(redisAt, many, large),
  }
  await redis.close()
  return { embedded, redis: distributed }
}
