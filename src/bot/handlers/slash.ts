import type { ChatInputCommandInteraction } from 'discord.js'
import type { EditRequest } from '../../commands/command.js'
import { inpaintCommand } from '../../commands/inpaint.js'
import { removeCommand } from '../../commands/remove.js'
import { type Edit, needsMask } from '../../inference/pipeline/edit.js'
import { fingerprint } from '../../inference/pipeline/recipe.js'
import { type Problem, UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { applyPolicy } from '../jobs/policy.js'
import { submitJob } from '../jobs/submit.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import { isHiddenByRecipe } from '../messages/message-files.js'
import { isSpoiler, isSpoilerLink } from '../messages/shown-pictures.js'
import type { RequestContext } from '../request-context.js'
import { textView } from '../views/message-view.js'
import { showKeptResults } from './kept-results.js'
import { confirmOrSubmit, holesOf } from './mask-confirmation.js'
import { plannedPictures } from './mask-plan.js'
import { confirmObjects, fillHolesOrShowObjects } from './object-choice.js'
import { canOfferEditor, commandEditorLink, type EditorTask, keepForEditor, offerEditor } from './offer-editor.js'
import { messageOfPicture, refillInput } from './refill.js'

/** @throws UserError */
export async function handleSlashCommand(
  interaction: ChatInputCommandInteraction,
  responder: InteractionResponder,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const { commandName, options } = interaction
  const command = deps.slashCommands.find(({ data }) => data.name === commandName)
  if (!command) throw new Error(`no command /${commandName}`)
  // Discord wants to know first whether the reply is ephemeral. The confirmation of a mask is.
  const hasMask = options.getAttachment('mask') !== null
  const takesArea = [inpaintCommand, removeCommand].some(({ data }) => data.name === commandName)
  const confirmsMask = context.settings.person(context.person.id).confirmMasks === 'always'
  const showsObjects = takesArea && !hasMask && deps.segments.isAvailable()
  const asks = showsObjects || ((hasMask || takesArea) && confirmsMask)
  await responder.defer(command.isEphemeral(options) || asks)
  const result = await command.run(options, context)
  if ('text' in result) await responder.notify(textView(result.text))
  else if ('shows' in result) await showKeptResults(interaction, responder, result.textIfNone, context, deps)
  else await paintOrOfferEditor(interaction, responder, result.request, context, deps)
}

/** Problems that the editor solves: the command does not say where to paint, or how far to extend. */
const SOLVED_BY_EDITOR = {
  'mask-missing': { inpaint: 'region', remove: 'remove' },
  'holes-missing': { inpaint: 'region' },
  'objects-not-found': { inpaint: 'region', remove: 'remove' },
  'extend-changes-nothing': { extend: 'extend' },
} as const satisfies Partial<Record<Problem['code'], Partial<Record<Edit['kind'], EditorTask['kind']>>>>

async function paintOrOfferEditor(
  interaction: ChatInputCommandInteraction,
  responder: InteractionResponder,
  request: EditRequest,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  try {
    await handleEditRequest(interaction, responder, request, context, deps)
  } catch (error) {
    const kind = error instanceof UserError ? editorTaskFor(error.problem.code, request.edit) : undefined
    const { picture, prompt } = request
    if (!kind || !picture || !canOfferEditor(responder, deps)) throw error
    const { id, channelId: channel } = interaction
    await keepForEditor(interaction, { ...request, picture }, deps)
    const modal = { on: 'message', kind, channel, message: id, owner: context.person.id } as const
    const task = { kind, message: id, indices: [0], prompt, modal, isCommand: true }
    await offerEditor(interaction, responder, task, context, deps)
  }
}

function editorTaskFor(code: Problem['code'], { kind }: Edit): EditorTask['kind'] | undefined {
  const tasks: Partial<Record<string, Partial<Record<string, EditorTask['kind']>>>> = SOLVED_BY_EDITOR
  return tasks[code]?.[kind]
}

async function handleEditRequest(
  interaction: ChatInputCommandInteraction,
  responder: InteractionResponder,
  editRequest: EditRequest,
  context: RequestContext,
  deps: BotDeps,
): Promise<void> {
  const { picture, mask, objects, invert, maskConfirmed, maskFingerprint, fromHistory, ...request } = editRequest
  // A marked copy shows what its picture hides.
  const spoiler = request.spoiler || [picture, mask].some(link => link !== undefined && isSpoilerLink(link))
  const params = { ...request, spoiler }
  // Refuse before anything is fetched.
  applyPolicy(params, context)
  const { fetchAttachment, masks } = deps
  const [source, drawn] = await Promise.all([picture, mask].map(link => link && fetchAttachment(link)))
  params.spoiler ||= isHiddenByRecipe(source)
  if (fromHistory && picture && source) {
    const file = { bytes: source, size: picture.size }
    const message = await messageOfPicture(interaction.client, interaction.channelId, file, deps)
    const refilled = await refillInput(source, message, fromHistory.scale, deps)
    params.spoiler ||= message !== undefined && isSpoiler(message)
    return submitJob(interaction, responder, { ...params, ...refilled, source }, context, deps)
  }
  if (!picture || !source || !(drawn || needsMask(request.edit))) {
    return submitJob(interaction, responder, { ...params, source }, context, deps)
  }
  if (drawn && maskConfirmed && fingerprint(drawn) === maskFingerprint) {
    return submitJob(interaction, responder, { ...params, source, mask: drawn }, context, deps)
  }
  const interpret = () =>
    drawn ? masks.interpret(drawn, source, invert ?? false) : holesOf(source, request.edit, deps)
  if (maskConfirmed) {
    return submitJob(interaction, responder, { ...params, source, mask: (await interpret()).mask }, context, deps)
  }
  const plan = { ...params, pictures: plannedPictures([picture]), index: 0 }
  const area = { picture: source, invert: invert ?? false }
  if (objects) return confirmObjects(interaction, responder, plan, { ...area, numbers: objects }, context, deps)
  if (!drawn) {
    const editorLink = () => commandEditorLink(interaction, responder, { ...editRequest, picture }, context, deps)
    return fillHolesOrShowObjects(interaction, responder, plan, { ...area, editorLink }, context, deps)
  }
  const drawing = await interpret()
  await confirmOrSubmit(interaction, responder, plan, drawing, context, deps)
}
