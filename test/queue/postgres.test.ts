import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createLogger } from '../../src/cli/log.js'
import { createQueueErrorLog } from '../../src/cli/queue-errors.js'
import { postgresBackend } from '../../src/queue/backends/postgres.js'
import { jobQueue } from '../../src/queue/job-queue.js'
import { startWorker } from '../../src/queue/worker/worker.js'
import { followToEnd, paintRequest, queueContract, scriptedPainter, workerDevice } from '../contracts/queue.js'
import { hasPostgres, startPostgres } from '../support/servers.js'

describe.skipIf(!hasPostgres)('with a real PostgreSQL', () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.close())

  queueContract('the queue on PostgreSQL', prefix => postgresBackend(postgres.url, { prefix, onError: console.error }))

  test('PostgreSQL restarts: jobs go on, the log has one line of the loss and one of the return, and nothing else is printed', async () => {
    const printed = vi.spyOn(console, 'error')
    const errors: Error[] = []
    const lines: string[] = []
    const errorLog = createQueueErrorLog(createLogger('info', line => lines.push(line)))
    onTestFinished(errorLog.close)
    const onError = (error: Error) => {
      errors.push(error)
      errorLog.onError(error)
    }
    const backend = await postgresBackend(postgres.url, { prefix: 'restarts', onError })
    errorLog.watch(backend)
    const queue = await jobQueue(backend, { engines: ['fill'], maxWaiting: 9, maxWaitingPerPerson: 9, onError })
    const { painter, call } = scriptedPainter()
    const worker = await startWorker(backend, { devices: [workerDevice(painter)], reportBug: () => '', onError })
    await queue.add({ id: 'a', person: 'ada', server: undefined, megapixels: 1, ticket: 1, request: paintRequest })
    const { finish } = await call('')
    await postgres.restart()
    finish()
    expect((await followToEnd(queue, 'a')).at(-1)).toMatchObject({ state: 'done' })
    await queue.acknowledge('a')
    expect(errors.length).toBeGreaterThan(0)
    // A connection that breaks has its settings, socket and keys; an error must not carry them.
    for (const error of errors) expect(inspect(error, { depth: 9 }).split('\n').length).toBeLessThan(60)
    await vi.waitFor(() => expect(lines).toHaveLength(2), 15_000)
    expect(lines.map(line => JSON.parse(line).msg)).toEqual([
      'queue unreachable, trying again until it is back',
      'queue reachable again',
    ])
    expect(printed).not.toHaveBeenCalled()
    printed.mockRestore()
    await worker.close(0)
    await queue.close()
    await backend.close()
  })
})
