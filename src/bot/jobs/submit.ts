import type { Message } from 'discord.js'
import { cleanText } from '../../inference/pipeline/clean-text.js'
import { resultSize, seedsFor } from '../../inference/pipeline/request.js'
import type { BotDeps } from '../deps.js'
import { BOT_FILE_LIMIT_BYTES } from '../messages/file-limit.js'
import { isHiddenByRecipe } from '../messages/message-files.js'
import { replyWithError } from '../messages/reply-with-error.js'
import type { Responder } from '../messages/responder.js'
import type { RequestContext } from '../request-context.js'
import { completeJob } from './complete.js'
import type { DeliveryRecord } from './delivery-record.js'
import type { QueuedJob } from './follow.js'
import type { JobInput } from './paint-params.js'
import { applyPolicy } from './policy.js'
import { takeBackJob } from './take-back.js'

/** The interaction or message that asks for a job. */
export type JobTrigger = {
  readonly id: string
  /** In bytes. */
  readonly attachmentSizeLimit?: number
  /** Called once the job is in the queue, before progress is shown. If it throws, the job is taken back. */
  readonly onQueued?: () => Promise<unknown>
  /** Called once nothing more is done for the job, with the message that shows the pictures, if there is one. */
  readonly onEnded?: (message: Message | undefined) => void
}

/**
 * Add a job to the queue. From then on it is followed in the background, which shows its progress, and delivers its
 * pictures or says why there are none.
 *
 * @throws UserError when the server's rules refuse the job, or the queue does
 */
export async function submitJob(
  trigger: JobTrigger,
  responder: Responder,
  unclean: JobInput,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const { queue, quotas, unanswered, log } = deps
  const input = withCleanTexts(unclean)
  const { engine, options, variations, first, ...policy } = applyPolicy(input, context)
  const { edit, source, mask, earlier, prompt, seed, parent } = input
  const spoiler = policy.spoiler || isHiddenByRecipe(source)
  const { server, locales } = context
  const { id: person, roles } = context.person
  const { id } = trigger
  const { width, height } = resultSize(edit, source)
  let record: DeliveryRecord
  let isQueued = false
  try {
    const pictures = await quotas.consume({ job: id, person, roles, server, pictures: variations })
    record = {
      version: 1,
      address: responder.address(),
      sending: false,
      roles: [...roles],
      ...(server !== undefined && { server }),
      locales,
      edit,
      prompt,
      engine: engine.name,
      ...(input.options && { options: input.options }),
      spoiler,
      ...(parent !== undefined && { parent }),
      fileLimit: Math.min(trigger.attachmentSizeLimit ?? BOT_FILE_LIMIT_BYTES, BOT_FILE_LIMIT_BYTES),
    }
    const request = {
      edit,
      prompt,
      seeds: seedsFor(pictures, seed),
      engine: engine.name,
      ...(options && { options }),
      ...(source && { source }),
      ...(mask && { mask }),
      ...(earlier && { earlier }),
    }
    const megapixels = (width * height) / 1e6
    await queue.add({ id, person, server, request, megapixels, hasPriority: first, ticket: record })
    isQueued = true
    // From here on the job's own record leads to an answer.
    await unanswered.settle(id)
    log.info({ edit, person, server }, 'job queued')
    await trigger.onQueued?.()
  } catch (error) {
    await takeBackJob({ job: id, person, server }, isQueued, deps)
    throw error
  }
  const { onEnded } = trigger
  // A separate call: it keeps no pictures while the job waits.
  deps.track(completeOrReport({ id, record }, responder, context, deps, onEnded))
}

async function completeOrReport(
  job: QueuedJob,
  responder: Responder,
  { audit, t }: RequestContext,
  deps: BotDeps,
  onEnded: JobTrigger['onEnded'],
): Promise<void> {
  let delivered: Message | undefined
  try {
    await completeJob(job, responder, audit, deps, message => {
      delivered = message
    })
  } catch (error) {
    await replyWithError(error, responder, t, deps.log)
  }
  onEnded?.(delivered)
}

/** Texts reach us from modals, pages and pictures that somebody else wrote. */
function withCleanTexts({ prompt, options, ...input }: JobInput): JobInput {
  const negative = options?.negative
  return {
    ...input,
    prompt: cleanText(prompt),
    options: negative === undefined ? options : { ...options, negative: cleanText(negative) },
  }
}
