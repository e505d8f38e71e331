import type { Message } from 'discord.js'
import { type Translations, translationsFor } from '../../i18n/i18n.js'
import type { EngineInfo, EngineRegistry } from '../../inference/engines/registry.js'
import type { PaintResult } from '../../inference/pipeline/paint.js'
import type { BotDeps } from '../deps.js'
import { isTooLargeError } from '../messages/discord-errors.js'
import type { Responder } from '../messages/responder.js'
import { packResult } from '../messages/result-files.js'
import { hasComponentId, resultView } from '../views/result-view.js'
import type { QueuedJob } from './follow.js'
import type { PaintParams } from './paint-params.js'
import { retryUntilQueueReachable } from './retry.js'

/**
 * Send a job's pictures, unless they were sent before.
 *
 * @returns the message that shows them, or that another process has taken the job over and delivers it
 */
export async function deliverOnce(
  job: QueuedJob,
  responder: Responder,
  result: PaintResult,
  { engines, queue, log }: BotDeps,
): Promise<Message | 'taken-over'> {
  const { id, record } = job
  const componentId = componentIdOf(id)
  // The process that sent them may have ended before it could acknowledge the job.
  const delivered = record.sending
    ? await responder.findDelivered(message => hasComponentId(message, componentId))
    : undefined
  if (delivered) {
    log.info('job already delivered')
    return delivered
  }
  const sending = { ...record, address: responder.address(), sending: true }
  const isOurs = await retryUntilQueueReachable(() => queue.updateTicket(id, sending), log)
  if (!isOurs) {
    log.info('job taken over by another process')
    return 'taken-over'
  }
  return deliver(job, responder, result, componentId, engines)
}

/** The id of a component in the result's message, by which it is found again. From 1 to 2 × 10⁹: Discord takes an int32. */
function componentIdOf(job: string): number {
  return Number(BigInt(job) % 2_000_000_000n) + 1
}

async function deliver(
  { record, source, mask }: QueuedJob,
  responder: Responder,
  result: PaintResult,
  componentId: number,
  engines: EngineRegistry,
): Promise<Message> {
  const { parent, spoiler, fileLimit, server, address, locales } = record
  const owner = address.person
  const t = translationsFor(locales.shown)
  const ignored = ignoredOptions(record, engines.get(record.engine))
  const ignoredNames = ignored.filter(name => name !== 'prompt').map(name => t.result.optionNames[name])
  const send = async (limit: number) => {
    const { files, hiddenFiles } = await packResult(result, { source, mask }, limit)
    return responder.deliver(route => {
      const notes = [
        t.result.seconds((result.timings.total / 1000).toFixed(1)),
        t.result.requestedBy(`<@${owner}>`),
        ...(ignored.includes('prompt') ? [t.result.ignoredPrompt(record.engine)] : []),
        ...(ignoredNames.length > 0 ? [t.result.ignoredOptions(record.engine, ignoredNames)] : []),
        ...(result.savings ?? []).map(t.result.memoryFallback),
        ...(route === 'interaction' && server ? [t.result.cannotPost] : []),
        ...(route === 'direct' ? [t.result.channelGone] : []),
      ]
      return resultView(files, { t, owner, spoiler, notes, hiddenFiles, componentId })
    }, parent)
  }
  try {
    return await send(fileLimit)
  } catch (error) {
    if (!isTooLargeError(error)) throw error
    // Discord has been seen to refuse files below the limit that it names.
    return send(Math.floor(fileLimit / 2))
  }
}

const DIFFUSION_OPTIONS = ['negative', 'steps', 'sampler', 'guidance', 'clipSkip', 'preset', 'refine', 'seam'] as const

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
