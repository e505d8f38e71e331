import type { Logger } from 'pino'
import type { PaintRequest } from '../inference/paint.js'
import { ProblemError } from '../problem.js'
import { ended, type JobQueue, type JobState } from '../queue/queue.js'
import { paced } from './pace.js'
import { sheetsOf } from './pictures.js'
import { type Answerable, isDeleted, isTooLarge, type Responder } from './responder.js'
import { progressView, resultView } from './views.js'

/** Discord counts a bot's edits; the least time between two of them, in milliseconds. */
const BETWEEN_EDITS = 2000

/**
 * Queue a request and show how it goes: its place in line, progress with previews, and the pictures.
 *
 * @throws ProblemError when the job fails or is cancelled
 */
export async function paintAndShow(
  interaction: Answerable,
  answer: Responder,
  request: PaintRequest,
  { queue, log }: { readonly queue: JobQueue; readonly log: Logger },
): Promise<void> {
  const job = interaction.id
  await queue.add({ id: job, person: interaction.user.id, request })
  log.info({ edit: request.edit, person: interaction.user.id }, 'queued')
  for await (const state of paced(queue.follow(job), BETWEEN_EDITS, ended)) {
    switch (state.state) {
      case 'waiting':
      case 'running':
        await answer.show(progressView(request.edit, job, state)).catch(async error => {
          // Progress that can't be shown is no reason to stop, unless nobody waits for the pictures any more.
          if (isDeleted(error)) await queue.cancel(job)
          else log.warn(error, 'progress was not shown')
        })
        break
      case 'done':
        await deliver(interaction, answer, state)
        log.info({ timings: state.result.timings }, 'delivered')
        return
      case 'failed':
        throw new ProblemError(state.problem)
      case 'cancelled':
        throw new ProblemError({ code: 'cancelled' })
    }
  }
}

async function deliver(
  interaction: Answerable,
  answer: Responder,
  { result }: Extract<JobState, { state: 'done' }>,
): Promise<void> {
  const note = `${(result.timings.total / 1000).toFixed(1)} s · for ${interaction.user}`
  const limit = interaction.attachmentSizeLimit
  try {
    await answer.finish(resultView(await sheetsOf(result, limit), note))
  } catch (error) {
    if (!isTooLarge(error)) throw error
    // The limit that Discord names is not always the one that it keeps.
    await answer.finish(resultView(await sheetsOf(result, Math.floor(limit / 2)), note))
  }
}
