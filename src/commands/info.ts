import { availableParallelism, cpus } from 'node:os'
import { relativeTime } from '../i18n/relative-time.js'
import { OVERSCAN_VERSION } from '../inference/pipeline/recipe.js'
import { slashCommand, textCommand } from './command-builder.js'

/** `/info`: what is installed, how busy it is, and what is left of the person's quota. */
export const infoCommand = textCommand(
  slashCommand('info').toJSON(),
  async (_options, { t, engines, queue, startedAt, quotas, person, server }) => {
    const jobs = await queue.list()
    const running = jobs.filter(job => job.state.state === 'running').length
    const { title, what, models, device, busy, since, left, leftPictures, leftSeconds } = t.info
    const rest = await quotas.remaining({ person: person.id, roles: person.roles, server })
    const amounts = [
      ...(rest.pictures ? [leftPictures(rest.pictures.left, t.settings.per[rest.pictures.per])] : []),
      ...(rest.seconds ? [leftSeconds(rest.seconds.left, t.settings.per[rest.seconds.per])] : []),
    ]
    return [
      `**${title(OVERSCAN_VERSION)}**`,
      what,
      models(
        engines
          .installed()
          .map(({ name }) => name)
          .join(', '),
      ),
      device(processor()),
      busy(running, jobs.length - running),
      ...(amounts.length > 0 ? [left(amounts.join(', '))] : []),
      since(relativeTime(startedAt)),
    ].join('\n')
  },
)

/** What paints here: every engine that there is runs on the processor. */
function processor(): string {
  const name = cpus()[0]?.model.replace(/\s+/g, ' ').trim() || 'CPU'
  return `${availableParallelism()} × ${name}`
}
