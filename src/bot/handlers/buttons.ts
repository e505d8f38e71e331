import { type ButtonInteraction, InteractionContextType, type Message, PermissionFlagsBits } from 'discord.js'
import { formatRecipe } from '../../commands/recipe.js'
import { fileExtension, readSize } from '../../inference/image/decode.js'
import type { Edit } from '../../inference/pipeline/edit.js'
import type { Recipe } from '../../inference/pipeline/recipe.js'
import { UserError } from '../../user-error.js'
import { type ComponentAction, type PictureAction, parseCustomId } from '../custom-id.js'
import type { BotDeps } from '../deps.js'
import type { DrawingTarget } from '../drawing/session.js'
import { BOT_FILE_LIMIT_BYTES, type JobInput, submitJob } from '../jobs/submit.js'
import { zoomHistory } from '../messages/history.js'
import { type InteractionResponder, sendDirectMessage } from '../messages/interaction-responder.js'
import {
  fetchMessage,
  fetchPictureFile,
  fetchSourceFiles,
  pictureLinksIn,
  type SourceFiles,
  sourceAttachments,
} from '../messages/result-files.js'
import type { RequestContext } from '../request-context.js'
import { parseBlockQuote } from '../views/block-quote.js'
import { drawingLinkView } from '../views/drawing-view.js'
import { highlightButton } from '../views/highlight-button.js'
import { type MessageView, textView } from '../views/message-view.js'
import { customZoomModal, maskModal, remixModal } from '../views/modal-views.js'
import { journeyView, originalView, type PaintedFile, type PictureFile, resultView } from '../views/result-view.js'
import { handleConfirmationButton } from './mask-confirmation.js'

/** How far the way back to the first picture may be, in messages. */
const LONGEST_WAY = 100

/** What an arrow adds to its side, as Midjourney's do. */
const PAN = { percent: 50 } as const
const NOTHING = { pixels: 0 } as const
const STAY = { kind: 'extend', left: NOTHING, right: NOTHING, top: NOTHING, bottom: NOTHING } as const

/** Edits that need nothing but the picture. */
const EDITS: Partial<Record<PictureAction, Edit>> = {
  'zoom-2': { kind: 'zoom', factor: 2, grow: false },
  'zoom-1.5': { kind: 'zoom', factor: 1.5, grow: false },
  square: { kind: 'square' },
  left: { ...STAY, left: PAN },
  right: { ...STAY, right: PAN },
  up: { ...STAY, top: PAN },
  down: { ...STAY, bottom: PAN },
  vary: { kind: 'vary', strength: 'strong' },
  'vary-strong': { kind: 'vary', strength: 'strong' },
  'vary-subtle': { kind: 'vary', strength: 'subtle' },
}

/** A button was pressed. @throws ProblemError */
export async function handleButton(
  interaction: ButtonInteraction,
  answer: InteractionResponder,
  here: RequestContext,
  parts: BotDeps,
): Promise<void> {
  const action = parseCustomId(interaction.customId)
  switch (action.on) {
    case 'job':
      return cancel(answer, action, here)
    case 'card':
      return handleConfirmationButton(interaction, answer, action, here, parts)
    case 'picture':
      return onPicture(interaction, answer, action, here, parts)
    case 'message':
      if (action.kind !== 'region') throw new UserError({ code: 'button-unknown' }) // a dialog's, not a button's
      if (action.owner !== here.person.id) throw new UserError({ code: 'not-yours' })
      return answer.showModal(maskModal(action, { pictures: 1, prompt: promptOf(interaction.message) }, here.t))
  }
}

async function onPicture(
  interaction: ButtonInteraction,
  answer: InteractionResponder,
  action: Extract<ComponentAction, { on: 'picture' }>,
  here: RequestContext,
  parts: BotDeps,
): Promise<void> {
  const { message } = interaction
  const { kind, index } = action
  assertMayPress(action, here)
  switch (kind) {
    case 'custom-zoom':
      return answer.showModal(customZoomModal(action, promptOf(message), here.t))
    case 'remix':
      return answer.showModal(remixModal(action, promptOf(message), here.t))
    case 'region':
      return askRegion(interaction, answer, action, here, parts)
    case 'delete':
      await answer.update()
      return interaction.deleteReply()
    case 'recipe': {
      await answer.defer(true)
      const { recipe } = requireRecipe(await fetchPictureFile(message, index, parts.fetchAttachment))
      return answer.notify(textView(formatRecipe(recipe, here.t)))
    }
    case 'direct': {
      await answer.defer(true)
      const sheet = await fetchPictureFile(message, index, parts.fetchAttachment)
      const origin = await fetchSourceFiles(message, parts.fetchAttachment)
      const view = await sheetView(sheet, origin, { ...here, publicT: here.t }, message, [])
      await sendDirectMessage(interaction.user, view)
      return answer.notify(textView(here.t.direct.sent))
    }
  }
  await answer.update(highlightButton(message, interaction.customId))
  if (kind === 'original') return showOriginal(interaction, answer, here, parts)
  if (kind === 'journey') return showJourney(interaction, answer, here, parts)
  const sheet = await fetchPictureFile(message, index, parts.fetchAttachment)
  if (kind === 'take') {
    const note = here.publicT.result.pickedBy(`<@${here.person.id}>`)
    const number = here.publicT.result.imageNumber(index + 1)
    const origin = await fetchSourceFiles(message, parts.fetchAttachment)
    const view = await sheetView(sheet, origin, here, message, [number, note])
    await answer.deliver(() => view, message.id)
    return
  }
  await submitJob(interaction, answer, await orderOf(kind, sheet, message, parts), here, parts)
}

/** A page to draw on where there is one, and a dialog to send a mask or to name fields. */
async function askRegion(
  interaction: ButtonInteraction,
  answer: InteractionResponder,
  action: Extract<ComponentAction, { on: 'picture' }>,
  { person, server, t }: RequestContext,
  { drawingLink, asked, log }: BotDeps,
): Promise<void> {
  const { id, message, channelId, locale } = interaction
  const prompt = promptOf(message)
  // The page has to read the message by itself, long after it was pressed.
  if (!drawingLink || !answer.canPost()) {
    return answer.showModal(maskModal(action, { pictures: 1, prompt }, t))
  }
  const picture = { person: person.id, channel: channelId, message: message.id, index: action.index, locale }
  const region = { ...picture, ...(server !== undefined && { server }) }
  const isOpened = asked !== undefined && mayLaunch(interaction) && (await opened(region))
  if (!isOpened) await answer.defer(true)
  const link = await drawingLink(region)
  const mask = { on: 'message', kind: 'region', channel: channelId, message: message.id, owner: person.id } as const
  const others = answer.notify(drawingLinkView(link, mask, prompt, isOpened, t))
  // What was asked for is there already.
  return isOpened ? others.catch(error => log.warn(error, 'the other ways to draw were not shown')) : others

  async function opened(region: DrawingTarget): Promise<boolean> {
    // The page may look for it as soon as it is open.
    await asked?.set(region, id)
    const refusal = await answer.launchActivity()
    if (refusal) log.warn(refusal, 'no activity was opened')
    return !refusal
  }
}

/** Whether Discord opens our page within itself for them there. Of direct messages with a bot it does not say. */
function mayLaunch({ context, memberPermissions }: ButtonInteraction): boolean {
  const may = memberPermissions?.has(PermissionFlagsBits.UseEmbeddedActivities) ?? false
  return context === InteractionContextType.Guild && may
}

/** @throws ProblemError `not-yours` */
export function assertMayPress(
  { kind, owner }: Extract<ComponentAction, { on: 'picture' }>,
  { person, server, settings }: RequestContext,
): void {
  if (owner === person.id || person.isManager) return
  const others = kind !== 'delete' && (server === undefined || settings.server(server).buttons === 'all')
  if (!others && kind !== 'recipe' && kind !== 'direct') throw new UserError({ code: 'not-yours' })
}

/** What a button asks for. @throws ProblemError */
async function orderOf(kind: PictureAction, sheet: PictureFile, message: Message, parts: BotDeps): Promise<JobInput> {
  if (kind === 'redo')
    return jobInputFromRecipe(requireRecipe(sheet).recipe, message, parts, pictureLinksIn(message).length)
  const edit = EDITS[kind]
  if (!edit) throw new Error(`the button ${kind} asks for no edit`)
  const { prompt = '', engine, options } = sheet.recipe ?? {}
  const { mask } = edit.kind === 'vary' ? await fetchSourceFiles(message, parts.fetchAttachment) : { mask: undefined }
  const spoiler = isSpoiler(message)
  return { edit, prompt, engine, options, source: sheet.bytes, mask, parent: message.id, spoiler }
}

/** What a message's pictures were made by, once more. @throws ProblemError `source-missing` */
export async function jobInputFromRecipe(
  { edit, prompt, engine, options }: Recipe,
  message: Message,
  { fetchAttachment }: BotDeps,
  variations?: number,
): Promise<JobInput> {
  const { source, mask } = await fetchSourceFiles(message, fetchAttachment)
  if (!source && edit.kind !== 'imagine') throw new UserError({ code: 'source-missing' })
  const made = { edit, prompt, engine, options }
  return { ...made, variations, source, mask, parent: message.id, spoiler: isSpoiler(message) }
}

async function showOriginal(
  interaction: ButtonInteraction,
  answer: InteractionResponder,
  here: RequestContext,
  { fetchAttachment }: BotDeps,
): Promise<void> {
  let first: Message = interaction.message
  for (let step = 0; step < LONGEST_WAY && first.reference?.messageId; step++) {
    const parent = await fetchMessage(interaction.client, first.reference.channelId, first.reference.messageId)
    if (!parent || parent.author.id !== interaction.client.user.id || pictureLinksIn(parent).length === 0) break
    first = parent
  }
  const { source } = await fetchSourceFiles(first, fetchAttachment)
  if (!source) throw new UserError({ code: 'source-missing' })
  const sheet = {
    name: `original.${await fileExtension(source)}`,
    bytes: source,
    recipe: undefined,
    ...(await readSize(source)),
  }
  const notes = [here.publicT.result.requestedBy(`<@${here.person.id}>`)]
  const spoiler = isSpoiler(interaction.message)
  const options = { words: here.publicT, owner: here.person.id, spoiler, notes }
  await answer.deliver(() => originalView(sheet, options), interaction.message.id)
}

/** A film of stepping back from the first picture to this one. */
async function showJourney(
  { message, attachmentSizeLimit }: ButtonInteraction,
  answer: InteractionResponder,
  { publicT: words, person }: RequestContext,
  { films, fetchAttachment }: BotDeps,
): Promise<void> {
  const stages = await zoomHistory(message, fetchAttachment)
  const film = await films.render(stages, Math.min(attachmentSizeLimit, BOT_FILE_LIMIT_BYTES))
  const notes = [words.result.requestedBy(`<@${person.id}>`)]
  const options = { words, owner: person.id, spoiler: isSpoiler(message), notes }
  await answer.deliver(() => journeyView(film, stages.length, options), message.id)
}

/** One picture on its own, with what it was made from. */
async function sheetView(
  sheet: PictureFile,
  origin: SourceFiles,
  { publicT: words, person }: RequestContext,
  message: Message,
  notes: readonly string[],
): Promise<MessageView> {
  const options = { words, owner: person.id, spoiler: isSpoiler(message), notes }
  const name = `overscan-1.${sheet.name.split('.').at(-1)}`
  if (!sheet.recipe) return originalView(sheet, options)
  return resultView([requireRecipe({ ...sheet, name })], { ...options, keep: await sourceAttachments(origin) })
}

/** @throws ProblemError `recipe-missing` */
export function requireRecipe(sheet: PictureFile): PaintedFile {
  if (!sheet.recipe) throw new UserError({ code: 'recipe-missing' })
  return { ...sheet, recipe: sheet.recipe }
}

/** The prompt as the message quotes it: a dialog has to open at once, with no time to fetch the picture. */
function promptOf({ components }: Message): string {
  return components.flatMap(one => ('content' in one && one.content ? [parseBlockQuote(one.content)] : [])).join('\n')
}

/** What was hidden stays hidden in what is made of it. */
export function isSpoiler({ components }: Message): boolean {
  return components.some(one => 'items' in one && one.items.some(item => item.spoiler))
}

async function cancel(
  answer: InteractionResponder,
  { job, owner }: Extract<ComponentAction, { on: 'job' }>,
  { queue, person }: RequestContext,
): Promise<void> {
  if (owner !== person.id && !person.isManager) throw new UserError({ code: 'not-yours' })
  // What is cancelled takes this message away: first things first.
  await answer.update()
  if (!(await queue.cancel(job))) throw new UserError({ code: 'job-already-ended' })
}
