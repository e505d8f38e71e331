import type { Logger } from 'pino'
import type { AdminServer, AdminSources } from '../admin/admin-server.js'
import type { Metrics } from '../admin/metrics.js'
import { type Bot, startBot } from '../bot/client.js'
import type { DrawingTarget } from '../bot/drawing/target.js'
import type { Config } from '../config.js'
import { createEngineRegistry, type EngineRegistry } from '../inference/engines/registry.js'
import type { RunningServer } from '../listen.js'
import { openBackend } from '../queue/backends/open-backend.js'
import type { Capability } from '../queue/lanes.js'
import type { QueueWorker } from '../queue/worker.js'
import { UserError } from '../user-error.js'
import { readConfig } from './env/read-config.js'
import { unusedEnvVars } from './env/unused-settings.js'
import { createLogger } from './log.js'
import { openQueue, queueErrorLogger, startPaintWorker } from './open-queue.js'

/**
 * `overscan bot`: until SIGINT or SIGTERM. Without a token it is the playground, unless a line that others share says that it was
 * meant for real: a bot of several that lost its token must not look as if it worked.
 *
 * @throws ProblemError `configuration-invalid`, `bot-token-missing`
 */
export async function runBot(): Promise<void> {
  const { config, log } = await start()
  if (!config.DISCORD_TOKEN) {
    const because = (['REDIS_URL', 'DATABASE_URL'] as const).find(name => config[name] !== undefined)
    if (because) throw new UserError({ code: 'bot-token-missing', because })
    process.stdout.write('There is no DISCORD_TOKEN, so the bot logs in to a stand-in for Discord on this machine.\n')
    const { servePlayground } = await import('./playground.js')
    return servePlayground(config.PAGES_PORT, toldToStop(log))
  }
  warnOfUnused(config, log)
  const measured = await measuredFor(config)
  const line = await openQueue(config, log, measured?.observer)
  measured?.countJobs(() => line.queue.list())
  let bot: Bot | undefined
  const ready = () => (bot ? bot.unavailableReason() : 'starting')
  let operator: AdminServer | undefined
  let pages: Pages | undefined
  try {
    operator = await operated(config, log, measured, {
      backend: line.backend,
      engines: namesOf(line.engines),
      notReadyReason: ready,
    })
    pages = await pagesFor(config, config.DISCORD_TOKEN, () => bot, log)
    const told = toldToStop(log)
    bot = await startBot(config, { ...line, drawingLink: pages?.regionLink, log })
    await told
    // What runs may still be delivered; a second word and it waits for the next start.
    await Promise.race([line.stopWorker(config.STOP_SECONDS * 1000), toldToStop(log)])
  } finally {
    await bot?.close()
    await pages?.close()
    await operator?.close()
    await line.close()
  }
}

/**
 * `overscan worker`: paints for bots on other machines, until SIGINT or SIGTERM.
 *
 * @throws ProblemError `configuration-invalid`; `setting-missing` where there is no line that others could reach
 */
export async function runWorker(ability: Partial<Capability>): Promise<void> {
  const { config, log } = await start()
  if (!config.REDIS_URL && !config.DATABASE_URL) throw new UserError({ code: 'setting-missing', name: 'REDIS_URL' })
  warnOfUnused(config, log)
  const measured = await measuredFor(config)
  const engines = createEngineRegistry({ modelFolder: config.MODEL_FOLDER })
  const backend = await openBackend(config, queueErrorLogger(log))
  let worker: QueueWorker | undefined
  const ready = () => (worker ? undefined : 'starting')
  let operator: AdminServer | undefined
  try {
    operator = await operated(config, log, measured, { backend, engines: namesOf(engines), notReadyReason: ready })
    const told = toldToStop(log)
    worker = await startPaintWorker(backend, log, engines, ability, config.DEVICE, { watch: measured?.observer })
    log.info('painting for others')
    await told
    // A second word, and what runs is put back.
    await Promise.race([worker.close(config.STOP_SECONDS * 1000), toldToStop(log)])
  } finally {
    await worker?.close(0)
    await operator?.close()
    await backend.close()
  }
}

type Pages = Pick<RunningServer, 'close'> & { readonly regionLink: (region: DrawingTarget) => Promise<string> }

/** The pages that people draw on, where they are wanted. */
async function pagesFor(config: Config, token: string, bot: () => Bot | undefined, log: Logger) {
  const { PAGES_PORT: port, PAGES_HOST: host, PUBLIC_URL: publicUrl, DISCORD_CLIENT_SECRET: secret } = config
  if (port === undefined) return undefined
  const [{ createSignedLinks }, { drawingRoutes }, { activityRoutes }, { DISCORD_ORIGINS, startPages }] =
    await Promise.all([
      import('../http/signed-links.js'),
      import('../http/drawing-routes.js'),
      import('../http/activity-routes.js'),
      import('../http/server.js'),
    ])
  const links = createSignedLinks(token)
  const routes = drawingRoutes(links, () => bot()?.drawing)
  if (secret !== undefined) {
    routes.route(
      '/',
      activityRoutes(links, () => bot()?.activity),
    )
  }
  const activity =
    secret === undefined
      ? undefined
      : { application: () => bot()?.activity?.applicationId, frameAncestors: DISCORD_ORIGINS }
  const onError = (error: Error) => log.error(error, 'a page')
  const { url, close } = await startPages(routes, { port, host, publicUrl, home: 'editor', activity, onError })
  log.info({ url, activity: secret !== undefined }, 'pages are open')
  return { regionLink: (region: DrawingTarget) => links.editorUrl(url, region), close } satisfies Pages
}

function namesOf(engines: EngineRegistry): string[] {
  return engines.installed().map(({ name }) => name)
}

/** `overscan playground` */
export async function runPlayground(): Promise<void> {
  const { config, log } = await start()
  const { servePlayground } = await import('./playground.js')
  return servePlayground(config.PAGES_PORT, toldToStop(log))
}

async function start(): Promise<{ config: Config; log: Logger }> {
  const config = await readConfig(process.env)
  return { config, log: createLogger(config.LOG_LEVEL) }
}

function warnOfUnused(config: Config, log: Logger): void {
  for (const { name, why } of unusedEnvVars(config)) log.warn({ setting: name }, `of no use is ${name}: ${why}`)
}

/** What is measured, where somebody can ask for it. */
async function measuredFor({ OPERATOR_PORT }: Config): Promise<Metrics | undefined> {
  return OPERATOR_PORT === undefined ? undefined : (await import('../admin/metrics.js')).createMetrics()
}

async function operated(
  config: Config,
  log: Logger,
  metrics: Metrics | undefined,
  what: Omit<AdminSources, 'metrics'>,
) {
  const { OPERATOR_PORT: port, OPERATOR_HOST: host, OPERATOR_PASSWORD: password } = config
  if (port === undefined || !metrics) return undefined
  const { startAdminServer } = await import('../admin/admin-server.js')
  const operator = await startAdminServer({ ...what, metrics }, { port, host, password })
  log.info({ url: operator.url }, 'tells how it is')
  return operator
}

const STOPPING = ['SIGINT', 'SIGTERM'] as const

/** How often to look whether npm has gone, in milliseconds. */
const ORPHANED = 500

async function toldToStop(log: Logger): Promise<void> {
  let watch: NodeJS.Timeout | undefined
  await new Promise<void>(resolve => {
    const told = () => {
      resolve()
      // Libraries that tidy up end the process if nobody else listens: they are called first.
      setImmediate(() => {
        for (const signal of STOPPING) process.off(signal, told)
      })
    }
    for (const signal of STOPPING) process.on(signal, told)
    // npm passes a signal on to the shell that runs its script, and that to nobody: it ends, and leaves us to another parent.
    const parent = process.ppid
    if (process.env.npm_lifecycle_event !== undefined) {
      watch = setInterval(() => process.ppid !== parent && resolve(), ORPHANED).unref()
    }
  })
  clearInterval(watch)
  log.info('stopping')
}
