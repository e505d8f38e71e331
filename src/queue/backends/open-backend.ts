import { readFile } from 'node:fs/promises'
import type { Config } from '../../config.js'
import { findKnownCause } from '../../known-causes/known-causes.js'
import { UserError } from '../../user-error.js'
import type { Backend } from './backend.js'
import { makeChosenFolderPrivate } from './private-folder.js'

/**
 * The backend that the configuration names: Redis, PostgreSQL, or a folder on this machine. Only that one is imported.
 *
 * @throws UserError `queue-unreachable`, `folder-in-use`, `disk-full`, `cannot-read` for `REDIS_CA`; OperatorError, or another error with
 *   a known cause
 */
export async function openBackend(
  { REDIS_URL, REDIS_CA, DATABASE_URL, PICTURE_FOLDER: pictureFolder, DATA_FOLDER }: Config,
  onError: (error: Error) => void,
): Promise<Backend> {
  if (REDIS_URL) {
    const { redisBackend } = await import('./redis.js')
    const ca = REDIS_CA === undefined ? undefined : await readCertificates(REDIS_CA)
    return redisBackend(REDIS_URL, { ca, pictureFolder, onError }).catch(async error => {
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
  await makeChosenFolderPrivate(DATA_FOLDER)
  return embeddedBackend(queueFolder(DATA_FOLDER), { onError })
}

/** @returns certificates as PEM @throws UserError `cannot-read` */
export async function readCertificates(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(cause => {
    throw new UserError({ code: 'cannot-read', path, reason: cause.message }, { cause })
  })
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new UserError({ code: 'cannot-read', path, reason: 'it has no certificate in PEM format' })
}
