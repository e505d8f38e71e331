import {
  type ApplicationCommand,
  ApplicationCommandType,
  type Client,
  type RESTPostAPIApplicationCommandsJSONBody,
  type RESTPostAPIPrimaryEntryPointApplicationCommandJSONBody,
} from 'discord.js'

/**
 * Tell Discord our commands, if it does not know them already: a bot may create only 200 a day, and people's clients
 * reload them on each change. What opens an Activity is Discord's own, made when Activities were turned on, and stays as it is.
 *
 * @returns what was done
 */
export async function registerCommands(
  client: Client<true>,
  commands: readonly RESTPostAPIApplicationCommandsJSONBody[],
): Promise<'unchanged' | 'registered'> {
  const known = await client.application.commands.fetch({ withLocalizations: true })
  const [entries, rest] = known.partition(({ type }) => type === ApplicationCommandType.PrimaryEntryPoint)
  const same =
    rest.size === commands.length &&
    commands.every(command => {
      // Builders leave keys without a value, which the comparison would take for a difference.
      const ours = JSON.parse(JSON.stringify(command))
      const theirs = rest.find(one => one.name === ours.name && one.type === (ours.type ?? 1))
      return theirs?.equals(ours, true) ?? false
    })
  if (same) return 'unchanged'
  await client.application.commands.set([...commands, ...entries.map(asItIs)])
  return 'registered'
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
