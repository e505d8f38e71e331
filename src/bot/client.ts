import {
  type CacheWithLimitsOptions,
  Client,
  DiscordAPIError,
  Events,
  GatewayIntentBits,
  Options,
  Partials,
} from 'discord.js'
import type { Logger } from 'pino'
import { contextMenuCommands } from '../commands/context-menu-commands.js'
import { slashCommands } from '../commands/slash-commands.js'
import type { Config } from '../config.js'
import type { EngineRegistry } from '../inference/engines/registry.js'
import { createFilmService } from '../inference/film/film-service.js'
import { createWebpService } from '../inference/image/webp-service.js'
import { createMaskService } from '../inference/mask/mask-service.js'
import { createSegmentService } from '../inference/segment/segment-service.js'
import type { JobQueue } from '../queue/queue.js'
import type { Quotas } from '../quotas/quotas.js'
import type { Settings } from '../settings/settings.js'
import { UserError } from '../user-error.js'
import type { BotDeps } from './deps.js'
import { showBotStatus } from './discord/bot-status.js'
import { throwDiscordProblem } from './discord/discord-problem.js'
import { probedShards, type SilenceListener } from './discord/gateway-probe.js'
import { watchGateway } from './discord/gateway-watch.js'
import { logIn } from './discord/log-in.js'
import { type Claim, sharedLoginThrottle } from './discord/login-throttle.js'
import { registerCommands } from './discord/register-commands.js'
import { type ActivityService, createActivityService } from './drawing/activity.js'
import { createDrawingDrafts } from './drawing/drafts.js'
import { createRecentTargets } from './drawing/recent-targets.js'
import { createDrawingService, type DrawingService } from './drawing/session.js'
import type { DrawingTarget } from './drawing/target.js'
import type { ExpiringStore } from './expiring-store.js'
import type { KeptResults } from './jobs/kept-results.js'
import { createProgressBudget } from './jobs/progress-budget.js'
import { resumeOrphanedJobs } from './jobs/resume.js'
import { createUnansweredInteractions, type UnansweredStore } from './jobs/unanswered.js'
import { createAttachmentFetcher } from './messages/attachments.js'
import { createPictureBudget } from './messages/picture-budget.js'
import { createPictureLinkCache } from './messages/picture-links.js'
import { createRecentObjects } from './messages/recent-objects.js'
import { createRouter } from './router.js'

export interface Bot {
  /** The bot's tag, like `Overscan#1234`. */
  readonly name: string
  /** For the drawing page. */
  readonly drawing: DrawingService
  /** For the drawing page as an Activity, if there is one. */
  readonly activity: ActivityService | undefined
  /** Why the bot can't answer now, or not everybody; undefined if it can. */
  unavailableReason(): string | undefined
  /** Rejects with OperatorError when Discord refuses the bot for good. */
  readonly refused: Promise<never>
  /** Close the queue, tell people that their jobs will go on, and log out. */
  close(): Promise<void>
}

export type BotOptions = {
  readonly engines: EngineRegistry
  readonly queue: JobQueue
  readonly settings: Settings
  readonly quotas: Quotas
  readonly expiringStore: ExpiringStore & UnansweredStore
  readonly keptResults: KeptResults
  /** The URL of the drawing page for a picture, where pages are served. */
  readonly drawingLink?: ((target: DrawingTarget) => Promise<string>) | undefined
  readonly log: Logger
  /** Shared by all processes of the bot; undefined if this is the only one. */
  readonly claim?: Claim | undefined
  /** Ends the start. */
  readonly signal?: AbortSignal
}

/** None is privileged. Interactions need no intent; these are for channels, roles, and replies that mention the bot. */
export const GATEWAY_INTENTS = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.DirectMessages,
]

/**
 * What is cached of servers: channels and roles, from which permissions follow, the bot's own member, and the people who
 * asked last. Each event carries the rest of what it needs.
 */
const CACHE_LIMITS: CacheWithLimitsOptions = {
  ...Options.DefaultMakeCacheSettings,
  MessageManager: 0,
  UserManager: 100,
  GuildMemberManager: { maxSize: 100, keepOverLimit: ({ id, client }) => id === client.user.id },
  GuildEmojiManager: 0,
  GuildStickerManager: 0,
  GuildScheduledEventManager: 0,
  StageInstanceManager: 0,
  PresenceManager: 0,
  VoiceStateManager: 0,
}

/** Discord's hosts for the pictures of links. */
const LINK_PROXIES = ['https://images-ext-1.discordapp.net', 'https://images-ext-2.discordapp.net']

const REST_TIMEOUT_MS = 60_000

/** How long requests under way may still take when the bot closes, in milliseconds. */
const CLOSE_TIMEOUT_MS = 6000

/**
 * Log in to Discord and answer requests.
 *
 * @throws UserError `setting-missing`, `login-refused`, `discord-unreachable`, `discord-rejected`; OperatorError where Discord refuses
 *   the login; the signal's reason
 */
export async function startBot(config: Config, options: BotOptions): Promise<Bot> {
  const { engines, queue, settings, quotas, expiringStore, keptResults, drawingLink, log, claim, signal } = options
  const { DISCORD_TOKEN: token, DISCORD_API: api, DISCORD_CDN: cdn, DISCORD_MEDIA: mediaProxy } = config
  if (!token) throw new UserError({ code: 'setting-missing', name: 'DISCORD_TOKEN' })
  const client = createClient(config, log, claim, (shard, isSilent) => gateway.onSilence(shard, isSilent))
  const gateway = watchGateway(client, log)
  const masks = createMaskService()
  const segments = createSegmentService(engines.modelFolder)
  const films = createFilmService()
  const webps = createWebpService()
  const isShared = config.REDIS_URL !== undefined || config.DATABASE_URL !== undefined
  const unanswered = createUnansweredInteractions(expiringStore, isShared, id => queue.isOpen(id), log)
  const secret = config.DISCORD_CLIENT_SECRET
  const recentTargets = secret !== undefined && drawingLink ? createRecentTargets(expiringStore) : undefined
  const pending = createPendingWork()
  const fetchAttachment = createAttachmentFetcher([cdn, mediaProxy, ...LINK_PROXIES])
  const deps: BotDeps = {
    slashCommands,
    contextMenuCommands,
    engines,
    queue,
    settings,
    quotas,
    masks,
    segments,
    films,
    webps,
    fetchAttachment,
    pictureBudget: createPictureBudget(fetchAttachment),
    pictureLinks: createPictureLinkCache(expiringStore),
    drawingDrafts: createDrawingDrafts(expiringStore),
    recentObjects: createRecentObjects(expiringStore),
    keptResults,
    unanswered,
    drawingLink,
    recentTargets,
    progressBudget: createProgressBudget(),
    track: work => pending.track(work),
    startedAt: Date.now(),
    log,
  }
  const router = createRouter(deps)
  client.on(Events.InteractionCreate, interaction => pending.track(router.onInteraction(interaction)))
  client.on(Events.MessageCreate, message => pending.track(router.onMessage(message)))
  await restorePausedServers(settings, queue)

  const online = await logIn(client, token, gateway, signal)
  const registration = await registerIfPossible(online, log).catch(async error => {
    await client.destroy()
    throwDiscordProblem(error)
  })
  const { cache } = online.guilds
  log.info(
    { name: online.user.tag, servers: cache.size, shards: client.ws.shards.size, commands: registration },
    'bot online',
  )
  const hideStatus = config.BOT_STATUS === 'on' ? showBotStatus(online, queue, log) : undefined
  const stopResuming = resumeOrphanedJobs(online, deps)
  const stopFinishing = unanswered.finishOthers(online)

  return {
    name: online.user.tag,
    drawing: createDrawingService(online, deps),
    activity:
      secret !== undefined && recentTargets
        ? createActivityService(online, { api, secret, recentTargets, log })
        : undefined,
    unavailableReason: gateway.disconnectedReason,
    refused: gateway.refused,
    async close() {
      gateway.stop()
      hideStatus?.()
      stopFinishing()
      await stopResuming()
      await queue.close()
      await pending.settled(CLOSE_TIMEOUT_MS)
      await client.destroy()
      await masks.close()
      await segments.close()
      await films.close()
      await webps.close()
    },
  }
}

function createClient(config: Config, log: Logger, claim: Claim | undefined, onSilence: SilenceListener): Client {
  const { DISCORD_API: api, DISCORD_CDN: cdn, DISCORD_MEDIA: mediaProxy, SHARDS: range } = config
  const client = new Client({
    intents: GATEWAY_INTENTS,
    ...(range === 'auto' ? { shards: 'auto' } : { shards: [...range.ids], shardCount: range.total }),
    ws: {
      buildStrategy: probedShards(onSilence),
      ...(claim && { buildIdentifyThrottler: sharedLoginThrottle(claim, log) }),
    },
    partials: [Partials.Channel],
    rest: { api, cdn, mediaProxy, timeout: REST_TIMEOUT_MS },
    allowedMentions: { parse: [] },
    makeCache: Options.cacheWithLimits(CACHE_LIMITS),
  })
  client.on(Events.Error, error => log.error(error, 'Discord gateway error'))
  client.on(Events.Warn, warning => log.warn({ warning }, 'Discord client warning'))
  client.rest.on('rateLimited', ({ route, timeToReset }) =>
    log.warn({ route, timeToReset }, 'Discord rate limit reached'),
  )
  return client
}

/** With the commands of an earlier start the bot still works, so a refusal, like that of the 201st command of a day, is only logged. */
async function registerIfPossible(online: Client<true>, log: Logger): Promise<'unchanged' | 'registered' | 'refused'> {
  try {
    return await registerCommands(
      online,
      [...slashCommands, ...contextMenuCommands].map(({ data }) => data),
    )
  } catch (error) {
    if (!(error instanceof DiscordAPIError) || error.status === 401 || error.status >= 500) throw error
    log.error({ err: error }, 'Discord refuses the commands')
    return 'refused'
  }
}

/** A server that was paused stays so after a restart. */
async function restorePausedServers(settings: Settings, queue: JobQueue): Promise<void> {
  for (const server of settings.serverIds()) {
    await (settings.server(server).line === 'paused' ? queue.pauseServer(server) : queue.resumeServer(server))
  }
}

/** Keeps count of work under way, so that closing can wait for it. */
function createPendingWork() {
  const pending = new Set<Promise<void>>()
  return {
    track(work: Promise<void>): void {
      const tracked = work.finally(() => pending.delete(tracked))
      pending.add(tracked)
    },
    /** Resolves when all of it has ended, or after the timeout in milliseconds. */
    async settled(timeoutMs: number): Promise<void> {
      const timeout = new Promise(resolve => setTimeout(resolve, timeoutMs).unref())
      await Promise.race([Promise.allSettled(pending), timeout])
    },
  }
}
