import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { takeBackJob } from '../../../src/bot/jobs/take-back.js'
import type { JobQueue } from '../../../src/queue/queue.js'
import type { Quotas } from '../../../src/quotas/quotas.js'
import { UserError } from '../../../src/user-error.js'

const job = { job: '1', person: 'ada', server: '2' }
const log = pino({ level: 'silent' })
const unreachable = new UserError({ code: 'queue-unreachable' })

function parts() {
  const cancel = vi.fn<JobQueue['cancel']>(async () => true)
  const acknowledge = vi.fn<JobQueue['acknowledge']>(async () => {})
  const refund = vi.fn<Quotas['refund']>(async () => {})
  // Only these methods are called.
  return { cancel, acknowledge, refund, deps: { queue: { cancel, acknowledge }, quotas: { refund }, log } as never }
}

test.each([unreachable, new Error('a bug')])(
  'a refund is not skipped where the job can’t be removed: %s',
  async error => {
    const { cancel, refund, deps } = parts()
    cancel.mockRejectedValue(error)
    await takeBackJob(job, true, deps)
    expect(refund).toHaveBeenCalledExactlyOnceWith(job)
  },
)

test('while the queue can’t be reached, the person reads why soon, and the rest is done later', async () => {
  const { acknowledge, refund, deps } = parts()
  refund.mockRejectedValueOnce(unreachable).mockRejectedValueOnce(new Error('Connection is closed.'))
  acknowledge.mockRejectedValueOnce(unreachable)
  await takeBackJob(job, true, deps)
  await expect.poll(() => refund.mock.calls.length, { timeout: 20_000 }).toBe(3)
  expect(acknowledge).toHaveBeenCalledTimes(2)
})

test('a job that never got into the queue is only refunded', async () => {
  const { cancel, acknowledge, refund, deps } = parts()
  await takeBackJob(job, false, deps)
  expect(refund).toHaveBeenCalledOnce()
  expect([cancel, acknowledge].flatMap(({ mock }) => mock.calls)).toEqual([])
})
