import type { AutocompleteInteraction } from 'discord.js'
import type { BotDeps } from '../deps.js'
import { contextOfInteraction } from '../request-context.js'

/** Offer choices for the option that the person types into. */
export async function handleAutocomplete(interaction: AutocompleteInteraction, deps: BotDeps): Promise<void> {
  const { name, value } = interaction.options.getFocused(true)
  const command = deps.slashCommands.find(({ data }) => data.name === interaction.commandName)
  const chosen = (option: string) => interaction.options.getString(option)
  const choices = await command?.autocomplete?.(name, value, contextOfInteraction(interaction, deps), chosen)
  await interaction.respond(choices ?? [])
}
