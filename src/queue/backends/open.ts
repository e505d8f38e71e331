import { join } from 'node:path'
import type { Config } from '../../config.js'
import type { Backend } from './backend.js'
import { embeddedBackend } from './embedded.js'
import { postgresBackend } from './postgres.js'
import { redisBackend } from './redis.js'

/**
 * The backend that the configuration asks for: Redis, PostgreSQL, or a folder of this machine.
 *
 * @throws ProblemError `queue-unreachable`, `folder-in-use`, `disk-full`
 */
export async function openBackend(
  { REDIS_URL, DATABASE_URL, PICTURE_FOLDER: pictures, DATA_FOLDER }: Config,
  onError: (error: Error) => void,
): Promise<Backend> {
  if (REDIS_URL) return redisBackend(REDIS_URL, { pictures, onError })
  if (DATABASE_URL) return postgresBackend(DATABASE_URL, { pictures, onError })
  return embeddedBackend(join(DATA_FOLDER, 'line'), { onError })
}
