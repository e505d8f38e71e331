import { Client, Events, GatewayIntentBits, Options } from 'discord.js'
import type { Logger } from 'pino'
import { commands } from '../commands/commands.js'
import type { Config } from '../config.js'
import { ProblemError } from '../problem.js'
import type { JobQueue } from '../queue/queue.js'
import { attachmentFetcher } from './attachments.js'
import { registerCommands } from './register.js'
import { router } from './router.js'

export interface Bot {
  /** The name that Discord knows it by. */
  readonly name: string
  /** Stop the queue, bring what was being answered to its end, and leave. */
  close(): Promise<void>
}

/** How long answers may still take once the bot is to stop, in milliseconds. */
const PATIENCE = 10_000

/**
 * Log in to Discord and answer.
 *
 * @throws ProblemError `setting-missing`, `login-refused`
 */
export async function startBot(config: Config, queue: JobQueue, log: Logger): Promise<Bot> {
  const { DISCORD_TOKEN: token, DISCORD_API: api, DISCORD_CDN: cdn, DISCORD_MEDIA: mediaProxy } = config
  if (!token) throw new ProblemError({ code: 'setting-missing', name: 'DISCORD_TOKEN' })
  const client = new Client({
    // Interactions come without any intent; this one tells of servers and channels, and is not a privileged one.
    intents: [GatewayIntentBits.Guilds],
    rest: { api, cdn, mediaProxy, timeout: 60_000 },
    allowedMentions: { parse: [] },
    makeCache: Options.cacheWithLimits({ ...Options.DefaultMakeCacheSettings, MessageManager: 0, UserManager: 100 }),
  })
  client.on(Events.Error, error => log.error(error, 'gateway'))
  client.on(Events.Warn, text => log.warn(text))
  client.rest.on('rateLimited', ({ route, timeToReset }) => log.warn({ route, timeToReset }, 'rate limited'))

  const answer = router({ commands, queue, fetchAttachment: attachmentFetcher([cdn, mediaProxy]), log })
  const answering = new Set<Promise<void>>()
  client.on(Events.InteractionCreate, interaction => {
    const one = answer(interaction).finally(() => answering.delete(one))
    answering.add(one)
  })

  const ready = new Promise<Client<true>>(resolve => client.once(Events.ClientReady, resolve))
  await client.login(token).catch(async cause => {
    await client.destroy()
    throw cause.code === 'TokenInvalid' ? new ProblemError({ code: 'login-refused' }, { cause }) : cause
  })
  const online = await ready
  const registration = await registerCommands(
    online,
    commands.map(command => command.data),
  )
  log.info({ name: online.user.tag, servers: online.guilds.cache.size, commands: registration }, 'online')

  return {
    name: online.user.tag,
    async close() {
      await queue.close()
      const late = new Promise(resolve => setTimeout(resolve, PATIENCE).unref())
      await Promise.race([Promise.allSettled(answering), late])
      await client.destroy()
    },
  }
}
