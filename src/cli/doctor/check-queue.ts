import { constants, existsSync } from 'node:fs'
import { access, mkdtemp, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { isFolderInUse } from '../../queue/backends/embedded.js'
import { inspectPostgres } from '../../queue/backends/postgres.js'
import { inspectRedis, type RedisInfo } from '../../queue/backends/redis.js'
import { openSettingsFile } from '../../settings/settings-file.js'
import type { Check, CheckGroup, Finding } from './check.js'

/** Major versions: BullMQ needs `min`; `recommended` is tested. */
const REDIS_VERSION = { min: 5, recommended: 7 }

/** Major version. */
const MIN_POSTGRES_VERSION = 14

const OTHER_BACKEND: Finding = { state: 'skipped', says: 'the line is kept elsewhere' }

const folder: Check = {
  id: 'folder',
  title: 'Data folder',
  dependsOn: ['settings'],
  timeout: {
    seconds: 15,
    state: 'wrong',
    says: 'it does not answer',
    todo: 'Look whether DATA_FOLDER is on a network drive that is gone.',
  },
  async run({ config, starts }) {
    if (config.REDIS_URL || config.DATABASE_URL) return OTHER_BACKEND
    if (starts === 'playground') return { state: 'skipped', says: 'the playground keeps nothing' }
    const path = config.DATA_FOLDER
    const error = await writeError(path)
    if (error !== undefined) {
      const todo = 'Give the user that the bot runs as the right to write there, or set another DATA_FOLDER.'
      return { state: 'wrong', says: `${path} can’t be written to: ${error}`, todo }
    }
    const queueFolder = join(path, 'line')
    if (await isFolderInUse(queueFolder)) {
      const says = `another process works in ${queueFolder}`
      const todo =
        'If that is this bot, all is well: end it first to have the rest looked at. Else set another DATA_FOLDER.'
      return { state: 'wrong', says, todo }
    }
    if (existsSync(join(path, 'settings.json'))) await openSettingsFile(path)
    return { state: 'right', says: `${path} can be written to, and nobody else works there` }
  },
}

/** Why a folder can't be written to; undefined if it can. The folder need not exist. */
async function writeError(path: string): Promise<string | undefined> {
  let existing = resolve(path)
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing)
  try {
    await access(existing, constants.W_OK | constants.X_OK)
    // `access` allows everything to root, even on a read-only disk.
    await rm(await mkdtemp(join(existing, '.overscan-doctor-')), { recursive: true })
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

const redis: Check = {
  id: 'redis',
  title: 'Redis',
  dependsOn: ['settings'],
  timeout: {
    seconds: 15,
    state: 'wrong',
    says: 'it does not answer',
    todo: 'Look whether it is busy or swapping, and whether REDIS_URL names the right machine.',
  },
  async run({ config }, signal) {
    if (!config.REDIS_URL) return { state: 'skipped', says: 'REDIS_URL is not set' }
    try {
      return redisFindings(await inspectRedis(config.REDIS_URL, signal))
    } catch (error) {
      const says = `${hostOf(config.REDIS_URL)} can’t be used: ${(error as Error).message || (error as { code?: string }).code}`
      return { state: 'wrong', says, todo: 'Start it, or set REDIS_URL right: redis://user:password@host:6379.' }
    }
  },
}

export function redisFindings({ version, isPersistent: keeps, maxmemoryPolicy: eviction }: RedisInfo): Finding[] {
  const major = Number(version.split('.')[0])
  const findings: Finding[] = []
  if (major < REDIS_VERSION.recommended) {
    const state = major < REDIS_VERSION.min ? 'wrong' : 'warning'
    findings.push({
      state,
      says: `${version} is old`,
      todo: `Take Redis ${REDIS_VERSION.recommended} or later, or Valkey.`,
    })
  }
  if (eviction !== 'noeviction') {
    findings.push({
      state: 'warning',
      says: `its policy is ${eviction}: when its memory is full it throws requests away`,
      todo: 'Write “maxmemory-policy noeviction” into redis.conf, and run: redis-cli config set maxmemory-policy noeviction',
    })
  }
  if (!keeps) {
    findings.push({
      state: 'warning',
      says: 'it writes nothing down as it comes: after a crash of Redis requests are lost',
      todo: 'Write “appendonly yes” into redis.conf, and run: redis-cli config set appendonly yes',
    })
  }
  return findings.length > 0 ? findings : [{ state: 'right', says: `${version}, keeps what it is given` }]
}

const postgres: Check = {
  id: 'postgres',
  title: 'PostgreSQL',
  dependsOn: ['settings'],
  timeout: {
    seconds: 15,
    state: 'wrong',
    says: 'it does not answer',
    todo: 'Look whether it is busy, and whether DATABASE_URL names the right machine.',
  },
  async run({ config: { DATABASE_URL: url, REDIS_URL } }, signal) {
    if (!url) return { state: 'skipped', says: 'DATABASE_URL is not set' }
    if (REDIS_URL) return OTHER_BACKEND
    try {
      const { version, canCreateSchema } = await inspectPostgres(url, signal)
      if (Number.parseInt(version, 10) < MIN_POSTGRES_VERSION) {
        return {
          state: 'wrong',
          says: `${version} is too old`,
          todo: `Take PostgreSQL ${MIN_POSTGRES_VERSION} or later.`,
        }
      }
      if (canCreateSchema) return { state: 'right', says: version }
      return {
        state: 'warning',
        says: `${version}, but its user may not create schemas, which the first start has to`,
        todo: 'Run as its owner: grant create on database NAME to USER;',
      }
    } catch (error) {
      const says = `${hostOf(url)} can’t be used: ${(error as Error).message || (error as { code?: string }).code}`
      return {
        state: 'wrong',
        says,
        todo: 'Start it, or set DATABASE_URL right: postgres://user:password@host/database.',
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
    state: 'wrong',
    says: 'it does not answer',
    todo: 'Look whether PICTURE_FOLDER is on a network drive that is gone.',
  },
  async run({ config: { PICTURE_FOLDER: path } }) {
    if (path === undefined) return { state: 'skipped', says: 'PICTURE_FOLDER is not set' }
    const error = await writeError(path)
    if (error === undefined) return { state: 'right', says: `${path} can be written to` }
    const says = `${path} can’t be written to: ${error}`
    return { state: 'wrong', says, todo: 'Mount it, and give all bots and workers the right to write there.' }
  },
}

/** Without the credentials in the URL. */
function hostOf(url: string): string {
  return new URL(url).host
}

export const queueGroup: CheckGroup = { title: 'The line of requests', checks: [folder, redis, postgres, pictures] }
