import type { Client, Message, SendableChannels, User } from 'discord.js'
import { UserError } from '../../user-error.js'
import type { MessageView } from '../views/message-view.js'
import { isDeletedError, isReplyRefusedError, refusalOf } from './discord-errors.js'
import { findFirstMessage } from './find-message.js'
import type { ReplyAddress } from './responder.js'

/** A channel that the bot can send to, or undefined. It may be in a server whose events another process gets (`SHARDS`). */
export async function fetchSendableChannel(client: Client, id: string): Promise<SendableChannels | undefined> {
  const channel = await client.channels.fetch(id, { allowUnknownGuild: true }).catch(() => null)
  return channel?.isSendable() ? channel : undefined
}

/** Post an ordinary message. @param nonce makes a repeated request the same message */
export async function postMessage(
  channel: SendableChannels,
  view: MessageView,
  parent: string | undefined,
  nonce: string,
): Promise<Message> {
  const message = { ...view, files: [...view.files], nonce, enforceNonce: true }
  if (!parent) return channel.send(message)
  const reply = { messageReference: parent, failIfNotExists: false }
  try {
    return await channel.send({ ...message, reply })
  } catch (error) {
    if (!isReplyRefusedError(error)) throw error
    return channel.send(message)
  }
}

/** @throws UserError `direct-messages-closed` */
export async function sendDirectMessage(user: User, view: MessageView): Promise<Message> {
  return user.send({ ...view, files: [...view.files] }).catch(cause => {
    if (refusalOf(cause) === 'user-unreachable') throw new UserError({ code: 'direct-messages-closed' }, { cause })
    throw cause
  })
}

/** Send a direct message in place of an answer. @param nonce makes a repeated request the same message */
export async function postDirectMessage(
  client: Client,
  person: string,
  view: MessageView,
  nonce: string,
): Promise<Message> {
  const user = await client.users.fetch(person)
  return user.send({ ...view, files: [...view.files], nonce, enforceNonce: true })
}

/** Delete one of the bot's messages, if it is still there. */
export async function deletePostedMessage(client: Client, channel: string, message: string): Promise<void> {
  const sendable = await fetchSendableChannel(client, channel)
  await sendable?.messages.delete(message).catch(error => {
    if (!isDeletedError(error)) throw error
  })
}

/** One of the bot's messages that is newer than the request, in its channel or in the person's direct messages. */
export async function findOwnMessage(
  client: Client<true>,
  { id, channel, person }: ReplyAddress,
  matches: (message: Message) => boolean,
): Promise<Message | undefined> {
  const direct = await client.users.createDM(person).catch(() => undefined)
  for (const sendable of [await fetchSendableChannel(client, channel), direct]) {
    if (!sendable) continue
    // Not every channel lets the bot read its messages.
    const found = await findFirstMessage(client, sendable, { after: id }, matches).catch(() => undefined)
    if (found) return found
  }
  return undefined
}
