import { slashCommand, textCommand } from './command-builder.js'

/** `/forget-me`: delete the person's settings, quota counts and ended jobs, and cancel their jobs in the queue. */
export const forgetMeCommand = textCommand(
  slashCommand('forget-me').toJSON(),
  async (_options, { person, settings, quotas, queue, forgetRecentTargets, forgetKeptResults, t }) => {
    const jobs = await queue.forgetPerson(person.id)
    await quotas.forgetPerson(person.id)
    await forgetRecentTargets()
    await forgetKeptResults()
    return t.dataDeleted(await settings.forgetPerson(person.id), jobs)
  },
)
