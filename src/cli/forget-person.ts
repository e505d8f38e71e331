import type { Environment } from '../config.js'
import { createEngineRegistry } from '../inference/engines/registry.js'
import { openBackend } from '../queue/backends/open-backend.js'
import { jobQueue } from '../queue/job-queue.js'
import type { JobQueue } from '../queue/queue.js'
import { quotas } from '../quotas/quotas.js'
import { closeInTime } from './closing.js'
import { readConfig } from './env/read-config.js'
import { createLogger } from './log.js'
import { queueErrorLogger, settingsStoreFor } from './open-queue.js'

/** What was deleted: settings, and how many jobs. */
export type ForgetResult = { readonly settings: boolean; readonly jobs: number }

/**
 * `overscan forget`: delete the data of a person, as `/forget-me` does.
 *
 * @param person Discord user id
 * @throws UserError `configuration-invalid`, `folder-in-use` while a bot has the folder, `queue-unreachable`
 */
export async function forgetPerson(person: string, environment: Environment): Promise<ForgetResult> {
  const config = await readConfig(environment)
  const log = createLogger('warn')
  const onError = queueErrorLogger(log)
  const backend = await openBackend(config, onError)
  let queue: JobQueue | undefined
  try {
    const registry = createEngineRegistry({ modelFolder: config.MODEL_FOLDER })
    const engines = registry.names()
    queue = await jobQueue(backend, { engines, maxWaiting: 1, maxWaitingPerPerson: 1, onError })
    const settings = await settingsStoreFor(backend, config, onError)
    const jobs = await queue.forgetPerson(person)
    await quotas(settings, config, backend.store).forgetPerson(person)
    return { settings: await settings.forgetPerson(person), jobs }
  } finally {
    await closeInTime([() => queue?.close(), () => backend.close()], onError)
  }
}
