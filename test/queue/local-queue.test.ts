import { expect, test } from 'vitest'
import { localQueue } from '../../src/queue/local-queue.js'
import { queueContract, request, scriptedPainter } from '../contracts/queue.js'

queueContract('the local queue', async (painters, limit) => localQueue({ painters, limit, report: () => 'c0ffee' }))

test('a bug is reported with its job', async () => {
  const reported: unknown[] = []
  const { painter, call } = scriptedPainter()
  const report = (error: unknown, job: { id: string }) => {
    reported.push(error, job.id)
    return 'c0ffee'
  }
  const queue = localQueue({ painters: [painter], limit: 1, report })
  await queue.add({ id: 'a', person: 'ada', request: { ...request, prompt: 'a' } })
  const bug = new TypeError('oops')
  ;(await call('a')).fail(bug)
  for await (const state of queue.follow('a')) {
    if (state.state === 'failed') expect(state.problem).toEqual({ code: 'bug', incident: 'c0ffee' })
  }
  expect(reported).toEqual([bug, 'a'])
  await queue.close()
})
