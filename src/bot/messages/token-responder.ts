import { type Client, InteractionWebhook, type Message, MessageFlags } from 'discord.js'
import type { MessageView } from '../views/message-view.js'
import {
  isDeletedError,
  isExpiredTokenError,
  isFinalRefusal,
  type Refusal,
  undefinedIfRefused,
} from './discord-errors.js'
import { RESULT_WAIT_LIMITS, SENTENCE_WAIT_LIMITS, sendByFirstOpenWay } from './open-way.js'
import {
  deletePostedMessage,
  fetchSendableChannel,
  findOwnMessage,
  postDirectMessage,
  postMessage,
} from './post-message.js'
import type { InteractionAddress, Responder } from './responder.js'

/** An interaction's token expires after 15 minutes. It is not used in the last of them. In milliseconds. */
const TOKEN_LIFETIME_MS = 14 * 60_000

/**
 * Replies to an interaction that was acknowledged, by its token.
 *
 * @param address changes with what is shown
 */
export function createTokenResponder(
  client: Client<true>,
  address: InteractionAddress,
  warn: (error: unknown) => void,
  now: () => number = Date.now,
): Responder {
  const { id, application, token, received, person } = address
  const webhook = new InteractionWebhook(client, application, token)
  let wasRefused = false
  /** Discord counts refused requests, so that progress is not sent again where it was refused once. */
  let isProgressRefused = false
  const isExpired = () => wasRefused || now() - received > TOKEN_LIFETIME_MS
  /** A deferred reply is the bot's to edit. The message of a component is not. */
  const isDeferred = () => address.mode === 'thinking' || address.mode === 'alone'

  async function deleteProgress(): Promise<void> {
    const { progress } = address
    delete address.progress
    try {
      if (isExpired()) await deleteWithoutToken(progress)
      else if (isDeferred()) await webhook.deleteMessage('@original')
      else if (progress) await webhook.deleteMessage(progress)
    } catch (error) {
      if (isExpiredTokenError(error)) await deleteWithoutToken(progress)
      else if (!isDeletedError(error)) throw error
    }
  }

  /** Ephemeral messages can't be deleted without the token. Discord's client drops them by itself. */
  async function deleteWithoutToken(progress: string | undefined): Promise<void> {
    if (address.mode !== 'alone' && progress) await deletePostedMessage(client, address.channel, progress)
  }

  async function show({ files, ...view }: MessageView): Promise<Message> {
    const options = { ...view, files: [...files] }
    const shown = isDeferred()
      ? await webhook.editMessage('@original', { ...options, attachments: [] })
      : address.progress
        ? await webhook.editMessage(address.progress, { ...options, attachments: [] })
        : await webhook.send(options)
    address.progress = shown.id
    return shown
  }

  /** Like {@link show}, also if what was shown has been deleted. */
  async function showOrSend(view: MessageView): Promise<Message> {
    try {
      return await show(view)
    } catch (error) {
      if (!isDeletedError(error)) throw error
      const sent = await webhook.send({ ...view, files: [...view.files] })
      address.progress = sent.id
      return sent
    }
  }

  return {
    address: () => ({ ...address }),

    async showProgress(view) {
      if (isExpired() || isProgressRefused) return
      await show(view).catch(error => {
        if (!isExpiredTokenError(error)) {
          isProgressRefused = isFinalRefusal(error)
          throw error
        }
        wasRefused = true
      })
    },

    async deliver(viewFor, parent) {
      let isReply = false
      const post = async () => {
        const channel = address.open ? await fetchSendableChannel(client, address.channel) : undefined
        return channel && postMessage(channel, viewFor('channel'), parent, id)
      }
      const reply = async (why: Refusal | undefined) => {
        if (isExpired()) return undefined
        const shown = await showOrSend(viewFor('interaction', why))
        isReply = true
        return shown
      }
      const direct = (why: Refusal | undefined) => postDirectMessage(client, person, viewFor('direct', why), `${id}d`)
      const message = await sendByFirstOpenWay([post, reply, direct], RESULT_WAIT_LIMITS)
      if (!isReply) await deleteProgress().catch(warn)
      return message
    },

    async findDelivered(isResult) {
      const { progress } = address
      const reply =
        progress && !isExpired() ? await undefinedIfRefused(() => webhook.fetchMessage(progress)) : undefined
      if (reply && isResult(reply)) return reply
      const found = await findOwnMessage(client, address, isResult)
      if (found) await deleteProgress().catch(warn)
      return found
    },

    async notify(view) {
      const reply = async () => {
        if (isExpired()) return undefined
        if (address.mode === 'alone') return showOrSend(view)
        return webhook.send({ ...view, files: [...view.files], flags: view.flags | MessageFlags.Ephemeral })
      }
      // A public reply can't become ephemeral: delete it, and send another.
      if (address.mode !== 'alone' || isExpired()) await deleteProgress().catch(warn)
      const ways = [reply, () => postDirectMessage(client, person, view, `${id}t`)]
      await sendByFirstOpenWay(ways, SENTENCE_WAIT_LIMITS)
    },
  }
}
