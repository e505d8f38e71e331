import type { Translations } from '../i18n/i18n.js'
import type { JobInfo } from '../queue/queue.js'
import type { ServerSettings } from '../settings/settings.js'
import { UserError } from '../user-error.js'
import type { CommandContext } from './command.js'
import { localizeOption, slashCommand, subcommand, textCommand } from './command-builder.js'
import { requireManager } from './require-manager.js'

/** So many of the line are shown; the rest is counted. */
const SHOWN = 15

const data = slashCommand('queue')
for (const name of ['show', 'pause', 'resume', 'drain', 'clear'] as const) data.addSubcommand(subcommand(name))
data.addSubcommand(
  subcommand('cancel').addStringOption(text => localizeOption(text, 'job').setRequired(true).setAutocomplete(true)),
)

/** `/queue`: what waits and runs; cancel one's own; for managers: pause, resume, drain, clear. */
export const queueCommand = textCommand(
  data.toJSON(),
  async (options, context) => {
    switch (options.getSubcommand(false)) {
      case 'cancel':
        return cancel(options.getString('job') ?? '', context)
      case 'pause':
        return setLine('paused', context)
      case 'resume':
        return setLine('open', context)
      case 'drain':
        return setLine('draining', context)
      case 'clear':
        return clear(context)
      default:
        return show(context)
    }
  },
  async (_option, typed, { queue, person, t }) => {
    const own = (await queue.list()).filter(job => job.person === person.id)
    return own
      .map(job => ({ name: line(job, t, false).slice(0, 100), value: job.id }))
      .filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase()))
      .slice(0, 25)
  },
)

async function show({ queue, server, person, t, settings }: CommandContext): Promise<string> {
  const all = await queue.list()
  const here = all.filter(job => (server ? job.server === server : job.person === person.id))
  const state = server ? settings.server(server).line : 'open'
  const lines = here.slice(0, SHOWN).map(job => line(job, t, true))
  const rest = all.length - Math.min(here.length, SHOWN)
  const { title, empty, elsewhere } = t.queue
  return [
    `**${title}**`,
    ...(state === 'open' ? [] : [t.queue[state]]),
    ...(all.length === 0 ? [empty] : lines),
    ...(rest > 0 ? [elsewhere(rest)] : []),
  ].join('\n')
}

function line({ person, edit, pictureCount: pictures, state }: JobInfo, words: Translations, mention: boolean): string {
  const where = state.state === 'running' ? words.queue.running(Math.floor(state.progress * 100)) : `#${state.position}`
  const who = mention ? [`<@${person}>`] : []
  return [where, words.heading(edit), words.queue.pictures(pictures), ...who].join(' · ')
}

async function cancel(id: string, { queue, person, t }: CommandContext): Promise<string> {
  const job = (await queue.list()).find(one => one.id === id)
  if (!job) throw new UserError({ code: 'job-already-ended' })
  if (job.person !== person.id) throw new UserError({ code: 'not-yours' })
  if (!(await queue.cancel(id))) throw new UserError({ code: 'job-already-ended' })
  return t.queue.cancelled
}

async function setLine(line: ServerSettings['line'], context: CommandContext): Promise<string> {
  const { settings, queue, audit, person, t } = context
  const server = requireManager(context)
  await settings.setServer(server, { line })
  await (line === 'paused' ? queue.pauseServer(server) : queue.resumeServer(server))
  await audit(t.audit.line(`<@${person.id}>`, t.settings.values[line]))
  return t.queue[line]
}

async function clear(context: CommandContext): Promise<string> {
  const { queue, audit, person, t } = context
  const count = await queue.clearServer(requireManager(context))
  await audit(t.audit.line(`<@${person.id}>`, t.queue.cleared(count)))
  return t.queue.cleared(count)
}
