import { expect, test } from 'vitest'
import { localQueue } from '../../src/queue/local-queue.js'
import { queueContract, request, scriptedPainter } from '../contracts/queue.js'

queueContract('the local queue', async (painters, limit) =>
  localQueue({ painters, limit, limitPerPerson: 5, report: () => 'c0ffee' }),
)

test('a bug is reported with its job', async () => {
  const reported: unknown[] = []
  const { painter, call } = scriptedPainter()
  const report = (error: unknown, job: { id: string }) => {
    reported.push(error, job.id)
    return 'c0ffee'
  }
  const queue = localQueue({ painters: [painter], limit: 1, limitPerPerson: 1, report })
  await queue.add({ id: 'a', person: 'ada', server: undefined, request: { ...request, prompt: 'a' } })
  const bug = new TypeError('oops')
  ;(await call('a')).fail(bug)
  for await (const state of queue.follow('a')) {
    if (state.state === 'failed') expect(state.problem).toEqual({ code: 'bug', incident: 'c0ffee' })
  }
  expect(reported).toEqual([bug, 'a'])
  await queue.close()
})

test('once something was measured, who waits is told for how long', async () => {
  let time = 0
  const { painter, call } = scriptedPainter()
  const queue = localQueue({ painters: [painter], limit: 9, limitPerPerson: 9, report: () => '', now: () => time })
  const add = (id: string, pictures: number) =>
    queue.add({
      id,
      person: id,
      server: undefined,
      request: { ...request, prompt: id, seeds: Array.from({ length: pictures }, (_, seed) => seed) },
    })
  await add('first', 1)
  await add('second', 2)
  expect((await queue.list())[1]?.state).toEqual({ state: 'waiting', place: 1 })
  const first = await call('first')
  time = 4000
  first.finish()
  await call('second')
  await add('third', 1)
  await add('fourth', 1)
  // Two pictures of four seconds each are under way, and one is before the fourth.
  const waits = async () => (await queue.list()).slice(1).map(({ state }) => state.state === 'waiting' && state.wait)
  expect(await waits()).toEqual([8000, 12_000])
  ;(await call('second')).hooks.onProgress({ done: 0.5 })
  await add('fifth', 1)
  expect(await waits()).toEqual([4000, 8000, 12_000])
  await queue.close()
})
