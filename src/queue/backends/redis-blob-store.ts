import { UserError } from '../../user-error.js'
import { batched } from './batch.js'
import { BLOB_TTL_SECONDS, type BlobStore } from './blob-store.js'
import type { RedisClient } from './redis-connections.js'

/** Pictures in keys that expire. @param prefix comes before each key */
export function redisBlobStore(client: RedisClient, prefix: string): BlobStore {
  const unlink = batched<readonly string[]>(async all => {
    await client.unlink(...all.flat().map(key => `${prefix}:blob:${key}`))
  })
  return {
    async put(key, bytes) {
      const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      await client.set(`${prefix}:blob:${key}`, view, 'EX', BLOB_TTL_SECONDS).catch(cause => {
        throw /^OOM /.test(cause.message) ? new UserError({ code: 'disk-full' }, { cause }) : cause
      })
    },
    get: async key => (await client.getBuffer(`${prefix}:blob:${key}`)) ?? undefined,
    async delete(keys) {
      if (keys.length > 0) await unlink(keys)
    },
  }
}
