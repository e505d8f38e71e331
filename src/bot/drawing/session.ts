import { type Client, type Message, SnowflakeUtil } from 'discord.js'
import { PURPOSES } from '../../commands/fit.js'
import { problemMessage, translationsFor } from '../../i18n/i18n.js'
import { controlTextsOf } from '../../inference/engines/default-control.js'
import { isPlainUpscale, needsMask, parseEdit, parseFit } from '../../inference/pipeline/edit.js'
import { parseDiffusionOptions } from '../../inference/pipeline/options.js'
import type { PaintResult } from '../../inference/pipeline/paint.js'
import type { DrawingJobState, ObjectSelection, OpenedDrawing } from '../../protocol/drawing.js'
import type { DrawingRequest, SelectionRequest } from '../../protocol/drawing-request.js'
import { hasEnded, type JobState as QueuedJobState } from '../../queue/queue.js'
import { type Problem, UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { keepingAlphaOf } from '../handlers/repaint.js'
import { applyPolicy, chosenDefault } from '../jobs/policy.js'
import { type JobTrigger, submitJob } from '../jobs/submit.js'
import { resumeChannelResponder } from '../messages/channel-responder.js'
import { fetchMessage, fetchOrRefresh, fetchPictureFile, pictureFile } from '../messages/message-files.js'
import { toProblem } from '../messages/reply-with-error.js'
import { isSpoiler, isSpoilerLink } from '../messages/shown-pictures.js'
import { contextOfMember, type RequestContext } from '../request-context.js'
import type { DrawingTarget } from './target.js'

/** The state of a job that was submitted on the page, with the pictures' files: JPEG for previews, PNG for results. */
export type DrawingJob =
  | Extract<DrawingJobState, { state: 'waiting' | 'failed' }>
  | { readonly state: 'running'; readonly progress: number; readonly preview?: Uint8Array }
  | { readonly state: 'done'; readonly pictures: readonly Uint8Array[]; readonly next: readonly DrawingTarget[] }

/** What the drawing page does, for the person in the target. */
export interface DrawingService {
  /** @throws UserError `attachment-missing` and those of the fetcher */
  open(target: DrawingTarget): Promise<Omit<OpenedDrawing, 'picture' | 'language' | 'texts'>>
  /** The file of the picture. Right after {@link open} it is not downloaded again. @throws UserError as `open` */
  picture(target: DrawingTarget): Promise<Uint8Array>
  /**
   * Submit a job whose result is posted in the picture's channel.
   *
   * @param mask PNG of the picture's size, white where to paint, grey where by part; for edits that need one
   * @returns the job's id
   * @throws UserError
   */
  submit(target: DrawingTarget, request: DrawingRequest, mask: Uint8Array | undefined): Promise<string>
  /** Select an object of the picture. @throws UserError those of `SegmentService` and of `open` */
  select(target: DrawingTarget, prompt: SelectionRequest): Promise<ObjectSelection>
  /** Undefined where the person has no such job. */
  jobState(target: DrawingTarget, id: string): DrawingJob | undefined
  /** A problem in the person's language. */
  describeProblem(target: DrawingTarget, problem: Problem): string
}

/** How long a job's state is kept, in milliseconds. */
const JOB_LIFETIME_MS = 30 * 60_000

/** Most bytes of pictures that are kept, of all jobs. */
const KEPT_PICTURES_BYTES = 256 * 1024 * 1024

/** Limits of the pictures that were opened and not yet loaded by their page. */
const OPENED_LIFETIME_MS = 60_000
const OPENED_PICTURES_BYTES = 64 * 1024 * 1024

type TrackedJob = { readonly person: string; readonly since: number; job: DrawingJob }

export function createDrawingService(client: Client<true>, deps: BotDeps): DrawingService {
  const { queue, masks, segments, pictureBudget, log } = deps
  const tracked = new Map<string, TrackedJob>()
  const opened = new Map<string, { readonly bytes: Uint8Array; readonly since: number }>()

  /** @returns also the message to reply to, if the picture is in one */
  async function fetchTarget({ channel, message: id, index, command }: DrawingTarget) {
    // Other people's pictures are visible to the bot only in the interaction that opened the editor.
    const link = (await deps.pictureLinks.get(id))?.[index]
    const { fetchAttachment, release } = pictureBudget.forRequest()
    try {
      if (link) {
        const location = command ? undefined : { channel, message: id, name: link.name }
        const picture = pictureFile(link.name, await fetchOrRefresh(client, link, location, fetchAttachment))
        return { parent: command ? undefined : id, picture, spoiler: isSpoilerLink(link) }
      }
      const message = command ? undefined : await fetchMessage(client, channel, id)
      if (!message) throw new UserError({ code: 'attachment-missing' })
      const picture = await fetchPictureFile(message, index, fetchAttachment)
      return { parent: message.id, picture, spoiler: isSpoiler(message) }
    } finally {
      release()
    }
  }

  function track(id: string, person: string): TrackedJob {
    for (const [old, { since }] of tracked) if (Date.now() - since > JOB_LIFETIME_MS) tracked.delete(old)
    const entry: TrackedJob = { person, since: Date.now(), job: { state: 'waiting', position: 1 } }
    tracked.set(id, entry)
    return entry
  }

  function rememberOpened(target: DrawingTarget, bytes: Uint8Array): void {
    opened.delete(openedKey(target))
    opened.set(openedKey(target), { bytes, since: Date.now() })
    let sum = [...opened.values()].reduce((total, entry) => total + entry.bytes.length, 0)
    for (const [key, entry] of opened) {
      if (sum <= OPENED_PICTURES_BYTES && Date.now() - entry.since <= OPENED_LIFETIME_MS) continue
      opened.delete(key)
      sum -= entry.bytes.length
    }
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

  /** What a job calls so that the page can show it. */
  function trackForPage(
    id: string,
    target: DrawingTarget,
    context: RequestContext,
  ): Pick<JobTrigger, 'onQueued' | 'onEnded'> {
    let result: Promise<PaintResult | undefined> = Promise.resolve(undefined)
    return {
      onQueued: async () => {
        const entry = track(id, target.person)
        result = watch(id, entry, context)
        result.catch(error => {
          log.warn(error, 'editor stopped following its job')
          entry.job = { state: 'failed', message: problemMessage(toProblem(error), context.t) }
        })
      },
      onEnded: message => {
        result.then(
          painted => painted && setDone(id, painted, message, target),
          () => {}, // logged above
        )
      },
    }
  }

  function setDone(id: string, result: PaintResult, message: Message | undefined, target: DrawingTarget): void {
    const entry = tracked.get(id)
    if (!entry) return
    const { task: _task, command: _command, ...opener } = target
    const next = message
      ? result.pictures.map((_, index) => ({ ...opener, channel: message.channelId, message: message.id, index }))
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
      rememberOpened(target, picture.bytes)
      const { engines, settings } = deps
      const rules = target.server === undefined ? undefined : settings.server(target.server)
      const chosen = chosenDefault(settings.person(target.person), rules, engines)
      const defaultFor = (kind: 'inpaint' | 'remove' | 'extend') => engines.forEdit({ kind }, chosen, 'a prompt').name
      return {
        prompt: picture.recipe?.prompt ?? '',
        negative: picture.recipe?.options?.negative ?? '',
        ...(picture.recipe && !isPlainUpscale(picture.recipe.edit) && { engine: picture.recipe.engine }),
        engines: engines.installed().map(engine => {
          const { name, supportsPrompt } = engine
          return { name, supportsPrompt, controls: controlTextsOf(engine) }
        }),
        frameSizes: Object.entries(PURPOSES).map(([purpose, size]) => {
          const { width, height } = parseFit(size)
          return { purpose, width, height }
        }),
        ...(target.task && { task: target.task }),
        canSelect: segments.isAvailable(),
        defaultEngines: { inpaint: defaultFor('inpaint'), remove: defaultFor('remove'), extend: defaultFor('extend') },
      }
    },

    async picture(target) {
      const bytes = opened.get(openedKey(target))?.bytes
      opened.delete(openedKey(target))
      return bytes ?? (await fetchTarget(target)).picture.bytes
    },

    async submit(target, { edit: requested, options, ...more }, mask) {
      const request = { ...more, options: parseDiffusionOptions(options ?? {}) }
      const asked = parseEdit(requested)
      const context = await contextOfMember(client, target, deps)
      applyPolicy({ edit: asked, ...request }, context)
      const { parent, picture, spoiler } = await fetchTarget(target)
      const edit = keepingAlphaOf(picture, asked)
      const drawing = needsMask(edit) ? await drawnMask(picture.bytes, mask) : undefined
      const params = { edit, ...request, spoiler }
      const input = { ...params, source: picture.bytes, mask: drawing?.mask, parent }
      // The result goes to the channel, as if a message of the person had asked for it.
      const id = SnowflakeUtil.generate().toString()
      const { person, channel } = target
      const address = { kind: 'message', id, person, channel, ...(parent !== undefined && { parent }) } as const
      const responder = resumeChannelResponder(client, address, error =>
        log.warn(error, 'progress message not deleted'),
      )
      await submitJob({ id, ...trackForPage(id, target, context) }, responder, input, context, deps)
      return id
    },

    async select(target, { points, box }) {
      const picture = async () => (await fetchTarget(target)).picture.bytes
      const { content, masks, best } = await segments.select(pictureKey(target), picture, { points, box })
      const base64 = (png: Uint8Array) => Buffer.from(png).toString('base64')
      const { small, medium, large } = masks
      return { content, masks: { small: base64(small), medium: base64(medium), large: base64(large) }, best }
    },

    jobState(target, id) {
      const entry = tracked.get(id)
      return entry?.person === target.person ? entry.job : undefined
    },

    describeProblem: ({ locale }, problem) => problemMessage(problem, translationsFor(locale ?? null)),
  }
}

/** A picture, whoever opened it. */
function pictureKey({ channel, message, index }: DrawingTarget): string {
  return `${channel} ${message} ${index}`
}

/** A picture that is open, by who opened it. */
function openedKey({ person, message, index }: DrawingTarget): string {
  return `${person} ${message} ${index}`
}

function bytesOf(job: DrawingJob): number {
  return job.state === 'done' ? job.pictures.reduce((sum, { length }) => sum + length, 0) : 0
}

function toDrawingJob(state: Exclude<QueuedJobState, { state: 'done' }>, { t }: RequestContext): DrawingJob {
  switch (state.state) {
    case 'waiting':
      return { state: 'waiting', position: state.position }
    case 'running':
      return { state: 'running', progress: state.progress, ...(state.preview && { preview: state.preview }) }
    case 'failed':
      return { state: 'failed', message: problemMessage(state.problem, t) }
    case 'cancelled':
      return { state: 'failed', message: problemMessage({ code: 'cancelled' }, t) }
  }
}
