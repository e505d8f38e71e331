import { setTimeout as sleep } from 'node:timers/promises'
import {
  createPostgresBackend,
  type PgPool,
  Queue,
  QueueEvents,
  QueueEventsProducer,
  runMigrations,
  Worker,
} from 'bullmq'
import { z } from 'zod'
import { parseJson } from '../../parse-json.js'
import { type Backend, LEASE_SECONDS, NEVER_LOST } from './backend.js'
import { batched } from './batch.js'
import { BLOB_TTL_SECONDS, type BlobStore, type SweptBlobStore } from './blob-store.js'
import type { Listener, SharedStore, TextChange } from './shared-store.js'
import { waitUntilListening } from './wait-until-listening.js'

/** How often expired rows and pictures are deleted, in milliseconds. */
const SWEEP_INTERVAL_MS = 600_000

/** All messages go through one channel of PostgreSQL's `NOTIFY`. */
const NOTIFY_CHANNEL = 'overscan'
const notificationSchema = z.object({ name: z.string(), text: z.string() })

/** The pause before a new session that listens is opened doubles from the first to the longest, in milliseconds. */
const FIRST_RECONNECT_PAUSE_MS = 100
const MAX_RECONNECT_PAUSE_MS = 5000

/** A database session, as far as this file uses it: that of `pg`, or one of PGlite. */
export type SqlSession = {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
  on(event: 'notification', listener: (message: { channel: string; payload?: string | undefined }) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  release(destroy?: boolean): void
}
export type SqlPool = Pick<SqlSession, 'query'> & { connect(): Promise<SqlSession>; end(): Promise<void> }

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
  const notifications = await subscriptions(pool, prefix, onError)
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

/** Listens on one session, and opens another one when it breaks. */
async function subscriptions(pool: SqlPool, prefix: string, onError: (error: Error) => void) {
  const listenersOf = new Map<string, Set<Listener>>()
  let session: SqlSession | undefined
  let closed = false

  async function open(): Promise<void> {
    const opened = await pool.connect()
    opened.on('notification', ({ channel, payload = '' }) => {
      if (channel !== NOTIFY_CHANNEL) return
      const message = parseNotification(payload)
      if (!message) return onError(new Error(`a notification on ${NOTIFY_CHANNEL} can't be read`))
      for (const { onMessage } of listenersOf.get(message.name) ?? []) onMessage(message.text)
    })
    opened.on('error', error => {
      onError(error)
      if (session !== opened) return
      session = undefined
      opened.release(true)
      void reopen()
    })
    await opened.query(`listen ${NOTIFY_CHANNEL}`)
    session = opened
  }

  async function reopen(): Promise<void> {
    for (
      let pause = FIRST_RECONNECT_PAUSE_MS;
      !session && !closed;
      pause = Math.min(pause * 2, MAX_RECONNECT_PAUSE_MS)
    ) {
      await sleep(pause)
      await open().catch(onError)
    }
    for (const { onReconnect } of [...listenersOf.values()].flatMap(one => [...one])) onReconnect()
  }

  await open()
  return {
    async subscribe(name: string, listener: Listener) {
      const channel = `${prefix}:${name}`
      const listeners = listenersOf.get(channel) ?? new Set()
      listenersOf.set(channel, listeners.add(listener))
      return async () => {
        listeners.delete(listener)
      }
    },
    close() {
      closed = true
      session?.release(true)
      session = undefined
    },
  }
}

/** Undefined where another program wrote it. */
function parseNotification(payload: string): z.infer<typeof notificationSchema> | undefined {
  return notificationSchema.safeParse(parseJson(payload)).data
}

function sqlStore(pool: SqlPool, subscribe: SharedStore['subscribe'], prefix: string): SharedStore {
  const key = (kind: string, name: string) => `${prefix}:${kind}:${name}`
  const setExpiring = `insert into overscan.note (map, field, text, expires)
    values ($1, '', $2, now() + make_interval(secs => $3))
    on conflict (map, field) do update set text = excluded.text, expires = excluded.expires`
  const put = batched<{ map: string; field: string; text: string }>(async entries => {
    // One statement may not write a row twice: of several entries for the same field the last one counts.
    const last = [...new Map(entries.map(entry => [`${entry.map}\n${entry.field}`, entry])).values()]
    await pool.query(
      `insert into overscan.note (map, field, text) select * from unnest($1::text[], $2::text[], $3::text[])
       on conflict (map, field) do update set text = excluded.text, expires = null`,
      [last.map(({ map }) => map), last.map(({ field }) => field), last.map(({ text }) => text)],
    )
  })
  const remove = batched<{ map: string; field: string }>(async entries => {
    await pool.query(
      `delete from overscan.note using unnest($1::text[], $2::text[]) as gone(map, field)
       where note.map = gone.map and note.field = gone.field`,
      [entries.map(({ map }) => map), entries.map(({ field }) => field)],
    )
  })
  return {
    putEntry: (map, field, text) => put({ map: key('notes', map), field, text }),
    async replaceEntry(map, field, before, after) {
      const query = 'update overscan.note set text = $4 where map = $1 and field = $2 and text = $3 returning 1'
      const { rows } = await pool.query(query, [key('notes', map), field, before, after])
      return rows.length > 0
    },
    async getEntry(map, field) {
      const query = 'select text from overscan.note where map = $1 and field = $2'
      const { rows } = await pool.query(query, [key('notes', map), field])
      return rows[0]?.text as string | undefined
    },
    async getEntries(map) {
      const { rows } = await pool.query('select field, text from overscan.note where map = $1', [key('notes', map)])
      return new Map(rows.map(({ field, text }) => [String(field), String(text)]))
    },
    deleteEntry: (map, field) => remove({ map: key('notes', map), field }),
    async claim(name, seconds) {
      // A row comes back only where it was inserted, or where the last claim had expired.
      const { rows } = await pool.query(`${setExpiring} where note.expires < now() returning 1`, [
        key('claim', name),
        '',
        seconds,
      ])
      return rows.length > 0
    },
    async set(name, seconds, text) {
      await pool.query(setExpiring, [key('sign', name), text, seconds])
    },
    async get(name) {
      const query = 'select text from overscan.note where map = $1 and expires > now()'
      const { rows } = await pool.query(query, [key('sign', name)])
      return rows[0]?.text as string | undefined
    },
    compareAndSet: changes =>
      compareAndSet(
        pool,
        changes.map(change => ({ ...change, name: key('sign', change.name) })),
      ),
    async publish(channel, text) {
      await pool.query('select pg_notify($1, $2)', [
        NOTIFY_CHANNEL,
        JSON.stringify({ name: `${prefix}:${channel}`, text }),
      ])
    },
    subscribe,
  }
}

/** @param changes with unique names, which are values of `map` */
async function compareAndSet(pool: SqlPool, changes: readonly TextChange[]): Promise<boolean> {
  // Always in the same order: two processes never wait for each other.
  const sorted = [...changes].sort((one, other) => (one.name < other.name ? -1 : 1))
  const names = sorted.map(({ name }) => name)
  const session = await pool.connect()
  let isBroken = true
  try {
    await session.query('begin')
    // A lock on the names: rows that do not exist yet can't be locked.
    await session.query('select pg_advisory_xact_lock(hashtextextended(name, 0)) from unnest($1::text[]) as name', [
      names,
    ])
    const { rows } = await session.query(
      'select map, text from overscan.note where map = any($1) and expires > clock_timestamp()',
      [names],
    )
    const texts = new Map(rows.map(({ map, text }) => [map, text]))
    const isUnchanged = sorted.every(({ name, before }) => texts.get(name) === before)
    if (isUnchanged) {
      const kept = sorted.filter(({ after }) => after !== undefined)
      await session.query('delete from overscan.note where map = any($1)', [names])
      await session.query(
        `insert into overscan.note (map, field, text, expires)
         select name, '', text, now() + make_interval(secs => seconds)
         from unnest($1::text[], $2::text[], $3::float8[]) as kept(name, text, seconds)`,
        [kept.map(({ name }) => name), kept.map(({ after }) => after), kept.map(({ seconds }) => seconds)],
      )
    }
    await session.query('commit')
    isBroken = false
    return isUnchanged
  } finally {
    // A session whose transaction has not ended is not used again.
    session.release(isBroken)
  }
}

function sqlBlobStore(pool: SqlPool, prefix: string): BlobStore {
  return {
    async put(key, bytes) {
      const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      await pool.query(
        `insert into overscan.blob (key, bytes, expires) values ($1, $2, now() + make_interval(secs => $3))
         on conflict (key) do update set bytes = excluded.bytes, expires = excluded.expires`,
        [`${prefix}:${key}`, view, BLOB_TTL_SECONDS],
      )
    },
    async get(key) {
      const { rows } = await pool.query('select bytes from overscan.blob where key = $1 and expires > now()', [
        `${prefix}:${key}`,
      ])
      return rows[0]?.bytes as Uint8Array | undefined
    },
    async delete(keys) {
      await pool.query('delete from overscan.blob where key = any($1)', [keys.map(key => `${prefix}:${key}`)])
    },
  }
}
