import { pino } from 'pino'
import { z } from 'zod'
import { createKeptResults } from '../../src/bot/jobs/kept-results.js'
import { type Bot, startBot } from '../../src/bot/start-bot.js'
import { parseConfig } from '../../src/config.js'
import { createEngineRegistry } from '../../src/inference/engines/registry.js'
import { encodePng } from '../../src/inference/image/png.js'
import { setPngTexts } from '../../src/inference/image/png-texts.js'
import type { PaintRequest, PaintResult } from '../../src/inference/pipeline/paint-request.js'
import { formatParameters } from '../../src/inference/pipeline/recipe.js'
import { resultSize } from '../../src/inference/pipeline/request.js'
import type { Painter } from '../../src/inference/runtime/painter.js'
import type { Backend } from '../../src/queue/backends/backend.js'
import { embeddedBackend } from '../../src/queue/backends/embedded.js'
import { postgresBackend } from '../../src/queue/backends/postgres.js'
import { redisBackend } from '../../src/queue/backends/redis.js'
import { jobQueue } from '../../src/queue/job-queue.js'
import { type QueueWorker, startWorker } from '../../src/queue/worker/worker.js'
import { quotas } from '../../src/quotas/quotas.js'
import { memorySettings } from '../../src/settings/settings-file.js'

// A bot or a worker of a soak test, in a process that can be stopped and killed. Its argument is JSON of SoakProcess.

const soakProcessSchema = z.object({
  role: z.enum(['bot', 'worker', 'both']),
  store: z.enum(['redis', 'postgres', 'embedded']),
  /** The URL of the store, or its folder. */
  where: z.string(),
  discord: z.object({ token: z.string(), url: z.string() }),
  leaseSeconds: z.number(),
  lockDurationMs: z.number(),
  /** How long a picture takes to paint, in milliseconds. */
  paintMs: z.number(),
  /** Stop this process, as SIGSTOP does, right after it has noted that it sends a result. Once. */
  freezeBeforeSending: z.boolean().default(false),
})
export type SoakProcess = z.input<typeof soakProcessSchema>

const options = soakProcessSchema.parse(JSON.parse(process.argv[2] ?? ''))
const log = pino({ level: 'info' })
const onError = (error: Error) => log.warn({ err: error }, 'queue error')

function openBackend(): Promise<Backend> {
  const { store, where, leaseSeconds, lockDurationMs } = options
  if (store === 'redis') return redisBackend(where, { leaseSeconds, lockDurationMs, onError })
  if (store === 'postgres') return postgresBackend(where, { leaseSeconds, lockDurationMs, onError })
  return embeddedBackend(where, { onError })
}

/** Paints one colour, with a preview half-way. */
const painter: Painter = {
  async paint(request, { signal, onProgress }) {
    await sleep(options.paintMs / 2, signal)
    onProgress({ done: 0.5, preview: request.source! })
    await sleep(options.paintMs / 2, signal)
    const result = await plainResult(request)
    log.info('painted')
    return result
  },
  close: async () => {},
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  })
}

async function plainResult({ edit, source, prompt, seeds, engine }: PaintRequest): Promise<PaintResult> {
  const size = await resultSize(edit, source)
  const data = new Uint8Array(size.width * size.height * 3)
  const pictures = await Promise.all(
    seeds.map(async seed => {
      const old = { x: 0, y: 0, ...size }
      const recipe = { edit, old, prompt, seed, engine, source: '' }
      const png = await encodePng({ data: data.fill(seed % 256), ...size })
      return { seed, ...size, recipe, png: setPngTexts(png, { parameters: formatParameters(recipe, size) }) }
    }),
  )
  const { paintMs } = options
  return { engine, pictures, timings: { read: 0, paint: paintMs, write: 0, total: paintMs } }
}

/** Stops the process at the worst moment: it owns the job, has noted that it sends, and has not sent. */
function freezeBeforeSending(backend: Backend): Backend {
  let isFrozen = false
  const replaceEntry: Backend['store']['replaceEntry'] = async (map, field, before, after) => {
    const replaced = await backend.store.replaceEntry(map, field, before, after)
    if (replaced && !isFrozen && /"sending":true/.test(after)) {
      isFrozen = true
      process.kill(process.pid, 'SIGSTOP')
    }
    return replaced
  }
  return { ...backend, store: { ...backend.store, replaceEntry } }
}

async function startBotOn(backend: Backend): Promise<{ bot: Bot; close: () => Promise<void> }> {
  const { token, url } = options.discord
  const { store, where } = options
  const shared = { redis: { REDIS_URL: where }, postgres: { DATABASE_URL: where }, embedded: {} }[store]
  const environment = {
    ...shared,
    DISCORD_TOKEN: token,
    DISCORD_API: `${url}/api`,
    DISCORD_CDN: url,
    DISCORD_MEDIA: url,
  }
  const config = parseConfig(environment)
  const settings = await memorySettings()
  const limits = { maxWaiting: 100_000, maxWaitingPerPerson: 100_000 }
  const queue = await jobQueue(backend, { engines: ['fill'], ...limits, onError })
  const bot = await startBot(config, {
    engines: createEngineRegistry({ modelFolder: '/nonexistent' }),
    queue,
    settings,
    quotas: quotas(settings, config, backend.store),
    expiringStore: backend.store,
    keptResults: createKeptResults(backend),
    log,
  })
  return { bot, close: () => bot.close() }
}

const opened = await openBackend()
const backend = options.freezeBeforeSending ? freezeBeforeSending(opened) : opened
let worker: QueueWorker | undefined
if (options.role !== 'bot') {
  const device = { name: 'plain', engines: ['fill'], maxMegapixels: 64, painter }
  worker = await startWorker(backend, { devices: [device], reportBug: String, onError })
}
const bot = options.role === 'worker' ? undefined : await startBotOn(backend)
log.info('ready')
void backend.whenLost.then(error => {
  log.warn({ err: error }, 'backend lost')
  process.exit(3)
})
process.once('SIGTERM', async () => {
  await worker?.close(0)
  await bot?.close()
  await backend.close()
  process.exit(0)
})
