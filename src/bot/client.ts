import { type CacheWithLimitsOptions, Client, Events, GatewayIntentBits, Options, Partials, Status } from 'discord.js'
import type { Logger } from 'pino'
import { contextMenuCommands } from '../commands/context-menu-commands.js'
import { commands } from '../commands/slash-commands.js'
import type { Config } from '../config.js'
import { createFilmService } from '../inference/film/film-service.js'
import { createMaskService } from '../inference/mask/mask-service.js'
import type { JobQueue } from '../queue/queue.js'
import type { Quotas } from '../quotas/quotas.js'
import type { Settings } from '../settings/settings.js'
import { UserError } from '../user-error.js'
import type { BotDeps } from './deps.js'
import { registerCommands } from './discord/register-commands.js'
import { type ActivityService, createActivityService } from './drawing/activity.js'
import { createRecentTargets } from './drawing/recent-targets.js'
import { createDrawingService, type DrawingService, type DrawingTarget } from './drawing/session.js'
import { resumeJob } from './jobs/submit.js'
import { createAttachmentFetcher } from './messages/attachments.js'
import { createPictureLinkCache, type ExpiringStore } from './messages/picture-links.js'
import { createRouter } from './router.js'

export interface Bot {
  /** The name that Discord knows it by. */
  readonly name: string
  /** What the page to draw on works with. */
  readonly drawing: DrawingService
  /** The same page within Discord, where there is one. */
  readonly activity: ActivityService | undefined
  /** Why it can't answer just now, if it can't. */
  unavailableReason(): string | undefined
  /** Close the queue, say that what waits will go on, and leave. */
  close(): Promise<void>
}

export type BotOptions = {
  readonly queue: JobQueue
  readonly settings: Settings
  readonly limits: Quotas
  /** Shared by all bots of this token. */
  readonly texts: ExpiringStore
  /** The address of a page to draw on a picture, where there are pages. */
  readonly drawingLink?: ((region: DrawingTarget) => Promise<string>) | undefined
  readonly log: Logger
}

/** None of them is privileged. Interactions come without any; these tell of servers and channels, and of replies to us. */
export const GATEWAY_INTENTS = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.DirectMessages,
]

/**
 * What is kept of the servers: channels and roles, which permissions follow from (there is no limit to these), ourselves, and who
 * asked last. The rest comes with each event that is about it.
 */
const KEPT: CacheWithLimitsOptions = {
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

/** How long answers may still take once the bot is to stop, in milliseconds. */
const PATIENCE = 10_000

/** How often to look for jobs whose bot is gone, in milliseconds. */
const ADOPT = 5000

/**
 * Log in to Discord and answer.
 *
 * @throws ProblemError `setting-missing`, `login-refused`
 */
export async function startBot(config: Config, given: BotOptions): Promise<Bot> {
  const { queue, settings, limits, texts, drawingLink, log } = given
  const { DISCORD_TOKEN: token, DISCORD_API: api, DISCORD_CDN: cdn, DISCORD_MEDIA: mediaProxy } = config
  if (!token) throw new UserError({ code: 'setting-missing', name: 'DISCORD_TOKEN' })
  const client = new Client({
    intents: GATEWAY_INTENTS,
    partials: [Partials.Channel],
    rest: { api, cdn, mediaProxy, timeout: 60_000 },
    allowedMentions: { parse: [] },
    makeCache: Options.cacheWithLimits(KEPT),
  })
  client.on(Events.Error, error => log.error(error, 'gateway'))
  client.on(Events.Warn, text => log.warn(text))
  client.rest.on('rateLimited', ({ route, timeToReset }) => log.warn({ route, timeToReset }, 'rate limited'))

  const masks = createMaskService()
  const films = createFilmService()
  const fetchAttachment = createAttachmentFetcher([cdn, mediaProxy])
  const seen = createPictureLinkCache(texts)
  const secret = config.DISCORD_CLIENT_SECRET
  const asked = secret !== undefined && drawingLink ? createRecentTargets(texts) : undefined
  const started = Date.now()
  const parts: BotDeps = {
    commands,
    contextMenuCommands,
    queue,
    settings,
    limits,
    masks,
    films,
    fetchAttachment,
    seen,
    drawingLink,
    asked,
    started,
    log,
  }
  const answer = createRouter(parts)
  const answering = new Set<Promise<void>>()
  const keep = (one: Promise<void>) => {
    const kept = one.finally(() => answering.delete(kept))
    answering.add(kept)
  }
  client.on(Events.InteractionCreate, interaction => keep(answer.onInteraction(interaction)))
  client.on(Events.MessageCreate, message => keep(answer.onMessage(message)))
  // The line of a server that was paused stays so.
  for (const server of settings.serverIds()) {
    await (settings.server(server).line === 'paused' ? queue.pauseServer(server) : queue.resumeServer(server))
  }

  const ready = new Promise<Client<true>>(resolve => client.once(Events.ClientReady, resolve))
  await client.login(token).catch(async cause => {
    await client.destroy()
    throw cause.code === 'TokenInvalid' ? new UserError({ code: 'login-refused' }, { cause }) : cause
  })
  const online = await ready
  const registration = await registerCommands(
    online,
    [...commands, ...contextMenuCommands].map(({ data }) => data),
  )
  log.info({ name: online.user.tag, servers: online.guilds.cache.size, commands: registration }, 'online')

  const adopt = async () => {
    for (const orphan of await queue.takeOver()) {
      keep(resumeJob(orphan, online, parts).catch(error => log.error({ err: error, job: orphan.id }, 'not resumed')))
    }
  }
  let closing = false
  let adopting: Promise<void> = Promise.resolve()
  let next: NodeJS.Timeout | undefined
  const adoptAgain = () => {
    adopting = adopt().catch(error => log.warn(error, 'no jobs could be taken over'))
    void adopting.then(() => {
      if (!closing) next = setTimeout(adoptAgain, ADOPT)
    })
  }
  adoptAgain()

  return {
    name: online.user.tag,
    drawing: createDrawingService(online, parts),
    activity: secret !== undefined && asked ? createActivityService(online, { api, secret, asked, log }) : undefined,
    unavailableReason: () =>
      client.isReady() && client.ws.status === Status.Ready ? undefined : 'not connected to Discord',
    async close() {
      closing = true
      clearTimeout(next)
      await adopting
      await queue.close()
      const late = new Promise(resolve => setTimeout(resolve, PATIENCE).unref())
      await Promise.race([Promise.allSettled(answering), late])
      await client.destroy()
      await masks.close()
      await films.close()
    },
  }
}
