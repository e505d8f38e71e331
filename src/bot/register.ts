import type { Client, RESTPostAPIApplicationCommandsJSONBody } from 'discord.js'

/**
 * Tell Discord our commands, if it does not know them already: a bot may create only 200 a day, and people's clients
 * reload them on each change.
 *
 * @returns what was done
 */
export async function registerCommands(
  client: Client<true>,
  commands: readonly RESTPostAPIApplicationCommandsJSONBody[],
): Promise<'unchanged' | 'registered'> {
  const known = await client.application.commands.fetch()
  const same =
    known.size === commands.length &&
    commands.every(ours => {
      const theirs = known.find(command => command.name === ours.name && command.type === (ours.type ?? 1))
      return theirs?.equals(ours as Parameters<typeof theirs.equals>[0], true) ?? false
    })
  if (same) return 'unchanged'
  await client.application.commands.set(commands)
  return 'registered'
}
