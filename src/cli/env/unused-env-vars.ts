import type { Config } from '../../config.js'

/** A setting that has no effect because of other settings, and the reason. */
export type UnusedEnvVar = { readonly name: keyof Config; readonly why: string }

/** Settings without a default that were set and have no effect. */
export function unusedEnvVars(config: Config): UnusedEnvVar[] {
  const { DISCORD_CLIENT_SECRET, PUBLIC_URL, PAGES_PORT, OPERATOR_PASSWORD, OPERATOR_PORT } = config
  const { REDIS_URL, REDIS_CA, DATABASE_URL, PICTURE_FOLDER } = config
  const noPages = PAGES_PORT === undefined
  const all: [isUnused: boolean, UnusedEnvVar][] = [
    [noPages && PUBLIC_URL !== undefined, { name: 'PUBLIC_URL', why: 'the web pages need PAGES_PORT' }],
    [
      noPages && DISCORD_CLIENT_SECRET !== undefined,
      { name: 'DISCORD_CLIENT_SECRET', why: 'the Activity needs PAGES_PORT' },
    ],
    [
      !noPages && DISCORD_CLIENT_SECRET !== undefined && PUBLIC_URL === undefined,
      { name: 'DISCORD_CLIENT_SECRET', why: 'the Activity needs PUBLIC_URL, so that Discord can reach the pages' },
    ],
    [
      OPERATOR_PASSWORD !== undefined && OPERATOR_PORT === undefined,
      { name: 'OPERATOR_PASSWORD', why: 'the job board needs OPERATOR_PORT' },
    ],
    [
      PICTURE_FOLDER !== undefined && !REDIS_URL && !DATABASE_URL,
      { name: 'PICTURE_FOLDER', why: 'without REDIS_URL or DATABASE_URL, pictures are stored in DATA_FOLDER' },
    ],
    [
      REDIS_CA !== undefined && !REDIS_URL?.startsWith('rediss'),
      { name: 'REDIS_CA', why: 'REDIS_URL doesn’t begin with rediss://' },
    ],
    [Boolean(REDIS_URL && DATABASE_URL), { name: 'DATABASE_URL', why: 'REDIS_URL is also set, and it wins' }],
  ]
  return all.flatMap(([isUnused, unused]) => (isUnused ? [unused] : []))
}
