import { slash, telling } from './build.js'

/** `/forget-me`: delete the person's settings and counts, and cancel what they have in the line. */
export const forgetMe = telling(
  slash('forget-me').toJSON(),
  async (_options, { person, settings, limits, queue, words }) => {
    const jobs = (await queue.list()).filter(job => job.person === person.id)
    for (const job of jobs) await queue.cancel(job.id)
    await limits.forget(person.id)
    return words.forgotten(await settings.forgetPerson(person.id), jobs.length)
  },
)
