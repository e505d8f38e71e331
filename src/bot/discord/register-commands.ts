import {
  type ApplicationCommand,
  ApplicationCommandType,
  type Client,
  DiscordAPIError,
  type RESTPostAPIApplicationCommandsJSONBody,
  type RESTPostAPIPrimaryEntryPointApplicationCommandJSONBody,
} from 'discord.js'
import type { Logger } from 'pino'

type CommandData = RESTPostAPIApplicationCommandsJSONBody

/** How the commands that are registered with Discord differ from the bot's own, by name. */
export type CommandDifference = {
  readonly missing: readonly string[]
  readonly changed: readonly string[]
  /** Registered, but not among the bot's commands. */
  readonly foreign: readonly string[]
}

/**
 * Register the bot's commands with Discord, if they differ: a bot may create only 200 a day, and people's clients reload
 * them on each change. The entry point command of an Activity, which Discord creates itself, stays as it is.
 */
export async function registerCommands(
  client: Client<true>,
  commands: readonly CommandData[],
): Promise<'unchanged' | 'registered'> {
  const { missing, changed, foreign, entries } = await compareCommands(client, commands)
  if (missing.length + changed.length + foreign.length === 0) return 'unchanged'
  await client.application.commands.set([...commands, ...entries.map(entryPointData)])
  return 'registered'
}

/**
 * Register the commands like {@link registerCommands}. With the commands of an earlier start the bot still works, so a refusal,
 * like that of the 201st command of a day, is only logged.
 */
export async function registerIfPossible(
  client: Client<true>,
  commands: readonly CommandData[],
  log: Logger,
): Promise<'unchanged' | 'registered' | 'refused'> {
  try {
    return await registerCommands(client, commands)
  } catch (error) {
    if (!(error instanceof DiscordAPIError) || error.status === 401 || error.status >= 500) throw error
    log.error({ err: error }, 'Discord refuses the commands')
    return 'refused'
  }
}

/** What {@link registerCommands} would change. */
export async function commandDifference(
  client: Client<true>,
  commands: readonly CommandData[],
): Promise<CommandDifference> {
  const { missing, changed, foreign } = await compareCommands(client, commands)
  return { missing, changed, foreign }
}

async function compareCommands(client: Client<true>, commands: readonly CommandData[]) {
  const known = await client.application.commands.fetch({ withLocalizations: true })
  const [entries, rest] = known.partition(({ type }) => type === ApplicationCommandType.PrimaryEntryPoint)
  const [missing, changed]: [string[], string[]] = [[], []]
  for (const command of commands) {
    // Builders leave keys that are undefined, which `equals` would take for a difference.
    const own = JSON.parse(JSON.stringify(command))
    const registered = rest.find(one => one.name === own.name && one.type === (own.type ?? 1))
    if (!registered) missing.push(command.name)
    else if (!registered.equals(own, true)) changed.push(command.name)
  }
  const isOwn = (other: ApplicationCommand) =>
    commands.some(({ name, type = 1 }) => name === other.name && type === other.type)
  const foreign = rest.filter(command => !isOwn(command)).map(({ name }) => name)
  return { missing, changed, foreign, entries }
}

/** An entry point command as it is sent back to Discord, unchanged. */
function entryPointData(entry: ApplicationCommand): RESTPostAPIPrimaryEntryPointApplicationCommandJSONBody {
  const { name, nameLocalizations, handler, contexts, integrationTypes, defaultMemberPermissions, nsfw } = entry
  return {
    type: ApplicationCommandType.PrimaryEntryPoint,
    name,
    name_localizations: nameLocalizations,
    default_member_permissions: defaultMemberPermissions?.bitfield.toString() ?? null,
    nsfw,
    ...(contexts && { contexts }),
    ...(integrationTypes && { integration_types: integrationTypes }),
    ...(handler !== null && { handler }),
  }
}
