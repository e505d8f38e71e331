import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { throttleLatest } from '../../../src/bot/jobs/throttle.js'

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
  const start = performance.now()
  const seen: [value: number, at: number][] = []
  const all = (async () => {
    for await (const value of throttleLatest(source, intervalMs, isUrgent)) {
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
  const seen: number[] = []
  await expect(async () => {
    for await (const value of throttleLatest(broken(), 1000, () => false)) seen.push(value)
  }).rejects.toThrow('cut')
  expect(seen).toEqual([1])
})
