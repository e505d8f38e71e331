import type { Message, MessageContextMenuCommandInteraction } from 'discord.js'
import type { PictureLink } from '../../commands/command.js'
import { formatRecipe } from '../../commands/recipe.js'
import { parseEdit } from '../../inference/pipeline/edit.js'
import { readRecipe } from '../../inference/pipeline/recipe-file.js'
import { UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { submitJob } from '../jobs/submit.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import { fetchMessage, isHiddenByRecipe } from '../messages/message-files.js'
import { attachedPictures, noPictureProblem, pictureLinksIn } from '../messages/shown-pictures.js'
import type { RequestContext } from '../request-context.js'
import { textView } from '../views/message-view.js'
import { extendModal, fitModal, maskModal, upscaleModal, whichPictureModal } from '../views/modal-views.js'
import { DIRECT_EDITS } from './direct-edits.js'
import { confirmOrSubmit } from './mask-confirmation.js'
import { fetchPlannedPicture, plannedPictures } from './mask-plan.js'
import { canOfferEditor, type EditorTask, offerEditor } from './offer-editor.js'

/** Discord waits 3 seconds for a modal. The message that a mask replies to is looked for in part of them. */
const PARENT_TIMEOUT_MS = 1500

/** @throws UserError */
export async function handleContextMenu(
  interaction: MessageContextMenuCommandInteraction,
  responder: InteractionResponder,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const command = deps.contextMenuCommands.find(({ data }) => data.name === interaction.commandName)
  if (!command) throw new Error(`no command ${interaction.commandName}`)
  const { targetMessage: target } = interaction
  const { person, t } = context
  const links = pictureLinksIn(target)
  if (links.length === 0) throw new UserError(noPictureProblem(target))
  const { kind } = command
  if (kind === 'recipe') return showRecipe(responder, links, context, deps)
  await deps.pictureLinks.set(target.id, links)
  const action = { on: 'message', channel: target.channelId, message: target.id, owner: person.id } as const
  switch (kind) {
    case 'zoom':
    case 'square':
    case 'upscale': {
      if (kind === 'upscale' && context.engines.installed().some(({ supportsTextToImage }) => supportsTextToImage)) {
        return responder.showModal(upscaleModal({ ...action, kind }, links.length, t))
      }
      if (links.length > 1) return responder.showModal(whichPictureModal({ ...action, kind }, links.length, t))
      await responder.defer(false)
      const plan = { pictures: plannedPictures(links, target), index: 0 }
      const source = await fetchPlannedPicture(interaction.client, plan, deps.fetchAttachment)
      const spoiler = links[0]?.spoiler
      const input = { edit: DIRECT_EDITS[kind], prompt: '', source, parent: target.id, spoiler }
      return submitJob(interaction, responder, input, context, deps)
    }
    case 'extend':
      if (canOfferEditor(responder, deps)) return offerEditor(interaction, responder, editorTask(kind), context, deps)
      return responder.showModal(extendModal({ ...action, kind }, links.length, t))
    case 'fit':
      return responder.showModal(fitModal({ ...action, kind }, links.length, t))
    case 'region':
    case 'remove': {
      const parent = await maskedMessage(target)
      if (parent) return repaintByTarget(interaction, responder, { kind, parent }, context, deps)
      if (canOfferEditor(responder, deps)) return offerEditor(interaction, responder, editorTask(kind), context, deps)
      const prompt = kind === 'region' ? '' : undefined
      const findsObjects = deps.segments.isAvailable()
      return responder.showModal(
        maskModal({ ...action, kind }, { pictureCount: links.length, prompt, findsObjects }, t),
      )
    }
  }

  /** The editor for each picture of the message. */
  function editorTask(kind: 'extend' | 'region' | 'remove'): EditorTask {
    const indices = links.map((_, index) => index)
    const objects = { region: 'objects', remove: 'remove-objects', extend: undefined } as const
    const byNumbers = deps.segments.isAvailable() ? objects[kind] : undefined
    return {
      kind,
      message: target.id,
      indices,
      prompt: '',
      modal: { ...action, kind },
      ...(byNumbers && { objects: { ...action, kind: byNumbers } }),
    }
  }
}

/** Show how the first picture that has a recipe was painted. @throws UserError `recipe-missing` */
async function showRecipe(
  responder: InteractionResponder,
  links: readonly PictureLink[],
  { t }: RequestContext,
  { fetchAttachment }: BotDeps,
): Promise<void> {
  await responder.defer(true)
  for (const link of links) {
    const recipe = readRecipe(await fetchAttachment(link))
    if (recipe) return responder.notify(textView(formatRecipe(recipe, t)))
  }
  throw new UserError({ code: 'recipe-missing' })
}

/** The bot's result that a person's reply with one picture, a mask, is for. */
async function maskedMessage(target: Message): Promise<Message | undefined> {
  const { reference, author, client, attachments } = target
  const isOne = attachments.size === 1 && attachedPictures(target).length === 1
  if (!reference?.messageId || author.id === client.user.id || !isOne) return undefined
  const timeout = new Promise<undefined>(resolve => setTimeout(resolve, PARENT_TIMEOUT_MS, undefined).unref())
  const parent = await Promise.race([fetchMessage(client, reference.channelId, reference.messageId), timeout])
  const isResult = parent?.author.id === client.user.id && pictureLinksIn(parent).length > 0
  return isResult ? parent : undefined
}

/** Repaint a result by the mask in the message that the context menu was opened on. @throws UserError */
async function repaintByTarget(
  interaction: MessageContextMenuCommandInteraction,
  responder: InteractionResponder,
  { kind, parent }: { readonly kind: 'region' | 'remove'; readonly parent: Message },
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  await responder.defer(true)
  const { targetMessage: target, client } = interaction
  const { fetchAttachment, masks } = deps
  const pictures = plannedPictures(pictureLinksIn(parent), parent)
  const [mask] = attachedPictures(target)
  if (!mask) throw new UserError({ code: 'attachment-missing' })
  const drawn = await fetchAttachment(mask)
  const files = await Promise.all(
    pictures.map((_, index) => fetchPlannedPicture(client, { pictures, index }, fetchAttachment)),
  )
  const { drawing, index } = await masks.match(drawn, files)
  const edit = parseEdit({ kind: kind === 'region' ? 'inpaint' : 'remove' })
  const prompt = kind === 'region' ? target.content : ''
  const spoiler = mask.spoiler === true || isHiddenByRecipe(files[index])
  const plan = { edit, prompt, parent: parent.id, pictures, index, spoiler }
  await confirmOrSubmit(interaction, responder, plan, drawing, context, deps)
}
