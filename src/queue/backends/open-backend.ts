import type { Config } from '../../config.js'
import { findKnownCause } from '../../known-causes/known-causes.js'
import type { Backend } from './backend.js'

/**
 * The backend that the configuration names: Redis, PostgreSQL, or a folder on this machine. Only that one is imported.
 *
 * @throws UserError `queue-unreachable`, `folder-in-use`, `disk-full`; OperatorError, or another error with a known cause
 */
export async function openBackend(
  { REDIS_URL, DATABASE_URL, PICTURE_FOLDER: pictureFolder, DATA_FOLDER }: Config,
  onError: (error: Error) => void,
): Promise<Backend> {
  if (REDIS_URL) {
    const { redisBackend } = await import('./redis.js')
    return redisBackend(REDIS_URL, { pictureFolder, onError }).catch(async error => {
      if (findKnownCause(error)) throw error
      const { tlsMismatch } = await import('./redis-tls.js')
      throw (await tlsMismatch(REDIS_URL)) ?? error
    })
  }
  if (DATABASE_URL) {
    const { postgresBackend } = await import('./postgres.js')
    return postgresBackend(DATABASE_URL, { pictureFolder, onError })
  }
  const { embeddedBackend, queueFolder } = await import('./embedded.js')
  return embeddedBackend(queueFolder(DATA_FOLDER), { onError })
}
