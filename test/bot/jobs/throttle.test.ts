import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createProgressBudget, editIntervalMs } from '../../../src/bot/jobs/progress-budget.js'
import { createPacer, throttleLatest } from '../../../src/bot/jobs/throttle.js'
import { hasEnded, type JobState } from '../../../src/queue/queue.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Yields each of the times, in milliseconds, when it has come. */
async function* at(times: readonly number[]): AsyncGenerator<number> {
  for (const [index, time] of times.entries()) {
    await new Promise(resolve => setTimeout(resolve, time - (times[index - 1] ?? 0)))
    yield time
  }
}

/** The values that pass, and when. */
async function collect(source: AsyncIterable<number>, intervalMs: number, isUrgent = (_: number) => false, work = 0) {
  const pacer = createPacer(1000)
  const options = { intervalMs: () => intervalMs, pacerFor: () => pacer, isUrgent }
  const start = performance.now()
  const seen: [value: number, at: number][] = []
  const all = (async () => {
    for await (const value of throttleLatest(source, options)) {
      seen.push([value, performance.now() - start])
      if (work) await new Promise(resolve => setTimeout(resolve, work))
    }
  })()
  await vi.advanceTimersByTimeAsync(60_000)
  await all
  return seen
}

test('values are at least an interval apart, each the latest; the last one always passes', async () => {
  expect(await collect(at([0, 100, 900, 1900, 2100, 2500]), 2000)).toEqual([
    [0, 0],
    [1900, 2000],
    [2500, 2500],
  ])
})

test('an urgent value passes at once', async () => {
  expect(await collect(at([0, 100, 500, 3000]), 2000, value => value === 500)).toEqual([
    [0, 0],
    [500, 500],
    [3000, 3000],
  ])
})

test('a slow consumer gets the latest value, not a backlog', async () => {
  expect(await collect(at([0, 100, 200, 300, 400, 9000]), 0, undefined, 350)).toEqual([
    [0, 0],
    [300, 350],
    [400, 700],
    [9000, 9000],
  ])
})

test('an error of the source arrives after the values before it', async () => {
  async function* broken() {
    yield 1
    throw new Error('cut')
  }
  const pacer = createPacer(1000)
  const options = { intervalMs: () => 1000, pacerFor: () => pacer, isUrgent: () => false }
  const seen: number[] = []
  await expect(async () => {
    for await (const value of throttleLatest(broken(), options)) seen.push(value)
  }).rejects.toThrow('cut')
  expect(seen).toEqual([1])
})

test('values of many sources are spread, each the latest when its turn comes', async () => {
  const pacer = createPacer(2)
  const options = { intervalMs: () => 1000, pacerFor: () => pacer, isUrgent: () => false }
  const start = performance.now()
  const seen: [source: number, value: number, at: number][] = []
  const all = [0, 1, 2].map(async source => {
    for await (const value of throttleLatest(at([0, 900, 1900, 9000]), options)) {
      seen.push([source, value, performance.now() - start])
    }
  })
  await vi.advanceTimersByTimeAsync(10_000)
  await Promise.all(all)
  expect(seen).toEqual([
    ...[0, 1, 2].map(source => [source, 0, 0]),
    [0, 900, 1000],
    [1, 900, 1500],
    [2, 1900, 2000],
    [0, 1900, 2500],
    [1, 1900, 3000],
    ...[0, 1, 2].map(source => [source, 9000, 9000]),
  ])
})

test('a value of another kind does not wait for the turn of the one before', async () => {
  const slow = createPacer(0.1)
  const fast = createPacer(1000)
  slow.reserve()
  const options = {
    intervalMs: (value: number) => (value < 500 ? 100 : 10),
    pacerFor: (value: number) => (value < 500 ? slow : fast),
    isUrgent: () => false,
  }
  const start = performance.now()
  const seen: [value: number, at: number][] = []
  const all = (async () => {
    for await (const value of throttleLatest(at([0, 200, 600, 20_000]), options)) {
      seen.push([value, performance.now() - start])
    }
  })()
  await vi.advanceTimersByTimeAsync(30_000)
  await all
  expect(seen).toEqual([
    [0, 0],
    [600, 600],
    [20_000, 20_000],
  ])
})

test('the longer the queue, the rarer are edits of each message; together they keep to the budget', () => {
  expect([0, 1, 20, 21, 100, 101, 300, 301, 600, 1200].map(editIntervalMs)).toEqual([
    2000, 2000, 2000, 10_000, 10_000, 30_000, 30_000, 60_000, 60_000, 120_000,
  ])
})

test('with 250 waiting jobs each end passes at once, and all other edits keep to the budget', async () => {
  const [JOBS, PAINT_MS, POSITION_MS] = [250, 200, 1000]
  let done = 0
  const options = createProgressBudget()({ counts: () => ({ waiting: JOBS - done - 1, running: 1 }) })

  /** Its position changes all the time, then it runs, with progress, then it has ended. */
  async function* statesOf(job: number): AsyncGenerator<JobState> {
    for (let position = JOBS; performance.now() < job * PAINT_MS; position--) {
      yield { state: 'waiting', position }
      await new Promise(resolve => setTimeout(resolve, Math.min(POSITION_MS, job * PAINT_MS - performance.now())))
    }
    for (const progress of [0.2, 0.4, 0.6, 0.8]) {
      yield { state: 'running', progress }
      await new Promise(resolve => setTimeout(resolve, PAINT_MS / 4))
    }
    done++
    yield { state: 'cancelled' }
  }

  const ends: number[] = []
  const edits: number[] = []
  const all = Array.from({ length: JOBS }, async (_, job) => {
    let isFirst = true
    for await (const state of throttleLatest(statesOf(job), options)) {
      if (hasEnded(state)) ends[job] = performance.now()
      else if (!isFirst) edits.push(performance.now())
      isFirst = false
    }
  })
  await vi.advanceTimersByTimeAsync(JOBS * PAINT_MS + 1000)
  await Promise.all(all)
  expect(ends).toEqual(ends.map((_, job) => (job + 1) * PAINT_MS))
  const inSecond = (second: number) => edits.filter(time => Math.floor(time / 1000) === second).length
  expect(Math.max(...Array.from({ length: 51 }, (_, second) => inSecond(second)))).toBeLessThanOrEqual(20)
  expect(edits.length).toBeGreaterThan(JOBS)
})
