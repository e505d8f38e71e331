import { type Client, type Message, SnowflakeUtil } from 'discord.js'
import { z } from 'zod'
import { problemMessage, translationsFor } from '../../i18n/i18n.js'
import { editSchema, needsMask } from '../../inference/pipeline/edit.js'
import { diffusionOptionsSchema } from '../../inference/pipeline/options.js'
import type { PaintResult } from '../../inference/pipeline/paint.js'
import { VARIATIONS } from '../../inference/pipeline/request.js'
import { hasEnded, type JobState } from '../../queue/queue.js'
import { type Problem, UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { applyPolicy } from '../jobs/policy.js'
import { submitJob } from '../jobs/submit.js'
import { resumeChannelResponder } from '../messages/channel-responder.js'
import { fetchMessage, fetchPictureFile, isSpoiler } from '../messages/message-files.js'
import { toProblem } from '../messages/reply-with-error.js'
import { contextOfMember, type RequestContext } from '../request-context.js'
import type { DrawingTarget } from './target.js'

/** A request of the drawing page: inpaint or remove what was drawn, or extend the sides. */
export const drawingRequestSchema = z.strictObject({
  edit: editSchema.refine(({ kind }) => kind === 'inpaint' || kind === 'remove' || kind === 'extend'),
  prompt: z.string().max(1000),
  variations: z.int().min(VARIATIONS.min).max(VARIATIONS.max).optional(),
  engine: z.string().max(100).optional(),
  options: diffusionOptionsSchema.optional(),
})
export type DrawingRequest = z.infer<typeof drawingRequestSchema>

export type OpenedDrawing = {
  readonly picture: Uint8Array
  readonly prompt: string
  readonly negative: string
  /** The engine that painted the picture. */
  readonly engine: string | undefined
  readonly engines: readonly { readonly name: string; readonly reads: boolean }[]
}

/** The state of a job that the page asked for. */
export type DrawingJob =
  | { readonly state: 'waiting'; readonly place: number }
  | { readonly state: 'running'; readonly done: number; readonly preview?: Uint8Array }
  | { readonly state: 'done'; readonly pictures: readonly Uint8Array[]; readonly next: readonly DrawingTarget[] }
  | { readonly state: 'failed'; readonly said: string }

/** What the drawing page does, for the person in the target. */
export interface DrawingService {
  /** @throws UserError `attachment-missing` and those of the fetcher */
  open(target: DrawingTarget): Promise<OpenedDrawing>
  /**
   * Submit a job whose result is posted in the picture's channel.
   *
   * @param mask PNG of the picture's size, white where to paint; for edits that need one
   * @returns the job's id
   * @throws UserError
   */
  submit(target: DrawingTarget, request: DrawingRequest, mask: Uint8Array | undefined): Promise<string>
  /** Undefined where the person has no such job. */
  jobState(target: DrawingTarget, id: string): DrawingJob | undefined
  /** A problem in the person's language. */
  describeProblem(target: DrawingTarget, problem: Problem): string
}

/** How long a job's state is kept, in milliseconds. */
const JOB_LIFETIME_MS = 30 * 60_000

/** Most bytes of pictures that are kept, of all jobs. */
const KEPT_PICTURES_BYTES = 256 * 1024 * 1024

type TrackedJob = { readonly person: string; readonly since: number; job: DrawingJob }

export function createDrawingService(client: Client<true>, deps: BotDeps): DrawingService {
  const { queue, masks, fetchAttachment, log } = deps
  const tracked = new Map<string, TrackedJob>()

  async function fetchTarget(target: DrawingTarget) {
    const message = await fetchMessage(client, target.channel, target.message)
    if (!message) throw new UserError({ code: 'attachment-missing' })
    return { message, picture: await fetchPictureFile(message, target.index, fetchAttachment) }
  }

  function track(id: string, person: string): TrackedJob {
    for (const [old, { since }] of tracked) if (Date.now() - since > JOB_LIFETIME_MS) tracked.delete(old)
    const entry: TrackedJob = { person, since: Date.now(), job: { state: 'waiting', place: 1 } }
    tracked.set(id, entry)
    return entry
  }

  /** Follow a job for the page, while another follower delivers its pictures to Discord. @returns the pictures */
  async function watch(id: string, entry: TrackedJob, context: RequestContext): Promise<PaintResult | undefined> {
    for await (const state of queue.follow(id)) {
      if (state.state === 'done') return state.result
      entry.job = toDrawingJob(state, context)
      if (hasEnded(state)) return undefined
    }
    return undefined
  }

  function setDone(
    id: string,
    result: PaintResult | undefined,
    message: Message | undefined,
    target: DrawingTarget,
  ): void {
    const entry = tracked.get(id)
    if (!entry || !result) return
    const next = message
      ? result.pictures.map((_, index) => ({ ...target, channel: message.channelId, message: message.id, index }))
      : []
    entry.job = { state: 'done', pictures: result.pictures.map(({ png }) => png), next }
    dropOldPictures()
  }

  /** The oldest go first. The newest stay, however large. */
  function dropOldPictures(): void {
    const done = [...tracked].filter(([, { job }]) => job.state === 'done')
    while (done.length > 1 && done.reduce((sum, [, { job }]) => sum + bytesOf(job), 0) > KEPT_PICTURES_BYTES) {
      tracked.delete(done.shift()![0])
    }
  }

  async function drawnMask(picture: Uint8Array, mask: Uint8Array | undefined) {
    if (!mask) throw new UserError({ code: 'mask-missing' })
    return masks.adjust(mask, picture, 'same')
  }

  return {
    async open(target) {
      const { picture } = await fetchTarget(target)
      return {
        picture: picture.bytes,
        prompt: picture.recipe?.prompt ?? '',
        negative: picture.recipe?.options?.negative ?? '',
        engine: picture.recipe?.engine,
        engines: deps.engines.installed().map(({ name, supportsPrompt }) => ({ name, reads: supportsPrompt })),
      }
    },

    async submit(target, { edit, ...request }, mask) {
      const context = await contextOfMember(client, target, deps)
      applyPolicy({ edit, ...request }, context)
      const { message, picture } = await fetchTarget(target)
      const drawing = needsMask(edit) ? await drawnMask(picture.bytes, mask) : undefined
      const params = { edit, ...request, spoiler: isSpoiler(message) }
      const input = { ...params, source: picture.bytes, mask: drawing?.mask, parent: message.id }
      // The result goes to the channel, as if a message of the person had asked for it.
      const id = SnowflakeUtil.generate().toString()
      const { person, channel } = target
      const address = { kind: 'message', id, person, channel, parent: message.id } as const
      const responder = resumeChannelResponder(client, address, error => log.warn(error, 'progress was not deleted'))
      await new Promise<void>((resolve, reject) => {
        let result: Promise<PaintResult | undefined> = Promise.resolve(undefined)
        let delivered: Message | undefined
        const onQueued = async () => {
          const entry = track(id, person)
          resolve()
          result = watch(id, entry, context)
          result.catch(error => {
            log.warn(error, 'the page does not follow its job')
            entry.job = { state: 'failed', said: problemMessage(toProblem(error), context.t) }
          })
        }
        const onDelivered = (message: Message) => {
          delivered = message
        }
        submitJob({ id, onQueued, onDelivered }, responder, input, context, deps)
          .then(async () => setDone(id, await result.catch(() => undefined), delivered, target))
          .catch(reject)
      })
      return id
    },

    jobState(target, id) {
      const entry = tracked.get(id)
      return entry?.person === target.person ? entry.job : undefined
    },

    describeProblem: ({ locale }, problem) => problemMessage(problem, translationsFor(locale ?? null)),
  }
}

function bytesOf(job: DrawingJob): number {
  return job.state === 'done' ? job.pictures.reduce((sum, { length }) => sum + length, 0) : 0
}

function toDrawingJob(state: Exclude<JobState, { state: 'done' }>, { t }: RequestContext): DrawingJob {
  switch (state.state) {
    case 'waiting':
      return { state: 'waiting', place: state.place }
    case 'running':
      return { state: 'running', done: state.done, ...(state.preview && { preview: state.preview }) }
    case 'failed':
      return { state: 'failed', said: problemMessage(state.problem, t) }
    case 'cancelled':
      return { state: 'failed', said: problemMessage({ code: 'cancelled' }, t) }
  }
}
