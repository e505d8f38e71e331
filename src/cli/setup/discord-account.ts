import {
  type APIApplication,
  Client,
  DiscordAPIError,
  Events,
  GatewayIntentBits,
  HTTPError,
  REST,
  Routes,
} from 'discord.js'
import { registerCommands } from '../../bot/discord/register-commands.js'
import { contextMenuCommands } from '../../commands/context-menu-commands.js'
import { slashCommands } from '../../commands/slash-commands.js'
import { UserError } from '../../user-error.js'

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
  const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api, timeout: DISCORD_TIMEOUT_MS } })
  try {
    const ready = new Promise<Client<true>>(resolve => client.once(Events.ClientReady, resolve))
    await client.login(token)
    const readyClient = await ready
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

/** @throws UserError `login-refused`, `discord-rejected`, `discord-unreachable`, or the error itself if it isn't from Discord */
export function throwDiscordProblem(cause: unknown): never {
  const { code, message } = cause as Error & { code?: unknown }
  const status = cause instanceof DiscordAPIError || cause instanceof HTTPError ? cause.status : undefined
  if (status === 401 || code === 'TokenInvalid') throw new UserError({ code: 'login-refused' }, { cause })
  if (status !== undefined) throw new UserError({ code: 'discord-rejected', status, reason: message }, { cause })
  if (typeof code !== 'string' && (cause as Error).name !== 'AbortError') throw cause
  throw new UserError({ code: 'discord-unreachable', reason: message }, { cause })
}
