import { config as loadEnvironment } from 'dotenv'
import type { Logger } from 'pino'
import { startBot } from '../bot/bot.js'
import { incident } from '../bot/router.js'
import { type Config, parseConfig } from '../config.js'
import { painter } from '../inference/painter.js'
import { localQueue } from '../queue/local-queue.js'
import type { JobQueue } from '../queue/queue.js'
import { openSettings } from '../settings/store.js'
import { makeLog } from './log.js'

/** `overscan bot`: until SIGINT or SIGTERM. */
export async function runBot(): Promise<void> {
  loadEnvironment({ quiet: true })
  const config = parseConfig(process.env)
  const log = makeLog(config.LOG_LEVEL)
  const bot = await startBot(config, startQueue(config, log), await openSettings(config.DATA_FOLDER), log)
  await new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  log.info('stopping')
  await bot.close()
}

/** The queue that this configuration asks for, with its devices. */
export function startQueue(config: Config, log: Logger): JobQueue {
  return localQueue({
    painters: [painter()],
    limit: config.QUEUE_LIMIT,
    limitPerPerson: config.QUEUE_LIMIT_PER_PERSON,
    report(error, job) {
      const id = incident()
      log.error({ err: error, incident: id, job: job.id }, 'a job failed')
      return id
    },
  })
}
