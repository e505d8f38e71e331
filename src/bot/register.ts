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
  const known = await client.application.commands.fetch({ withLocalizations: true })
  const same =
    known.size === commands.length &&
    commands.every(command => {
      // Builders leave keys without a value, which the comparison would take for a difference.
      const ours = JSON.parse(JSON.stringify(command))
      const theirs = known.find(one => one.name === ours.name && one.type === (ours.type ?? 1))
      return theirs?.equals(ours, true) ?? false
    })
  if (same) return 'unchanged'
  await client.application.commands.set(commands)
  return 'registered'
}
