import { cpSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { folderBlobStore } from '../../src/queue/backends/blob-store.js'
import { embeddedBackend } from '../../src/queue/backends/embedded.js'
import { pglitePool } from '../../src/queue/backends/pglite-pool.js'
import { sqlBackend } from '../../src/queue/backends/sql-backend.js'
import type { SqlPool } from '../../src/queue/backends/sql-pool.js'
import { jobQueue } from '../../src/queue/job-queue.js'
import { startWorker } from '../../src/queue/worker/worker.js'
import { followToEnd, paintRequest, queueContract, scriptedPainter, workerDevice } from '../contracts/queue.js'

const folder = mkdtempSync(join(tmpdir(), 'overscan-queue-'))
const onError = console.error

/** One database for all tests, since opening one takes longer than most tests. */
let pool: SqlPool
let closeDatabase: () => Promise<void>
beforeAll(async () => {
  cpSync(inject('database'), join(folder, 'shared'), { recursive: true })
  pool = await pglitePool(join(folder, 'shared'))
  closeDatabase = pool.end
  pool.end = async () => {}
})
afterAll(async () => {
  await closeDatabase()
  await rm(folder, { recursive: true, force: true })
})

queueContract('the queue in an embedded database', prefix =>
  sqlBackend(pool, {
    prefix,
    onError,
    shared: false,
    lockDurationMs: 8000,
    blobs: folderBlobStore(join(folder, 'pictures')),
    assertFreeSpace: async () => {},
  }),
)

test('jobs of a process that closed its folder go on in the next one, the one that was painted first', async () => {
  const where = join(folder, 'embedded')
  cpSync(inject('database'), join(where, 'queue'), { recursive: true })
  const open = async () => {
    const backend = await embeddedBackend(where, { onError })
    const queue = await jobQueue(backend, { engines: ['fill'], maxWaiting: 9, maxWaitingPerPerson: 9, onError })
    const { painter, call } = scriptedPainter()
    const worker = await startWorker(backend, { devices: [workerDevice(painter)], reportBug: () => '', onError })
    const close = async () => {
      await worker.close(0)
      await queue.close()
      await backend.close()
    }
    return { queue, call, close }
  }
  const first = await open()
  for (const id of ['runs', 'waits']) {
    const request = { ...paintRequest, prompt: id }
    await first.queue.add({ id, person: 'ada', server: undefined, megapixels: 1, ticket: id, request })
  }
  await first.call('runs')
  await first.close()

  const next = await open()
  expect((await next.queue.takeOver()).map(({ id }) => id).toSorted()).toEqual(['runs', 'waits'])
  for (const id of ['runs', 'waits']) {
    const end = followToEnd(next.queue, id)
    const { request, finish } = await next.call(id)
    expect(request.source).toEqual(Buffer.from(paintRequest.source!))
    finish()
    expect((await end).at(-1)).toMatchObject({ state: 'done' })
  }
  await next.close()
}, 60_000)
