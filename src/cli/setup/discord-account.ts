import { type APIApplication, Client, GatewayIntentBits, REST, Routes } from 'discord.js'
import { pino } from 'pino'
import { throwDiscordProblem } from '../../bot/discord/discord-problem.js'
import { watchGateway } from '../../bot/discord/gateway-watch.js'
import { logIn } from '../../bot/discord/log-in.js'
import { registerCommands } from '../../bot/discord/register-commands.js'
import { contextMenuCommands } from '../../commands/context-menu-commands.js'
import { slashCommands } from '../../commands/slash-commands.js'

/** The application of a bot token. */
export type DiscordAccount = {
  readonly id: string
  readonly name: string
  /** Interactions endpoint URL. If it is set, Discord sends interactions there and not to the bot. */
  readonly endpoint: string | undefined
}

/** For each request. */
export const DISCORD_TIMEOUT_MS = 15_000

/** @throws UserError `login-refused`, `discord-rejected`, `discord-unreachable` */
export async function fetchDiscordAccount(token: string, api: string): Promise<DiscordAccount> {
  const rest = new REST({ api, timeout: DISCORD_TIMEOUT_MS, retries: 1 }).setToken(token)
  const application = (await rest.get(Routes.currentApplication()).catch(throwDiscordProblem)) as APIApplication
  return {
    id: application.id,
    name: application.name,
    endpoint: application.interactions_endpoint_url ?? undefined,
  }
}

/**
 * Log in briefly and register the commands, if they have changed.
 *
 * @returns `done` of `registerCommands`, and how many servers the bot is in
 * @throws UserError `login-refused`, `discord-rejected`, `discord-unreachable`
 */
export async function registerOnDiscord(token: string, api: string): Promise<{ done: string; servers: number }> {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    shards: 'auto',
    rest: { api, timeout: DISCORD_TIMEOUT_MS },
  })
  try {
    const readyClient = await logIn(client, token, watchGateway(client, pino({ level: 'silent' })))
    const done = await registerCommands(
      readyClient,
      [...slashCommands, ...contextMenuCommands].map(({ data }) => data),
    )
    return { done, servers: readyClient.guilds.cache.size }
  } catch (error) {
    throwDiscordProblem(error)
  } finally {
    await client.destroy()
  }
}
