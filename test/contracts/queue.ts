import { afterEach, describe, expect, test } from 'vitest'
import type { PaintRequest, PaintResult } from '../../src/inference/paint.js'
import type { Painter } from '../../src/inference/painter.js'
import { ProblemError } from '../../src/problem.js'
import { ended, type JobQueue, type JobState } from '../../src/queue/queue.js'

export const request: PaintRequest = {
  edit: { kind: 'square' },
  source: Uint8Array.of(1, 2, 3),
  prompt: '',
  seeds: [1],
  engine: 'fill',
}

const result: PaintResult = { engine: 'fill', pictures: [], timings: { read: 0, paint: 0, write: 0, total: 0 } }

/** A painter that does what the test says when the test says it; `started` holds prompts in the order of their start. */
export function scriptedPainter() {
  type Hooks = Parameters<Painter['paint']>[1]
  type Call = { prompt: string; hooks: Hooks; finish: () => void; fail: (error: unknown) => void }
  const calls: Call[] = []
  const wakes: (() => void)[] = []
  let atOnce = 0
  let mostAtOnce = 0
  const painter: Painter = {
    paint: ({ prompt }, hooks) => {
      mostAtOnce = Math.max(mostAtOnce, ++atOnce)
      return new Promise<PaintResult>((resolve, reject) => {
        hooks.signal.addEventListener('abort', () => reject(hooks.signal.reason))
        calls.push({ prompt, hooks, finish: () => resolve(result), fail: reject })
        for (const wake of wakes.splice(0)) wake()
      }).finally(() => atOnce--)
    },
    close: async () => {},
  }
  return {
    painter,
    started: () => calls.map(call => call.prompt),
    mostAtOnce: () => mostAtOnce,
    /** The call for this prompt, once it was started. */
    async call(prompt: string): Promise<Call> {
      for (;;) {
        const found = calls.find(call => call.prompt === prompt)
        if (found) return found
        await new Promise<void>(resolve => wakes.push(resolve))
      }
    },
  }
}

/** Follow to the end and return every state that was seen. */
export async function followed(queue: JobQueue, id: string): Promise<JobState[]> {
  const states: JobState[] = []
  for await (const state of queue.follow(id)) states.push(state)
  return states
}

/** What every queue promises. `make` opens one with these painters; `limit` jobs may wait, and 5 of one person. */
export function queueContract(name: string, make: (painters: Painter[], limit: number) => Promise<JobQueue>): void {
  describe(`${name} keeps the promises of a queue:`, () => {
    const open: JobQueue[] = []
    async function opened(painters: Painter[], limit = 100): Promise<JobQueue> {
      const queue = await make(painters, limit)
      open.push(queue)
      return queue
    }
    afterEach(async () => {
      await Promise.all(open.splice(0).map(queue => queue.close()))
    })
    const add = (queue: JobQueue, id: string, person = 'ada', server?: string) =>
      queue.add({ id, person, server, request: { ...request, prompt: id } })

    test('a job is followed from its place in line to its end', async () => {
      const { painter, call } = scriptedPainter()
      const queue = await opened([painter])
      await add(queue, 'first')
      await add(queue, 'second')
      const states: JobState[] = []
      for await (const state of queue.follow('second')) {
        states.push(state)
        if (state.state === 'waiting') (await call('first')).finish()
        if (state.state === 'running' && state.done === 0) {
          ;(await call('second')).hooks.onProgress({ done: 0.5, preview: Uint8Array.of(9) })
        } else if (state.state === 'running') (await call('second')).finish()
      }
      expect(states).toEqual([
        { state: 'waiting', place: 1 },
        { state: 'running', done: 0 },
        { state: 'running', done: 0.5, preview: Uint8Array.of(9) },
        { state: 'done', result },
      ])
    })

    test('one job at a time per device', async () => {
      const one = scriptedPainter()
      const other = scriptedPainter()
      const queue = await opened([one.painter, other.painter])
      for (const id of ['a', 'b', 'c', 'd', 'e']) await add(queue, id)
      const ends = ['a', 'b', 'c', 'd', 'e'].map(id => followed(queue, id))
      for (const [index, id] of ['a', 'b', 'c', 'd', 'e'].entries()) {
        ;(await (index % 2 ? other : one).call(id)).finish()
        await ends[index]
      }
      expect(one.mostAtOnce()).toBe(1)
      expect(other.mostAtOnce()).toBe(1)
      expect([...one.started(), ...other.started()].sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
    })

    test('people take turns, and each keeps the order of their own', async () => {
      const { painter, call, started } = scriptedPainter()
      const queue = await opened([painter])
      for (const id of ['ada-1', 'ada-2', 'ada-3']) await add(queue, id, 'ada')
      await add(queue, 'bob-1', 'bob')
      await add(queue, 'cy-1', 'cy')
      await add(queue, 'bob-2', 'bob')
      const all = ['ada-1', 'bob-1', 'cy-1', 'ada-2', 'bob-2', 'ada-3']
      for (const id of all) {
        const end = followed(queue, id)
        ;(await call(id)).finish()
        await end
      }
      expect(started()).toEqual(all)
    })

    test('places tell the order in which jobs will be taken', async () => {
      const { painter } = scriptedPainter()
      const queue = await opened([painter])
      for (const id of ['ada-1', 'ada-2', 'ada-3']) await add(queue, id, 'ada')
      await add(queue, 'bob-1', 'bob')
      const place = async (id: string) => {
        for await (const state of queue.follow(id)) return state
        return undefined
      }
      expect(await place('bob-1')).toEqual({ state: 'waiting', place: 1 })
      expect(await place('ada-2')).toEqual({ state: 'waiting', place: 2 })
      expect(await place('ada-3')).toEqual({ state: 'waiting', place: 3 })
    })

    test('a cancelled job that waits is never run', async () => {
      const { painter, call, started } = scriptedPainter()
      const queue = await opened([painter])
      for (const id of ['a', 'b', 'c']) await add(queue, id)
      expect(await queue.cancel('b')).toBe(true)
      expect((await followed(queue, 'b')).at(-1)).toEqual({ state: 'cancelled' })
      for (const id of ['a', 'c']) {
        const end = followed(queue, id)
        ;(await call(id)).finish()
        await end
      }
      expect(started()).toEqual(['a', 'c'])
    })

    test('a cancelled job that runs is stopped, and the next one starts', async () => {
      const { painter, call } = scriptedPainter()
      const queue = await opened([painter])
      await add(queue, 'a')
      await add(queue, 'b')
      await call('a')
      expect(await queue.cancel('a')).toBe(true)
      expect((await followed(queue, 'a')).at(-1)).toEqual({ state: 'cancelled' })
      const end = followed(queue, 'b')
      ;(await call('b')).finish()
      expect((await end).at(-1)).toEqual({ state: 'done', result })
    })

    test('what is not there can be neither cancelled nor followed', async () => {
      const queue = await opened([scriptedPainter().painter])
      expect(await queue.cancel('nobody')).toBe(false)
      expect(await followed(queue, 'nobody')).toEqual([])
    })

    test('a problem reaches who follows; the next job runs all the same', async () => {
      const { painter, call } = scriptedPainter()
      const queue = await opened([painter])
      await add(queue, 'bad')
      await add(queue, 'good')
      ;(await call('bad')).fail(new ProblemError({ code: 'mask-empty' }))
      expect((await followed(queue, 'bad')).at(-1)).toEqual({ state: 'failed', problem: { code: 'mask-empty' } })
      const end = followed(queue, 'good')
      ;(await call('good')).finish()
      expect((await end).at(-1)).toEqual({ state: 'done', result })
    })

    test('a bug reaches who follows as a number, not as its text', async () => {
      const { painter, call } = scriptedPainter()
      const queue = await opened([painter])
      await add(queue, 'bad')
      ;(await call('bad')).fail(new TypeError('secret internals'))
      const end = (await followed(queue, 'bad')).at(-1)
      expect(end).toMatchObject({ state: 'failed', problem: { code: 'bug' } })
      expect(JSON.stringify(end)).not.toContain('secret')
    })

    test('who follows late sees the end', async () => {
      const { painter, call } = scriptedPainter()
      const queue = await opened([painter])
      await add(queue, 'a')
      await add(queue, 'b')
      ;(await call('a')).finish()
      await call('b') // by now a has ended
      expect(await followed(queue, 'a')).toEqual([{ state: 'done', result }])
    })

    test('who is slow to follow misses states in between, but never the end', async () => {
      const { painter, call } = scriptedPainter()
      const queue = await opened([painter])
      await add(queue, 'a')
      const { hooks, finish } = await call('a')
      const states: JobState[] = []
      for await (const state of queue.follow('a')) {
        states.push(state)
        if (states.length > 1) continue
        for (let step = 1; step <= 50; step++) hooks.onProgress({ done: step / 50 })
        finish()
        await new Promise(resolve => setImmediate(resolve))
      }
      expect(states.length).toBeLessThan(5)
      expect(ended(states.at(-1)!)).toBe(true)
    })

    test('no more than the limit may wait', async () => {
      const queue = await opened([scriptedPainter().painter], 2)
      for (const id of ['runs', 'a', 'b']) await add(queue, id)
      await expect(add(queue, 'c')).rejects.toMatchObject({ problem: { code: 'queue-full', waiting: 2, limit: 2 } })
    })

    test('no more than five of one person wait; others still may', async () => {
      const queue = await opened([scriptedPainter().painter])
      for (const id of ['runs', 'a', 'b', 'c', 'd', 'e']) await add(queue, id)
      await expect(add(queue, 'f')).rejects.toMatchObject({
        problem: { code: 'queue-full-for-you', waiting: 5, limit: 5 },
      })
      await add(queue, 'bobs', 'bob')
    })

    test('the list tells what runs, and what waits in its order', async () => {
      const { painter, call } = scriptedPainter()
      const queue = await opened([painter])
      await add(queue, 'ada-1', 'ada', '7')
      await add(queue, 'ada-2', 'ada', '7')
      await add(queue, 'bob-1', 'bob')
      ;(await call('ada-1')).hooks.onProgress({ done: 0.25 })
      const about = { edit: request.edit, pictures: 1 }
      expect(await queue.list()).toEqual([
        { id: 'ada-1', person: 'ada', server: '7', ...about, state: { state: 'running', done: 0.25 } },
        { id: 'bob-1', person: 'bob', server: undefined, ...about, state: { state: 'waiting', place: 1 } },
        { id: 'ada-2', person: 'ada', server: '7', ...about, state: { state: 'waiting', place: 2 } },
      ])
    })

    test('jobs of a held server are passed by until it is released', async () => {
      const { painter, call, started } = scriptedPainter()
      const queue = await opened([painter])
      await add(queue, 'runs', 'ada', '7')
      await queue.hold('7')
      await add(queue, 'held', 'ada', '7')
      await add(queue, 'other', 'bob', '8')
      const state = async (id: string) => (await queue.list()).find(job => job.id === id)?.state
      expect(await state('other')).toEqual({ state: 'waiting', place: 1 })
      expect(await state('held')).toEqual({ state: 'waiting', place: 2, held: true })
      for (const id of ['runs', 'other']) {
        const end = followed(queue, id)
        ;(await call(id)).finish()
        await end
      }
      expect(started()).toEqual(['runs', 'other'])
      await queue.release('7')
      await call('held')
    })

    test('clearing a server cancels what waits there, and nothing else', async () => {
      const { painter } = scriptedPainter()
      const queue = await opened([painter])
      await add(queue, 'runs', 'ada', '7')
      await add(queue, 'waits', 'ada', '7')
      await add(queue, 'elsewhere', 'ada', '8')
      const end = followed(queue, 'waits')
      expect(await queue.clear('7')).toBe(1)
      expect((await end).at(-1)).toEqual({ state: 'cancelled' })
      expect((await queue.list()).map(job => job.id)).toEqual(['runs', 'elsewhere'])
    })

    test('closing brings every job to an end', async () => {
      const queue = await opened([scriptedPainter().painter])
      await add(queue, 'runs')
      await add(queue, 'waits')
      const ends = Promise.all([followed(queue, 'runs'), followed(queue, 'waits')])
      await queue.close()
      for (const states of await ends) expect(states.at(-1)).toEqual({ state: 'failed', problem: { code: 'stopped' } })
    })
  })
}
