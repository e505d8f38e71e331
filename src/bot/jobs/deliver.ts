import type { Message } from 'discord.js'
import { plainText } from '../../commands/plain-text.js'
import { type Translations, translationsFor } from '../../i18n/i18n.js'
import type { EngineInfo } from '../../inference/engines/engine-info.js'
import type { EngineRegistry } from '../../inference/engines/registry.js'
import { LANCZOS } from '../../inference/engines/upscale/lanczos.js'
import type { Conversion } from '../../inference/image/conversion-names.js'
import type { PaintResult } from '../../inference/pipeline/paint-request.js'
import type { Lease } from '../../queue/heartbeat.js'
import { UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { isTooLargeError } from '../messages/discord-errors.js'
import { keepFirstMessage } from '../messages/keep-first-message.js'
import { UndeliverableError } from '../messages/open-way.js'
import type { Responder } from '../messages/responder.js'
import { type PackedResult, packResult } from '../messages/result-files.js'
import { hasComponentId, resultView } from '../views/result-view.js'
import type { DeliveryRecord } from './delivery-record.js'
import type { QueuedJob } from './follow.js'
import type { PaintParams } from './paint-params.js'
import { retryUntilQueueReachable } from './retry.js'
import { keptReason, routeNotes } from './route-notes.js'

/** A picture is not made smaller than this for Discord, in bytes. */
const LEAST_FILE_LIMIT_BYTES = 256 * 1024

/** Thrown instead of posting: another process may have taken the job over since this one asked last. */
class LeaseExpiredError extends Error {
  override readonly name = 'LeaseExpiredError'
}

/**
 * Send a job's pictures, unless they were sent before. A process that stood still for a while may find that another one
 * has taken the job over: it asks again before each post, and after a post that took too long it looks for another one.
 *
 * @returns the message that shows them, or that another process has taken the job over and delivers it
 * @throws UserError `result-kept` where no way is open, and the pictures are kept for the person
 */
export async function deliverOnce(
  job: QueuedJob,
  responder: Responder,
  result: PaintResult,
  deps: BotDeps,
): Promise<Message | 'taken-over'> {
  const { queue, log } = deps
  const { id, record } = job
  // The process that sent them may have ended before it could acknowledge the job.
  const delivered = record.sending ? await findDelivered(job, responder) : undefined
  if (delivered) {
    log.info('job already delivered')
    return delivered
  }
  for (;;) {
    const sending = { ...record, address: responder.address(), sending: true }
    const lease = await retryUntilQueueReachable(() => queue.updateTicket(id, sending), log)
    if (!lease) {
      log.info('job taken over by another process')
      return 'taken-over'
    }
    try {
      const message = await deliver(job, responder, result, lease, deps)
      const mayBeTwice = record.sending || !lease.isValid()
      return mayBeTwice ? await keepFirstMessage(message, id, isResultOf(id), log) : message
    } catch (error) {
      if (!(error instanceof LeaseExpiredError)) throw error
      log.info('lease expired before the pictures were sent')
    }
  }
}

/** The message with a job's pictures, if it was sent. */
export function findDelivered({ id }: QueuedJob, responder: Responder): Promise<Message | undefined> {
  return responder.findDelivered(isResultOf(id))
}

function isResultOf(job: string): (message: Message) => boolean {
  const componentId = componentIdOf(job)
  return message => hasComponentId(message, componentId)
}

/** The id of a component in the result's message, by which it is found again. From 1 to 2 × 10⁹: Discord takes an int32. */
function componentIdOf(job: string): number {
  return Number(BigInt(job) % 2_000_000_000n) + 1
}

/** @throws LeaseExpiredError instead of posting */
async function deliver(
  job: QueuedJob,
  responder: Responder,
  result: PaintResult,
  lease: Lease,
  deps: BotDeps,
): Promise<Message> {
  const { id, record } = job
  const componentId = componentIdOf(id)
  const { parent, spoiler, fileLimit, address, locales } = record
  const t = translationsFor(locales.shown)
  const sources = await retryUntilQueueReachable(() => deps.queue.requestPictures(id), deps.log)
  const notes = resultNotes(record, result, deps.engines, t)
  const send = async (limit: number) => {
    const { files, hiddenFiles } = await packResult(result, sources, limit, spoiler, deps.webps)
    try {
      return await responder.deliver((route, why) => {
        // Called right before each post, after all that takes time.
        if (!lease.isValid()) throw new LeaseExpiredError()
        const all = [...notes, ...routeNotes(route, why, record.server !== undefined, t)]
        return resultView(files, { t, owner: address.person, spoiler, notes: all, hiddenFiles, componentId })
      }, parent)
    } catch (error) {
      if (!(error instanceof UndeliverableError)) throw error
      return keep({ files, hiddenFiles }, record, error, deps)
    }
  }
  // Discord has been seen to refuse files below the limit that it names.
  for (let limit = fileLimit; ; limit = Math.floor(limit / 2)) {
    try {
      return await send(limit)
    } catch (error) {
      if (!isTooLargeError(error) || limit / 2 < LEAST_FILE_LIMIT_BYTES) throw error
    }
  }
}

/** Keep pictures that no way is open for. @throws UserError `result-kept` */
async function keep(
  packed: PackedResult,
  { address, server, spoiler }: DeliveryRecord,
  error: UndeliverableError,
  { keptResults, log }: BotDeps,
): Promise<never> {
  const isMalformed = error.reason === 'malformed'
  if (isMalformed) log.error({ err: error.cause }, 'result refused as malformed')
  await retryUntilQueueReachable(() => keptResults.keep(address.person, { ...packed, server, spoiler }), log)
  throw new UserError({ code: 'result-kept', why: keptReason(error.reason) }, { cause: error.cause })
}

/** Not sRGB: nearly every phone has its own colors. */
function isNoted(conversion: Conversion): boolean {
  return conversion !== 'srgb'
}

/** Small print under a result. */
function resultNotes(record: DeliveryRecord, result: PaintResult, engines: EngineRegistry, t: Translations): string[] {
  // The worker with this engine may be gone by now.
  const engine = engines.installed().find(({ name }) => name === record.engine)
  const ignored = engine ? ignoredOptions(record, engine) : []
  const ignoredNames = ignored.filter(name => name !== 'prompt').map(name => t.result.optionNames[name])
  return [
    t.result.seconds((result.timings.total / 1000).toFixed(1)),
    t.result.requestedBy(`<@${record.address.person}>`),
    ...(ignored.includes('prompt')
      ? [t.result.ignoredPrompt(record.engine, engines.promptReader(record.edit)?.name)]
      : []),
    ...(ignoredNames.length > 0 ? [t.result.ignoredOptions(record.engine, ignoredNames)] : []),
    ...(result.controls ?? []).map(one => t.result.control({ ...one, name: plainText(one.name) })),
    ...(record.engine === LANCZOS ? [t.result.resampled] : []),
    ...(record.edit.kind === 'upscale' && record.edit.history ? [t.result.fromHistory(record.edit.history)] : []),
    ...(result.savings ?? []).map(t.result.memoryFallback),
    ...(result.conversions ?? []).filter(isNoted).map(name => t.result.conversions[name]),
  ]
}

const DIFFUSION_OPTIONS = [
  'negative',
  'steps',
  'sampler',
  'guidance',
  'clipSkip',
  'refiner',
  'control',
  'preset',
  'refine',
  'seam',
] as const

/** The names of the given options that the engine does not support. */
function ignoredOptions(
  { edit, prompt, options }: Pick<PaintParams, 'edit' | 'prompt' | 'options'>,
  { supportsPrompt }: EngineInfo,
): (keyof Translations['result']['optionNames'])[] {
  if (supportsPrompt) return []
  return [
    ...(prompt ? (['prompt'] as const) : []),
    ...(edit.kind === 'inpaint' && edit.strength !== undefined ? (['strength'] as const) : []),
    ...(edit.kind === 'inpaint' && edit.content !== undefined ? (['content'] as const) : []),
    ...DIFFUSION_OPTIONS.filter(name => options?.[name] !== undefined),
  ]
}
