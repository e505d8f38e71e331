import type { Client, Message, SendableChannels } from 'discord.js'
import type { MessageView } from '../views/message-view.js'
import { isFinalRefusal } from './discord-errors.js'
import { RESULT_WAIT_LIMITS, SENTENCE_WAIT_LIMITS, sendByFirstOpenWay } from './open-way.js'
import {
  deletePostedMessage,
  fetchSendableChannel,
  findOwnMessage,
  postDirectMessage,
  postMessage,
} from './post-message.js'
import type { MessageAddress, Responder } from './responder.js'

/** Replies to a person's message. @param warn takes errors from after the delivery */
export function createChannelResponder(
  message: Message<boolean> & { channel: SendableChannels },
  warn: (error: unknown) => void,
): Responder {
  const { id, author, channelId } = message
  return resumeChannelResponder(message.client, { kind: 'message', id, person: author.id, channel: channelId }, warn)
}

/** Replies in a channel, by ordinary messages. */
export function resumeChannelResponder(
  client: Client<true>,
  start: MessageAddress,
  warn: (error: unknown) => void,
): Responder {
  const address = { ...start }
  const { id, person, channel } = address
  /** Discord counts refused requests, so that progress is not posted again where it was refused once. */
  let isProgressRefused = false

  async function post(
    view: MessageView,
    nonce: string,
    parent: string | undefined = address.parent ?? id,
  ): Promise<Message | undefined> {
    const sendable = await fetchSendableChannel(client, channel)
    return sendable && postMessage(sendable, view, parent, nonce)
  }

  async function deleteProgress(): Promise<void> {
    const { progress } = address
    delete address.progress
    if (progress) await deletePostedMessage(client, channel, progress)
  }

  return {
    address: () => ({ ...address }),

    async showProgress({ files, ...view }) {
      if (isProgressRefused) return
      const { progress } = address
      try {
        if (!progress) {
          address.progress = (await post({ ...view, files }, `${id}p`))?.id
          return
        }
        const sendable = await fetchSendableChannel(client, channel)
        await sendable?.messages.edit(progress, { ...view, files: [...files], attachments: [] })
      } catch (error) {
        isProgressRefused = isFinalRefusal(error)
        throw error
      }
    },

    async deliver(viewFor, parent) {
      const message = await sendByFirstOpenWay(
        [
          () => post(viewFor('channel'), id, parent),
          why => postDirectMessage(client, person, viewFor('direct', why), `${id}d`),
        ],
        RESULT_WAIT_LIMITS,
      )
      await deleteProgress().catch(warn)
      return message
    },

    async findDelivered(isResult) {
      const found = await findOwnMessage(client, address, isResult)
      if (found) await deleteProgress().catch(warn)
      return found
    },

    async notify(view) {
      await deleteProgress().catch(warn)
      const ways = [() => post(view, `${id}t`), () => postDirectMessage(client, person, view, `${id}t`)]
      await sendByFirstOpenWay(ways, SENTENCE_WAIT_LIMITS)
    },
  }
}
