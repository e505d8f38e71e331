import type { ButtonInteraction } from 'discord.js'
import { fileExtension, readHeader } from '../../inference/image/header.js'
import { UserError } from '../../user-error.js'
import type { BotDeps } from '../deps.js'
import { BOT_FILE_LIMIT_BYTES } from '../messages/file-limit.js'
import { firstInHistory, pictureHistory } from '../messages/history.js'
import type { InteractionResponder } from '../messages/interaction-responder.js'
import { fetchSourceFiles } from '../messages/message-files.js'
import { isSpoiler } from '../messages/shown-pictures.js'
import type { RequestContext } from '../request-context.js'
import { journeyView, originalView } from '../views/result-view.js'

/** The button "Original": post the picture that the history began with. @throws UserError `source-missing` */
export async function postOriginal(
  { message }: ButtonInteraction,
  responder: InteractionResponder,
  { publicT: t, person }: RequestContext,
  { fetchAttachment }: BotDeps,
): Promise<void> {
  const { source } = await fetchSourceFiles(await firstInHistory(message), fetchAttachment)
  if (!source) throw new UserError({ code: 'source-missing' })
  const name = `original.${fileExtension(source)}`
  const { width, height } = readHeader(source)
  const picture = { name, bytes: source, recipe: undefined, width, height }
  const notes = [t.result.requestedBy(`<@${person.id}>`)]
  const options = { t, owner: person.id, spoiler: isSpoiler(message), notes }
  await responder.deliver(() => originalView(picture, options), message.id)
}

/** The button "Journey": post a film that zooms out from the first picture to this one. */
export async function postJourney(
  { message, attachmentSizeLimit }: ButtonInteraction,
  responder: InteractionResponder,
  { publicT: t, person }: RequestContext,
  { films, fetchAttachment }: BotDeps,
): Promise<void> {
  const stages = await pictureHistory(message, fetchAttachment)
  const film = await films.render(stages, Math.min(attachmentSizeLimit, BOT_FILE_LIMIT_BYTES))
  const notes = [t.result.requestedBy(`<@${person.id}>`)]
  const options = { t, owner: person.id, spoiler: isSpoiler(message), notes }
  await responder.deliver(() => journeyView(film, stages.length, options), message.id)
}
