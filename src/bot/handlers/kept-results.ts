import { type ChatInputCommandInteraction, MessageFlags } from 'discord.js'
import type { BotDeps } from '../deps.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import type { RequestContext } from '../request-context.js'
import { textView } from '../views/message-view.js'
import { resultView } from '../views/result-view.js'

/** Results at once: to people who installed the bot for themselves, Discord passes on 5 follow-ups, and one tells the rest. */
const SHOWN_RESULTS = 4

/** `/queue mine`: give the person their results that could not be delivered, each in a message that only they see. */
export async function showKeptResults(
  interaction: ChatInputCommandInteraction,
  responder: InteractionResponder,
  textIfNone: string,
  { person, t }: RequestContext,
  { keptResults }: BotDeps,
): Promise<void> {
  const { results, left } = await keptResults.take(person.id, SHOWN_RESULTS)
  if (results.length === 0) return responder.notify(textView(textIfNone))
  for (const [index, { files, hiddenFiles, spoiler }] of results.entries()) {
    const view = resultView(files, { t, owner: person.id, spoiler, notes: [t.result.kept], hiddenFiles })
    if (index === 0) await responder.notify(view)
    else {
      const flags = view.flags | MessageFlags.Ephemeral
      await interaction.followUp({ ...view, files: [...view.files], flags })
    }
  }
  if (left > 0)
    await interaction.followUp({
      ...textView(t.queue.moreKept(left)),
      files: [],
      flags: textView('').flags | MessageFlags.Ephemeral,
    })
}
