import { slash, telling } from './command-builder.js'

/** `/forget-me`: delete the person's settings and counts, cancel what they have in the line, and keep nothing of what has ended. */
export const forgetMe = telling(
  slash('forget-me').toJSON(),
  async (_options, { person, settings, limits, queue, forgetAsked, words }) => {
    const jobs = await queue.forget(person.id)
    await limits.forget(person.id)
    await forgetAsked()
    return words.forgotten(await settings.forgetPerson(person.id), jobs)
  },
)
