import type { Message } from 'discord.js'
import type { FilmStage } from '../../inference/film/film.js'
import { UserError } from '../../user-error.js'
import type { AttachmentFetcher } from './attachments.js'
import { fetchMessage, fetchPictureFile, fetchSourceFiles } from './message-files.js'
import { pictureLinksIn } from './shown-pictures.js'

/** Edits that add to the picture's sides and keep what is inside the new frame. */
const OUTPAINT_EDITS: ReadonlySet<string> = new Set(['zoom', 'extend', 'square', 'fit', 'place'])

/** The most pictures in a film. */
const STAGE_LIMIT = 30

/** The most messages that are walked back. */
const ANCESTOR_LIMIT = 100

/** The message at the beginning of a picture's history: the first of the bot's, with pictures, that others reply to. */
export async function firstInHistory(message: Message): Promise<Message> {
  let first = message
  for await (const ancestor of ancestorsOf(message)) {
    if (pictureLinksIn(ancestor).length === 0) break
    first = ancestor
  }
  return first
}

/**
 * The pictures that a message's picture was outpainted from, from the first one to itself. Each is the only picture of
 * its message, and the next message replies to it. Grids, which pictures were picked from, are passed over.
 *
 * @throws UserError `source-missing` where it was not outpainted from anything
 */
export async function zoomHistory(message: Message, fetchAttachment: AttachmentFetcher): Promise<FilmStage[]> {
  const stages: FilmStage[] = []
  let current = message
  while (stages.length < STAGE_LIMIT) {
    const { bytes, recipe } = await fetchPictureFile(current, 0, fetchAttachment)
    const edit = recipe?.edit
    if (!edit || edit.kind === 'imagine' || !OUTPAINT_EDITS.has(edit.kind)) {
      stages.unshift({ picture: bytes, edit: undefined })
      break
    }
    stages.unshift({ picture: bytes, edit })
    const parent = await singlePictureAncestor(current)
    if (!parent) {
      const { source } = await fetchSourceFiles(current, fetchAttachment)
      if (source) stages.unshift({ picture: source, edit: undefined })
      break
    }
    current = parent
  }
  const [first, ...rest] = stages
  if (!first || rest.length === 0) throw new UserError({ code: 'source-missing' })
  return [{ ...first, edit: undefined }, ...rest]
}

async function singlePictureAncestor(message: Message): Promise<Message | undefined> {
  for await (const ancestor of ancestorsOf(message)) {
    if (pictureLinksIn(ancestor).length === 1) return ancestor
  }
  return undefined
}

/** The message that a message replies to, the one before that, and so on, as long as they are the bot's. */
async function* ancestorsOf({ client, reference }: Message): AsyncGenerator<Message, void> {
  let next = reference
  for (let step = 0; step < ANCESTOR_LIMIT && next?.messageId; step++) {
    const ancestor = await fetchMessage(client, next.channelId, next.messageId)
    if (ancestor?.author.id !== client.user.id) return
    yield ancestor
    next = ancestor.reference
  }
}
