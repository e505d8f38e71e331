import {
  createPostgresBackend,
  type PgPool,
  Queue,
  QueueEvents,
  QueueEventsProducer,
  runMigrations,
  Worker,
} from 'bullmq'
import { RateLimiterPostgres } from 'rate-limiter-flexible'
import { type Backend, type Listener, type SharedStore, waitUntilListening } from './backend.js'
import { batched } from './batch.js'
import { BLOB_TTL_SECONDS, type BlobStore } from './blob-store.js'

/** How often what is too old is taken away, in milliseconds. */
const SWEEP = 600_000

/** All that is said goes through one channel of PostgreSQL's. */
const CHANNEL = 'overscan'

/** What this file asks of a database session: `pg`'s, or one in this process. */
export type SqlSession = {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>
  on(event: 'notification', listener: (message: { channel: string; payload?: string | undefined }) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  release(destroy?: boolean): void
}
export type SqlPool = Pick<SqlSession, 'query'> & { connect(): Promise<SqlSession>; end(): Promise<void> }

export type SqlBackendOptions = {
  /** Before each name. */
  readonly prefix?: string
  readonly onError: (error: Error) => void
  readonly shared: boolean
  readonly silence: number
  /** Where pictures go, if not to the database. */
  readonly blobs: (BlobStore & { sweep(): Promise<void> }) | undefined
  readonly assertRoom: Backend['assertRoom']
}

/** The backend over a pool, once its tables are there. */
export async function sqlBackend(pool: SqlPool, options: SqlBackendOptions): Promise<Backend> {
  const { prefix = 'overscan', onError, shared, silence, blobs, assertRoom } = options
  const connection = pool as unknown as PgPool
  await prepare(pool)
  const ear = await listeners(pool, prefix, onError)
  const sweep = async () => {
    await pool.query('delete from overscan.note where expires < now()')
    await pool.query('delete from overscan.blob where expires < now()')
    await blobs?.sweep()
  }
  await sweep()
  const sweeping = setInterval(() => void sweep().catch(onError), SWEEP).unref()
  const named = (lane: string) => `${prefix}-${lane}`
  return {
    shared,
    runsInOrder: false,
    silence,
    queue: lane => new Queue(named(lane), { connection }, createPostgresBackend) as unknown as Queue,
    worker: (lane, process, rest) =>
      new Worker(
        named(lane),
        process,
        { ...rest, connection, autorun: false },
        createPostgresBackend,
      ) as unknown as Worker,
    async events(lane) {
      const events = new QueueEvents(named(lane), { connection }, createPostgresBackend)
      const producer = new QueueEventsProducer(named(lane), { connection }, createPostgresBackend)
      await waitUntilListening(events as unknown as QueueEvents, event => producer.publishEvent(event))
      await producer.close()
      return events as unknown as QueueEvents
    },
    store: postgresNotes(pool, ear.hear, prefix),
    blobs: blobs ?? postgresBlobs(pool, prefix),
    counter: seconds =>
      new RateLimiterPostgres({
        storeClient: pool,
        storeType: 'pool',
        schemaName: 'overscan',
        tableName: 'spent',
        tableCreated: true,
        keyPrefix: `${prefix}:${seconds}`,
        points: Number.MAX_SAFE_INTEGER,
        duration: seconds,
      }),
    assertRoom,
    async ping() {
      await pool.query('select 1')
    },
    // What can't be asked fails by itself.
    disconnect() {},
    async close() {
      clearInterval(sweeping)
      ear.close()
      await pool.end()
    },
  }
}

/** BullMQ's tables, and ours. */
async function prepare(pool: SqlPool): Promise<void> {
  const session = await pool.connect()
  try {
    await runMigrations(session as never, 'bullmq')
    await session.query(`create schema if not exists overscan`)
    await session.query(`create table if not exists overscan.note (
      map text, field text, text text not null, expires timestamptz, primary key (map, field))`)
    await session.query(`create table if not exists overscan.blob (
      key text primary key, bytes bytea not null, expires timestamptz not null)`)
    // As rate-limiter-flexible wants it.
    await session.query(`create table if not exists overscan.spent (
      key varchar(255) primary key, points integer not null default 0, expire bigint)`)
  } finally {
    session.release()
  }
}

/** A session that listens, renewed when it breaks. */
async function listeners(pool: SqlPool, prefix: string, onError: (error: Error) => void) {
  const all = new Map<string, Set<Listener>>()
  let session: SqlSession | undefined
  let closed = false

  async function open(): Promise<void> {
    const opened = await pool.connect()
    opened.on('notification', ({ channel, payload = '' }) => {
      if (channel !== CHANNEL) return
      const { name, text } = JSON.parse(payload) as { name: string; text: string }
      for (const { heard } of all.get(name) ?? []) heard(text)
    })
    opened.on('error', error => {
      onError(error)
      if (session !== opened) return
      session = undefined
      opened.release(true)
      void reopen()
    })
    await opened.query(`listen ${CHANNEL}`)
    session = opened
  }

  async function reopen(): Promise<void> {
    for (let pause = 100; !session && !closed; pause = Math.min(pause * 2, 5000)) {
      await new Promise(resolve => setTimeout(resolve, pause))
      await open().catch(onError)
    }
    for (const { again } of [...all.values()].flatMap(one => [...one])) again()
  }

  await open()
  return {
    async hear(name: string, listener: Listener) {
      const channel = `${prefix}:${name}`
      const listening = all.get(channel) ?? new Set()
      all.set(channel, listening.add(listener))
      return async () => {
        listening.delete(listener)
      }
    },
    close() {
      closed = true
      session?.release(true)
      session = undefined
    },
  }
}

function postgresNotes(pool: SqlPool, hear: SharedStore['subscribe'], prefix: string): SharedStore {
  const key = (kind: string, name: string) => `${prefix}:${kind}:${name}`
  const set = `insert into overscan.note (map, field, text, expires)
    values ($1, '', $2, now() + make_interval(secs => $3))
    on conflict (map, field) do update set text = excluded.text, expires = excluded.expires`
  const put = batched<{ map: string; field: string; text: string }>(async notes => {
    // Of several with the same name the last counts.
    const all = [...new Map(notes.map(note => [`${note.map}\n${note.field}`, note])).values()]
    await pool.query(
      `insert into overscan.note (map, field, text) select * from unnest($1::text[], $2::text[], $3::text[])
       on conflict (map, field) do update set text = excluded.text, expires = null`,
      [all.map(({ map }) => map), all.map(({ field }) => field), all.map(({ text }) => text)],
    )
  })
  const drop = batched<{ map: string; field: string }>(async notes => {
    await pool.query(
      `delete from overscan.note using unnest($1::text[], $2::text[]) as gone(map, field)
       where note.map = gone.map and note.field = gone.field`,
      [notes.map(({ map }) => map), notes.map(({ field }) => field)],
    )
  })
  return {
    put: (map, field, text) => put({ map: key('notes', map), field, text }),
    async getEntry(map, field) {
      const query = 'select text from overscan.note where map = $1 and field = $2'
      const { rows } = await pool.query(query, [key('notes', map), field])
      return rows[0]?.text as string | undefined
    },
    async all(map) {
      const { rows } = await pool.query('select field, text from overscan.note where map = $1', [key('notes', map)])
      return new Map(rows.map(({ field, text }) => [String(field), String(text)]))
    },
    drop: (map, field) => drop({ map: key('notes', map), field }),
    async claim(name, seconds) {
      const { rows } = await pool.query(`${set} where note.expires < now() returning 1`, [
        key('claim', name),
        '',
        seconds,
      ])
      return rows.length > 0
    },
    async set(name, seconds, text) {
      await pool.query(set, [key('sign', name), text, seconds])
    },
    async get(name) {
      const query = 'select text from overscan.note where map = $1 and expires > now()'
      const { rows } = await pool.query(query, [key('sign', name)])
      return rows[0]?.text as string | undefined
    },
    async publish(channel, text) {
      await pool.query('select pg_notify($1, $2)', [CHANNEL, JSON.stringify({ name: `${prefix}:${channel}`, text })])
    },
    subscribe: hear,
  }
}

function postgresBlobs(pool: SqlPool, prefix: string): BlobStore {
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
