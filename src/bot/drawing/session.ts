import { type Client, type Message, SnowflakeUtil } from 'discord.js'
import { z } from 'zod'
import { problemMessage, translationsFor } from '../../i18n/i18n.js'
import { engineNamed, installedEngines } from '../../inference/engines/registry.js'
import { needsMask, parseEdit } from '../../inference/pipeline/edit.js'
import type { PaintResult } from '../../inference/pipeline/paint.js'
import type { JobState, OpenedDrawing } from '../../protocol/drawing.js'
import type { DrawingRequest } from '../../protocol/drawing-request.js'
import { hasEnded, type JobState as QueuedJobState } from '../../queue/queue.js'
import { type Problem, UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { isSpoiler } from '../handlers/buttons.js'
import { applyPolicy } from '../jobs/policy.js'
import { submitJob } from '../jobs/submit.js'
import { resumeResponder } from '../messages/interaction-responder.js'
import { toProblem } from '../messages/reply-with-error.js'
import { fetchMessage, fetchPictureFile } from '../messages/result-files.js'
import { contextOfMember, type RequestContext } from '../request-context.js'

/** A picture in one of our messages that somebody may draw on, and who. */
export const drawingTargetSchema = z.strictObject({
  person: z.string(),
  server: z.string().optional(),
  channel: z.string(),
  message: z.string(),
  index: z.int().min(0).max(3),
  /** Discord's name of the person's language. */
  locale: z.string().optional(),
})
export type DrawingTarget = z.infer<typeof drawingTargetSchema>

/** The state of a job that was submitted on the page, with the pictures' files: JPEG for previews, PNG for results. */
export type DrawingJob =
  | Extract<JobState, { state: 'waiting' | 'failed' }>
  | { readonly state: 'running'; readonly progress: number; readonly preview?: Uint8Array }
  | { readonly state: 'done'; readonly pictures: readonly Uint8Array[]; readonly next: readonly DrawingTarget[] }

/** Pictures that people draw on, in a page of ours. */
export interface DrawingService {
  /** @throws UserError `attachment-missing` and those of the fetcher */
  open(region: DrawingTarget): Promise<Omit<OpenedDrawing, 'picture'>>
  /** The file of the picture. Straight after {@link open} it is not downloaded again. @throws UserError as `open` */
  picture(region: DrawingTarget): Promise<Uint8Array>
  /**
   * Paint it, for all to see in the channel.
   *
   * @param mask PNG of the picture's size, white where it is to be painted; for edits that take one
   * @returns the job's id
   * @throws ProblemError whatever stands against it
   */
  submit(region: DrawingTarget, wish: DrawingRequest, mask: Uint8Array | undefined): Promise<string>
  /** Undefined where there is no such job of this person. */
  jobState(region: DrawingTarget, id: string): DrawingJob | undefined
  /** A problem in words for the person. */
  describeProblem(region: DrawingTarget, problem: Problem): string
}

/** For how long the end of a job can be asked for, in milliseconds, and how much is kept of all of them, in bytes. */
const KEPT = 30 * 60_000
const MOST_KEPT = 256 * 1024 * 1024

/** Limits of the pictures that were opened and not yet loaded by their page. */
const OPENED_LIFE_MS = 60_000
const MAX_OPENED_BYTES = 64 * 1024 * 1024

type Kept = { readonly person: string; readonly since: number; job: DrawingJob }

export function createDrawingService(client: Client<true>, parts: BotDeps): DrawingService {
  const { queue, masks, fetchAttachment, log } = parts
  const kept = new Map<string, Kept>()
  const opened = new Map<string, { readonly bytes: Uint8Array; readonly since: number }>()

  async function found(region: DrawingTarget) {
    const message = await fetchMessage(client, region.channel, region.message)
    if (!message) throw new UserError({ code: 'attachment-missing' })
    return { message, sheet: await fetchPictureFile(message, region.index, fetchAttachment) }
  }

  function keep(id: string, person: string): Kept {
    for (const [old, { since }] of kept) if (Date.now() - since > KEPT) kept.delete(old)
    const one: Kept = { person, since: Date.now(), job: { state: 'waiting', position: 1 } }
    kept.set(id, one)
    return one
  }

  /** Follow a job beside the one who brings its pictures to Discord. @returns them, if it came to that */
  async function watch(id: string, one: Kept, here: RequestContext): Promise<PaintResult | undefined> {
    for await (const state of queue.follow(id)) {
      if (state.state === 'done') return state.result
      one.job = shown(state, here)
      if (hasEnded(state)) return undefined
    }
    return undefined
  }

  return {
    async open(region) {
      const { sheet } = await found(region)
      rememberOpened(region, sheet.bytes)
      return {
        prompt: sheet.recipe?.prompt ?? '',
        negative: sheet.recipe?.options?.negative ?? '',
        ...(sheet.recipe && { engine: sheet.recipe.engine }),
        engines: installedEngines().map(({ name }) => ({ name, supportsPrompt: engineNamed(name).supportsPrompt })),
      }
    },

    async picture(region) {
      const bytes = opened.get(openedKey(region))?.bytes
      opened.delete(openedKey(region))
      return bytes ?? (await found(region)).sheet.bytes
    },

    async submit(region, { edit: requested, ...wish }, mask) {
      const edit = parseEdit(requested)
      const here = await contextOfMember(client, region, parts)
      applyPolicy({ edit, ...wish }, here)
      const { message, sheet } = await found(region)
      const drawing = needsMask(edit) ? await drawnOn(sheet.bytes, mask) : undefined
      const source = sheet.bytes
      const spoiler = isSpoiler(message)
      const order = { edit, ...wish, source, mask: drawing?.mask, parent: message.id, spoiler }
      // Like a message of the person's own, of which the answer goes to the channel.
      const id = SnowflakeUtil.generate().toString()
      const { person, channel } = region
      const address = { kind: 'message', id, person, channel, parent: message.id } as const
      const answer = resumeResponder(client, address, error => log.warn(error, 'progress was left behind'))
      await new Promise<void>((resolve, reject) => {
        const begin = async () => {
          const one = keep(id, person)
          resolve()
          return watch(id, one, here)
        }
        let result: Promise<PaintResult | undefined> = Promise.resolve(undefined)
        const queued = async () => {
          result = begin()
          result.catch(error => {
            log.warn(error, 'a job is not followed for its page')
            lost(id, problemMessage(toProblem(error), here.t))
          })
        }
        let message: Message | undefined
        const delivered = (one: Message) => {
          message = one
        }
        submitJob({ id, queued, delivered }, answer, order, here, parts)
          .then(async () => finish(id, await result.catch(() => undefined), message, region))
          .catch(reject)
      })
      return id
    },

    jobState(region, id) {
      const one = kept.get(id)
      return one?.person === region.person ? one.job : undefined
    },

    describeProblem: ({ locale }, problem) => problemMessage(problem, translationsFor(locale ?? null)),
  }

  function rememberOpened(region: DrawingTarget, bytes: Uint8Array): void {
    opened.delete(openedKey(region))
    opened.set(openedKey(region), { bytes, since: Date.now() })
    let sum = [...opened.values()].reduce((total, one) => total + one.bytes.length, 0)
    for (const [key, one] of opened) {
      if (sum <= MAX_OPENED_BYTES && Date.now() - one.since <= OPENED_LIFE_MS) continue
      opened.delete(key)
      sum -= one.bytes.length
    }
  }

  function lost(id: string, message: string): void {
    const one = kept.get(id)
    if (one) one.job = { state: 'failed', message }
  }

  function finish(
    id: string,
    result: PaintResult | undefined,
    delivered: Message | undefined,
    region: DrawingTarget,
  ): void {
    const one = kept.get(id)
    if (!one || !result) return
    const next = delivered
      ? result.pictures.map((_, index) => ({ ...region, channel: delivered.channelId, message: delivered.id, index }))
      : []
    one.job = { state: 'done', pictures: result.pictures.map(({ png }) => png), next }
    // Who asked last sees it, whatever is forgotten for it.
    const all = [...kept].filter(([, { job }]) => job.state === 'done')
    while (all.length > 1 && all.reduce((sum, [, { job }]) => sum + bytesOf(job), 0) > MOST_KEPT)
      kept.delete(all.shift()![0])
  }

  async function drawnOn(picture: Uint8Array, mask: Uint8Array | undefined) {
    if (!mask) throw new UserError({ code: 'mask-missing' })
    return masks.adjust(mask, picture, 'same')
  }
}

/** A picture that is open, by who opened it. */
function openedKey({ person, message, index }: DrawingTarget): string {
  return `${person} ${message} ${index}`
}

function bytesOf(job: DrawingJob): number {
  return job.state === 'done' ? job.pictures.reduce((sum, { length }) => sum + length, 0) : 0
}

function shown(state: Exclude<QueuedJobState, { state: 'done' }>, { t }: RequestContext): DrawingJob {
  switch (state.state) {
    case 'waiting':
      return { state: 'waiting', position: state.place }
    case 'running':
      return { state: 'running', progress: state.done, ...(state.preview && { preview: state.preview }) }
    case 'failed':
      return { state: 'failed', message: problemMessage(state.problem, t) }
    case 'cancelled':
      return { state: 'failed', message: problemMessage({ code: 'cancelled' }, t) }
  }
}
