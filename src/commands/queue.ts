import type { Words } from '../i18n/i18n.js'
import type { JobInfo } from '../queue/queue.js'
import type { ServerSettings } from '../settings/settings.js'
import { ProblemError } from '../user-error.js'
import type { Context } from './command.js'
import { option, slash, subcommand, telling } from './command-builder.js'
import { managed } from './require-manager.js'

/** So many of the line are shown; the rest is counted. */
const SHOWN = 15

const data = slash('queue')
for (const name of ['show', 'pause', 'resume', 'drain', 'clear'] as const) data.addSubcommand(subcommand(name))
data.addSubcommand(
  subcommand('cancel').addStringOption(text => option(text, 'job').setRequired(true).setAutocomplete(true)),
)

/** `/queue`: what waits and runs; cancel one's own; for managers: pause, resume, drain, clear. */
export const queue = telling(
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
  async (_option, typed, { queue, person, words }) => {
    const own = (await queue.list()).filter(job => job.person === person.id)
    return own
      .map(job => ({ name: line(job, words, false).slice(0, 100), value: job.id }))
      .filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase()))
      .slice(0, 25)
  },
)

async function show({ queue, server, person, words, settings }: Context): Promise<string> {
  const all = await queue.list()
  const here = all.filter(job => (server ? job.server === server : job.person === person.id))
  const state = server ? settings.server(server).line : 'open'
  const lines = here.slice(0, SHOWN).map(job => line(job, words, true))
  const rest = all.length - Math.min(here.length, SHOWN)
  const { title, empty, elsewhere } = words.queue
  return [
    `**${title}**`,
    ...(state === 'open' ? [] : [words.queue[state]]),
    ...(all.length === 0 ? [empty] : lines),
    ...(rest > 0 ? [elsewhere(rest)] : []),
  ].join('\n')
}

function line({ person, edit, pictures, state }: JobInfo, words: Words, mention: boolean): string {
  const where = state.state === 'running' ? words.queue.running(Math.floor(state.done * 100)) : `#${state.place}`
  const who = mention ? [`<@${person}>`] : []
  return [where, words.heading(edit), words.queue.pictures(pictures), ...who].join(' · ')
}

async function cancel(id: string, { queue, person, words }: Context): Promise<string> {
  const job = (await queue.list()).find(one => one.id === id)
  if (!job) throw new ProblemError({ code: 'ended-already' })
  if (job.person !== person.id) throw new ProblemError({ code: 'not-yours' })
  if (!(await queue.cancel(id))) throw new ProblemError({ code: 'ended-already' })
  return words.queue.cancelled
}

async function setLine(line: ServerSettings['line'], context: Context): Promise<string> {
  const { settings, queue, audit, person, words } = context
  const server = managed(context)
  await settings.setServer(server, { line })
  await (line === 'paused' ? queue.hold(server) : queue.release(server))
  await audit(words.audit.line(`<@${person.id}>`, words.settings.values[line]))
  return words.queue[line]
}

async function clear(context: Context): Promise<string> {
  const { queue, audit, person, words } = context
  const count = await queue.clear(managed(context))
  await audit(words.audit.line(`<@${person.id}>`, words.queue.cleared(count)))
  return words.queue.cleared(count)
}
