import { availableParallelism, cpus } from 'node:os'
import { relativeTime } from '../i18n/relative-time.js'
import { OVERSCAN_VERSION } from '../inference/pipeline/recipe.js'
import { slashCommand, textCommand } from './command-builder.js'

/** `/info`: what is installed, how busy the queue is, and what remains of the person's quota. */
export const infoCommand = textCommand(
  slashCommand('info').toJSON(),
  async (_options, { t, engines, queue, startedAt, quotas, person, server }) => {
    const jobs = await queue.list()
    const running = jobs.filter(job => job.state.state === 'running').length
    const { info } = t
    const remaining = await quotas.remaining({ person: person.id, roles: person.roles, server })
    const amounts = [
      ...(remaining.pictures
        ? [info.remainingPictures(remaining.pictures.amount, t.settings.per[remaining.pictures.per])]
        : []),
      ...(remaining.seconds
        ? [info.remainingGpuSeconds(remaining.seconds.amount, t.settings.per[remaining.seconds.per])]
        : []),
    ]
    return [
      `**${info.title(OVERSCAN_VERSION)}**`,
      info.description,
      info.models(
        engines
          .installed()
          .map(({ name }) => name)
          .join(', '),
      ),
      info.device(processorName()),
      info.queueLoad(running, jobs.length - running),
      ...(amounts.length > 0 ? [info.remainingQuota(amounts.join(', '))] : []),
      info.started(relativeTime(startedAt)),
    ].join('\n')
  },
)

/** Shown as the device: every engine runs on the CPU. */
function processorName(): string {
  const name = cpus()[0]?.model.replace(/\s+/g, ' ').trim() || 'CPU'
  return `${availableParallelism()} × ${name}`
}
