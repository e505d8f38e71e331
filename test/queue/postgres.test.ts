import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { postgresBackend } from '../../src/queue/backends/postgres.js'
import { jobQueue } from '../../src/queue/job-queue.js'
import { startWorker } from '../../src/queue/worker.js'
import { followToEnd, paintRequest, queueContract, scriptedPainter, workerDevice } from '../contracts/queue.js'
import { hasPostgres, startPostgres } from '../support/servers.js'

describe.skipIf(!hasPostgres)('with a real PostgreSQL', () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.close())

  queueContract('the queue on PostgreSQL', prefix => postgresBackend(postgres.url, { prefix, onError: console.error }))

  test('PostgreSQL restarts: jobs go on, errors are short, and nothing is printed past the log', async () => {
    const printed = vi.spyOn(console, 'error')
    const errors: Error[] = []
    const onError = (error: Error) => {
      errors.push(error)
    }
    const backend = await postgresBackend(postgres.url, { prefix: 'restarts', onError })
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
    expect(printed).not.toHaveBeenCalled()
    printed.mockRestore()
    await worker.close(0)
    await queue.close()
    await backend.close()
  })
})
