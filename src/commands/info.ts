import { availableParallelism, cpus } from 'node:os'
import { relative } from '../i18n/relative-time.js'
import { installedEngines } from '../inference/engines/registry.js'
import { VERSION } from '../inference/pipeline/recipe.js'
import { slash, telling } from './command-builder.js'

/** `/info`: what is installed, how busy it is, and what is left of the person's quota. */
export const info = telling(
  slash('info').toJSON(),
  async (_options, { words, queue, started, limits, person, server }) => {
    const jobs = await queue.list()
    const running = jobs.filter(job => job.state.state === 'running').length
    const { title, what, models, device, busy, since, left, leftPictures, leftSeconds } = words.info
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
      device(processor()),
      busy(running, jobs.length - running),
      ...(amounts.length > 0 ? [left(amounts.join(', '))] : []),
      since(relative(started)),
    ].join('\n')
  },
)

/** What paints here: every engine that there is runs on the processor. */
function processor(): string {
  const name = cpus()[0]?.model.replace(/\s+/g, ' ').trim() || 'CPU'
  return `${availableParallelism()} × ${name}`
}
