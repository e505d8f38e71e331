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

/** What Discord knows the bot as. */
export type DiscordAccount = {
  readonly id: string
  readonly name: string
  /** Where Discord sends what people do, if not to the bot. */
  readonly endpoint: string | undefined
}

/** Milliseconds that Discord has to answer. */
export const DISCORD_TIMEOUT_MS = 15_000

/** @throws ProblemError `login-refused`, `discord-rejected`, `discord-unreachable` */
export async function fetchDiscordAccount(token: string, api: string): Promise<DiscordAccount> {
  const rest = new REST({ api, timeout: DISCORD_TIMEOUT_MS, retries: 1 }).setToken(token)
  const told = (await rest.get(Routes.currentApplication()).catch(throwDiscordProblem)) as APIApplication
  return { id: told.id, name: told.name, endpoint: told.interactions_endpoint_url ?? undefined }
}

/**
 * Log in for a moment and tell Discord the commands, if it does not know them already.
 *
 * @returns what was done, and how many servers the bot is in
 * @throws ProblemError `login-refused`, `discord-rejected`, `discord-unreachable`
 */
export async function registerOnDiscord(token: string, api: string): Promise<{ done: string; servers: number }> {
  const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api, timeout: DISCORD_TIMEOUT_MS } })
  try {
    const ready = new Promise<Client<true>>(resolve => client.once(Events.ClientReady, resolve))
    await client.login(token)
    const online = await ready
    const done = await registerCommands(
      online,
      [...slashCommands, ...contextMenuCommands].map(({ data }) => data),
    )
    return { done, servers: online.guilds.cache.size }
  } catch (error) {
    throwDiscordProblem(error)
  } finally {
    await client.destroy()
  }
}

/** @throws ProblemError `login-refused`, `discord-rejected`, `discord-unreachable`, or the error itself where it is none of Discord's */
export function throwDiscordProblem(cause: unknown): never {
  const { code, message } = cause as Error & { code?: unknown }
  const status = cause instanceof DiscordAPIError || cause instanceof HTTPError ? cause.status : undefined
  if (status === 401 || code === 'TokenInvalid') throw new UserError({ code: 'login-refused' }, { cause })
  if (status !== undefined) throw new UserError({ code: 'discord-rejected', status, reason: message }, { cause })
  if (typeof code !== 'string' && (cause as Error).name !== 'AbortError') throw cause
  throw new UserError({ code: 'discord-unreachable', reason: message }, { cause })
}
