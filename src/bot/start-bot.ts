import { type Client, Events } from 'discord.js'
import type { Logger } from 'pino'
import { contextMenuCommands } from '../commands/context-menu-commands.js'
import { slashCommands } from '../commands/slash-commands.js'
import type { Config } from '../config.js'
import type { JobQueue } from '../queue/queue.js'
import type { Settings } from '../settings/settings.js'
import { UserError } from '../user-error.js'
import { closeDeps, createDeps, type DepsOptions } from './create-deps.js'
import type { BotDeps } from './deps.js'
import { showBotStatus } from './discord/bot-status.js'
import { createClient } from './discord/create-client.js'
import { throwDiscordProblem } from './discord/discord-problem.js'
import { watchGateway } from './discord/gateway-watch.js'
import { logIn } from './discord/log-in.js'
import type { Claim } from './discord/login-throttle.js'
import { registerIfPossible } from './discord/register-commands.js'
import { type ActivityService, createActivityService } from './drawing/activity.js'
import { createDrawingService, type DrawingService } from './drawing/session.js'
import { resumeOrphanedJobs } from './jobs/resume.js'
import { createPendingWork } from './pending-work.js'
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

export type BotOptions = DepsOptions & {
  /** Shared by all processes of the bot; undefined if this is the only one. */
  readonly claim?: Claim | undefined
  /** Ends the start. */
  readonly signal?: AbortSignal
}

/** How long requests under way may still take when the bot closes, in milliseconds. */
const CLOSE_TIMEOUT_MS = 6000

/**
 * Log in to Discord and answer requests.
 *
 * @throws UserError `setting-missing`, `login-refused`, `discord-unreachable`, `discord-rejected`; OperatorError where Discord refuses
 *   the login; the signal's reason
 */
export async function startBot(config: Config, options: BotOptions): Promise<Bot> {
  const { queue, settings, log, claim, signal } = options
  const { DISCORD_TOKEN: token, BOT_STATUS: status } = config
  if (!token) throw new UserError({ code: 'setting-missing', name: 'DISCORD_TOKEN' })
  const client = createClient(config, log, claim, (shard, isSilent) => gateway.onSilence(shard, isSilent))
  const gateway = watchGateway(client, log)
  const pending = createPendingWork()
  const deps = createDeps(config, options, work => pending.track(work))
  const router = createRouter(deps)
  client.on(Events.InteractionCreate, interaction => pending.track(router.onInteraction(interaction)))
  client.on(Events.MessageCreate, message => pending.track(router.onMessage(message)))
  await restorePausedServers(settings, queue)

  const online = await logIn(client, token, gateway, signal)
  await register(online, log)
  const hideStatus = status === 'on' ? showBotStatus(online, queue, log) : undefined
  const stopResuming = resumeOrphanedJobs(online, deps)
  const stopFinishing = deps.unanswered.finishOthers(online)

  return {
    name: online.user.tag,
    drawing: createDrawingService(online, deps),
    activity: createActivity(online, config, deps),
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
      await closeDeps(deps)
    },
  }
}

/** A server that was paused stays so after a restart. */
async function restorePausedServers(settings: Settings, queue: JobQueue): Promise<void> {
  for (const server of settings.serverIds()) {
    await (settings.server(server).line === 'paused' ? queue.pauseServer(server) : queue.resumeServer(server))
  }
}

/** @throws UserError `login-refused`, `discord-unreachable`. The client is destroyed then. */
async function register(online: Client<true>, log: Logger): Promise<void> {
  const commands = [...slashCommands, ...contextMenuCommands].map(({ data }) => data)
  const registration = await registerIfPossible(online, commands, log).catch(async error => {
    await online.destroy()
    throwDiscordProblem(error)
  })
  const { user, guilds, ws } = online
  log.info({ name: user.tag, servers: guilds.cache.size, shards: ws.shards.size, commands: registration }, 'bot online')
}

function createActivity(
  online: Client<true>,
  { DISCORD_API: api, DISCORD_CLIENT_SECRET: secret }: Config,
  { recentTargets, log }: BotDeps,
): ActivityService | undefined {
  if (secret === undefined || !recentTargets) return undefined
  return createActivityService(online, { api, secret, recentTargets, log })
}
