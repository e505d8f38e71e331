import type { Message } from 'discord.js'
import type { FilmStage } from '../../inference/film/film.js'
import { UserError } from '../../user-error.js'
import type { AttachmentFetcher } from './attachments.js'
import { fetchMessage, fetchPictureFile, fetchSourceFiles, pictureLinksIn } from './result-files.js'

/** Edits that leave the old picture where it can be seen, in the middle of more. */
const OUTWARD: ReadonlySet<string> = new Set(['zoom', 'extend', 'square', 'fit'])

/** The most pictures that a film goes through, and how many messages lie on the way to them. */
const LONGEST = 30
const LONGEST_WAY = 100

/**
 * The pictures that one was zoomed out of, step by step, from the first to itself. Each lies in a message of its own, to which the
 * next one replies; messages of several are what it was taken out of.
 *
 * @throws ProblemError `source-missing` where there is nothing that it was zoomed out of
 */
export async function zoomHistory(message: Message, fetchAttachment: AttachmentFetcher): Promise<FilmStage[]> {
  const stages: FilmStage[] = []
  let at = message
  while (stages.length < LONGEST) {
    const { bytes, recipe } = await fetchPictureFile(at, 0, fetchAttachment)
    const edit = recipe?.edit
    if (!edit || edit.kind === 'imagine' || !OUTWARD.has(edit.kind)) {
      stages.unshift({ picture: bytes, edit: undefined })
      break
    }
    stages.unshift({ picture: bytes, edit })
    const parent = await singleAbove(at)
    if (!parent) {
      const { source } = await fetchSourceFiles(at, fetchAttachment)
      if (source) stages.unshift({ picture: source, edit: undefined })
      break
    }
    at = parent
  }
  // The first is where the film begins, whatever became of what it was made from.
  const [first, ...rest] = stages
  if (!first || rest.length === 0) throw new UserError({ code: 'source-missing' })
  return [{ ...first, edit: undefined }, ...rest]
}

async function singleAbove({ client, reference }: Message): Promise<Message | undefined> {
  let above = reference
  for (let step = 0; step < LONGEST_WAY && above?.messageId; step++) {
    const found = await fetchMessage(client, above.channelId, above.messageId)
    if (found?.author.id !== client.user.id) return undefined
    if (pictureLinksIn(found).length === 1) return found
    above = found.reference
  }
  return undefined
}
