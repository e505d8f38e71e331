import { setTimeout as pause } from 'node:timers/promises'
import type { Client, Message } from 'discord.js'
import type { Logger } from 'pino'
import { type Translations, translationsFor } from '../../i18n/i18n.js'
import { engineNamed } from '../../inference/engines/registry.js'
import type { PaintResult } from '../../inference/pipeline/paint.js'
import { resultSize, seedsFor } from '../../inference/pipeline/request.js'
import { hasEnded, type OrphanedJob } from '../../queue/queue.js'
import { UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { writeAuditLog } from '../discord/audit-log.js'
import { isDeletedError, isTooLargeError, type Responder, resumeResponder } from '../messages/interaction-responder.js'
import { replyWithError } from '../messages/reply-with-error.js'
import { packResult, type SourceFiles } from '../messages/result-files.js'
import type { RequestContext } from '../request-context.js'
import { progressView, restartingView } from '../views/progress-view.js'
import { hasComponentId, resultView } from '../views/result-view.js'
import { type DeliveryRecord, deliveryRecordSchema } from './delivery-record.js'
import { applyPolicy, type PaintParams } from './policy.js'
import { throttleLatest } from './throttle.js'

/** Discord counts a bot's edits; the least time between two of them, in milliseconds. */
const BETWEEN_EDITS = 2000

/** The pause before the line is tried again that could not be reached, and for how long, in milliseconds. */
const AGAIN = 2000
const DAY = 24 * 3_600_000

/** The largest file that Discord takes from a bot in an ordinary message, whatever those who ask may send; in bytes. */
export const BOT_FILE_LIMIT_BYTES = 10 * 1024 * 1024

/** Something to paint. */
export type JobInput = PaintParams &
  SourceFiles & {
    readonly seed?: number | undefined
    /** The message that the result replies to. */
    readonly parent?: string | undefined
  }

/** What asks for it: an interaction, or a message. */
export type JobTrigger = {
  readonly id: string
  readonly attachmentSizeLimit?: number
  /** Called once it waits in line, before anything is shown. */
  readonly queued?: () => Promise<unknown>
  /** Called with the message that shows the pictures. */
  readonly delivered?: (message: Message) => void
}

/**
 * Queue an order and show how it goes: its place in line, progress with previews, and the pictures, or why there are
 * none.
 *
 * @throws ProblemError when it is not permitted, or was not taken into the line
 */
export async function submitJob(
  request: JobTrigger,
  answer: Responder,
  order: JobInput,
  here: RequestContext,
  parts: BotDeps,
) {
  const { queue, limits, log } = parts
  const { engine, options, variations, spoiler, first } = applyPolicy(order, here)
  const { edit, source, mask, prompt, seed, parent } = order
  const { server, locales } = here
  const { id: owner, roles } = here.person
  const { width, height } = await resultSize(edit, source)
  const pictures = await limits.consume({ person: owner, roles, server, pictures: variations })
  const ticket: DeliveryRecord = {
    version: 1,
    address: answer.address(),
    sending: false,
    roles: [...roles],
    ...(server !== undefined && { server }),
    locales,
    edit,
    prompt,
    engine: engine.name,
    ...(order.options && { options: order.options }),
    spoiler,
    ...(parent !== undefined && { parent }),
    pictures,
    fileLimit: Math.min(request.attachmentSizeLimit ?? BOT_FILE_LIMIT_BYTES, BOT_FILE_LIMIT_BYTES),
  }
  let queued = false
  try {
    const seeds = seedsFor(pictures, seed)
    const painting = { edit, prompt, seeds, engine: engine.name, ...(options && { options }) }
    const paint = { ...painting, ...(source && { source }), ...(mask && { mask }) }
    const megapixels = (width * height) / 1e6
    await queue.add({ id: request.id, person: owner, server, request: paint, megapixels, hasPriority: first, ticket })
    queued = true
    log.info({ edit, person: owner, server }, 'queued')
    await request.queued?.()
  } catch (error) {
    if (queued) {
      await queue.cancel(request.id)
      await queue.acknowledge(request.id)
    }
    await limits.refund({ person: owner, roles, server, pictures })
    throw error
  }
  await attend({ id: request.id, ticket, ...order }, answer, here.audit, parts, request.delivered)
}

/** Take over a job whose bot is gone, and bring it to its end. */
export async function resumeJob(orphan: OrphanedJob, client: Client<true>, parts: BotDeps): Promise<void> {
  const { queue, settings } = parts
  const log = parts.log.child({ job: orphan.id })
  const read = deliveryRecordSchema.safeParse(orphan.ticket)
  if (!read.success) {
    // Nobody knows any more where its answer would go.
    log.error({ err: read.error }, 'a ticket can’t be read')
    await queue.cancel(orphan.id)
    return queue.acknowledge(orphan.id)
  }
  const ticket = read.data
  log.info('taken over')
  const answer = resumeResponder(client, ticket.address, error => log.warn(error, 'progress was left behind'))
  const audit = async (line: string) => {
    if (ticket.server !== undefined) {
      await writeAuditLog(client, settings.server(ticket.server).auditChannel, line, log)
    }
  }
  await attend({ ...orphan, ticket }, answer, audit, { ...parts, log })
}

type Attended = SourceFiles & { readonly id: string; readonly ticket: DeliveryRecord }

/** How following a job ended. */
type End = { readonly result: PaintResult } | { readonly error: unknown; readonly ran: boolean } | 'stopped'

/** Follow a job to its end, and see that the person gets to know of it, once. */
async function attend(
  job: Attended,
  answer: Responder,
  audit: RequestContext['audit'],
  parts: BotDeps,
  delivered?: JobTrigger['delivered'],
): Promise<void> {
  const { queue, limits, log } = parts
  const { id, ticket } = job
  const { edit, pictures, roles, server } = ticket
  const owner = ticket.address.person
  const spender = { person: owner, roles, server }
  const [words, shown] = [translationsFor(ticket.locales.own), translationsFor(ticket.locales.shown)]
  let end = await follow(job, answer, parts)
  if (end === 'stopped') {
    // Who comes next goes on.
    await answer.showProgress(restartingView(edit, shown)).catch(error => log.warn(error, 'progress was not shown'))
    return
  }
  if ('result' in end) {
    const { timings } = end.result
    try {
      const message = await bring(job, answer, end.result, parts)
      if (message === 'theirs') return
      delivered?.(message)
      // The person has it: what fails from here on is no concern of theirs.
      await reached(() => queue.acknowledge(id), log)
      await limits
        .consumeSeconds({ ...spender, seconds: timings.total / 1000 })
        .catch(error => log.warn(error, 'not counted'))
      log.info({ timings }, 'delivered')
      await audit(shown.audit.done(`<@${owner}>`, shown.heading(edit), message.url))
      return
    } catch (error) {
      end = { error, ran: true }
    }
  }
  const { error, ran } = end
  // Nobody follows it any more.
  await reached(() => queue.cancel(id), log)
  // What ran until it was cancelled is paid for; what failed, or never began, is not.
  const cancelled = error instanceof UserError && error.problem.code === 'cancelled'
  if (!(ran && cancelled)) {
    await limits.refund({ ...spender, pictures }).catch(cause => log.warn(cause, 'not refunded'))
  }
  if (!(await reached(() => queue.updateTicket(id, ticket), log))) return
  await replyWithError(error, answer, words, log)
  await reached(() => queue.acknowledge(id), log)
}

/** Show how a job goes until it has ended, or the queue is closed. */
async function follow({ id, ticket }: Attended, answer: Responder, { queue, log }: BotDeps): Promise<End> {
  const { edit, spoiler, address } = ticket
  const words = translationsFor(ticket.locales.shown)
  let ran = false
  let told = address.progress
  try {
    for await (const state of throttleLatest(queue.follow(id), BETWEEN_EDITS, hasEnded)) {
      switch (state.state) {
        case 'waiting':
        case 'running': {
          ran ||= state.state === 'running'
          const view = progressView({ edit, job: id, owner: address.person, spoiler }, state, words, Date.now())
          await answer.showProgress(view).catch(async error => {
            // Progress that can't be shown is no reason to stop, unless nobody waits for the pictures any more.
            if (isDeletedError(error)) await queue.cancel(id)
            else log.warn(error, 'progress was not shown')
          })
          const now = answer.address()
          if (now.progress === told) break
          told = now.progress
          await queue
            .updateTicket(id, { ...ticket, address: now })
            .catch(error => log.warn(error, 'a ticket is out of date'))
          break
        }
        case 'done':
          return { result: state.result }
        case 'failed':
          return { error: new UserError(state.problem), ran }
        case 'cancelled':
          return { error: new UserError({ code: 'cancelled' }), ran }
      }
    }
  } catch (error) {
    return { error, ran }
  }
  return 'stopped'
}

/** Send the pictures, unless somebody has sent them before, or has taken over what seemed to be left alone. */
async function bring(
  job: Attended,
  answer: Responder,
  result: PaintResult,
  { queue, log }: BotDeps,
): Promise<Message | 'theirs'> {
  const { id, ticket } = job
  const mark = markOf(id)
  // Who sent it before may have lost its life before it could say so.
  const there = ticket.sending ? await answer.findDelivered(message => hasComponentId(message, mark)) : undefined
  if (there) {
    log.info('was delivered already')
    return there
  }
  const sending = { ...ticket, address: answer.address(), sending: true }
  if (!(await reached(() => queue.updateTicket(id, sending), log))) {
    log.info('somebody else has taken it over')
    return 'theirs'
  }
  return deliver(job, ticket, answer, result, mark)
}

/** Try again for as long as nothing but the connection stands in the way; a day at most. */
async function reached<T>(work: () => Promise<T>, log: Logger): Promise<T> {
  const start = Date.now()
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const passing = error instanceof UserError && error.problem.code === 'queue-unreachable'
      if (!passing || Date.now() - start > DAY) throw error
      log.warn(error, 'tried again')
      await pause(AGAIN, undefined, { ref: false })
    }
  }
}

/** A number for a message's component, by which it can be told from others. */
function markOf(job: string): number {
  return Number(BigInt(job) % 2_000_000_000n) + 1
}

async function deliver(
  origin: SourceFiles,
  { parent, spoiler, engine, options, prompt, edit, fileLimit, server, address, locales }: DeliveryRecord,
  answer: Responder,
  result: PaintResult,
  mark: number,
): Promise<Message> {
  const words = translationsFor(locales.shown)
  const said = words.result
  const owner = address.person
  const unused = unusedBy(engine, { edit, prompt, options }).map(name => said.optionNames[name])
  const attempt = async (most: number) => {
    const { sheets, keep } = await packResult(result, origin, most)
    return answer.deliver(way => {
      const notes = [
        said.seconds((result.timings.total / 1000).toFixed(1)),
        said.requestedBy(`<@${owner}>`),
        ...(unused.length > 0 ? [said.ignoredOptions(engine, unused)] : []),
        ...(result.savings ?? []).map(said.memoryFallback),
        ...(way === 'interaction' && server ? [said.cannotPost] : []),
        ...(way === 'direct' ? [said.channelGone] : []),
      ]
      return resultView(sheets, { words, owner, spoiler, notes, keep, mark })
    }, parent)
  }
  try {
    return await attempt(fileLimit)
  } catch (error) {
    if (!isTooLargeError(error)) throw error
    // The limit that Discord names is not always the one that it keeps.
    return attempt(Math.floor(fileLimit / 2))
  }
}

const ofModels = ['negative', 'steps', 'sampler', 'guidance', 'clipSkip', 'preset', 'refine', 'seam'] as const

/** What was asked for that the engine has no use for: better told than passed over. */
function unusedBy(
  engine: string,
  { edit, prompt, options }: Pick<JobInput, 'edit' | 'prompt' | 'options'>,
): (keyof Translations['result']['optionNames'])[] {
  if (engineNamed(engine).supportsPrompt) return []
  const chosen = ofModels.filter(name => options?.[name] !== undefined)
  return [
    ...(prompt ? (['prompt'] as const) : []),
    ...(edit.kind === 'inpaint' && edit.strength !== undefined ? (['strength'] as const) : []),
    ...(edit.kind === 'inpaint' && edit.content !== undefined ? (['content'] as const) : []),
    ...chosen,
  ]
}
