import { afterEach, describe, expect, test } from 'vitest'
import { type WorkerProcess, workerProcess } from '../../../src/inference/runtime/worker-process.js'
import { problemIn } from '../../support/problems.js'

type Task = {
  readonly do: 'echo' | 'die' | 'grow' | 'block' | 'fail' | 'environment' | 'oom-score'
  readonly value?: unknown
}

describe('a process for one task at a time', () => {
  let worker: WorkerProcess<Task, unknown>
  const open = (limits: { timeoutMs?: number; memoryLimit?: number } = {}) => {
    worker = workerProcess(new URL('../../support/problems.ts', import.meta.url).href, 'worker-process-tasks', {
      timeoutMs: 60_000,
      ...limits,
    })
    return worker
  }
  afterEach(() => worker.close())

  test('answers with whatever a task returns', async () => {
    const { run } = open()
    expect(await run({ do: 'echo', value: new Uint8Array([1, 2]) })).toEqual(new Uint8Array([1, 2]))
    expect(await run({ do: 'echo' })).toBeUndefined()
  })

  test('passes on a problem as a problem, and an error as an error', async () => {
    const { run } = open()
    await expect(run({ do: 'fail' })).rejects.toThrow('a bug')
    expect(await run({ do: 'echo', value: 1 })).toBe(1)
  })

  test.each([
    ['a crash', { do: 'die' }, {}],
    ['a task that takes too much memory', { do: 'grow' }, { memoryLimit: 300 * 1024 * 1024 }],
    ['a task that takes too long', { do: 'block' }, { timeoutMs: 3000 }],
  ] as const)('%s costs one task; those that wait get another process', async (_, task, limits) => {
    const { run } = open(limits)
    const [first, failed, next] = [run({ do: 'echo', value: 1 }), problemIn(run(task)), run({ do: 'echo', value: 2 })]
    expect(await Promise.all([first, failed, next])).toEqual([1, { code: 'picture-too-demanding' }, 2])
  })

  test('gets nothing of the environment', async () => {
    process.env.PLANTED_SECRET = 'secret'
    const { run } = open()
    expect(await run({ do: 'environment' })).not.toHaveProperty('PLANTED_SECRET')
  })

  test.skipIf(process.platform !== 'linux')('is the first that Linux ends where memory runs out', async () => {
    const { run } = open()
    expect(await run({ do: 'oom-score' })).toBeGreaterThan(0)
  })
})
