import pg from 'pg'
import { UserError } from '../../user-error.js'
import type { Backend } from './backend.js'
import { folderBlobStore } from './blob-store.js'
import { type SqlBackendOptions, type SqlPool, sqlBackend } from './sql-backend.js'

export type PostgresBackendOptions = Pick<SqlBackendOptions, 'prefix' | 'onError'> & {
  /** A folder that all machines share, for pictures; without one they go to the database as well. */
  readonly pictures?: string | undefined
}

/** In milliseconds. */
const SILENCE = 30_000
const PATIENCE = 5000

/** Each worker and each listener keeps one. */
const CONNECTIONS = 60

/**
 * Jobs in a PostgreSQL (14 or later) that any number of processes share.
 *
 * @throws ProblemError `queue-unreachable`
 */
export async function postgresBackend(url: string, { pictures, ...options }: PostgresBackendOptions): Promise<Backend> {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    keepAlive: true,
    connectionTimeoutMillis: PATIENCE,
    options: '-c search_path=bullmq',
  })
  pool.on('error', options.onError)
  // Each lane listens to it.
  pool.setMaxListeners(0)
  try {
    await pool.query('select 1')
  } catch (cause) {
    await pool.end()
    throw new UserError({ code: 'queue-unreachable' }, { cause })
  }
  const folder = pictures === undefined ? undefined : folderBlobStore(pictures)
  return sqlBackend(pool as unknown as SqlPool, {
    ...options,
    shared: true,
    silence: SILENCE,
    blobs: folder,
    assertRoom: async () => {},
  })
}

/**
 * Ask a PostgreSQL which it is.
 *
 * @returns its version, like `16.4`, and whether schemas can be made there
 * @throws Error what the connection, or PostgreSQL itself, says
 */
export async function inspectPostgres(
  url: string,
  signal: AbortSignal,
): Promise<{ readonly version: string; readonly mayCreate: boolean }> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: PATIENCE })
  client.on('error', () => {}) // what was asked fails with it
  const end = () => void client.end()
  signal.addEventListener('abort', end)
  try {
    await client.connect()
    const { rows } = await client.query(
      `select current_setting('server_version') as version,
              has_database_privilege(current_database(), 'create') as "mayCreate"`,
    )
    return rows[0]
  } finally {
    signal.removeEventListener('abort', end)
    await client.end()
  }
}
