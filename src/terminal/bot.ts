import { config as loadEnvironment } from 'dotenv'
import type { Logger } from 'pino'
import { startBot } from '../bot/bot.js'
import { type Config, parseConfig } from '../config.js'
import { installedEngines } from '../inference/engines/engines.js'
import { metrics } from '../operator/metrics.js'
import { type Operated, startOperator } from '../operator/operator.js'
import { ProblemError } from '../problem.js'
import { openBackend } from '../queue/backends/open.js'
import type { Ability } from '../queue/lanes.js'
import { onError, openLine, paintFor } from './line.js'
import { makeLog } from './log.js'

const engines = installedEngines().map(({ name }) => name)

/** `overscan bot`: until SIGINT or SIGTERM. */
export async function runBot(): Promise<void> {
  const { config, log } = start()
  if (!config.DISCORD_TOKEN) throw new ProblemError({ code: 'setting-missing', name: 'DISCORD_TOKEN' })
  const measured = metrics()
  const line = await openLine(config, log, { watch: measured.watch })
  const bot = await startBot(config, { ...line, log }).catch(async error => {
    await line.close()
    throw error
  })
  measured.countJobs(() => line.queue.list())
  const operator = await operated(config, log, {
    metrics: measured,
    backend: line.backend,
    engines,
    ready: () => bot.ready(),
  })
  await toldToStop(log)
  // What runs may still be delivered; a second word and it waits for the next start.
  await Promise.race([line.rest(config.STOP_SECONDS * 1000), toldToStop(log)])
  await bot.close()
  await line.close()
  await operator?.close()
}

/**
 * `overscan worker`: paints for bots on other machines, until SIGINT or SIGTERM.
 *
 * @throws ProblemError `setting-missing` where there is no line that others could reach
 */
export async function runWorker(ability: Partial<Ability>): Promise<void> {
  const { config, log } = start()
  if (!config.REDIS_URL && !config.DATABASE_URL) throw new ProblemError({ code: 'setting-missing', name: 'REDIS_URL' })
  const measured = metrics()
  const backend = await openBackend(config, onError(log))
  const worker = await paintFor(backend, log, ability, measured.watch)
  log.info('painting for others')
  const operator = await operated(config, log, { metrics: measured, backend, engines, ready: () => undefined })
  await toldToStop(log)
  const closing = worker.close(config.STOP_SECONDS * 1000)
  await Promise.race([closing, toldToStop(log).then(() => worker.hurry())])
  await closing
  await backend.close()
  await operator?.close()
}

function start(): { config: Config; log: Logger } {
  loadEnvironment({ quiet: true })
  const config = parseConfig(process.env)
  return { config, log: makeLog(config.LOG_LEVEL) }
}

async function operated(config: Config, log: Logger, what: Operated) {
  if (config.OPERATOR_PORT === undefined) return undefined
  const operator = await startOperator(what, {
    port: config.OPERATOR_PORT,
    host: config.OPERATOR_HOST,
    password: config.OPERATOR_PASSWORD,
  })
  log.info({ url: operator.url }, 'tells how it is')
  return operator
}

async function toldToStop(log: Logger): Promise<void> {
  await new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
  log.info('stopping')
}
