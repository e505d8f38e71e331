import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { cp, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type APIMessage, MessageFlags } from 'discord.js'
import { type Logger, pino } from 'pino'
import { inject } from 'vitest'
import { createKeptResults } from '../../src/bot/jobs/kept-results.js'
import { type Bot, type BotOptions, startBot } from '../../src/bot/start-bot.js'
import { startPaintWorker } from '../../src/cli/open-queue.js'
import { parseConfig } from '../../src/config.js'
import {
  type DiscordEmulator,
  type DiscordEmulatorOptions,
  type SentInteraction,
  startDiscordEmulator,
} from '../../src/discord-emulator/emulator.js'
import { createEngineRegistry } from '../../src/inference/engines/registry.js'
import { readHeader } from '../../src/inference/image/header.js'
import { type Painter, type PainterOptions, painter } from '../../src/inference/runtime/painter.js'
import type { Backend } from '../../src/queue/backends/backend.js'
import { folderBlobStore } from '../../src/queue/backends/blob-store.js'
import { pglitePool } from '../../src/queue/backends/pglite-pool.js'
import { redisBackend } from '../../src/queue/backends/redis.js'
import { sqlBackend } from '../../src/queue/backends/sql-backend.js'
import { jobQueue } from '../../src/queue/job-queue.js'
import { quotas } from '../../src/quotas/quotas.js'
import type { Settings } from '../../src/settings/settings.js'
import { memorySettings } from '../../src/settings/settings-file.js'
import { mustNotSkip } from './must-not-skip.js'
import { shared } from './shared.js'

const openapi = shared('reference/discord-openapi.json')

/** An emulated Discord that validates requests and responses against Discord's OpenAPI document, where there is one. */
export async function startTestDiscord(
  options: Omit<DiscordEmulatorOptions, 'openapi'> = {},
): Promise<DiscordEmulator> {
  const here = existsSync(openapi)
  if (!here) console.warn(`WITHOUT ORACLE: requests are checked by our own rules only; ${openapi} is not there.`)
  if (!here && mustNotSkip) throw new Error(`${openapi} is not there`)
  const names = { bot: 'Overscan', server: 'Overscan', channel: 'playground' }
  return startDiscordEmulator({ names, readPictureSize: readHeader, ...options, ...(here && { openapi }) })
}

export type TestBotOptions = {
  readonly settings?: Settings
  readonly log?: Logger
  /** Further environment variables. */
  readonly environment?: Record<string, string>
  readonly drawingLink?: BotOptions['drawingLink']
  /** Another queue than that of the bot before. */
  readonly queueName?: string
  /** The embedded queue, whose clock is that of this process. */
  readonly embedded?: boolean
}

/** A bot with real parts: discord.js, a queue for this Discord, a painting process. */
export async function startTestBot(discord: DiscordEmulator, options: TestBotOptions = {}): Promise<Bot> {
  const { settings = pairs(await memorySettings()), log = pino({ level: process.env.LOG_LEVEL ?? 'silent' }) } = options
  const config = parseConfig({ ...options.environment, ...discordEnvironment(discord) })
  const backend = await backendFor(discord, options)
  const engines = createEngineRegistry({ modelFolder: process.env.MODEL_FOLDER ?? config.MODEL_FOLDER })
  const worker = await startPaintWorker(backend, log, engines, {}, undefined, { paints: sharedPainter })
  const queue = await jobQueue(backend, {
    engines: engines.names(),
    maxWaiting: config.QUEUE_LIMIT,
    maxWaitingPerPerson: config.QUEUE_LIMIT_PER_PERSON,
    maxWaitingPerServer: config.QUEUE_LIMIT_PER_SERVER,
    onError: error => log.warn(error),
  })
  const bot = await startBot(config, {
    engines,
    queue,
    settings,
    quotas: quotas(settings, config, backend.store),
    expiringStore: backend.store,
    keptResults: createKeptResults(backend),
    drawingLink: options.drawingLink,
    log,
  })
  return {
    ...bot,
    async close() {
      await worker.close(0)
      await bot.close()
    },
  }
}

/** Where nobody chose a number, two variations: a grid, in half the time of four. */
function pairs(settings: Settings): Settings {
  return { ...settings, person: id => ({ variations: 2, ...settings.person(id) }) }
}

/** One painting process per model folder and test process, since a start takes seconds. */
const painters = new Map<string, Painter>()

function sharedPainter({ modelFolder }: PainterOptions): Painter {
  // To try the other devices first takes a second for each model.
  const one = painters.get(modelFolder) ?? painter({ modelFolder, device: 'cpu' })
  painters.set(modelFolder, one)
  return {
    async paint(request, hooks) {
      const held = holding
      holding = undefined
      held?.begin()
      if (held && !hooks.signal.aborted) await Promise.race([held.end, once(hooks.signal, 'abort')])
      hooks.signal.throwIfAborted()
      return one.paint(request, hooks)
    },
    close: async () => {},
  }
}

let holding: { readonly end: Promise<void>; begin(): void } | undefined

/**
 * The next job that is painted is held when it starts: it runs until the test lets go of it, or until it is cancelled. Who
 * cancels it waits until it has begun. Otherwise it may be cancelled before, and the one after it is held.
 */
export function holdNextJob(): { readonly begun: Promise<void>; letGo(): void } {
  let [letGo, begin] = [() => {}, () => {}]
  const end = new Promise<void>(resolve => {
    letGo = resolve
  })
  const begun = new Promise<void>(resolve => {
    begin = resolve
  })
  holding = { end, begin }
  return { begun, letGo }
}

/** One database per test process, with a queue per Discord, since a start takes seconds. */
const pool = lazily(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-test-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  await cp(inject('database'), join(folder, 'queue'), { recursive: true })
  return { pool: await pglitePool(join(folder, 'queue')), blobs: folderBlobStore(join(folder, 'pictures')) }
})
const backends = new Map<string, Promise<Backend>>()

/**
 * A queue for each Discord: in the Redis of all tests, which takes a fraction of an embedded database's time. The embedded
 * one is used by the tests of the playground and of the programs, and by all where there is no Redis.
 */
function backendFor(
  discord: DiscordEmulator,
  { queueName: line = '', embedded = false }: TestBotOptions,
): Promise<Backend> {
  const prefix = `test-${process.pid}-${discord.url.replace(/\D+/g, '-')}${line}`
  const onError = (error: Error) => console.warn(error)
  const redis = inject('redis')
  const open = async () => {
    if (redis && !embedded) return redisBackend(redis, { prefix, lockDurationMs: 8000, onError })
    const { pool: shared, blobs } = await pool()
    const assertFreeSpace = async () => {}
    return sqlBackend(shared, { prefix, onError, shared: false, lockDurationMs: 8000, blobs, assertFreeSpace })
  }
  const known = backends.get(prefix) ?? open()
  backends.set(prefix, known)
  return known
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

type Button = { label?: string; emoji?: { name: string }; custom_id: string; style: number; disabled?: boolean }

/** A message's buttons, as Discord sends them. */
export function rawButtonsOf(message: APIMessage): Button[] {
  return (message.components ?? []).flatMap(row =>
    'components' in row ? row.components.flatMap(child => (child.type === 2 ? [child as Button] : [])) : [],
  )
}

/** The labels of a message's buttons, or their emoji where they have no label. */
export function buttonsOf(message: APIMessage): string[] {
  return rawButtonsOf(message).map(({ label, emoji }) => label ?? emoji?.name ?? '')
}

/** All text of a message. */
export function textOf(message: APIMessage): string {
  const texts = (message.components ?? []).flatMap(component => ('content' in component ? [component.content] : []))
  return [message.content, ...texts].filter(Boolean).join('\n')
}

/** The responses to a request: its reply, follow-ups, and the ordinary message that names it in its nonce. */
function responsesTo(discord: DiscordEmulator, sent: SentInteraction): APIMessage[] {
  const ordinary = discord.messages(sent.channelId).filter(({ nonce }) => nonce === sent.id)
  // The message of a pressed button is not a response.
  const answers = [sent.message(), ...sent.followUps()].filter(one => one?.interaction_metadata?.id === sent.id)
  return [...answers, ...ordinary].filter(message => message !== undefined)
}

/** The response to a request that has a button with this label, once there is one. */
export function waitForButton(discord: DiscordEmulator, sent: SentInteraction, label: string): Promise<APIMessage> {
  return discord.waitUntil(
    () => {
      const refusal = responsesTo(discord, sent).find(message => isPrivate(message) && buttonsOf(message).length === 0)
      if (refusal && textOf(refusal)) throw new Error(`refused: ${textOf(refusal)}`)
      return responsesTo(discord, sent).find(message => buttonsOf(message).includes(label))
    },
    { what: `a message with the button ${label}`, timeoutMs: 110_000 },
  )
}

/** The text of an ephemeral refusal. */
export async function waitForRefusal(discord: DiscordEmulator, sent: SentInteraction): Promise<string> {
  const refusal = await discord.waitUntil(
    () => responsesTo(discord, sent).find(message => isPrivate(message) && textOf(message) !== ''),
    { what: 'a refusal', timeoutMs: 60_000 },
  )
  return textOf(refusal)
}

/** The ordinary messages that respond to a request. */
export function resultsOf(discord: DiscordEmulator, id: string): APIMessage[] {
  return discord.messages().filter(({ nonce }) => nonce === id)
}

/** The environment variables that direct a program to this Discord. */
export function discordEnvironment(discord: DiscordEmulator): Record<string, string> {
  return {
    DISCORD_TOKEN: discord.token,
    DISCORD_API: `${discord.url}/api`,
    DISCORD_CDN: discord.url,
    DISCORD_MEDIA: discord.url,
  }
}

/** Whether a message is ephemeral. */
export function isPrivate({ flags }: APIMessage): boolean {
  return ((flags ?? 0) & MessageFlags.Ephemeral) !== 0
}

/** The files that a message shows; others travel with it unseen. */
export function shownAttachments(message: APIMessage): APIMessage['attachments'] {
  const items = (message.components ?? []).flatMap(component => ('items' in component ? component.items : []))
  const urls = items.map(({ media }) => media.url.split('?', 1)[0])
  return message.attachments.filter(({ url }) => urls.includes(url.split('?', 1)[0]))
}
