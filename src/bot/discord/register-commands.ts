import {
  type ApplicationCommand,
  ApplicationCommandType,
  type Client,
  type RESTPostAPIApplicationCommandsJSONBody,
  type RESTPostAPIPrimaryEntryPointApplicationCommandJSONBody,
} from 'discord.js'

type Draft = RESTPostAPIApplicationCommandsJSONBody

/** How what Discord knows differs from our commands, by their names. */
export type CommandDifference = {
  readonly missing: readonly string[]
  readonly changed: readonly string[]
  /** Not ours (any more). */
  readonly foreign: readonly string[]
}

/**
 * Tell Discord our commands, if it does not know them already: a bot may create only 200 a day, and people's clients
 * reload them on each change. What opens an Activity is Discord's own, made when Activities were turned on, and stays as it is.
 *
 * @returns what was done
 */
export async function registerCommands(
  client: Client<true>,
  commands: readonly Draft[],
): Promise<'unchanged' | 'registered'> {
  const { missing, changed, foreign, entries } = await compared(client, commands)
  if (missing.length + changed.length + foreign.length === 0) return 'unchanged'
  await client.application.commands.set([...commands, ...entries.map(asItIs)])
  return 'registered'
}

/** What {@link registerCommands} would change; nothing is changed. */
export async function commandDifference(client: Client<true>, commands: readonly Draft[]): Promise<CommandDifference> {
  const { missing, changed, foreign } = await compared(client, commands)
  return { missing, changed, foreign }
}

async function compared(client: Client<true>, commands: readonly Draft[]) {
  const known = await client.application.commands.fetch({ withLocalizations: true })
  const [entries, rest] = known.partition(({ type }) => type === ApplicationCommandType.PrimaryEntryPoint)
  const [missing, changed]: [string[], string[]] = [[], []]
  for (const command of commands) {
    // Builders leave keys without a value, which the comparison would take for a difference.
    const ours = JSON.parse(JSON.stringify(command))
    const theirs = rest.find(one => one.name === ours.name && one.type === (ours.type ?? 1))
    if (!theirs) missing.push(command.name)
    else if (!theirs.equals(ours, true)) changed.push(command.name)
  }
  const own = (one: ApplicationCommand) => commands.some(({ name, type = 1 }) => name === one.name && type === one.type)
  const foreign = rest.filter(one => !own(one)).map(({ name }) => name)
  return { missing, changed, foreign, entries }
}

/** As the next list has to name it. */
function asItIs(entry: ApplicationCommand): RESTPostAPIPrimaryEntryPointApplicationCommandJSONBody {
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
