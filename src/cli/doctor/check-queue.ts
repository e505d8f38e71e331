import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { findKnownCause } from '../../known-causes/known-causes.js'
import { checkDatabase } from '../../queue/backends/damaged-database.js'
import { databaseFolder, queueFolder } from '../../queue/backends/embedded.js'
import { isFolderInUse } from '../../queue/backends/folder-ownership.js'
import { readCertificates } from '../../queue/backends/open-backend.js'
import { inspectPostgres } from '../../queue/backends/postgres.js'
import { openFolderMode } from '../../queue/backends/private-folder.js'
import { inspectRedis, type RedisInfo } from '../../queue/backends/redis.js'
import { tlsMismatch } from '../../queue/backends/redis-tls.js'
import { redisHosts } from '../../queue/backends/redis-url.js'
import { openSettingsFile } from '../../settings/settings-file.js'
import type { Check, CheckGroup, Finding } from './check.js'

/** Major versions: BullMQ needs `min`; `recommended` is tested. */
const REDIS_VERSION = { min: 5, recommended: 7 }

/** Major version. */
const MIN_POSTGRES_VERSION = 14

const OTHER_BACKEND: Finding = { state: 'skipped', says: 'the queue is stored elsewhere' }

const folder: Check = {
  id: 'folder',
  title: 'Data folder',
  dependsOn: ['settings'],
  timeout: {
    seconds: 15,
    state: 'error',
    says: 'it doesn’t respond',
    todo: 'Check whether DATA_FOLDER is on a disconnected network drive.',
  },
  async run({ config, starts }) {
    if (config.REDIS_URL || config.DATABASE_URL) return OTHER_BACKEND
    if (starts === 'playground') return { state: 'skipped', says: 'the playground doesn’t use it' }
    const path = config.DATA_FOLDER
    const todo = 'Allow the bot’s user to write there, or set another DATA_FOLDER.'
    const unwritable = await notWritable(path, todo)
    if (unwritable) return unwritable
    const inner = queueFolder(path)
    if (await isFolderInUse(inner)) {
      const says = `another process uses ${inner}`
      const todo =
        'If this bot is running, that is expected: stop it to check the rest. Otherwise set another DATA_FOLDER.'
      return { state: 'error', says, todo }
    }
    if (existsSync(join(path, 'settings.json'))) await openSettingsFile(path)
    const mode = await openFolderMode(path)
    if (mode === undefined) return { state: 'ok', says: `${path} is writable and not in use` }
    const says = `other users of this machine can look into ${path} (mode ${mode})`
    return { state: 'warning', says, todo: `Run: chmod 700 ${path}` }
  },
}

/** Why a folder can't be written to; undefined if it can. The folder need not exist. @param todo where the cause is not known */
async function notWritable(path: string, todo: string): Promise<Finding | undefined> {
  let existing = resolve(path)
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing)
  try {
    // Not `access`: it allows everything to root, even on a read-only disk.
    await rm(await mkdtemp(join(existing, '.overscan-doctor-')), { recursive: true })
    return undefined
  } catch (error) {
    const { says, todo: fix } = findKnownCause(error) ?? { says: (error as Error).message, todo }
    return { state: 'error', says: `${path} isn’t writable: ${says}`, todo: fix }
  }
}

const database: Check = {
  id: 'database',
  title: 'Embedded database',
  dependsOn: ['folder'],
  timeout: { seconds: 60, state: 'warning', says: 'it takes too long to open' },
  async run({ config }) {
    const path = databaseFolder(queueFolder(config.DATA_FOLDER))
    if (!existsSync(join(path, 'PG_VERSION'))) return { state: 'ok', says: 'the first start makes it' }
    await checkDatabase(path)
    return { state: 'ok', says: 'undamaged' }
  },
}

const UNKNOWN_SETTINGS: Finding = {
  state: 'ok',
  says: 'reachable; its version and settings are unknown, because its user isn’t allowed to run INFO',
}

const redis: Check = {
  id: 'redis',
  title: 'Redis',
  dependsOn: ['settings'],
  timeout: {
    seconds: 15,
    state: 'error',
    says: 'it doesn’t respond',
    todo: 'Check whether it is overloaded or swapping, and whether REDIS_URL is correct.',
  },
  async run({ config }, signal) {
    if (!config.REDIS_URL) return { state: 'skipped', says: 'REDIS_URL isn’t set' }
    const ca = config.REDIS_CA === undefined ? undefined : await readCertificates(config.REDIS_CA)
    try {
      const info = await inspectRedis({ url: config.REDIS_URL, ca }, signal)
      return info ? redisFindings(info) : UNKNOWN_SETTINGS
    } catch (error) {
      if (findKnownCause(error)) throw error
      const mismatch = await tlsMismatch(config.REDIS_URL)
      if (mismatch) throw mismatch
      const says = `${redisHosts(config.REDIS_URL)} can’t be used: ${(error as Error).message || (error as { code?: string }).code}`
      return { state: 'error', says, todo: 'Start it, or correct REDIS_URL: redis://user:password@host:6379.' }
    }
  },
}

export function redisFindings({ version, isPersistent: keeps, maxmemoryPolicy: eviction }: RedisInfo): Finding[] {
  const major = Number(version.split('.')[0])
  const findings: Finding[] = []
  if (major < REDIS_VERSION.recommended) {
    const state = major < REDIS_VERSION.min ? 'error' : 'warning'
    findings.push({
      state,
      says: `${version} is old`,
      todo: `Install Redis ${REDIS_VERSION.recommended} or later, or Valkey.`,
    })
  }
  if (eviction !== 'noeviction') {
    findings.push({
      state: 'warning',
      says: `its eviction policy is ${eviction}: it deletes requests when its memory is full`,
      todo: 'Add “maxmemory-policy noeviction” to redis.conf, and run: redis-cli config set maxmemory-policy noeviction',
    })
  }
  if (!keeps) {
    findings.push({
      state: 'warning',
      says: 'its append-only file is off: requests are lost if Redis crashes',
      todo: 'Add “appendonly yes” to redis.conf, and run: redis-cli config set appendonly yes',
    })
  }
  return findings.length > 0 ? findings : [{ state: 'ok', says: `${version}, with persistence` }]
}

const postgres: Check = {
  id: 'postgres',
  title: 'PostgreSQL',
  dependsOn: ['settings'],
  timeout: {
    seconds: 15,
    state: 'error',
    says: 'it doesn’t respond',
    todo: 'Check whether it is overloaded, and whether DATABASE_URL is correct.',
  },
  async run({ config: { DATABASE_URL: url, REDIS_URL } }, signal) {
    if (!url) return { state: 'skipped', says: 'DATABASE_URL isn’t set' }
    if (REDIS_URL) return OTHER_BACKEND
    try {
      const { version, canCreateSchema } = await inspectPostgres(url, signal)
      if (Number.parseInt(version, 10) < MIN_POSTGRES_VERSION) {
        return {
          state: 'error',
          says: `${version} is too old`,
          todo: `Install PostgreSQL ${MIN_POSTGRES_VERSION} or later.`,
        }
      }
      if (canCreateSchema) return { state: 'ok', says: version }
      return {
        state: 'warning',
        says: `${version}, but the user can’t create schemas, which the first start needs`,
        todo: 'Run this as the owner of the database: grant create on database NAME to USER;',
      }
    } catch (error) {
      if (findKnownCause(error)) throw error
      const says = `${hostOf(url)} can’t be used: ${(error as Error).message || (error as { code?: string }).code}`
      return {
        state: 'error',
        says,
        todo: 'Start it, or correct DATABASE_URL: postgres://user:password@host/database.',
      }
    }
  },
}

const pictures: Check = {
  id: 'pictures',
  title: 'Picture folder',
  dependsOn: ['settings'],
  timeout: {
    seconds: 15,
    state: 'error',
    says: 'it doesn’t respond',
    todo: 'Check whether PICTURE_FOLDER is on a disconnected network drive.',
  },
  async run({ config: { PICTURE_FOLDER: path } }) {
    if (path === undefined) return { state: 'skipped', says: 'PICTURE_FOLDER isn’t set' }
    const todo = 'Mount it, and allow all bots and workers to write there.'
    return (await notWritable(path, todo)) ?? { state: 'ok', says: `${path} is writable` }
  },
}

/** Without the credentials in the URL. */
function hostOf(url: string): string {
  return new URL(url).host
}

export const queueGroup: CheckGroup = { title: 'Queue', checks: [folder, database, redis, postgres, pictures] }
