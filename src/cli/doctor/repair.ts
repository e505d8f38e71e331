import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.js'
import { OperatorError } from '../../known-causes/cause.js'
import { checkDatabase, moveDatabaseAway } from '../../queue/backends/damaged-database.js'
import { databaseFolder, queueFolder } from '../../queue/backends/embedded.js'
import { isFolderInUse } from '../../queue/backends/folder-ownership.js'
import { UserError } from '../../user-error.js'

/**
 * `overscan doctor --repair`: move a damaged database of the queue away.
 *
 * @returns what was done, as a sentence
 * @throws UserError `folder-in-use` while a bot runs
 */
export async function repair({ DATA_FOLDER, REDIS_URL, DATABASE_URL }: Config): Promise<string> {
  if (REDIS_URL || DATABASE_URL) return 'Nothing to repair: the queue is in Redis or PostgreSQL.'
  const folder = queueFolder(DATA_FOLDER)
  const database = databaseFolder(folder)
  if (!existsSync(join(database, 'PG_VERSION'))) return 'Nothing to repair: there is no database yet.'
  if (await isFolderInUse(folder)) throw new UserError({ code: 'folder-in-use', path: folder })
  try {
    await checkDatabase(database)
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    const moved = await moveDatabaseAway(database)
    return `The damaged database was moved to ${moved}. The next start makes an empty one. Delete the old folder when nobody misses anything.`
  }
  return `Nothing to repair: the database in ${database} works.`
}
