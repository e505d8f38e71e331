import { type Client, InteractionWebhook, type Message, MessageFlags } from 'discord.js'
import type { MessageView } from '../views/message-view.js'
import { isDeletedError, isExpiredTokenError } from './discord-errors.js'
import { deletePostedMessage } from './post-message.js'
import type { InteractionAddress } from './responder.js'

/** An interaction's token expires after 15 minutes. It is not used in the last of them. In milliseconds. */
const TOKEN_LIFETIME_MS = 14 * 60_000

/**
 * The message of an acknowledged interaction: its deferred reply, or a further message. It shows progress, and can become the
 * answer. The bot writes it by the interaction's token.
 *
 * @param address changes with what is shown
 */
export function tokenMessage(client: Client<true>, address: InteractionAddress, now: () => number) {
  const { application, token, received } = address
  const webhook = new InteractionWebhook(client, application, token)
  let wasRefused = false
  const isExpired = () => wasRefused || now() - received > TOKEN_LIFETIME_MS
  /** A deferred reply is the bot's to edit. The message of a component is not. */
  const isDeferred = () => address.mode === 'thinking' || address.mode === 'alone'

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

  /** Ephemeral messages can't be deleted without the token. Discord's client drops them by itself. */
  async function deleteWithoutToken(shown: string | undefined): Promise<void> {
    if (address.mode !== 'alone' && shown) await deletePostedMessage(client, address.channel, shown)
  }

  return {
    isExpired,

    /** Discord says that the token is not valid any more. */
    expire(): void {
      wasRefused = true
    },

    /** In place of what was shown before. */
    show,

    /** Like `show`, also if what was shown has been deleted. */
    async showOrSend(view: MessageView): Promise<Message> {
      try {
        return await show(view)
      } catch (error) {
        if (!isDeletedError(error)) throw error
        const sent = await webhook.send({ ...view, files: [...view.files] })
        address.progress = sent.id
        return sent
      }
    },

    /** A further message, for the person alone. */
    sendEphemeral: ({ files, flags, ...view }: MessageView) =>
      webhook.send({ ...view, files: [...files], flags: flags | MessageFlags.Ephemeral }),

    fetch: (id: string) => webhook.fetchMessage(id),

    async delete(): Promise<void> {
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
    },
  }
}
