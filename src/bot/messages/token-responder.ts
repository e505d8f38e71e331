import type { Client } from 'discord.js'
import { isExpiredTokenError, isFinalRefusal, type Refusal, undefinedIfRefused } from './discord-errors.js'
import { RESULT_WAIT_LIMITS, SENTENCE_WAIT_LIMITS, sendByFirstOpenWay } from './open-way.js'
import { fetchSendableChannel, findOwnMessage, postDirectMessage, postMessage } from './post-message.js'
import type { InteractionAddress, Responder } from './responder.js'
import { tokenMessage } from './token-message.js'

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
  const { id, person } = address
  const own = tokenMessage(client, address, now)
  /** Discord counts refused requests, so that progress is not sent again where it was refused once. */
  let isProgressRefused = false

  return {
    address: () => ({ ...address }),

    async showProgress(view) {
      if (own.isExpired() || isProgressRefused) return
      await own.show(view).catch(error => {
        if (!isExpiredTokenError(error)) {
          isProgressRefused = isFinalRefusal(error)
          throw error
        }
        own.expire()
      })
    },

    async deliver(viewFor, parent) {
      let isReply = false
      const post = async () => {
        const channel = address.open ? await fetchSendableChannel(client, address.channel) : undefined
        return channel && postMessage(channel, viewFor('channel'), parent, id)
      }
      const reply = async (why: Refusal | undefined) => {
        if (own.isExpired()) return undefined
        const shown = await own.showOrSend(viewFor('interaction', why))
        isReply = true
        return shown
      }
      const direct = (why: Refusal | undefined) => postDirectMessage(client, person, viewFor('direct', why), `${id}d`)
      const message = await sendByFirstOpenWay([post, reply, direct], RESULT_WAIT_LIMITS)
      if (!isReply) await own.delete().catch(warn)
      return message
    },

    async findDelivered(isResult) {
      const { progress } = address
      const reply = progress && !own.isExpired() ? await undefinedIfRefused(() => own.fetch(progress)) : undefined
      if (reply && isResult(reply)) return reply
      const found = await findOwnMessage(client, address, isResult)
      if (found) await own.delete().catch(warn)
      return found
    },

    async notify(view) {
      const reply = async () => {
        if (own.isExpired()) return undefined
        return address.mode === 'alone' ? own.showOrSend(view) : own.sendEphemeral(view)
      }
      // A public reply can't become ephemeral: delete it, and send another.
      if (address.mode !== 'alone' || own.isExpired()) await own.delete().catch(warn)
      const ways = [reply, () => postDirectMessage(client, person, view, `${id}t`)]
      await sendByFirstOpenWay(ways, SENTENCE_WAIT_LIMITS)
    },
  }
}
