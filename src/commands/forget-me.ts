import { slashCommand, textCommand } from './command-builder.js'

/** `/forget-me`: delete the person's settings and counts, cancel what they have in the line, and keep nothing of what has ended. */
export const forgetMeCommand = textCommand(
  slashCommand('forget-me').toJSON(),
  async (_options, { person, settings, quotas, queue, forgetRecentTarget, t }) => {
    const jobs = await queue.forgetPerson(person.id)
    await quotas.forgetPerson(person.id)
    await forgetRecentTarget()
    return t.dataDeleted(await settings.forgetPerson(person.id), jobs)
  },
)
