import { BLOB_TTL_SECONDS, type BlobStore } from './blob-store.js'
import type { SqlPool } from './sql-pool.js'

/** Pictures in the table `overscan.blob`. @param prefix comes before each key */
export function sqlBlobStore(pool: SqlPool, prefix: string): BlobStore {
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
