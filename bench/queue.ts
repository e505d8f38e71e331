import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PaintResult } from '../src/inference/pipeline/paint-request.js'
import type { Painter } from '../src/inference/runtime/painter.js'
import type { Backend } from '../src/queue/backends/backend.js'
import { embeddedBackend } from '../src/queue/backends/embedded.js'
import { redisBackend } from '../src/queue/backends/redis.js'
import { jobQueue } from '../src/queue/job-queue.js'
import type { Job, JobQueue } from '../src/queue/queue.js'
import { type QueueWorker, startWorker } from '../src/queue/worker/worker.js'
import { paintedPicture } from '../test/support/painted-picture.js'
import { hasRedis, startRedis } from '../test/support/servers.js'
import { median } from './median.js'

const fail = (error: Error) => {
  throw error
}

/** Returns pictures of `pngBytes` without painting, after `paintMs`. */
function fakePainter(pngBytes = 16, paintMs = 0): Painter {
  const png = new Uint8Array(pngBytes).fill(7)
  return {
    async paint({ seeds, engine }) {
      if (paintMs > 0) await new Promise(resolve => setTimeout(resolve, paintMs))
      const pictures = seeds.map(seed => paintedPicture(seed, png))
      const result: PaintResult = { engine, pictures, timings: { read: 0, paint: paintMs, write: 0, total: paintMs } }
      return result
    },
    close: async () => {},
  }
}

type OpenedQueue = { readonly backend: Backend; readonly queue: JobQueue; readonly worker: QueueWorker }

/** A queue and a worker with this number of devices, each for small pictures only. */
async function openQueue(backend: Backend, deviceCount: number, painter: () => Painter): Promise<OpenedQueue> {
  const devices = Array.from({ length: deviceCount }, (_, index) => ({
    name: `fake:${index}`,
    engines: ['fill'],
    maxMegapixels: 4,
  }))
  const worker = await startWorker(backend, {
    devices: devices.map(device => ({ ...device, painter: painter() })),
    reportBug: () => '',
    onError: fail,
  })
  const limits = { maxWaiting: 10_000, maxWaitingPerPerson: 10_000 }
  const queue = await jobQueue(backend, { engines: ['fill'], ...limits, onError: fail })
  return { backend, queue, worker }
}

async function closeQueue({ backend, queue, worker }: OpenedQueue): Promise<void> {
  await worker.close(0)
  await queue.close()
  await backend.close()
}

function job(id: string, person: string, source = new Uint8Array(16)): Job {
  const request = { edit: { kind: 'square' } as const, prompt: '', seeds: [1], engine: 'fill', source }
  return { id, person, server: undefined, megapixels: 1, ticket: { for: id }, request }
}

/** Add a job and wait for its result. */
async function runJob(queue: JobQueue, one: Job): Promise<void> {
  await queue.add(one)
  for await (const state of queue.follow(one.id)) {
    if (state.state === 'failed' || state.state === 'cancelled') throw new Error(`${one.id}: ${state.state}`)
  }
  await queue.acknowledge(one.id)
}

/** The time of a job that runs alone, and the throughput of many jobs at once. */
type Measurement = { readonly latencyMs: number; readonly jobsPerSecond: number }

async function measure(run: (id: string, person: string) => Promise<void>, jobs: number): Promise<Measurement> {
  for (let index = 0; index < WARM_UP_JOBS; index++) await run(`warm-up-${index}`, 'warm-up')
  const latencies: number[] = []
  for (let index = 0; index < jobs / 4; index++) {
    const start = performance.now()
    await run(`one-${index}`, 'ada')
    latencies.push(performance.now() - start)
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: jobs }, (_, index) => run(`many-${index}`, `person-${index % 50}`)))
  const perSecond = (jobs / (performance.now() - start)) * 1000
  return { latencyMs: Number(median(latencies).toFixed(2)), jobsPerSecond: Math.round(perSecond) }
}

/** BullMQ alone, which reports the end of a job by its events. With pictures they are stored as our queue does it. */
async function measureBullmq(backend: Backend, withPictures: boolean, jobs: number): Promise<Measurement> {
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
  const result = await measure(async id => {
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

/** The size of a job of ours without its pictures. */
const payload = {
  person: 'ada',
  edit: { kind: 'zoom', factor: 1.5, grow: false },
  prompt: '',
  seeds: [1],
  engine: 'fill',
}

const DEVICES = 4
const WARM_UP_JOBS = 20

/** Our queue compared with BullMQ alone, measured in turns on the same server or database. */
export async function measureOverhead(open: (prefix: string) => Promise<Backend>, jobs: number, rounds: number) {
  const ways = {
    bare: async (name: string) => measureBullmq(await open(name), false, jobs),
    bareWithPictures: async (name: string) => measureBullmq(await open(name), true, jobs),
    ours: async (name: string) => {
      const one = await openQueue(await open(name), DEVICES, () => fakePainter())
      const result = await measure((id, person) => runJob(one.queue, job(id, person)), jobs)
      await closeQueue(one)
      return result
    },
  }
  const measurements: Record<keyof typeof ways, Measurement[]> = { bare: [], bareWithPictures: [], ours: [] }
  for (let round = 0; round < rounds; round++) {
    for (const way of ['bare', 'bareWithPictures', 'ours'] as const) {
      measurements[way].push(await ways[way](`${way}-${round}`))
    }
  }
  const medianOf = (way: keyof typeof ways): Measurement => ({
    latencyMs: median(measurements[way].map(one => one.latencyMs)),
    jobsPerSecond: median(measurements[way].map(one => one.jobsPerSecond)),
  })
  const [withoutPictures, withPictures, ours] = [medianOf('bare'), medianOf('bareWithPictures'), medianOf('ours')]
  const ratioTo = (other: Measurement) => ({
    latency: Number((ours.latencyMs / other.latencyMs).toFixed(2)),
    time: Number((other.jobsPerSecond / ours.jobsPerSecond).toFixed(2)),
  })
  return {
    bare: withoutPictures,
    bareWithPictures: withPictures,
    ours,
    toBare: ratioTo(withoutPictures),
    toBareWithPictures: ratioTo(withPictures),
  }
}

/** Jobs of many people on eight devices: whether each was painted once, and how even the waits were (Jain's index). */
async function fairness(backend: Backend) {
  const people = 200
  const each = 5
  const one = await openQueue(backend, 8, () => fakePainter(16, 20))
  const waits = new Map<string, number[]>()
  let painted = 0
  const run = async (person: string, index: number) => {
    const start = performance.now()
    await runJob(one.queue, job(`${person}-${index}`, person))
    painted++
    waits.set(person, [...(waits.get(person) ?? []), performance.now() - start])
  }
  // Each person asks for all their jobs at once.
  const requests = Array.from({ length: people }, (_, at) =>
    Array.from({ length: each }, (_, index) => [`p${at}`, index] as const),
  )
  await Promise.all(requests.flat().map(([person, index]) => run(person, index)))
  const mean = [...waits.values()].map(all => all.reduce((sum, wait) => sum + wait, 0) / all.length)
  const sum = mean.reduce((all, wait) => all + wait, 0)
  const jain = sum ** 2 / (mean.length * mean.reduce((all, wait) => all + wait ** 2, 0))
  const left = await one.queue.list()
  await closeQueue(one)
  return {
    jobs: people * each,
    painted,
    left: left.length,
    jain: Number(jain.toFixed(4)),
    longestToShortestWait: Number((Math.max(...mean) / Math.min(...mean)).toFixed(2)),
  }
}

/** Resident memory of this process over many jobs, in MB, and the time of a job with large pictures. */
async function memory(open: (prefix: string) => Promise<Backend>, jobs: number, large: number) {
  const one = await openQueue(await open('memory'), DEVICES, () => fakePainter())
  const resident: number[] = []
  const step = jobs / 10
  for (let round = 0; round < 10; round++) {
    for (let batch = 0; batch < step; batch += 100) {
      const ids = Array.from({ length: 100 }, (_, index) => `m-${round}-${batch}-${index}`)
      await Promise.all(ids.map((id, index) => runJob(one.queue, job(id, `p${index % 20}`))))
    }
    resident.push(Math.round(process.memoryUsage().rss / 1e6))
  }
  await closeQueue(one)

  const size = 10 * 1024 * 1024
  const big = await openQueue(await open('large'), 1, () => fakePainter(size))
  const source = new Uint8Array(size).fill(3)
  const start = performance.now()
  for (let index = 0; index < large; index++) await runJob(big.queue, job(`large-${index}`, 'ada', source))
  const each = (performance.now() - start) / large
  const after = Math.round(process.memoryUsage().rss / 1e6)
  await closeQueue(big)
  return { jobs, residentMB: resident, largeJobs: large, largeMs: Math.round(each), residentAfterLargeMB: after }
}

/** The queue: its overhead over BullMQ, its fairness, and its memory. The second half needs a redis-server. */
export async function benchQueue({ quick }: { quick: boolean }) {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-bench-'))
  const start = performance.now()
  const first = await embeddedBackend(folder, { onError: fail })
  const firstStartMs = Math.round(performance.now() - start)
  await first.close()
  const restart = performance.now()
  await (await embeddedBackend(folder, { onError: fail })).close()
  const startMs = Math.round(performance.now() - restart)
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
