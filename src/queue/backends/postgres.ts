import pg from 'pg'
import { UserError } from '../../user-error.js'
import type { Backend } from './backend.js'
import { folderBlobStore } from './blob-store.js'
import { type SqlBackendOptions, sqlBackend } from './sql-backend.js'
import type { SqlPool } from './sql-pool.js'

export type PostgresBackendOptions = Pick<SqlBackendOptions, 'prefix' | 'onError' | 'leaseSeconds'> & {
  /** A folder for pictures that all machines share. Without one, pictures go to the database too. */
  readonly pictureFolder?: string | undefined
  readonly lockDurationMs?: number
}

const LOCK_DURATION_MS = 30_000
const CONNECT_TIMEOUT_MS = 5000

/** The pool's limit: each BullMQ worker and each event reader keeps one connection. */
const MAX_CONNECTIONS = 60

/**
 * Jobs in a PostgreSQL (14 or later) that any number of processes share.
 *
 * @throws UserError `queue-unreachable`
 */
export async function postgresBackend(
  url: string,
  { pictureFolder, lockDurationMs = LOCK_DURATION_MS, ...options }: PostgresBackendOptions,
): Promise<Backend> {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: '-c search_path=bullmq',
  })
  pool.on('error', (error: Error & { client?: unknown }) => {
    // The pool adds the whole client, with its settings and its socket.
    delete error.client
    options.onError(error)
  })
  // Each lane adds listeners, more than Node's default of 10.
  pool.setMaxListeners(0)
  try {
    await pool.query('select 1')
  } catch (cause) {
    await pool.end()
    throw new UserError({ code: 'queue-unreachable' }, { cause })
  }
  // query() of pg has an overload for callbacks first, by which it doesn't match.
  return sqlBackend(pool as unknown as SqlPool, {
    ...options,
    shared: true,
    lockDurationMs,
    blobs: pictureFolder === undefined ? undefined : folderBlobStore(pictureFolder),
    assertFreeSpace: async () => {},
  })
}

/**
 * Ask a PostgreSQL for its version and for our privileges.
 *
 * @param signal ends the connection
 * @returns a version like `16.4`
 * @throws Error the message of the connection, or of PostgreSQL
 */
export async function inspectPostgres(
  url: string,
  signal: AbortSignal,
): Promise<{ readonly version: string; readonly canCreateSchema: boolean }> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  client.on('error', () => {}) // the query fails with the same error
  const end = () => void client.end()
  signal.addEventListener('abort', end)
  try {
    await client.connect()
    const { rows } = await client.query(
      `select current_setting('server_version') as version,
              has_database_privilege(current_database(), 'create') as "canCreateSchema"`,
    )
    return rows[0]
  } finally {
    signal.removeEventListener('abort', end)
    await client.end()
  }
}
