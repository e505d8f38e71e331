import type { Translations } from '../i18n/i18n.js'
import type { JobInfo } from '../queue/queue.js'
import type { ServerSettings } from '../settings/settings.js'
import { UserError } from '../user-error.js'
import type { CommandContext } from './command.js'
import { slashCommand, subcommand, textCommand } from './command-builder.js'
import { localizeOption } from './localize.js'
import { requireManager } from './require-manager.js'

/** Most jobs that are shown. The others are counted. */
const SHOWN_JOBS = 15

const data = slashCommand('queue')
for (const name of ['show', 'pause', 'resume', 'drain', 'clear'] as const) data.addSubcommand(subcommand(name))
data.addSubcommand(subcommand('queue-mine'))
data.addSubcommand(
  subcommand('cancel').addStringOption(text => localizeOption(text, 'job').setRequired(true).setAutocomplete(true)),
)

/** `/queue`: show the queue, cancel an own job, get an own result again; for managers pause, resume, drain, clear. */
export const queueCommand = textCommand(
  data.toJSON(),
  async (options, context) => {
    switch (options.getSubcommand(false)) {
      case 'cancel':
        return cancelJob(options.getString('job') ?? '', context)
      case 'mine':
        return { shows: 'kept-results', textIfNone: await ownJobs(context) }
      case 'pause':
        return setQueueState('paused', context)
      case 'resume':
        return setQueueState('open', context)
      case 'drain':
        return setQueueState('draining', context)
      case 'clear':
        return clearQueue(context)
      default:
        return showQueue(context)
    }
  },
  async (_option, typed, { queue, person, t }) => {
    const own = (await queue.list()).filter(job => job.person === person.id)
    return own
      .map(job => ({ name: formatJob(job, t, false).slice(0, 100), value: job.id }))
      .filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase()))
      .slice(0, 25)
  },
)

async function showQueue({ queue, server, person, t, settings }: CommandContext): Promise<string> {
  const all = await queue.list()
  const visible = all.filter(job => (server ? job.server === server : job.person === person.id))
  const state = server ? settings.server(server).line : 'open'
  const lines = visible.slice(0, SHOWN_JOBS).map(job => formatJob(job, t, true))
  const rest = all.length - Math.min(visible.length, SHOWN_JOBS)
  const { title, empty, otherServers } = t.queue
  return [
    `**${title}**`,
    ...(state === 'open' ? [] : [t.queue[state]]),
    ...(all.length === 0 ? [empty] : lines),
    ...(rest > 0 ? [otherServers(rest)] : []),
  ].join('\n')
}

/** The person's own jobs, for when no result of theirs is kept. */
async function ownJobs({ queue, person, t }: CommandContext): Promise<string> {
  const own = (await queue.list()).filter(job => job.person === person.id)
  if (own.length === 0) return t.queue.nothingOfYours
  return [`**${t.queue.title}**`, ...own.slice(0, SHOWN_JOBS).map(job => formatJob(job, t, false))].join('\n')
}

function formatJob({ person, edit, pictureCount, state }: JobInfo, t: Translations, mentionsPerson: boolean): string {
  const progress = state.state === 'running' ? t.queue.running(Math.floor(state.progress * 100)) : `#${state.position}`
  const mentions = mentionsPerson ? [`<@${person}>`] : []
  return [progress, t.heading(edit), t.queue.pictures(pictureCount), ...mentions].join(' · ')
}

async function cancelJob(id: string, { queue, person, t }: CommandContext): Promise<string> {
  const job = (await queue.list()).find(job => job.id === id)
  if (!job) throw new UserError({ code: 'job-already-ended' })
  if (job.person !== person.id) throw new UserError({ code: 'not-yours' })
  if (!(await queue.cancel(id))) throw new UserError({ code: 'job-already-ended' })
  return t.queue.cancelled
}

async function setQueueState(state: ServerSettings['line'], context: CommandContext): Promise<string> {
  const { settings, queue, audit, person, t } = context
  const server = requireManager(context)
  await settings.setServer(server, { line: state })
  await (state === 'paused' ? queue.pauseServer(server) : queue.resumeServer(server))
  await audit(t.audit.queueCommand(`<@${person.id}>`, t.settings.values[state]))
  return t.queue[state]
}

async function clearQueue(context: CommandContext): Promise<string> {
  const { queue, audit, person, t } = context
  const count = await queue.clearServer(requireManager(context))
  await audit(t.audit.queueCommand(`<@${person.id}>`, t.queue.cancelledWaiting(count)))
  return t.queue.cancelledWaiting(count)
}
