import type { Message } from 'discord.js'
import { traceHistory } from '../../inference/history/plan.js'
import { type EarlierPicture, type HistoryStage, historyStages } from '../../inference/history/stages.js'
import { fingerprint, type Recipe } from '../../inference/pipeline/recipe.js'
import { UserError } from '../../user-error.js'
import type { AttachmentFetcher } from './attachments.js'
import { fetchMessage, fetchPictureFile, fetchSourceFiles, type SourceFiles } from './message-files.js'
import { pictureLinksIn } from './shown-pictures.js'

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
 * The pictures that a message's picture was made of, from the first one to itself.
 *
 * @throws UserError `source-missing` where none of them is found
 */
export async function pictureHistory(message: Message, fetchAttachment: AttachmentFetcher): Promise<HistoryStage[]> {
  const { bytes } = await fetchPictureFile(message, 0, fetchAttachment)
  const { earlier } = await traceHistory(bytes, sourceFinder(message, fetchAttachment))
  if (earlier.length === 0) throw new UserError({ code: 'source-missing' })
  return historyStages(bytes, earlier.slice(0, STAGE_LIMIT - 1))
}

/**
 * Finds what pictures were made of, step by step back from a message's picture: in the files that travel with messages unseen, or as the
 * only picture of a message. What can't be fetched is missing.
 *
 * @returns a function for `traceHistory`
 */
export function sourceFinder(
  message: Message,
  fetchAttachment: AttachmentFetcher,
): (recipe: Recipe) => Promise<EarlierPicture | undefined> {
  const chain = [message]
  const ancestors = ancestorsOf(message)
  const files = new Map<Message, Promise<SourceFiles | undefined>>()
  /** Where the picture is whose source is looked for. */
  let position = 0
  const messageAt = async (index: number): Promise<Message | undefined> => {
    if (index === chain.length) {
      const { value } = await ancestors.next()
      if (value) chain.push(value)
    }
    return chain[index]
  }
  const filesOf = (one: Message) => {
    const known = files.get(one) ?? fetchSourceFiles(one, fetchAttachment).catch(ignoreMissing)
    files.set(one, known)
    return known
  }
  const singlePicture = async (one: Message) => {
    if (pictureLinksIn(one).length !== 1) return undefined
    return (await fetchPictureFile(one, 0, fetchAttachment).catch(ignoreMissing))?.bytes
  }
  return async recipe => {
    let mask: Uint8Array | undefined
    for (let index = position; ; index++) {
      const one = await messageAt(index)
      if (!one) return undefined
      const { source, mask: drawn } = (await filesOf(one)) ?? {}
      if (drawn && fingerprint(drawn) === recipe.mask) mask ??= drawn
      const shown = index > position && !isSource(source, recipe) ? await singlePicture(one) : undefined
      const picture = [source, shown].find(file => isSource(file, recipe))
      if (!picture) continue
      for (const passed of chain.slice(0, index)) files.delete(passed)
      position = index
      return { picture, mask }
    }
  }
}

function isSource(file: Uint8Array | undefined, recipe: Recipe): boolean {
  return file !== undefined && fingerprint(file) === recipe.source
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof UserError) return undefined
  throw error
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
