import { installedEngines } from '../inference/engines/engines.js'
import { VERSION } from '../inference/recipe.js'
import { relative } from '../words/time.js'
import { slash, telling } from './build.js'

/** `/info`: what is installed, how busy it is, and what is left of the person's quota. */
export const info = telling(
  slash('info').toJSON(),
  async (_options, { words, queue, started, limits, person, server }) => {
    const jobs = await queue.list()
    const running = jobs.filter(job => job.state.state === 'running').length
    const { title, what, models, busy, since, left, leftPictures, leftSeconds } = words.info
    const rest = await limits.left({ person: person.id, roles: person.roles, server })
    const amounts = [
      ...(rest.pictures ? [leftPictures(rest.pictures.left, words.settings.per[rest.pictures.per])] : []),
      ...(rest.seconds ? [leftSeconds(rest.seconds.left, words.settings.per[rest.seconds.per])] : []),
    ]
    return [
      `**${title(VERSION)}**`,
      what,
      models(
        installedEngines()
          .map(({ name }) => name)
          .join(', '),
      ),
      busy(running, jobs.length - running),
      ...(amounts.length > 0 ? [left(amounts.join(', '))] : []),
      since(relative(started)),
    ].join('\n')
  },
)
