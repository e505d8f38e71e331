import {
  createPostgresBackend,
  type PgPool,
  Queue,
  QueueEvents,
  QueueEventsProducer,
  runMigrations,
  Worker,
} from 'bullmq'
import { type Backend, LEASE_SECONDS, NEVER_LOST } from './backend.js'
import type { SweptBlobStore } from './blob-store.js'
import { sqlBlobStore } from './sql-blob-store.js'
import type { SqlPool } from './sql-pool.js'
import { sqlStore } from './sql-store.js'
import { sqlSubscriptions } from './sql-subscriptions.js'
import { waitUntilListening } from './wait-until-listening.js'

/** How often expired rows and pictures are deleted, in milliseconds. */
const SWEEP_INTERVAL_MS = 600_000

export type SqlBackendOptions = {
  /** Comes before each queue name and each key. */
  readonly prefix?: string
  readonly onError: (error: Error) => void
  readonly shared: boolean
  readonly lockDurationMs: number
  readonly leaseSeconds?: number
  /** Of a backend that is not shared. */
  readonly ownership?: Pick<Backend, 'isLost' | 'whenLost'>
  /** Where pictures go, if not into the database. */
  readonly blobs: SweptBlobStore | undefined
  readonly assertFreeSpace: Backend['assertFreeSpace']
}

/** The backend on a pool of PostgreSQL sessions. Creates its tables where they are missing. */
export async function sqlBackend(pool: SqlPool, options: SqlBackendOptions): Promise<Backend> {
  const {
    prefix = 'overscan',
    onError,
    shared,
    lockDurationMs,
    leaseSeconds = LEASE_SECONDS,
    blobs,
    assertFreeSpace,
  } = options
  // BullMQ's types name the classes of pg and of its Redis connections. It calls only what a SqlPool has, and its classes have the
  // same methods on either backend.
  const connection = pool as unknown as PgPool
  await createTables(pool)
  const notifications = await sqlSubscriptions(pool, prefix, onError)
  const deleteExpired = async () => {
    await pool.query('delete from overscan.note where expires < now()')
    await pool.query('delete from overscan.blob where expires < now()')
    await blobs?.deleteExpired()
  }
  await deleteExpired()
  const sweepTimer = setInterval(() => void deleteExpired().catch(onError), SWEEP_INTERVAL_MS).unref()
  const queueName = (lane: string) => `${prefix}-${lane}`
  return {
    shared,
    runsInOrder: false,
    lockDurationMs,
    leaseSeconds,
    ...(options.ownership ?? NEVER_LOST),
    queue: lane => new Queue(queueName(lane), { connection }, createPostgresBackend) as unknown as Queue,
    worker: (lane, process, rest) =>
      new Worker(
        queueName(lane),
        process,
        { ...rest, connection, autorun: false },
        createPostgresBackend,
      ) as unknown as Worker,
    async events(lane) {
      const events = new QueueEvents(queueName(lane), { connection }, createPostgresBackend)
      const producer = new QueueEventsProducer(queueName(lane), { connection }, createPostgresBackend)
      // Without a listener an error ends the process. The caller adds its own; until then errors reject the start.
      events.on('error', () => {})
      producer.on('error', onError)
      await waitUntilListening(events as unknown as QueueEvents, event => producer.publishEvent(event))
      await producer.close()
      return events as unknown as QueueEvents
    },
    store: sqlStore(pool, notifications.subscribe, prefix),
    blobs: blobs ?? sqlBlobStore(pool, prefix),
    assertFreeSpace,
    async ping() {
      await pool.query('select 1')
    },
    // Queries of an unreachable PostgreSQL fail by themselves.
    disconnect() {},
    async close() {
      clearInterval(sweepTimer)
      notifications.close()
      await pool.end()
    },
  }
}

/** BullMQ's tables, and ours in a separate schema. */
async function createTables(pool: SqlPool): Promise<void> {
  const session = await pool.connect()
  try {
    await runMigrations(session as never, 'bullmq') // its type is a client of pg, of which it calls query()
    await session.query(`create schema if not exists overscan`)
    await session.query(`create table if not exists overscan.note (
      map text, field text, text text not null, expires timestamptz, primary key (map, field))`)
    await session.query(`create table if not exists overscan.blob (
      key text primary key, bytes bytea not null, expires timestamptz not null)`)
  } finally {
    session.release()
  }
}
