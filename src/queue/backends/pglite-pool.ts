import { fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { PGlite } from '@electric-sql/pglite'
import { childEnvironment } from '../../child-environment.js'
import { workerPath } from '../../inference/runtime/worker-path.js'
import { makeFolder } from '../../make-folder.js'
import type { SqlPool, SqlSession } from './sql-pool.js'

/**
 * PGlite with the interface of a `pg.Pool`. PGlite has one session, which all callers share: a caller that begins a
 * transaction keeps it until the end of the transaction. The event loop runs between any two queries.
 *
 * @param folder of the database, which is created where there is none
 * @param isLost whether another process uses the folder by now: then nothing is written to it any more
 */
export async function pglitePool(folder: string, isLost: () => boolean = () => false): Promise<SqlPool> {
  if (!existsSync(join(folder, 'PG_VERSION'))) await createDatabase(folder)
  setV8Flags()
  const db = await PGlite.create(folder, {
    // Small buffers for a few rows: PostgreSQL's defaults are for a server.
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=4MB', '-c', 'max_wal_size=64MB'],
  })
  /** Who may query: a session in a transaction, or the one whose query is under way. */
  let owner: PgliteSession | undefined
  let isClosed = false
  const waiting: (() => void)[] = []
  const inTransaction = new Set<PgliteSession>()

  class PgliteSession extends EventEmitter implements SqlSession {
    readonly #unlisten: () => void
    constructor() {
      super()
      this.setMaxListeners(0)
      this.#unlisten = db.onNotification((channel, payload) => this.emit('notification', { channel, payload }))
    }

    /** Takes a text and its values, or both in one object: `pg` takes either. */
    async query(query: string | { text: string; values?: unknown[] }, parameters?: unknown[]) {
      const { text, values = parameters } = typeof query === 'string' ? { text: query } : query
      while (owner && owner !== this) await new Promise<void>(resolve => waiting.push(resolve))
      owner = this
      try {
        await new Promise(resolve => setImmediate(resolve))
        // BullMQ knows this message: while it closes, it does not report it as a failure.
        if (isClosed || isLost()) throw new Error('Connection is closed.')
        const result = values?.length ? await db.query(text, values) : (await db.exec(text)).at(-1)
        // It may have stood still in the middle of the query: then another process does not know of this change.
        if (isLost()) throw new Error('Connection is closed.')
        const rows = (result?.rows ?? []) as Record<string, unknown>[]
        return { rows, rowCount: result?.affectedRows || rows.length }
      } finally {
        trackTransaction(text, this)
        if (!inTransaction.has(this)) {
          owner = undefined
          waiting.shift()?.()
        }
      }
    }

    release(): void {
      this.#unlisten()
      this.removeAllListeners()
    }
  }

  function trackTransaction(text: string, session: PgliteSession): void {
    const [word] = /^\s*\w+/.exec(text) ?? ['']
    if (/begin/i.test(word)) inTransaction.add(session)
    if (/commit|rollback/i.test(word)) inTransaction.delete(session)
  }

  const session = new PgliteSession()
  await session.query('set search_path = bullmq')
  return Object.assign(new EventEmitter().setMaxListeners(0), {
    // BullMQ checks that a lost connection would be noticed. This one can't be lost.
    options: { keepAlive: true },
    query: (query: string | { text: string; values?: unknown[] }, values?: unknown[]) => session.query(query, values),
    connect: async () => new PgliteSession(),
    async end() {
      isClosed = true
      session.release()
      // Closing writes to the files.
      if (!isLost()) await db.close()
    },
  })
}

/**
 * A new database, made by a separate process: this takes 600 MB for some seconds, which this process would not free. It gets
 * its name when it is complete, so that half of one, of a process that was killed, is never opened.
 */
async function createDatabase(folder: string): Promise<void> {
  const [parent, name] = [dirname(folder), basename(folder)]
  await makeFolder(parent)
  for (const left of (await readdir(parent)).filter(other => other.startsWith(`${name}.new-`)))
    await rm(join(parent, left), { recursive: true, force: true })
  const work = await mkdtemp(join(parent, `${name}.new-`))
  const { filename, execArgv } = workerPath(import.meta.url, 'create-embedded-database')
  const child = fork(filename, [join(work, name)], { execArgv: [...execArgv, ...V8_FLAGS], env: childEnvironment() })
  const [code, signal] = await once(child, 'exit')
  if (code !== 0) throw new Error(`no database could be made in ${folder}: the process ended with ${signal ?? code}`)
  // On Windows even an empty folder can't be replaced.
  await rmdir(folder).catch(error => {
    if (error.code !== 'ENOENT') throw error
  })
  await rename(join(work, name), folder)
  await rm(work, { recursive: true })
}

const V8_FLAGS = [
  // Keep the code of V8's first compiler: optimizing a whole database takes more memory than the database holds, and
  // two cores while the bot starts.
  '--no-wasm-tier-up',
  '--no-wasm-dynamic-tiering',
  // Most of PGlite's many functions are never called: validate each one when it is.
  '--wasm-lazy-validation',
]

/** They hold for the whole process, in which PGlite is the only WebAssembly that does much work. */
function setV8Flags(): void {
  for (const flag of V8_FLAGS) setFlagsFromString(flag)
}
