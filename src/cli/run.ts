import type { Logger } from 'pino'
import type { AdminServer, AdminSources } from '../admin/admin-server.js'
import type { Metrics } from '../admin/metrics.js'
import { type Bot, startBot } from '../bot/start-bot.js'
import type { Config, Environment } from '../config.js'
import { createEngineRegistry, type EngineRegistry } from '../inference/engines/registry.js'
import { openBackend } from '../queue/backends/open-backend.js'
import type { Capability } from '../queue/lanes.js'
import type { QueueWorker } from '../queue/worker/worker.js'
import { UserError } from '../user-error.js'
import { closeInTime } from './closing.js'
import { startEditorPages } from './editor-pages.js'
import { readConfig } from './env/read-config.js'
import { unusedEnvVars } from './env/unused-env-vars.js'
import { createLogger } from './log.js'
import { openQueue, queueErrorLogger, startPaintWorker } from './open-queue.js'
import { createQueueErrorLog } from './queue-errors.js'
import { listenForStop, type StopRequest } from './stop-signal.js'
import { logUpdates } from './update-notice.js'

/**
 * `overscan bot`: runs until SIGINT or SIGTERM. Without a token it runs the playground, but not with a shared queue: there a missing token
 * is a mistake.
 *
 * @throws UserError `configuration-invalid`, `bot-token-missing`
 */
export async function runBot(environment: Environment): Promise<void> {
  const { config, log } = await loadConfig(environment)
  if (!config.DISCORD_TOKEN) {
    const because = (['REDIS_URL', 'DATABASE_URL'] as const).find(name => config[name] !== undefined)
    if (because) throw new UserError({ code: 'bot-token-missing', because })
    process.stdout.write('DISCORD_TOKEN isn’t set, so the playground starts: a local copy of a Discord channel.\n')
    return servePlayground(config, environment, log)
  }
  warnOfUnusedSettings(config, log)
  logUpdates(environment, log)
  const metrics = await createMetricsFor(config)
  const queue = await openQueue(config, log, metrics?.observer)
  metrics?.countJobs(() => queue.queue.list())
  const stop = listenForStop(log)
  let starting: Promise<Bot> | undefined
  let bot: Bot | undefined
  const ready = () => (bot ? bot.unavailableReason() : 'starting')
  let admin: AdminServer | undefined
  let pages: Awaited<ReturnType<typeof startEditorPages>>
  try {
    admin = await startAdmin(config, log, metrics, {
      backend: queue.backend,
      engines: engineNames(queue.engines),
      notReadyReason: ready,
    })
    pages = await startEditorPages(config, config.DISCORD_TOKEN, () => bot, log)
    const { store, shared } = queue.backend
    const more = { drawingLink: pages?.drawingLink, log, claim: shared ? store.claim : undefined, signal: stop.signal }
    starting = startBot(config, { ...queue, ...more })
    bot = await unlessStopped(starting, stop)
    if (!bot) return
    const lost = await Promise.race([stop.requested, bot.refused, queue.backend.whenLost])
    if (lost) throw lost
    // Running jobs may finish and be delivered. A second signal ends this, and the next start delivers them.
    await Promise.race([queue.stopWorker(config.STOP_SECONDS * 1000), stop.insisted, bot.refused])
  } finally {
    const started = starting?.catch(() => undefined)
    const closings = [async () => (await started)?.close(), () => pages?.close(), () => admin?.close(), queue.close]
    await closeInTime(closings, queueErrorLogger(log), stop.insisted)
  }
}

/** What was started; undefined if the process is to stop before. @throws what starting throws, unless the process is to stop */
async function unlessStopped<T>(starting: Promise<T>, { requested, signal }: StopRequest): Promise<T | undefined> {
  try {
    return await Promise.race([starting, requested.then(() => undefined)])
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

/**
 * `overscan worker`: paints for bots on other machines until SIGINT or SIGTERM.
 *
 * @throws UserError `configuration-invalid`, `engine-unknown`; `setting-missing` without a shared queue
 */
export async function runWorker(capability: Partial<Capability>, environment: Environment): Promise<void> {
  const { config, log } = await loadConfig(environment)
  const engines = createEngineRegistry({ modelFolder: config.MODEL_FOLDER })
  for (const name of capability.engines ?? []) engines.get(name) // throws
  if (!config.REDIS_URL && !config.DATABASE_URL) throw new UserError({ code: 'setting-missing', name: 'REDIS_URL' })
  warnOfUnusedSettings(config, log)
  logUpdates(environment, log)
  const metrics = await createMetricsFor(config)
  const errors = createQueueErrorLog(log)
  const { onError } = errors
  const backend = await openBackend(config, onError)
  errors.watch(backend)
  const stop = listenForStop(log)
  let starting: Promise<QueueWorker> | undefined
  let worker: QueueWorker | undefined
  const ready = () => (worker ? undefined : 'starting')
  let admin: AdminServer | undefined
  try {
    admin = await startAdmin(config, log, metrics, { backend, engines: engineNames(engines), notReadyReason: ready })
    starting = startPaintWorker(backend, log, engines, capability, config.DEVICE, { watch: metrics?.observer, onError })
    worker = await unlessStopped(starting, stop)
    if (!worker) return
    log.info('worker ready')
    await stop.requested
    // A second signal puts running jobs back into the queue.
    await Promise.race([worker.close(config.STOP_SECONDS * 1000), stop.insisted])
  } finally {
    errors.close()
    const started = starting?.catch(() => undefined)
    const closings = [async () => (await started)?.close(0), () => admin?.close(), backend.close]
    await closeInTime(closings, queueErrorLogger(log), stop.insisted)
  }
}

/** `overscan playground` */
export async function runPlayground(environment: Environment): Promise<void> {
  const { config, log } = await loadConfig(environment)
  return servePlayground(config, environment, log)
}

async function servePlayground(config: Config, environment: Environment, log: Logger): Promise<void> {
  const { playground } = await import('./playground.js')
  return playground(config, environment, listenForStop(log))
}

function engineNames(engines: EngineRegistry): string[] {
  return engines.names()
}

async function loadConfig(environment: Environment): Promise<{ config: Config; log: Logger }> {
  const config = await readConfig(environment)
  return { config, log: createLogger(config.LOG_LEVEL) }
}

function warnOfUnusedSettings(config: Config, log: Logger): void {
  for (const { name, why } of unusedEnvVars(config)) log.warn({ setting: name, reason: why }, 'setting has no effect')
}

/** Metrics are collected only if the admin server can serve them. */
async function createMetricsFor({ OPERATOR_PORT }: Config): Promise<Metrics | undefined> {
  return OPERATOR_PORT === undefined ? undefined : (await import('../admin/metrics.js')).createMetrics()
}

async function startAdmin(
  config: Config,
  log: Logger,
  metrics: Metrics | undefined,
  sources: Omit<AdminSources, 'metrics'>,
): Promise<AdminServer | undefined> {
  const { OPERATOR_PORT: port, OPERATOR_HOST: host, OPERATOR_PASSWORD: password } = config
  if (port === undefined || !metrics) return undefined
  const { startAdminServer } = await import('../admin/admin-server.js')
  const admin = await startAdminServer({ ...sources, metrics }, { port, host, password })
  log.info({ url: admin.url }, 'admin server listening')
  return admin
}
