import type { Config } from '../../config.js'

/** A setting that has no effect because of other settings, and the reason. */
export type UnusedEnvVar = { readonly name: keyof Config; readonly why: string }

/** Settings without a default that were set and have no effect. */
export function unusedEnvVars(config: Config): UnusedEnvVar[] {
  const { DISCORD_CLIENT_SECRET, PUBLIC_URL, PAGES_PORT, OPERATOR_PASSWORD, OPERATOR_PORT } = config
  const { REDIS_URL, DATABASE_URL, PICTURE_FOLDER } = config
  const noPages = PAGES_PORT === undefined
  const all: [isUnused: boolean, UnusedEnvVar][] = [
    [noPages && PUBLIC_URL !== undefined, { name: 'PUBLIC_URL', why: 'there are no pages without PAGES_PORT' }],
    [
      noPages && DISCORD_CLIENT_SECRET !== undefined,
      { name: 'DISCORD_CLIENT_SECRET', why: 'there is no Activity without PAGES_PORT' },
    ],
    [
      !noPages && DISCORD_CLIENT_SECRET !== undefined && PUBLIC_URL === undefined,
      { name: 'DISCORD_CLIENT_SECRET', why: 'without PUBLIC_URL nobody has said how Discord reaches the pages' },
    ],
    [
      OPERATOR_PASSWORD !== undefined && OPERATOR_PORT === undefined,
      { name: 'OPERATOR_PASSWORD', why: 'there is no board without OPERATOR_PORT' },
    ],
    [
      PICTURE_FOLDER !== undefined && !REDIS_URL && !DATABASE_URL,
      { name: 'PICTURE_FOLDER', why: 'without REDIS_URL or DATABASE_URL pictures lie in DATA_FOLDER' },
    ],
    [Boolean(REDIS_URL && DATABASE_URL), { name: 'DATABASE_URL', why: 'REDIS_URL is taken' }],
  ]
  return all.flatMap(([isUnused, unused]) => (isUnused ? [unused] : []))
}
