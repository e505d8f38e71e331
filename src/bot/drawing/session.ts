import { type Client, SnowflakeUtil } from 'discord.js'
import { PURPOSES } from '../../commands/fit.js'
import { problemMessage, translationsFor } from '../../i18n/i18n.js'
import { controlTextsOf } from '../../inference/engines/default-control.js'
import { type Edit, isPlainUpscale, needsMask, parseFit } from '../../inference/pipeline/edit.js'
import { parseDiffusionOptions } from '../../inference/pipeline/options.js'
import type { ObjectSelection, OpenedDrawing } from '../../protocol/drawing.js'
import type { DrawingRequest, SelectionRequest } from '../../protocol/drawing-request.js'
import { type Problem, UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { UPSCALE_EDITS } from '../handlers/direct-edits.js'
import { keepingAlphaOf } from '../handlers/repaint.js'
import { applyPolicy, chosenDefault } from '../jobs/policy.js'
import { submitJob } from '../jobs/submit.js'
import { resumeChannelResponder } from '../messages/channel-responder.js'
import { fetchMessage, fetchOrRefresh, fetchPictureFile, pictureFile } from '../messages/message-files.js'
import { isSpoiler, isSpoilerLink } from '../messages/shown-pictures.js'
import { contextOfMember } from '../request-context.js'
import type { PictureFile } from '../views/result-view.js'
import { type DrawingDraft, editOfDraft, optionsOfDraft, shownDraft } from './drafts.js'
import { openedPictures } from './opened-pictures.js'
import type { DrawingTarget } from './target.js'
import { type DrawingJob, trackJobs } from './tracked-jobs.js'

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

export function createDrawingService(client: Client<true>, deps: BotDeps): DrawingService {
  const { queue, masks, segments, pictureBudget, log } = deps
  const jobs = trackJobs(queue, log)
  const opened = openedPictures()

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

  async function draftOf({ message, command }: DrawingTarget): Promise<DrawingDraft | undefined> {
    return command ? deps.drawingDrafts.get(message) : undefined
  }

  async function drawnMask(picture: Uint8Array, mask: Uint8Array | undefined) {
    if (!mask) throw new UserError({ code: 'mask-missing' })
    return masks.adjust(mask, picture, 'same')
  }

  return {
    async open(target) {
      const [{ picture }, draft] = await Promise.all([fetchTarget(target), draftOf(target)])
      opened.remember(target, picture.bytes)
      return describeDrawing(target, picture, draft, deps)
    },

    async picture(target) {
      return opened.take(target) ?? (await fetchTarget(target)).picture.bytes
    },

    async submit(target, { edit: requested, options, ...more }, mask) {
      const draft = await draftOf(target)
      const request = { ...more, options: parseDiffusionOptions(optionsOfDraft(options ?? {}, draft)) }
      const asked = askedEdit(requested, draft)
      const context = await contextOfMember(client, target, deps)
      applyPolicy({ edit: asked, ...request }, context)
      const { parent, picture, spoiler } = await fetchTarget(target)
      const edit = keepingAlphaOf(picture, asked)
      const drawing = needsMask(edit) ? await drawnMask(picture.bytes, mask) : undefined
      // An upscaler reads no prompt. Who paints on goes on with that of the picture.
      const kept = isPlainUpscale(edit) && { prompt: picture.recipe?.prompt ?? '' }
      const params = { edit, ...request, ...kept, spoiler }
      const input = { ...params, source: picture.bytes, mask: drawing?.mask, parent }
      // The result goes to the channel, as if a message of the person had asked for it.
      const id = SnowflakeUtil.generate().toString()
      const { person, channel } = target
      const address = { kind: 'message', id, person, channel, ...(parent !== undefined && { parent }) } as const
      const responder = resumeChannelResponder(client, address, error =>
        log.warn(error, 'progress message not deleted'),
      )
      await submitJob({ id, ...jobs.trigger(id, target, context) }, responder, input, context, deps)
      return id
    },

    async select(target, { points, box }) {
      const picture = async () => (await fetchTarget(target)).picture.bytes
      const { content, masks, best } = await segments.select(pictureKey(target), picture, { points, box })
      const base64 = (png: Uint8Array) => Buffer.from(png).toString('base64')
      const { small, medium, large } = masks
      return { content, masks: { small: base64(small), medium: base64(medium), large: base64(large) }, best }
    },

    jobState: (target, id) => jobs.stateOf(id, target),

    describeProblem: ({ locale }, problem) => problemMessage(problem, translationsFor(locale ?? null)),
  }
}

/** What the page begins with. */
function describeDrawing(
  target: DrawingTarget,
  { recipe }: PictureFile,
  draft: DrawingDraft | undefined,
  { engines, settings, segments }: BotDeps,
): Awaited<ReturnType<DrawingService['open']>> {
  const rules = target.server === undefined ? undefined : settings.server(target.server)
  const chosen = chosenDefault(settings.person(target.person), rules, engines)
  const defaultFor = (kind: 'inpaint' | 'remove' | 'extend') => engines.forEdit({ kind }, chosen, 'a prompt').name
  const painter = recipe && !isPlainUpscale(recipe.edit) ? recipe.engine : undefined
  const engine = draft?.engine ?? painter
  return {
    prompt: draft?.prompt || (recipe?.prompt ?? ''),
    negative: draft?.options?.negative ?? recipe?.options?.negative ?? '',
    ...(engine !== undefined && { engine }),
    ...(draft && { draft: shownDraft(draft) }),
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
}

function askedEdit(requested: DrawingRequest['edit'], draft: DrawingDraft | undefined): Edit {
  if (requested.kind === 'upscale') return UPSCALE_EDITS[requested.way]
  if (requested.kind !== 'inpaint') return editOfDraft(requested, draft)
  // A strength that the form leaves empty is the default.
  const shown = { ...requested, strength: requested.strength }
  return editOfDraft(shown, draft)
}

/** A picture, whoever opened it. */
function pictureKey({ channel, message, index }: DrawingTarget): string {
  return `${channel} ${message} ${index}`
}
