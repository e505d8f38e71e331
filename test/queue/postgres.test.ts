import { afterAll, beforeAll, describe } from 'vitest'
import { postgresBackend } from '../../src/queue/backends/postgres.js'
import { queueContract } from '../contracts/queue.js'
import { hasPostgres, startPostgres } from '../support/servers.js'

describe.skipIf(!hasPostgres)('with a real PostgreSQL', () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.close())

  queueContract('the queue on PostgreSQL', prefix => postgresBackend(postgres.url, { prefix, onError: console.error }))
})
