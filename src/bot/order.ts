import type { Message } from 'discord.js'
import type { EngineInfo } from '../inference/engines/engines.js'
import { seedsFor } from '../inference/paint.js'
import { ProblemError } from '../problem.js'
import { ended, type JobState } from '../queue/queue.js'
import type { Here } from './here.js'
import { paced } from './pace.js'
import type { Parts } from './parts.js'
import { permitted, type Wish } from './permit.js'
import { type Origin, packed } from './pictures.js'
import { isDeleted, isTooLarge, type Responder } from './responder.js'
import { progressView } from './views/progress.js'
import { resultView } from './views/result.js'

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
 * Queue an order and show how it goes: its place in line, progress with previews, and the pictures.
 *
 * @throws ProblemError when it is not permitted, fails, or is cancelled
 */
export async function paintOrder(request: Request, answer: Responder, order: Order, here: Here, parts: Parts) {
  const { queue, limits, log } = parts
  const { engine, variations, spoiler } = permitted(order, here)
  const { edit, source, mask, prompt, seed } = order
  const owner = here.person.id
  const spender = { person: owner, roles: here.person.roles, server: here.server }
  const job = request.id
  const pictures = await limits.spend({ ...spender, pictures: variations })
  let ran = false
  try {
    const seeds = seedsFor(pictures, seed)
    const paint = { edit, prompt, seeds, engine: engine.name, ...(source && { source }), ...(mask && { mask }) }
    await queue.add({ id: job, person: owner, server: here.server, request: paint })
    log.info({ edit, person: owner, server: here.server }, 'queued')
    await request.queued?.()
    for await (const state of paced(queue.follow(job), BETWEEN_EDITS, ended)) {
      switch (state.state) {
        case 'waiting':
        case 'running': {
          ran ||= state.state === 'running'
          const view = progressView({ edit, job, owner, spoiler }, state, here.publicWords, Date.now())
          await answer.show(view).catch(async error => {
            // Progress that can't be shown is no reason to stop, unless nobody waits for the pictures any more.
            if (isDeleted(error)) await queue.cancel(job)
            else log.warn(error, 'progress was not shown')
          })
          break
        }
        case 'done': {
          await limits.used({ ...spender, seconds: state.result.timings.total / 1000 })
          const message = await deliver(request, answer, state, { order, engine, spoiler }, here)
          log.info({ timings: state.result.timings }, 'delivered')
          await here.audit(here.publicWords.audit.done(`<@${owner}>`, here.publicWords.heading(edit), message.url))
          return
        }
        case 'failed':
          throw new ProblemError(state.problem)
        case 'cancelled':
          throw new ProblemError({ code: 'cancelled' })
      }
    }
    throw new Error(`job ${job} came to no end`)
  } catch (error) {
    // Nobody follows it any more.
    await queue.cancel(job)
    // What ran until it was cancelled is paid for; what failed, or never began, is not.
    if (!(ran && error instanceof ProblemError && error.problem.code === 'cancelled'))
      await limits.refund({ ...spender, pictures })
    throw error
  }
}

async function deliver(
  { attachmentSizeLimit = FILE_LIMIT }: Request,
  answer: Responder,
  { result }: Extract<JobState, { state: 'done' }>,
  { order, engine, spoiler }: { order: Order; engine: EngineInfo; spoiler: boolean },
  { person, server, publicWords: words }: Here,
): Promise<Message> {
  const said = words.result
  const unused = unusedBy(engine, order).map(name => said.unusedNames[name])
  const limit = Math.min(attachmentSizeLimit, FILE_LIMIT)
  const attempt = async (most: number) => {
    const { sheets, keep } = await packed(result, order, most)
    return answer.finish(way => {
      const notes = [
        said.seconds((result.timings.total / 1000).toFixed(1)),
        said.forPerson(`<@${person.id}>`),
        ...(unused.length > 0 ? [said.unused(engine.name, unused)] : []),
        ...(way === 'interaction' && server ? [said.mayNotPost] : []),
        ...(way === 'direct' ? [said.channelGone] : []),
      ]
      return resultView(sheets, { words, owner: person.id, spoiler, notes, keep })
    }, order.parent)
  }
  try {
    return await attempt(limit)
  } catch (error) {
    if (!isTooLarge(error)) throw error
    // The limit that Discord names is not always the one that it keeps.
    return attempt(Math.floor(limit / 2))
  }
}

/** What was asked for that the engine has no use for: better told than passed over. */
function unusedBy({ reads }: EngineInfo, { edit, prompt }: Order): ('prompt' | 'strength' | 'content')[] {
  if (reads) return []
  return [
    ...(prompt ? (['prompt'] as const) : []),
    ...(edit.kind === 'inpaint' && edit.strength !== undefined ? (['strength'] as const) : []),
    ...(edit.kind === 'inpaint' && edit.content !== undefined ? (['content'] as const) : []),
  ]
}
