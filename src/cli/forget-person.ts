import { installedEngines } from '../inference/engines/registry.js'
import { openBackend } from '../queue/backends/open-backend.js'
import { jobQueue } from '../queue/job-queue.js'
import { limits } from '../quotas/quotas.js'
import { readConfig } from './env/read-config.js'
import { makeLog } from './log.js'
import { settingsFor } from './open-queue.js'

/** What there was of somebody. */
export type Forgotten = { readonly settings: boolean; readonly jobs: number }

/**
 * `overscan forget`: what `/forget-me` does, for a person who can't type that any more.
 *
 * @param person their id at Discord
 * @throws ProblemError `configuration-wrong`, `folder-in-use` while a bot has the folder, `queue-unreachable`
 */
export async function forget(person: string): Promise<Forgotten> {
  const config = await readConfig(process.env)
  const log = makeLog('warn')
  const onError = (error: Error) => log.warn(error, 'not everything could be reached')
  const backend = await openBackend(config, onError)
  try {
    const engines = installedEngines().map(({ name }) => name)
    const queue = await jobQueue(backend, { engines, limit: 1, limitPerPerson: 1, onError })
    try {
      const settings = await settingsFor(backend, config, onError)
      const jobs = await queue.forget(person)
      await limits(settings, config, seconds => backend.counter(seconds)).forget(person)
      return { settings: await settings.forgetPerson(person), jobs }
    } finally {
      await queue.close()
    }
  } finally {
    await backend.close()
  }
}
