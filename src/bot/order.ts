import type { Client, Message } from 'discord.js'
import { engineNamed } from '../inference/engines/engines.js'
import { type PaintResult, seedsFor, sizeAfter } from '../inference/paint.js'
import { ProblemError } from '../problem.js'
import { ended, type Orphan } from '../queue/queue.js'
import { wordsFor } from '../words/words.js'
import { writeAudit } from './audit.js'
import { decline } from './decline.js'
import type { Here } from './here.js'
import { paced } from './pace.js'
import type { Parts } from './parts.js'
import { permitted, type Wish } from './permit.js'
import { type Origin, packed } from './pictures.js'
import { isDeleted, isTooLarge, type Responder, resumedResponder } from './responder.js'
import { type Ticket, ticketSchema } from './ticket.js'
import { progressView, restartingView } from './views/progress.js'
import { isMarked, resultView } from './views/result.js'

/** Discord counts a bot's edits; the least time between two of them, in milliseconds. */
const BETWEEN_EDITS = 2000

/** The largest file that Discord takes from a bot in an ordinary message, whatever those who ask may send; in bytes. */
const FILE_LIMIT = 10 * 1024 * 1024

/** Something to paint. */
export type Order = Wish &
  Origin & {
    readonly seed?: number | undefined
    /** The message that the result replies to. */
    readonly parent?: string | undefined
  }

/** What asks for it: an interaction, or a message. */
export type Request = {
  readonly id: string
  readonly attachmentSizeLimit?: number
  /** Called once it waits in line, before anything is shown. */
  readonly queued?: () => Promise<unknown>
}

/**
 * Queue an order and show how it goes: its place in line, progress with previews, and the pictures, or why there are
 * none.
 *
 * @throws ProblemError when it is not permitted, or was not taken into the line
 */
export async function paintOrder(request: Request, answer: Responder, order: Order, here: Here, parts: Parts) {
  const { queue, limits, log } = parts
  const { engine, variations, spoiler, first } = permitted(order, here)
  const { edit, source, mask, prompt, seed, parent } = order
  const { server, locales } = here
  const { id: owner, roles } = here.person
  const { width, height } = await sizeAfter(edit, source)
  const pictures = await limits.spend({ person: owner, roles, server, pictures: variations })
  const ticket: Ticket = {
    version: 1,
    address: answer.address(),
    sending: false,
    roles: [...roles],
    ...(server !== undefined && { server }),
    locales,
    edit,
    prompt,
    engine: engine.name,
    spoiler,
    ...(parent !== undefined && { parent }),
    pictures,
    fileLimit: Math.min(request.attachmentSizeLimit ?? FILE_LIMIT, FILE_LIMIT),
  }
  let queued = false
  try {
    const seeds = seedsFor(pictures, seed)
    const paint = { edit, prompt, seeds, engine: engine.name, ...(source && { source }), ...(mask && { mask }) }
    const megapixels = (width * height) / 1e6
    await queue.add({ id: request.id, person: owner, server, request: paint, megapixels, first, ticket })
    queued = true
    log.info({ edit, person: owner, server }, 'queued')
    await request.queued?.()
  } catch (error) {
    if (queued) {
      await queue.cancel(request.id)
      await queue.settle(request.id)
    }
    await limits.refund({ person: owner, roles, server, pictures })
    throw error
  }
  await attend({ id: request.id, ticket, ...order }, answer, here.audit, parts)
}

/** Take over a job whose bot is gone, and bring it to its end. */
export async function resumeOrder(orphan: Orphan, client: Client<true>, parts: Parts): Promise<void> {
  const { queue, settings } = parts
  const log = parts.log.child({ job: orphan.id })
  const read = ticketSchema.safeParse(orphan.ticket)
  if (!read.success) {
    // Nobody knows any more where its answer would go.
    log.error({ err: read.error }, 'a ticket can’t be read')
    await queue.cancel(orphan.id)
    return queue.settle(orphan.id)
  }
  const ticket = read.data
  log.info('taken over')
  const answer = resumedResponder(client, ticket.address, error => log.warn(error, 'progress was left behind'))
  const audit = async (line: string) => {
    if (ticket.server !== undefined) {
      await writeAudit(client, settings.server(ticket.server).auditChannel, line, log)
    }
  }
  await attend({ ...orphan, ticket }, answer, audit, { ...parts, log })
}

type Attended = Origin & { readonly id: string; readonly ticket: Ticket }

/** Follow a job to its end, and see that the person gets to know of it, once. */
async function attend(job: Attended, answer: Responder, audit: Here['audit'], parts: Parts): Promise<void> {
  const { queue, limits, log } = parts
  const { id } = job
  let { ticket } = job
  const { edit, spoiler, pictures, roles, server } = ticket
  const owner = ticket.address.person
  const spender = { person: owner, roles, server }
  const [words, shown] = [wordsFor(ticket.locales.own), wordsFor(ticket.locales.shown)]
  let ran = false
  try {
    for await (const state of paced(queue.follow(id), BETWEEN_EDITS, ended)) {
      switch (state.state) {
        case 'waiting':
        case 'running': {
          ran ||= state.state === 'running'
          const view = progressView({ edit, job: id, owner, spoiler }, state, shown, Date.now())
          await answer.show(view).catch(async error => {
            // Progress that can't be shown is no reason to stop, unless nobody waits for the pictures any more.
            if (isDeleted(error)) await queue.cancel(id)
            else log.warn(error, 'progress was not shown')
          })
          const address = answer.address()
          if (address.progress !== ticket.address.progress) {
            ticket = { ...ticket, address }
            await queue.retell(id, ticket)
          }
          break
        }
        case 'done': {
          const mark = markOf(id)
          // Who sent it before may have lost its life before it could say so.
          const there = ticket.sending ? await answer.finished(message => isMarked(message, mark)) : undefined
          ticket = { ...ticket, sending: true }
          await queue.retell(id, ticket)
          const message = there ?? (await deliver(job, ticket, answer, state.result, mark))
          await queue.settle(id)
          await limits.used({ ...spender, seconds: state.result.timings.total / 1000 })
          log.info({ timings: state.result.timings }, there ? 'was delivered already' : 'delivered')
          await audit(shown.audit.done(`<@${owner}>`, shown.heading(edit), message.url))
          return
        }
        case 'failed':
          throw new ProblemError(state.problem)
        case 'cancelled':
          throw new ProblemError({ code: 'cancelled' })
      }
    }
  } catch (error) {
    // Nobody follows it any more.
    await queue.cancel(id)
    // What ran until it was cancelled is paid for; what failed, or never began, is not.
    const cancelled = error instanceof ProblemError && error.problem.code === 'cancelled'
    if (!(ran && cancelled)) await limits.refund({ ...spender, pictures })
    await decline(error, answer, words, log)
    await queue.settle(id)
    return
  }
  // The bot is being stopped: who comes next goes on.
  await answer.show(restartingView(edit, shown)).catch(error => log.warn(error, 'progress was not shown'))
}

/** A number for a message's component, by which it can be told from others. */
function markOf(job: string): number {
  return Number(BigInt(job) % 2_000_000_000n) + 1
}

async function deliver(
  origin: Origin,
  { parent, spoiler, engine, prompt, edit, fileLimit, server, address, locales }: Ticket,
  answer: Responder,
  result: PaintResult,
  mark: number,
): Promise<Message> {
  const words = wordsFor(locales.shown)
  const said = words.result
  const owner = address.person
  const unused = unusedBy(engine, { edit, prompt }).map(name => said.unusedNames[name])
  const attempt = async (most: number) => {
    const { sheets, keep } = await packed(result, origin, most)
    return answer.finish(way => {
      const notes = [
        said.seconds((result.timings.total / 1000).toFixed(1)),
        said.forPerson(`<@${owner}>`),
        ...(unused.length > 0 ? [said.unused(engine, unused)] : []),
        ...(way === 'interaction' && server ? [said.mayNotPost] : []),
        ...(way === 'direct' ? [said.channelGone] : []),
      ]
      return resultView(sheets, { words, owner, spoiler, notes, keep, mark })
    }, parent)
  }
  try {
    return await attempt(fileLimit)
  } catch (error) {
    if (!isTooLarge(error)) throw error
    // The limit that Discord names is not always the one that it keeps.
    return attempt(Math.floor(fileLimit / 2))
  }
}

/** What was asked for that the engine has no use for: better told than passed over. */
function unusedBy(
  engine: string,
  { edit, prompt }: Pick<Order, 'edit' | 'prompt'>,
): ('prompt' | 'strength' | 'content')[] {
  if (engineNamed(engine).reads) return []
  return [
    ...(prompt ? (['prompt'] as const) : []),
    ...(edit.kind === 'inpaint' && edit.strength !== undefined ? (['strength'] as const) : []),
    ...(edit.kind === 'inpaint' && edit.content !== undefined ? (['content'] as const) : []),
  ]
}
