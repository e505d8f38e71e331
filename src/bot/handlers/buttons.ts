import { type ButtonInteraction, InteractionContextType, type Message, PermissionFlagsBits } from 'discord.js'
import { recipeText } from '../../commands/recipe.js'
import { extensionOf, sizeOf } from '../../inference/image/decode.js'
import type { Edit } from '../../inference/pipeline/edit.js'
import type { Recipe } from '../../inference/pipeline/recipe.js'
import { ProblemError } from '../../user-error.js'
import { type Action, type PictureAction, parseCustomId } from '../custom-id.js'
import type { Parts } from '../deps.js'
import type { Region } from '../drawing/session.js'
import { FILE_LIMIT, type Order, paintOrder } from '../jobs/submit.js'
import { stagesOf } from '../messages/history.js'
import { type InteractionResponder, sendDirectly } from '../messages/interaction-responder.js'
import { kept, messageAt, type Origin, originOf, picturesIn, sheetOf } from '../messages/result-files.js'
import type { Here } from '../request-context.js'
import { quoted } from '../views/block-quote.js'
import { regionView } from '../views/drawing-view.js'
import { pressed } from '../views/highlight-button.js'
import { textView, type View } from '../views/message-view.js'
import { customZoomDialog, regionDialog, remixDialog } from '../views/modal-views.js'
import { journeyView, originalView, type PaintedSheet, resultView, type Sheet } from '../views/result-view.js'
import { onCard } from './mask-confirmation.js'

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
export async function onButton(
  interaction: ButtonInteraction,
  answer: InteractionResponder,
  here: Here,
  parts: Parts,
): Promise<void> {
  const action = parseCustomId(interaction.customId)
  switch (action.on) {
    case 'job':
      return cancel(answer, action, here)
    case 'card':
      return onCard(interaction, answer, action, here, parts)
    case 'picture':
      return onPicture(interaction, answer, action, here, parts)
    case 'message':
      if (action.kind !== 'region') throw new ProblemError({ code: 'button-unknown' }) // a dialog's, not a button's
      if (action.owner !== here.person.id) throw new ProblemError({ code: 'not-yours' })
      return answer.ask(regionDialog(action, { pictures: 1, prompt: promptOf(interaction.message) }, here.words))
  }
}

async function onPicture(
  interaction: ButtonInteraction,
  answer: InteractionResponder,
  action: Extract<Action, { on: 'picture' }>,
  here: Here,
  parts: Parts,
): Promise<void> {
  const { message } = interaction
  const { kind, index } = action
  mayPress(action, here)
  switch (kind) {
    case 'custom-zoom':
      return answer.ask(customZoomDialog(action, promptOf(message), here.words))
    case 'remix':
      return answer.ask(remixDialog(action, promptOf(message), here.words))
    case 'region':
      return askRegion(interaction, answer, action, here, parts)
    case 'delete':
      await answer.press()
      return interaction.deleteReply()
    case 'recipe': {
      await answer.think(true)
      const { recipe } = painted(await sheetOf(message, index, parts.fetchAttachment))
      return answer.tell(textView(recipeText(recipe, here.words)))
    }
    case 'direct': {
      await answer.think(true)
      const sheet = await sheetOf(message, index, parts.fetchAttachment)
      const origin = await originOf(message, parts.fetchAttachment)
      const view = await sheetView(sheet, origin, { ...here, publicWords: here.words }, message, [])
      await sendDirectly(interaction.user, view)
      return answer.tell(textView(here.words.direct.sent))
    }
  }
  await answer.press(pressed(message, interaction.customId))
  if (kind === 'original') return showOriginal(interaction, answer, here, parts)
  if (kind === 'journey') return showJourney(interaction, answer, here, parts)
  const sheet = await sheetOf(message, index, parts.fetchAttachment)
  if (kind === 'take') {
    const note = here.publicWords.result.takenOut(`<@${here.person.id}>`)
    const number = here.publicWords.result.imageNumber(index + 1)
    const origin = await originOf(message, parts.fetchAttachment)
    const view = await sheetView(sheet, origin, here, message, [number, note])
    await answer.finish(() => view, message.id)
    return
  }
  await paintOrder(interaction, answer, await orderOf(kind, sheet, message, parts), here, parts)
}

/** A page to draw on where there is one, and a dialog to send a mask or to name fields. */
async function askRegion(
  interaction: ButtonInteraction,
  answer: InteractionResponder,
  action: Extract<Action, { on: 'picture' }>,
  { person, server, words }: Here,
  { regionLink, asked, log }: Parts,
): Promise<void> {
  const { id, message, channelId, locale } = interaction
  const prompt = promptOf(message)
  // The page has to read the message by itself, long after it was pressed.
  if (!regionLink || !answer.isOpen()) {
    return answer.ask(regionDialog(action, { pictures: 1, prompt }, words))
  }
  const picture = { person: person.id, channel: channelId, message: message.id, index: action.index, locale }
  const region = { ...picture, ...(server !== undefined && { server }) }
  const isOpened = asked !== undefined && mayLaunch(interaction) && (await opened(region))
  if (!isOpened) await answer.think(true)
  const link = await regionLink(region)
  const mask = { on: 'message', kind: 'region', channel: channelId, message: message.id, owner: person.id } as const
  const others = answer.tell(regionView(link, mask, prompt, isOpened, words))
  // What was asked for is there already.
  return isOpened ? others.catch(error => log.warn(error, 'the other ways to draw were not shown')) : others

  async function opened(region: Region): Promise<boolean> {
    // The page may look for it as soon as it is open.
    await asked?.keep(region, id)
    const refusal = await answer.launch()
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
export function mayPress(
  { kind, owner }: Extract<Action, { on: 'picture' }>,
  { person, server, settings }: Here,
): void {
  if (owner === person.id || person.manager) return
  const others = kind !== 'delete' && (server === undefined || settings.server(server).buttons === 'all')
  if (!others && kind !== 'recipe' && kind !== 'direct') throw new ProblemError({ code: 'not-yours' })
}

/** What a button asks for. @throws ProblemError */
async function orderOf(kind: PictureAction, sheet: Sheet, message: Message, parts: Parts): Promise<Order> {
  if (kind === 'redo') return again(painted(sheet).recipe, message, parts, picturesIn(message).length)
  const edit = EDITS[kind]
  if (!edit) throw new Error(`the button ${kind} asks for no edit`)
  const { prompt = '', engine, options } = sheet.recipe ?? {}
  const { mask } = edit.kind === 'vary' ? await originOf(message, parts.fetchAttachment) : { mask: undefined }
  const spoiler = isSpoiler(message)
  return { edit, prompt, engine, options, source: sheet.bytes, mask, parent: message.id, spoiler }
}

/** What a message's pictures were made by, once more. @throws ProblemError `source-missing` */
export async function again(
  { edit, prompt, engine, options }: Recipe,
  message: Message,
  { fetchAttachment }: Parts,
  variations?: number,
): Promise<Order> {
  const { source, mask } = await originOf(message, fetchAttachment)
  if (!source && edit.kind !== 'imagine') throw new ProblemError({ code: 'source-missing' })
  const made = { edit, prompt, engine, options }
  return { ...made, variations, source, mask, parent: message.id, spoiler: isSpoiler(message) }
}

async function showOriginal(
  interaction: ButtonInteraction,
  answer: InteractionResponder,
  here: Here,
  { fetchAttachment }: Parts,
): Promise<void> {
  let first: Message = interaction.message
  for (let step = 0; step < LONGEST_WAY && first.reference?.messageId; step++) {
    const parent = await messageAt(interaction.client, first.reference.channelId, first.reference.messageId)
    if (!parent || parent.author.id !== interaction.client.user.id || picturesIn(parent).length === 0) break
    first = parent
  }
  const { source } = await originOf(first, fetchAttachment)
  if (!source) throw new ProblemError({ code: 'source-missing' })
  const sheet = {
    name: `original.${await extensionOf(source)}`,
    bytes: source,
    recipe: undefined,
    ...(await sizeOf(source)),
  }
  const notes = [here.publicWords.result.forPerson(`<@${here.person.id}>`)]
  const spoiler = isSpoiler(interaction.message)
  const options = { words: here.publicWords, owner: here.person.id, spoiler, notes }
  await answer.finish(() => originalView(sheet, options), interaction.message.id)
}

/** A film of stepping back from the first picture to this one. */
async function showJourney(
  { message, attachmentSizeLimit }: ButtonInteraction,
  answer: InteractionResponder,
  { publicWords: words, person }: Here,
  { films, fetchAttachment }: Parts,
): Promise<void> {
  const stages = await stagesOf(message, fetchAttachment)
  const film = await films.film(stages, Math.min(attachmentSizeLimit, FILE_LIMIT))
  const notes = [words.result.forPerson(`<@${person.id}>`)]
  const options = { words, owner: person.id, spoiler: isSpoiler(message), notes }
  await answer.finish(() => journeyView(film, stages.length, options), message.id)
}

/** One picture on its own, with what it was made from. */
async function sheetView(
  sheet: Sheet,
  origin: Origin,
  { publicWords: words, person }: Here,
  message: Message,
  notes: readonly string[],
): Promise<View> {
  const options = { words, owner: person.id, spoiler: isSpoiler(message), notes }
  const name = `overscan-1.${sheet.name.split('.').at(-1)}`
  if (!sheet.recipe) return originalView(sheet, options)
  return resultView([painted({ ...sheet, name })], { ...options, keep: await kept(origin) })
}

/** @throws ProblemError `recipe-missing` */
export function painted(sheet: Sheet): PaintedSheet {
  if (!sheet.recipe) throw new ProblemError({ code: 'recipe-missing' })
  return { ...sheet, recipe: sheet.recipe }
}

/** The prompt as the message quotes it: a dialog has to open at once, with no time to fetch the picture. */
function promptOf({ components }: Message): string {
  return components.flatMap(one => ('content' in one && one.content ? [quoted(one.content)] : [])).join('\n')
}

/** What was hidden stays hidden in what is made of it. */
export function isSpoiler({ components }: Message): boolean {
  return components.some(one => 'items' in one && one.items.some(item => item.spoiler))
}

async function cancel(
  answer: InteractionResponder,
  { job, owner }: Extract<Action, { on: 'job' }>,
  { queue, person }: Here,
): Promise<void> {
  if (owner !== person.id && !person.manager) throw new ProblemError({ code: 'not-yours' })
  // What is cancelled takes this message away: first things first.
  await answer.press()
  if (!(await queue.cancel(job))) throw new ProblemError({ code: 'ended-already' })
}
