import { afterEach, describe, expect, test, vi } from 'vitest'
import { encodePng } from '../../src/inference/image/png.js'
import { setPngTexts } from '../../src/inference/image/png-texts.js'
import type { PaintRequest, PaintResult } from '../../src/inference/pipeline/paint-request.js'
import { formatParameters } from '../../src/inference/pipeline/recipe.js'
import type { Painter } from '../../src/inference/runtime/painter.js'
import type { Backend } from '../../src/queue/backends/backend.js'
import { type JobQueueOptions, jobQueue } from '../../src/queue/job-queue.js'
import { laneOf, MAX_LANE_MEGAPIXELS } from '../../src/queue/lanes.js'
import { blobKey, toBullJobId } from '../../src/queue/payload.js'
import { hasEnded, type Job, type JobQueue, type JobState } from '../../src/queue/queue.js'
import type { WorkerDevice } from '../../src/queue/worker/job-attempt.js'
import { type QueueWorker, startWorker } from '../../src/queue/worker/worker.js'
import { UserError } from '../../src/user-error.js'
import { paintedPicture } from '../support/painted-picture.js'

export const paintRequest: PaintRequest = {
  edit: { kind: 'square' },
  source: Uint8Array.of(1, 2, 3),
  prompt: '',
  seeds: [1],
  engine: 'fill',
}

/** How long to wait for something that another process, or the background, does. */
const WAIT = { timeout: 15_000, interval: 20 }

const result: PaintResult = { engine: 'fill', pictures: [], timings: { read: 0, paint: 0, write: 0, total: 0 } }

/** A painter whose calls the test ends one by one. `startedPrompts` tells them in order. */
export function scriptedPainter() {
  type Hooks = Parameters<Painter['paint']>[1]
  type Call = {
    prompt: string
    request: PaintRequest
    hooks: Hooks
    finish: (painted?: PaintResult) => void
    fail: (error: unknown) => void
  }
  const calls: Call[] = []
  const onNextCall: (() => void)[] = []
  let underWay = 0
  let mostAtOnce = 0
  let finishing = false
  const painter: Painter = {
    paint: (request, hooks) => {
      mostAtOnce = Math.max(mostAtOnce, ++underWay)
      return new Promise<PaintResult>((resolve, reject) => {
        hooks.signal.addEventListener('abort', () => reject(hooks.signal.reason))
        calls.push({
          prompt: request.prompt,
          request,
          hooks,
          finish: (painted = result) => resolve(painted),
          fail: reject,
        })
        for (const notify of onNextCall.splice(0)) notify()
        if (finishing) resolve(result)
      }).finally(() => underWay--)
    },
    close: async () => {},
  }
  return {
    painter,
    startedPrompts: () => calls.map(call => call.prompt),
    mostAtOnce: () => mostAtOnce,
    /** All calls under way finish now, and later ones at once. */
    finishAll(): void {
      finishing = true
      for (const call of calls) call.finish()
    },
    /** The call for this prompt, once it is started. `attempt` counts from 0. */
    async call(prompt: string, attempt = 0): Promise<Call> {
      for (;;) {
        const found = calls.filter(call => call.prompt === prompt)[attempt]
        if (found) return found
        await new Promise<void>(resolve => onNextCall.push(resolve))
      }
    },
  }
}

/** Follow a job to its end. @returns every state that was seen */
export async function followToEnd(queue: JobQueue, id: string): Promise<JobState[]> {
  const states: JobState[] = []
  for await (const state of queue.follow(id)) states.push(state)
  return states
}

/** A device that can paint pictures of every size. */
export function workerDevice(painter: Painter, more: Partial<WorkerDevice> = {}): WorkerDevice {
  return { name: 'cpu', painter, engines: ['fill'], maxMegapixels: MAX_LANE_MEGAPIXELS, ...more }
}

/** What `work` does if it is called now and after more than a minute. */
async function afterAMinute<T>(work: () => Promise<T>): Promise<T> {
  await work()
  return inAMinute(work)
}

/** What `work` does in more than a minute. */
async function inAMinute<T>(work: () => Promise<T>): Promise<T> {
  const now = performance.now.bind(performance)
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => now() + 61_000)
  try {
    return await work()
  } finally {
    spy.mockRestore()
  }
}

/** Tests the promises of `JobQueue` on a backend. @param open opens it; each test has another prefix */
export function queueContract(name: string, open: (prefix: string) => Promise<Backend>): void {
  describe(`${name} keeps the promises of a queue:`, () => {
    const opened: { close(): Promise<unknown> }[] = []
    const errors: Error[] = []
    const onError = (error: Error) => {
      errors.push(error)
    }
    let count = 0

    async function backendFor(): Promise<Backend> {
      const backend = await open(`test-${process.pid}-${++count}`)
      opened.push(backend)
      return backend
    }

    async function queueOn(backend: Backend, more: Partial<JobQueueOptions> = {}): Promise<JobQueue> {
      const options = { engines: ['fill'], maxWaiting: 100, maxWaitingPerPerson: 5, onError, ...more }
      const queue = await jobQueue(backend, options)
      opened.push(queue)
      return queue
    }

    async function workerOn(
      backend: Backend,
      devices: WorkerDevice[],
      reportBug = () => 'c0ffee',
    ): Promise<QueueWorker> {
      const worker = await startWorker(backend, { devices, reportBug, onError })
      opened.push({ close: () => worker.close(0) })
      return worker
    }

    /** A queue, and a worker with a device for each of these painters. */
    async function startQueue(painters: Painter[], more: Partial<JobQueueOptions> = {}) {
      const backend = await backendFor()
      const queue = await queueOn(backend, more)
      const worker = await workerOn(
        backend,
        painters.map((painter, index) => workerDevice(painter, { name: `cpu:${index}` })),
      )
      return { backend, queue, worker }
    }

    afterEach(async () => {
      // In reverse order: a backend is closed after its queue.
      for (const one of opened.splice(0).reverse()) await one.close()
      expect(errors.splice(0)).toEqual([])
    })

    const jobOf = (id: string, more: Partial<Job> = {}): Job => ({
      id,
      person: 'ada',
      server: undefined,
      megapixels: 1,
      ticket: { for: id },
      ...more,
      request: { ...paintRequest, prompt: id, ...more.request },
    })
    const add = (queue: JobQueue, id: string, person = 'ada', server?: string) =>
      queue.add(jobOf(id, { person, server }))
    const states = async (queue: JobQueue) => (await queue.list()).map(({ id, state }) => ({ id, ...state }))
    const stateOf = async (queue: JobQueue, id: string) => (await states(queue)).find(job => job.id === id)
    const runs = (queue: JobQueue, id: string) =>
      vi.waitFor(async () => expect(await stateOf(queue, id)).toMatchObject({ state: 'running' }), WAIT)

    test('a job is followed from its position in the queue to its end', async () => {
      const { painter, call } = scriptedPainter()
      const { queue } = await startQueue([painter])
      await add(queue, 'first')
      await runs(queue, 'first')
      await add(queue, 'second')
      const seen: JobState[] = []
      for await (const state of queue.follow('second')) {
        seen.push(state)
        if (state.state === 'waiting') (await call('first')).finish()
        if (state.state === 'running' && state.progress === 0) {
          ;(await call('second')).hooks.onProgress({ done: 0.5, preview: Uint8Array.of(9) })
        } else if (state.state === 'running') (await call('second')).finish()
      }
      expect(seen).toEqual([
        { state: 'waiting', position: 1 },
        { state: 'running', progress: 0 },
        { state: 'running', progress: 0.5, preview: Uint8Array.of(9) },
        { state: 'done', result },
      ])
    })

    test('pictures arrive as they were painted, and are deleted once the job is acknowledged', async () => {
      const { painter, call } = scriptedPainter()
      const { queue, backend } = await startQueue([painter])
      const source = new Uint8Array(3_000_000).map((_, at) => at % 251)
      const mask = Uint8Array.of(7, 7)
      await queue.add(jobOf('a', { request: { ...paintRequest, prompt: 'a', source, mask } }))
      const { request, finish } = await call('a')
      expect(request).toMatchObject({ edit: paintRequest.edit, prompt: 'a', seeds: [1], engine: 'fill' })
      expect(Buffer.compare(request.source!, source)).toBe(0)
      expect(Buffer.compare(request.mask!, mask)).toBe(0)
      const pictures = [2, 3].map(seed => paintedPicture(seed, Uint8Array.of(seed, 0, 255), { width: 8, height: 4 }))
      const savings = [{ kind: 'smaller', side: 384 }] as const
      const controls = [{ name: 'cn', module: 'inpaint_only', isDefault: true }] as const
      const painted = { ...result, timings: { read: 1, paint: 2, write: 3, total: 6 }, pictures, savings, controls }
      finish(painted)
      const last = (await followToEnd(queue, 'a')).at(-1)
      expect(last?.state).toBe('done')
      expect(last?.state === 'done' && last.result.timings).toEqual(painted.timings)
      expect(last?.state === 'done' && last.result.savings).toEqual(savings)
      expect(last?.state === 'done' && last.result.controls).toEqual(controls)
      const got = last?.state === 'done' ? last.result.pictures : []
      expect(got.map(({ png, ...rest }) => ({ ...rest, png: [...png] }))).toEqual(
        pictures.map(({ png, ...rest }) => ({ ...rest, png: [...png] })),
      )
      expect(await backend.blobs.get(blobKey('a', 'source'))).toBeDefined()
      expect(await queue.isOpen('a')).toBe(true)
      await queue.acknowledge('a')
      expect(await queue.isOpen('a')).toBe(false)
      for (const name of ['source', 'mask'] as const)
        expect(await backend.blobs.get(blobKey('a', name))).toBeUndefined()
      expect(await queue.takeOver()).toEqual([])
    })

    test('a device paints one job at a time', async () => {
      const one = scriptedPainter()
      const other = scriptedPainter()
      const { queue } = await startQueue([one.painter, other.painter])
      const all = ['a', 'b', 'c', 'd', 'e']
      for (const id of all) await add(queue, id)
      const ends = all.map(id => followToEnd(queue, id))
      for (const [index, id] of all.entries()) {
        const { finish } = await Promise.race([one.call(id), other.call(id)])
        finish()
        expect((await ends[index])?.at(-1)).toMatchObject({ state: 'done' })
      }
      expect(one.mostAtOnce()).toBe(1)
      expect(other.mostAtOnce()).toBe(1)
      expect([...one.startedPrompts(), ...other.startedPrompts()].sort()).toEqual(all)
    })

    test('people take turns, and a person’s own jobs keep their order', async () => {
      const { painter, call, startedPrompts } = scriptedPainter()
      const { queue } = await startQueue([painter])
      for (const id of ['ada-1', 'ada-2', 'ada-3']) await add(queue, id, 'ada')
      await add(queue, 'bob-1', 'bob')
      await add(queue, 'cy-1', 'cy')
      await add(queue, 'bob-2', 'bob')
      const all = ['ada-1', 'bob-1', 'cy-1', 'ada-2', 'bob-2', 'ada-3']
      for (const id of all) {
        const end = followToEnd(queue, id)
        ;(await call(id)).finish()
        await end
      }
      expect(startedPrompts()).toEqual(all)
    })

    test('a person with priority is first in each round, and not before earlier rounds', async () => {
      const { painter, call, startedPrompts } = scriptedPainter()
      const { queue } = await startQueue([painter])
      await add(queue, 'runs', 'zoe')
      await runs(queue, 'runs')
      for (const id of ['ada-1', 'ada-2']) await add(queue, id, 'ada')
      for (const id of ['vip-1', 'vip-2', 'vip-3']) await queue.add(jobOf(id, { person: 'vip', hasPriority: true }))
      const all = ['runs', 'vip-1', 'ada-1', 'vip-2', 'ada-2', 'vip-3']
      for (const id of all) {
        const end = followToEnd(queue, id)
        ;(await call(id)).finish()
        await end
      }
      expect(startedPrompts()).toEqual(all)
    })

    test('positions tell the order in which jobs will be taken', async () => {
      const { painter } = scriptedPainter()
      const { queue } = await startQueue([painter])
      await add(queue, 'ada-1')
      await runs(queue, 'ada-1')
      for (const id of ['ada-2', 'ada-3']) await add(queue, id, 'ada')
      await add(queue, 'bob-1', 'bob')
      expect((await states(queue)).slice(1)).toEqual([
        { id: 'bob-1', state: 'waiting', position: 1 },
        { id: 'ada-2', state: 'waiting', position: 2 },
        { id: 'ada-3', state: 'waiting', position: 3 },
      ])
    })

    test('all processes see the same queue and can cancel its jobs', async () => {
      const { painter, call, startedPrompts } = scriptedPainter()
      const { queue, backend } = await startQueue([painter])
      const other = await queueOn(backend)
      await add(queue, 'a')
      await runs(queue, 'a')
      await add(queue, 'b')
      await add(other, 'c', 'cy')
      const expected = [
        { id: 'a', state: 'running', progress: 0 },
        { id: 'c', state: 'waiting', position: 1 },
        { id: 'b', state: 'waiting', position: 2 },
      ]
      for (const one of [queue, other]) await vi.waitFor(async () => expect(await states(one)).toEqual(expected), WAIT)
      expect(await other.cancel('b')).toBe(true)
      expect((await followToEnd(queue, 'b')).at(-1)).toEqual({ state: 'cancelled' })
      expect(await other.cancel('a')).toBe(true)
      expect((await followToEnd(queue, 'a')).at(-1)).toEqual({ state: 'cancelled' })
      const end = followToEnd(other, 'c')
      ;(await call('c')).finish()
      expect((await end).at(-1)).toEqual({ state: 'done', result })
      expect(startedPrompts()).toEqual(['a', 'c'])
    })

    test('a waiting job that is cancelled is never run', async () => {
      const { painter, call, startedPrompts } = scriptedPainter()
      const { queue } = await startQueue([painter])
      for (const id of ['a', 'b', 'c']) await add(queue, id)
      await call('a')
      expect(await queue.cancel('b')).toBe(true)
      expect((await followToEnd(queue, 'b')).at(-1)).toEqual({ state: 'cancelled' })
      for (const id of ['a', 'c']) {
        const end = followToEnd(queue, id)
        ;(await call(id)).finish()
        await end
      }
      expect(startedPrompts()).toEqual(['a', 'c'])
    })

    test('a running job that is cancelled is stopped, and the next one starts', async () => {
      const { painter, call } = scriptedPainter()
      const { queue } = await startQueue([painter])
      await add(queue, 'a')
      await add(queue, 'b')
      await call('a')
      expect(await queue.cancel('a')).toBe(true)
      expect((await followToEnd(queue, 'a')).at(-1)).toEqual({ state: 'cancelled' })
      const end = followToEnd(queue, 'b')
      ;(await call('b')).finish()
      expect((await end).at(-1)).toEqual({ state: 'done', result })
    })

    test('an unknown job can be neither cancelled nor followed', async () => {
      const { queue } = await startQueue([scriptedPainter().painter])
      expect(await queue.cancel('nobody')).toBe(false)
      expect(await followToEnd(queue, 'nobody')).toEqual([])
    })

    test('a problem reaches the follower without a retry, and the next job runs', async () => {
      const { painter, call, startedPrompts } = scriptedPainter()
      const { queue } = await startQueue([painter])
      await add(queue, 'bad')
      await add(queue, 'good')
      ;(await call('bad')).fail(new UserError({ code: 'mask-empty' }))
      expect((await followToEnd(queue, 'bad')).at(-1)).toEqual({ state: 'failed', problem: { code: 'mask-empty' } })
      const end = followToEnd(queue, 'good')
      ;(await call('good')).finish()
      expect((await end).at(-1)).toEqual({ state: 'done', result })
      expect(startedPrompts()).toEqual(['bad', 'good'])
    })

    test('a temporary failure is retried', async () => {
      const { painter, call } = scriptedPainter()
      const { queue } = await startQueue([painter])
      await add(queue, 'a')
      ;(await call('a')).fail(new UserError({ code: 'engine-crashed' }))
      const end = followToEnd(queue, 'a')
      ;(await call('a', 1)).finish()
      expect((await end).at(-1)).toEqual({ state: 'done', result })
    })

    test('a bug is retried and reported, and reaches the follower as an id, not as its message', async () => {
      const { painter, call } = scriptedPainter()
      const backend = await backendFor()
      const queue = await queueOn(backend)
      const reported: unknown[] = []
      await workerOn(backend, [workerDevice(painter)], ((error: unknown, id: string) => {
        reported.push(error, id)
        return `number-${reported.length}`
      }) as () => string)
      await add(queue, 'bad')
      const bug = new TypeError('secret internals')
      for (const time of [0, 1, 2]) (await call('bad', time)).fail(bug)
      const end = (await followToEnd(queue, 'bad')).at(-1)
      expect(end).toEqual({ state: 'failed', problem: { code: 'bug', incident: 'number-6' } })
      expect(reported).toEqual([bug, 'bad', bug, 'bad', bug, 'bad'])
    })

    test('a follower that comes late gets the end', async () => {
      const { painter, call } = scriptedPainter()
      const { queue } = await startQueue([painter])
      await add(queue, 'a')
      await add(queue, 'b')
      ;(await call('a')).finish()
      await call('b') // a has ended by then
      await vi.waitFor(async () => expect(await stateOf(queue, 'a')).toBeUndefined(), WAIT)
      expect(await followToEnd(queue, 'a')).toEqual([{ state: 'done', result }])
    })

    test('a slow follower misses states in between, but never the end', async () => {
      const { painter, call } = scriptedPainter()
      const { queue } = await startQueue([painter])
      await add(queue, 'a')
      const { hooks, finish } = await call('a')
      const seen: JobState[] = []
      for await (const state of queue.follow('a')) {
        seen.push(state)
        if (seen.length > 1) continue
        for (let step = 1; step <= 50; step++) hooks.onProgress({ done: step / 50 })
        finish()
        await new Promise(resolve => setTimeout(resolve, 500))
      }
      expect(seen.length).toBeLessThan(6)
      expect(hasEnded(seen.at(-1)!)).toBe(true)
    })

    test('no more jobs than the limit can wait', async () => {
      const { queue } = await startQueue([scriptedPainter().painter], { maxWaiting: 2 })
      await add(queue, 'runs')
      await runs(queue, 'runs')
      for (const id of ['a', 'b']) await add(queue, id)
      await expect(add(queue, 'c')).rejects.toMatchObject({ problem: { code: 'queue-full', waiting: 2, limit: 2 } })
      expect((await queue.list()).map(({ id }) => id)).toEqual(['runs', 'a', 'b'])
    })

    test('limits for a person and for a server do not affect others', async () => {
      const { queue } = await startQueue([scriptedPainter().painter], { maxWaitingPerServer: 6 })
      await add(queue, 'runs', 'ada', '7')
      await runs(queue, 'runs')
      for (const id of ['a', 'b', 'c', 'd', 'e']) await add(queue, id, 'ada', '7')
      await expect(add(queue, 'f')).rejects.toMatchObject({
        problem: { code: 'queue-full-for-person', waiting: 5, limit: 5 },
      })
      await add(queue, 'bobs', 'bob', '7')
      await expect(add(queue, 'cys', 'cy', '7')).rejects.toMatchObject({
        problem: { code: 'queue-full-for-server', waiting: 6, limit: 6 },
      })
      await add(queue, 'elsewhere', 'cy', '8')
    })

    test('a worker takes only jobs that it can paint, and a job that none can paint is refused', async () => {
      const small = scriptedPainter()
      const large = scriptedPainter()
      const backend = await backendFor()
      await workerOn(backend, [workerDevice(small.painter, { name: 'small', maxMegapixels: 4 })])
      const queue = await queueOn(backend)
      const of = (megapixels: number) => ({ megapixels, person: `p${megapixels}` })
      await expect(queue.add(jobOf('too-large', of(10)))).rejects.toMatchObject({
        problem: { code: 'no-capable-worker', engine: 'fill', megapixels: 10 },
      })
      await workerOn(backend, [workerDevice(large.painter, { name: 'large', maxMegapixels: 64 })])
      await vi.waitFor(() => queue.add(jobOf('large-1', of(10))), WAIT)
      await large.call('large-1')
      await queue.add(jobOf('large-2', of(30)))
      await queue.add(jobOf('small-1', of(1)))
      await small.call('small-1')
      ;(await large.call('large-1')).finish()
      ;(await large.call('large-2')).finish()
      ;(await small.call('small-1')).finish()
      for (const id of ['large-1', 'large-2', 'small-1']) {
        expect((await followToEnd(queue, id)).at(-1)).toMatchObject({ state: 'done' })
      }
      expect(large.startedPrompts()).toEqual(['large-1', 'large-2'])
      expect(small.startedPrompts()).toEqual(['small-1'])
    })

    test('a device serves all sizes, one job at a time, and no size waits for ever', async () => {
      const { painter, call, startedPrompts, mostAtOnce } = scriptedPainter()
      const { queue } = await startQueue([painter])
      const sizes = [1, 10, 30, 1, 10, 30, 1, 10, 30]
      const ids = sizes.map((size, at) => `${size}-${at}`)
      for (const [at, id] of ids.entries()) await queue.add(jobOf(id, { megapixels: sizes[at]!, person: `p${at}` }))
      const ends = Promise.all(ids.map(id => followToEnd(queue, id)))
      for (let at = 0; at < ids.length; at++) {
        const id = await vi.waitFor(() => {
          const found = startedPrompts()[at]
          expect(found).toBeDefined()
          return found!
        }, WAIT)
        ;(await call(id)).finish()
      }
      for (const seen of await ends) expect(seen.at(-1)).toMatchObject({ state: 'done' })
      expect(mostAtOnce()).toBe(1)
      expect([...startedPrompts()].sort()).toEqual([...ids].sort())
      // Each size was among the first four.
      expect(
        new Set(
          startedPrompts()
            .slice(0, 4)
            .map(id => id.split('-')[0]),
        ).size,
      ).toBe(3)
    })

    test('the list has the running jobs, then the waiting ones in order', async () => {
      const { painter, call } = scriptedPainter()
      const { queue } = await startQueue([painter])
      await add(queue, 'ada-1', 'ada', '7')
      ;(await call('ada-1')).hooks.onProgress({ done: 0.25 })
      await add(queue, 'ada-2', 'ada', '7')
      await add(queue, 'bob-1', 'bob')
      const about = { edit: paintRequest.edit, engine: 'fill', pictureCount: 1 }
      await vi.waitFor(
        async () =>
          expect(await queue.list()).toEqual([
            { id: 'ada-1', person: 'ada', server: '7', ...about, state: { state: 'running', progress: 0.25 } },
            { id: 'bob-1', person: 'bob', server: undefined, ...about, state: { state: 'waiting', position: 1 } },
            { id: 'ada-2', person: 'ada', server: '7', ...about, state: { state: 'waiting', position: 2 } },
          ]),
        WAIT,
      )
    })

    test('jobs of a paused server are skipped until it is resumed', async () => {
      const { painter, call, startedPrompts } = scriptedPainter()
      const { queue } = await startQueue([painter])
      await add(queue, 'runs', 'ada', '7')
      // The pause only affects jobs that a worker has not begun to paint.
      await call('runs')
      await runs(queue, 'runs')
      await queue.pauseServer('7')
      await add(queue, 'paused', 'ada', '7')
      await add(queue, 'other', 'bob', '8')
      await vi.waitFor(async () => {
        expect(await stateOf(queue, 'other')).toEqual({ id: 'other', state: 'waiting', position: 1 })
        expect(await stateOf(queue, 'paused')).toEqual({ id: 'paused', state: 'waiting', position: 2, paused: true })
      }, WAIT)
      for (const id of ['runs', 'other']) {
        const end = followToEnd(queue, id)
        ;(await call(id)).finish()
        await end
      }
      await new Promise(resolve => setTimeout(resolve, 300))
      expect(startedPrompts()).toEqual(['runs', 'other'])
      expect(await stateOf(queue, 'paused')).toMatchObject({ state: 'waiting', position: 1, paused: true })
      await queue.resumeServer('7')
      const end = followToEnd(queue, 'paused')
      ;(await call('paused')).finish()
      expect((await end).at(-1)).toMatchObject({ state: 'done' })
    })

    test('clearing a server cancels its waiting jobs and no others', async () => {
      const { painter } = scriptedPainter()
      const { queue } = await startQueue([painter])
      await add(queue, 'runs', 'ada', '7')
      await runs(queue, 'runs')
      await add(queue, 'waits', 'ada', '7')
      await add(queue, 'elsewhere', 'ada', '8')
      const end = followToEnd(queue, 'waits')
      expect(await queue.clearServer('7')).toBe(1)
      expect((await end).at(-1)).toEqual({ state: 'cancelled' })
      expect((await queue.list()).map(job => job.id)).toEqual(['runs', 'elsewhere'])
    })

    test('a job of a paused server is cleared and cancelled even while a worker puts it back', async () => {
      const { painter, startedPrompts } = scriptedPainter()
      const backend = await backendFor()
      const queue = await queueOn(backend)
      // Before the worker starts: a running one learns of it a moment later.
      await queue.pauseServer('7')
      await workerOn(backend, [workerDevice(painter)])
      // Some are cleared at each moment of being put back.
      for (let round = 0; round < 12; round++) {
        const ids = [`one-${round}`, `other-${round}`]
        for (const id of ids) await add(queue, id, 'ada', '7')
        const ends = ids.map(id => followToEnd(queue, id))
        await new Promise(resolve => setTimeout(resolve, round))
        expect(await queue.clearServer('7')).toBe(2)
        for (const states of await Promise.all(ends)) {
          expect(states.at(-1)).toEqual({ state: 'cancelled' })
          // Its worker takes it only to put it back.
          expect(states.map(({ state }) => state)).not.toContain('running')
        }
      }
      for (let round = 0; round < 12; round++) {
        const id = `cancelled-${round}`
        await add(queue, id, 'ada', '7')
        const end = followToEnd(queue, id)
        await new Promise(resolve => setTimeout(resolve, round))
        expect(await queue.cancel(id)).toBe(true)
        expect((await end).at(-1)).toEqual({ state: 'cancelled' })
      }
      expect(startedPrompts()).toEqual([])
    })

    test('nothing is kept of a forgotten person, of waiting, running or ended jobs', async () => {
      const { painter, call } = scriptedPainter()
      const { queue, backend } = await startQueue([painter])
      const kept = async () => {
        const jobs = await backend.queue(laneOf({ engine: 'fill', megapixels: 1 })).getJobs()
        return jobs.map(({ data }) => `${data.person} ${data.prompt}`).sort()
      }
      const ends = async (id: string, person: string, acknowledge: boolean) => {
        await add(queue, id, person)
        const end = followToEnd(queue, id)
        ;(await call(id)).finish()
        await end
        if (acknowledge) await queue.acknowledge(id)
      }
      await ends('bob-ended', 'bob', true)
      await ends('ada-ended', 'ada', true)
      await ends('ada-on-its-way', 'ada', false)
      await add(queue, 'ada-runs')
      await runs(queue, 'ada-runs')
      await add(queue, 'ada-waits')
      await add(queue, 'bob-waits', 'bob')
      const ended = ['ada-runs', 'ada-waits'].map(id => followToEnd(queue, id))
      expect(await queue.forgetPerson('ada')).toBe(2)
      for (const end of ended) expect((await end).at(-1)).toEqual({ state: 'cancelled' })
      for (const id of ['ada-on-its-way', 'ada-runs', 'ada-waits']) await queue.acknowledge(id)
      await runs(queue, 'bob-waits')
      expect(await kept()).toEqual(['bob bob-ended', 'bob bob-waits'])
      expect((await backend.store.getEntries('forgotten')).size).toBe(0)
      expect(await queue.forgetPerson('ada')).toBe(0)
    })

    test('the jobs of a closed queue are taken over once, with their tickets and pictures', async () => {
      const { painter, call } = scriptedPainter()
      const { queue, backend } = await startQueue([painter])
      await queue.add(jobOf('runs', { request: { ...paintRequest, prompt: 'runs', mask: Uint8Array.of(5) } }))
      await add(queue, 'waits')
      await queue.updateTicket('waits', { for: 'somebody else' })
      await call('runs')
      const ends = Promise.all([followToEnd(queue, 'runs'), followToEnd(queue, 'waits')])
      await queue.close()
      for (const seen of await ends) expect(seen.every(state => !hasEnded(state))).toBe(true)
      ;(await call('runs')).finish()

      const next = await queueOn(backend)
      const another = await queueOn(backend)
      const found = await vi.waitFor(async () => {
        const all = (await Promise.all([next.takeOver(), another.takeOver()])).map((orphans, by) => ({ orphans, by }))
        const some = all.find(({ orphans }) => orphans.length > 0)
        expect(some).toBeDefined()
        return all
      }, WAIT)
      const orphans = found.flatMap(one => one.orphans).sort((one, other) => one.id.localeCompare(other.id))
      expect(orphans).toEqual([
        { id: 'runs', ticket: { for: 'runs' } },
        { id: 'waits', ticket: { for: 'somebody else' } },
      ])
      const ownerOf = (id: string) =>
        [next, another][found.find(one => one.orphans.some(orphan => orphan.id === id))!.by]!
      const pictures = async (id: string) => {
        const { source, mask } = await ownerOf(id).requestPictures(id)
        return { source: [...source!], mask: mask && [...mask] }
      }
      expect(await pictures('runs')).toEqual({ source: [1, 2, 3], mask: [5] })
      expect(await pictures('waits')).toEqual({ source: [1, 2, 3], mask: undefined })
      expect((await followToEnd(ownerOf('runs'), 'runs')).at(-1)).toEqual({ state: 'done', result })
      ;(await call('waits')).finish()
      expect((await followToEnd(ownerOf('waits'), 'waits')).at(-1)).toEqual({ state: 'done', result })
      for (const id of ['runs', 'waits']) await ownerOf(id).acknowledge(id)
      expect([...(await next.takeOver()), ...(await another.takeOver())]).toEqual([])
    })

    test('a process does not take over a job that it is just adding', async () => {
      const backend = await backendFor()
      const takenOver: unknown[] = []
      const put = async (key: string, bytes: Uint8Array) => {
        await vi.waitFor(async () => expect(await backend.store.getEntry('open', 'a')).toBeDefined(), WAIT)
        takenOver.push(await queue.takeOver())
        await backend.blobs.put(key, bytes)
      }
      const queue = await queueOn({ ...backend, runsInOrder: false, blobs: { ...backend.blobs, put } })
      const { painter, call } = scriptedPainter()
      await workerOn(backend, [workerDevice(painter)])
      await add(queue, 'a')
      expect(takenOver).toEqual([[]])
      ;(await call('a')).finish()
      expect((await followToEnd(queue, 'a')).at(-1)).toEqual({ state: 'done', result })
    })

    test('a job that is being added is not lost, however long it takes', async () => {
      const backend = await backendFor()
      const put = async (key: string, bytes: Uint8Array) => {
        // Each takeover compares the view with the backend.
        for (const gone of ['x', 'y', 'z']) {
          const open = { by: 'bot:gone', lane: 'paint-fill-4', source: false, mask: false, ticket: 1 }
          await backend.store.putEntry('open', gone, JSON.stringify(open))
          expect(await queue.takeOver()).toEqual([{ id: gone, ticket: 1 }])
          await queue.acknowledge(gone)
        }
        await backend.blobs.put(key, bytes)
      }
      const queue = await queueOn({ ...backend, runsInOrder: false, blobs: { ...backend.blobs, put } })
      const { painter, call } = scriptedPainter()
      await workerOn(backend, [workerDevice(painter)])
      await add(queue, 'a')
      ;(await call('a')).finish()
      expect((await followToEnd(queue, 'a')).at(-1)).toEqual({ state: 'done', result })
    })

    test('a process does not take over a job that it acknowledges meanwhile', async () => {
      const backend = await backendFor()
      let acknowledged = false
      const getEntries = async (map: string) => {
        const found = await backend.store.getEntries(map)
        if (found.has('a')) {
          await queue.acknowledge('a')
          acknowledged = true
        }
        return found
      }
      const queue = await queueOn({ ...backend, store: { ...backend.store, getEntries } })
      const { painter, call } = scriptedPainter()
      await workerOn(backend, [workerDevice(painter)])
      await add(queue, 'a')
      ;(await call('a')).finish()
      await followToEnd(queue, 'a')
      expect(await queue.takeOver()).toEqual([])
      expect(acknowledged).toBe(true)
      expect(await backend.store.getEntry('open', 'a')).toBeUndefined()
    })

    test('a worker that closes finishes its job or puts it back, and takes no other', async () => {
      const one = scriptedPainter()
      const { queue, backend, worker } = await startQueue([one.painter])
      await add(queue, 'a')
      await add(queue, 'b')
      await one.call('a')
      const closing = worker.close(5000)
      ;(await one.call('a')).finish()
      await closing
      expect((await followToEnd(queue, 'a')).at(-1)).toMatchObject({ state: 'done' })
      expect(one.startedPrompts()).toEqual(['a'])

      const two = scriptedPainter()
      const second = await workerOn(backend, [workerDevice(two.painter)])
      await two.call('b')
      await second.close(0)
      await vi.waitFor(
        async () => expect(await stateOf(queue, 'b')).toMatchObject({ state: 'waiting', position: 1 }),
        WAIT,
      )

      const three = scriptedPainter()
      await workerOn(backend, [workerDevice(three.painter)])
      const end = followToEnd(queue, 'b')
      ;(await three.call('b')).finish()
      expect((await end).at(-1)).toMatchObject({ state: 'done' })
    })

    test('a job of an older version runs, and one that nobody can read fails', async () => {
      const { painter, call } = scriptedPainter()
      const { queue, backend } = await startQueue([painter])
      const lane = backend.queue(laneOf({ engine: 'fill', megapixels: 1 }))
      opened.push({ close: () => lane.close() })
      // As the first version stored it.
      await backend.blobs.put(blobKey('old', 'source'), Uint8Array.of(4))
      const old = {
        version: 1,
        person: 'ada',
        server: '7',
        edit: { kind: 'zoom', factor: 1.5, grow: false },
        prompt: 'a lighthouse',
        seeds: [1, 2, 3, 4],
        engine: 'fill',
        source: true,
        mask: false,
      }
      await lane.add('paint', old, { jobId: 'job-old', priority: 1 })
      const { request, finish } = await call('a lighthouse')
      expect(request).toEqual({
        edit: old.edit,
        prompt: old.prompt,
        seeds: old.seeds,
        engine: 'fill',
        source: Buffer.from([4]),
      })
      finish()
      const open = { by: 'bot:gone', lane: 'paint-fill-4', source: false, mask: false, ticket: 'strange' }
      await backend.store.putEntry('open', 'strange', JSON.stringify(open))
      await lane.add('paint', { ...old, version: 99 }, { jobId: 'job-strange', priority: 1 })
      expect(await queue.takeOver()).toEqual([{ id: 'strange', ticket: 'strange' }])
      // Workers of that version have a minute.
      const isLeft = async () => (await lane.getJob(toBullJobId('strange')))?.isDelayed()
      if (backend.shared) await vi.waitFor(async () => expect(await isLeft()).toBe(true), WAIT)
      await inAMinute(async () => {
        expect((await followToEnd(queue, 'strange')).at(-1)).toEqual({
          state: 'failed',
          problem: { code: 'job-incompatible' },
        })
      })
    })

    test('a job that only a newer worker can read is painted by that one', async () => {
      const { painter, startedPrompts } = scriptedPainter()
      const { queue, backend } = await startQueue([painter])
      if (!backend.shared) return
      const lane = backend.queue(laneOf({ engine: 'fill', megapixels: 1 }))
      opened.push({ close: () => lane.close() })
      await lane.pause()
      await add(queue, 'new')
      const bullJob = await lane.getJob(toBullJobId('new'))
      await bullJob!.updateData({ ...bullJob!.data, finish: 'matte' })
      await lane.resume()
      await vi.waitFor(async () => expect((await lane.getJob(toBullJobId('new')))?.attemptsStarted).toBe(1), WAIT)
      // What it returns has fields, and savings, of the newer version.
      const stored = {
        ...result,
        version: 1,
        attempt: 2,
        finish: 'matte',
        savings: [{ kind: 'new' }, { kind: 'tiles' }],
      }
      const newer = backend.worker('paint-fill-4', async () => stored, {})
      opened.push({ close: () => newer.close(true) })
      newer.run().catch(onError)
      expect((await followToEnd(queue, 'new')).at(-1)).toEqual({
        state: 'done',
        result: { ...result, savings: [{ kind: 'tiles' }] },
      })
      expect(startedPrompts()).toEqual([])
    })

    test('the result of an older worker, without recipes, is read from its pictures', async () => {
      const backend = await backendFor()
      const queue = await queueOn(backend)
      const picture = paintedPicture(7, Uint8Array.of(), { width: 2, height: 1 })
      const pixels = { data: new Uint8Array(6), width: 2, height: 1, channels: 3 as const }
      const text = { parameters: formatParameters(picture.recipe, picture) }
      const png = setPngTexts(await encodePng(pixels), text)
      await add(queue, 'old')
      await backend.blobs.put('old/token:7/0', png)
      const { recipe, png: _, ...rest } = picture
      const stored = { ...result, pictures: [{ ...rest, blob: 'old/token:7/0' }] }
      const older = backend.worker('paint-fill-4', async () => stored, {})
      opened.push({ close: () => older.close(true) })
      older.run().catch(onError)
      const end = (await followToEnd(queue, 'old')).at(-1)
      expect(end).toMatchObject({ state: 'done', result: { pictures: [{ seed: 7, recipe }] } })
      await queue.acknowledge('old')
      expect(await backend.blobs.get('old/token:7/0')).toBeUndefined()
    })

    test('nothing is left of a job that was painted twice and taken over, previews included', async () => {
      const one = scriptedPainter()
      const blobs = new Set<string>()
      const inner = await backendFor()
      const backend: Backend = {
        ...inner,
        blobs: {
          get: inner.blobs.get,
          async put(key, bytes) {
            await inner.blobs.put(key, bytes)
            blobs.add(key)
          },
          async delete(keys) {
            await inner.blobs.delete(keys)
            for (const key of keys) blobs.delete(key)
          },
        },
      }
      const queue = await queueOn(backend)
      await workerOn(backend, [workerDevice(one.painter)])
      const painted = { ...result, pictures: [paintedPicture(1, Uint8Array.of(1))] }
      await queue.add(jobOf('a', { request: { ...paintRequest, prompt: 'a', mask: Uint8Array.of(5) } }))
      const { hooks, fail } = await one.call('a')
      hooks.onProgress({ done: 0.5, preview: Uint8Array.of(9) })
      await vi.waitFor(() => expect(blobs).toContain('a/preview'), WAIT)
      // As a worker leaves them that ends before it could tell.
      await backend.blobs.put('a/1/0', Uint8Array.of(1))
      fail(new UserError({ code: 'engine-crashed' }))
      const again = await one.call('a', 1)
      await queue.close()
      again.finish(painted)
      const next = await queueOn(backend)
      await vi.waitFor(async () => expect(await next.takeOver()).toHaveLength(1), WAIT)
      expect((await followToEnd(next, 'a')).at(-1)).toMatchObject({ state: 'done' })
      await next.acknowledge('a')
      expect([...blobs]).toEqual([])
      expect(await backend.store.getEntries('open')).toEqual(new Map())
    })

    test('a worker that comes back after its job has ended leaves nothing behind', async () => {
      const { painter, call } = scriptedPainter()
      const backend = await backendFor()
      const queue = await queueOn(backend)
      // As BullMQ answers when another worker has, or had, the job.
      const withoutLock: Backend['worker'] = (lane, process, options) =>
        backend.worker(lane, (job, token) => process(Object.assign(job, { extendLock: async () => 0 }), token), options)
      await workerOn({ ...backend, worker: withoutLock }, [workerDevice(painter)])
      await add(queue, 'a')
      const { hooks, finish } = await call('a')
      hooks.onProgress({ done: 0.5, preview: Uint8Array.of(9) })
      finish({ ...result, pictures: [paintedPicture(1, Uint8Array.of(1))] })
      await vi.waitFor(async () => expect(await backend.blobs.get('a/preview')).toBeUndefined(), WAIT)
      expect(await backend.blobs.get('a/1/0')).toBeUndefined()
    })

    test('one unreadable record stops nobody: the others are taken over, and its job is answered', async () => {
      const { painter, call } = scriptedPainter()
      const { queue, backend } = await startQueue([painter])
      await add(queue, 'good')
      ;(await call('good')).finish()
      await queue.close()
      const { store } = backend
      const good = JSON.parse((await store.getEntry('open', 'good'))!)
      const damaged = {
        'not-json': '{"by":"bot:go',
        'no-object': '[]',
        'wrong-type': JSON.stringify({ ...good, source: 'yes', ticket: 't1' }),
        'newer-version': JSON.stringify({ ...good, version: 2, ticket: 't2' }),
        'no-lane': JSON.stringify({ by: 'bot:gone', source: false, mask: false, ticket: 't3' }),
      }
      for (const [id, text] of Object.entries(damaged)) await store.putEntry('open', id, text)

      const next = await queueOn(backend)
      const seen = new Map<string, unknown>()
      const takeAll = async () => {
        for (const { id, ticket } of await next.takeOver()) seen.set(id, ticket)
      }
      await vi.waitFor(async () => {
        await takeAll()
        expect(seen.get('good')).toEqual({ for: 'good' })
      }, WAIT)
      expect((await followToEnd(next, 'good')).at(-1)).toEqual({ state: 'done', result })
      await next.acknowledge('good')
      // Others, of another version, have a minute for the rest.
      if (backend.shared) expect([...seen.keys()]).toEqual(['good'])
      await afterAMinute(takeAll)
      expect(Object.fromEntries(seen)).toEqual({
        good: { for: 'good' },
        'not-json': undefined,
        'no-object': undefined,
        'wrong-type': 't1',
        'newer-version': 't2',
        'no-lane': 't3',
      })
      for (const id of Object.keys(damaged)) {
        expect((await followToEnd(next, id)).at(-1)).toMatchObject({ state: 'failed' })
        await next.acknowledge(id)
      }
      expect(await store.getEntries('open')).toEqual(new Map())
      // Each is logged once.
      const logged = errors.splice(0).map(({ message }) => /job (\S+)/.exec(message)?.[1])
      expect(logged.sort()).toEqual(Object.keys(damaged).sort())
    })

    test('an unreadable record of a process that is alive is left alone', async () => {
      const { queue, backend } = await startQueue([scriptedPainter().painter])
      const other = await queueOn(backend)
      if (!backend.shared) return
      await add(queue, 'a')
      const record = JSON.parse((await backend.store.getEntry('open', 'a'))!)
      await backend.store.putEntry('open', 'a', JSON.stringify({ ...record, version: 2 }))
      expect(await afterAMinute(() => other.takeOver())).toEqual([])
      expect(await queue.cancel('a')).toBe(true)
    })

    test('a job whose ticket or lane this process does not know is left to others for a minute', async () => {
      const { queue, backend } = await startQueue([scriptedPainter().painter])
      const orphan = { by: 'bot:gone', lane: 'paint-fill-4', source: false, mask: false, ticket: 'new' }
      await backend.store.putEntry('open', 'a', JSON.stringify(orphan))
      await backend.store.putEntry('open', 'b', JSON.stringify({ ...orphan, lane: 'paint-sdxl-4', ticket: 'old' }))
      const takeOver = () => queue.takeOver(ticket => ticket === 'old')
      const both = [
        { id: 'a', ticket: 'new' },
        { id: 'b', ticket: 'old' },
      ]
      if (backend.shared) {
        expect(await takeOver()).toEqual([])
        expect(await takeOver()).toEqual([])
      }
      const takenOver = await (backend.shared ? afterAMinute(takeOver) : takeOver())
      expect(takenOver.sort((one, other) => one.id.localeCompare(other.id))).toEqual(both)
      expect(await followToEnd(queue, 'b')).toEqual([{ state: 'failed', problem: { code: 'job-incompatible' } }])
      for (const { id } of both) await queue.acknowledge(id)
    })

    test('an unreadable entry of a worker hides no other worker, and is reported once', async () => {
      const backend = await backendFor()
      await workerOn(backend, [workerDevice(scriptedPainter().painter)])
      await backend.store.putEntry('workers', 'worker:strange', '{"devices":')
      await backend.store.set('worker:strange', 60, '')
      const queue = await queueOn(backend)
      const other = jobOf('other', { request: { ...paintRequest, engine: 'other' } })
      await expect(queue.add(other)).rejects.toMatchObject({
        problem: { code: 'no-capable-worker' },
      })
      await backend.store.publish('workers', '')
      await add(queue, 'a')
      await runs(queue, 'a')
      expect(errors.splice(0).map(({ message }) => message)).toEqual([expect.stringMatching(/worker:strange/)])
      await backend.store.deleteEntry('workers', 'worker:strange')
    })

    test('a job that is lost fails', async () => {
      const { queue, backend } = await startQueue([scriptedPainter().painter])
      const open = { by: 'bot:gone', lane: 'paint-fill-4', source: false, mask: false, ticket: 1 }
      await backend.store.putEntry('open', 'gone', JSON.stringify(open))
      expect(await queue.takeOver()).toEqual([{ id: 'gone', ticket: 1 }])
      expect(await followToEnd(queue, 'gone')).toEqual([{ state: 'failed', problem: { code: 'job-lost' } }])
    })

    test('a process whose job was taken over learns so when it updates the ticket', async () => {
      const { queue, backend } = await startQueue([scriptedPainter().painter])
      await add(queue, 'a')
      expect((await queue.updateTicket('a', 'mine'))?.isValid()).toBe(true)
      const record = JSON.parse((await backend.store.getEntry('open', 'a'))!)
      expect(record.ticket).toBe('mine')
      await backend.store.putEntry('open', 'a', JSON.stringify({ ...record, by: 'bot:other' }))
      expect(await queue.updateTicket('a', 'mine again')).toBeUndefined()
      expect(JSON.parse((await backend.store.getEntry('open', 'a'))!).by).toBe('bot:other')
      expect(await queue.updateTicket('unknown', 1)).toBeUndefined()
      // Taken over, delivered and acknowledged by another process.
      await add(queue, 'b')
      await backend.store.deleteEntry('open', 'b')
      const lease = queue.leaseOf('b')!
      vi.spyOn(performance, 'now').mockImplementation(() => Number.MAX_SAFE_INTEGER)
      expect(lease.isValid()).toBe(false)
      expect(await queue.updateTicket('b', 'mine')).toBeUndefined()
      vi.restoreAllMocks()
      expect(await backend.store.getEntry('open', 'b')).toBeUndefined()
    })

    test('an event is claimed by one process', async () => {
      const { queue, backend } = await startQueue([scriptedPainter().painter])
      const other = await queueOn(backend)
      expect((await Promise.all([queue.claimEvent('1'), other.claimEvent('1')])).sort()).toEqual([false, true])
      expect(await other.claimEvent('2')).toBe(true)
    })

    test('texts are compared and set in one step, all or none', async () => {
      const { store } = await backendFor()
      const change = (name: string, before?: string, after?: string) => ({ name, before, after, seconds: 60 })
      expect(await store.compareAndSet([change('a', undefined, '1'), change('b', undefined, '2')])).toBe(true)
      expect(await store.compareAndSet([change('a', '1', '3'), change('b', undefined, '4')])).toBe(false)
      expect([await store.get('a'), await store.get('b')]).toEqual(['1', '2'])
      expect(await store.compareAndSet([change('b', '2'), change('a', '1', '5')])).toBe(true)
      expect([await store.get('a'), await store.get('b')]).toEqual(['5', undefined])
      // Of several at once, one wins.
      const race = await Promise.all(['6', '7', '8'].map(after => store.compareAndSet([change('a', '5', after)])))
      expect(race.filter(Boolean)).toHaveLength(1)
    })
  })
}
