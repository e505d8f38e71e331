import { fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { PGlite } from '@electric-sql/pglite'
import { check, lock } from 'proper-lockfile'
import { workerPath } from '../../inference/runtime/worker-path.js'
import { UserError } from '../../user-error.js'
import { type Backend, MAX_STALLED_COUNT } from './backend.js'
import { folderBlobStore } from './blob-store.js'
import { type SqlPool, type SqlSession, sqlBackend } from './sql-backend.js'

export type EmbeddedBackendOptions = {
  readonly prefix?: string
  readonly onError: (error: Error) => void
  /** Of the disk that a folder is on, in bytes. */
  readonly free?: (folder: string) => Promise<number>
}

/** Nobody else paints, so that only this very process can have gone silent. In milliseconds. */
const SILENCE = 8000

/** So much of the disk is left free, in bytes: the database would stop for good where it can't write. */
export const MIN_FREE_BYTES = 128 * 1024 * 1024

/** The mark of who has the folder is renewed; one that is older than this, in milliseconds, was left by a crash. */
const STALE = 5000

/**
 * Jobs in a folder of this machine, held by this process alone: PostgreSQL as WebAssembly (PGlite), with pictures in
 * files beside it. What was accepted outlives a crash.
 *
 * @throws ProblemError `folder-in-use`, `disk-full`
 */
export async function embeddedBackend(
  folder: string,
  { prefix, onError, free = freeBytes }: EmbeddedBackendOptions,
): Promise<Backend> {
  await mkdir(folder, { recursive: true })
  const assertRoom = async (bytes: number) => {
    if ((await free(folder)) < MIN_FREE_BYTES + bytes) throw new UserError({ code: 'disk-full' })
  }
  await assertRoom(0)
  const release = await lock(folder, {
    stale: STALE,
    update: STALE / 2,
    // As long as it takes to see that who had it is gone.
    retries: { retries: 8, minTimeout: 1000, factor: 1 },
    onCompromised: onError,
  }).catch(cause => {
    throw new UserError({ code: 'folder-in-use', path: folder }, { cause })
  })
  try {
    const pictures = folderBlobStore(join(folder, 'pictures'))
    const pool = await pglitePool(join(folder, 'queue'))
    const backend = await sqlBackend(pool, {
      ...(prefix !== undefined && { prefix }),
      onError,
      shared: false,
      silence: SILENCE,
      blobs: pictures,
      assertRoom,
    })
    await takeUp(pool)
    return {
      ...backend,
      async close() {
        await backend.close()
        await release()
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}

/** Whether a process has this folder just now. */
export async function isFolderInUse(folder: string): Promise<boolean> {
  return existsSync(folder) && check(folder, { stale: STALE })
}

/**
 * Put what was being painted when this process last ended back at the head of the line. Others would have to wait until
 * its lock has run out; here nobody else can hold it. The columns are BullMQ's.
 */
async function takeUp(pool: SqlPool): Promise<void> {
  await pool.query(`update job set locked_until_ms = 0, stalled_marked = true where state = 'active'`)
  await pool.query(`delete from meta where field = 'stalled-check'`)
  const { rows } = await pool.query(
    `select queue, move_stalled_jobs_to_wait(queue, $1, $2, 0) as id
     from (select distinct queue from job where state = 'active') as queues`,
    [MAX_STALLED_COUNT, Date.now()],
  )
  for (const { queue, id } of rows) {
    await pool.query('update job set seq = -seq where queue = $1 and id = $2', [queue, id])
  }
}

/** A new database, by a process of its own: it takes 600 MB for some seconds, which this process would keep. */
async function make(folder: string): Promise<void> {
  const { filename, execArgv } = workerPath(import.meta.url, 'create-embedded-database')
  const [code, signal] = await once(fork(filename, [folder], { execArgv }), 'exit')
  if (code !== 0) throw new Error(`no database could be made in ${folder}: the process ended with ${signal ?? code}`)
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/**
 * PGlite with the face of a `pg.Pool`. There is one session for all: who began a transaction has it until its end,
 * and between any two queries the event loop comes round.
 */
export async function pglitePool(folder: string): Promise<SqlPool> {
  if (!existsSync(join(folder, 'PG_VERSION'))) await make(folder)
  // WebAssembly stays as it is first compiled: to optimise a whole database takes more memory than what it holds, and both cores
  // just when the bot starts. Nothing else in this process is WebAssembly that has much to do.
  setFlagsFromString('--no-wasm-tier-up')
  setFlagsFromString('--no-wasm-dynamic-tiering')
  // Of its many functions most are never called: each is looked at when it is.
  setFlagsFromString('--wasm-lazy-validation')
  // Small, as befits a few rows: the defaults are for a server.
  const db = await PGlite.create(folder, {
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=4MB', '-c', 'max_wal_size=64MB'],
  })
  let holder: PgSession | undefined
  let ended = false
  const waiting: (() => void)[] = []

  class PgSession extends EventEmitter implements SqlSession {
    readonly #unlisten: () => void
    constructor() {
      super()
      this.setMaxListeners(0)
      this.#unlisten = db.onNotification((channel, payload) => this.emit('notification', { channel, payload }))
    }

    /** Text with its values, or both in one object as `pg` takes them too. */
    async query(query: string | { text: string; values?: unknown[] }, parameters?: unknown[]) {
      const { text, values = parameters } = typeof query === 'string' ? { text: query } : query
      while (holder && holder !== this) await new Promise<void>(resolve => waiting.push(resolve))
      holder = this
      try {
        await new Promise(resolve => setImmediate(resolve))
        // BullMQ knows this sentence: it is no failure where it is closing itself.
        if (ended) throw new Error('Connection is closed.')
        const result = values?.length ? await db.query(text, values) : (await db.exec(text)).at(-1)
        const rows = (result?.rows ?? []) as Record<string, unknown>[]
        return { rows, rowCount: result?.affectedRows || rows.length }
      } finally {
        if (!inTransaction(text, this)) {
          holder = undefined
          waiting.shift()?.()
        }
      }
    }

    release(): void {
      this.#unlisten()
      this.removeAllListeners()
    }
  }

  const open = new Set<PgSession>()
  function inTransaction(text: string, session: PgSession): boolean {
    const [word] = /^\s*\w+/.exec(text) ?? ['']
    if (/begin/i.test(word)) open.add(session)
    if (/commit|rollback/i.test(word)) open.delete(session)
    return open.has(session)
  }

  const own = new PgSession()
  await own.query('set search_path = bullmq')
  return Object.assign(new EventEmitter().setMaxListeners(0), {
    // BullMQ asks whether a lost connection would be noticed: this one can't be lost.
    options: { keepAlive: true },
    query: (query: string | { text: string; values?: unknown[] }, values?: unknown[]) => own.query(query, values),
    connect: async () => new PgSession(),
    async end() {
      ended = true
      own.release()
      await db.close()
    },
  })
}
