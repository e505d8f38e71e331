import {
  type APIMessageTopLevelComponent,
  ApplicationIntegrationType,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type Client,
  type DiscordAPIError,
  InteractionContextType,
  InteractionWebhook,
  type Message,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
  type ModalBuilder,
  type ModalSubmitInteraction,
  type PrimaryEntryPointCommandInteraction,
} from 'discord.js'
import { permissionsToPost } from '../discord/invite.js'
import type { MessageView } from '../views/message-view.js'
import { isDeletedError, isExpiredTokenError, isLaunchRefusedError, undefinedIfClosed } from './discord-errors.js'
import {
  deletePostedMessage,
  fetchSendableChannel,
  findOwnMessage,
  postMessage,
  sendDirectMessage,
} from './post-message.js'
import type { InteractionAddress, Responder } from './responder.js'

/** An interaction's token expires after 15 minutes. It is not used in the last of them. In milliseconds. */
const TOKEN_LIFETIME_MS = 14 * 60_000

/** Interactions that the bot answers by messages. */
export type RespondableInteraction =
  | ChatInputCommandInteraction
  | MessageContextMenuCommandInteraction
  | ButtonInteraction
  | ModalSubmitInteraction
  | PrimaryEntryPointCommandInteraction

/** A {@link Responder} that also acknowledges the interaction, which Discord expects within 3 seconds. */
export interface InteractionResponder extends Responder {
  /** Defer the reply: "Overscan is thinking …", for everybody or only for the person. */
  defer(isEphemeral: boolean): Promise<void>
  /** Whether the bot may read and post in the channel, outside of the interaction. */
  canPost(): boolean
  /** Open the Activity. @returns Discord's error if it refused; then the interaction is still to be acknowledged */
  launchActivity(): Promise<DiscordAPIError | undefined>
  /** Open a modal. Its submit is another interaction. */
  showModal(modal: ModalBuilder): Promise<void>
  /** Acknowledge a component's interaction: leave its message as it is, or replace its components. */
  update(components?: readonly APIMessageTopLevelComponent[]): Promise<void>
}

/**
 * @param warn takes errors from after the delivery
 * @param now milliseconds since 1970
 */
export function createInteractionResponder(
  interaction: RespondableInteraction,
  warn: (error: unknown) => void,
  now: () => number = Date.now,
): InteractionResponder {
  const address: InteractionAddress = {
    kind: 'interaction',
    id: interaction.id,
    application: interaction.applicationId,
    token: interaction.token,
    received: now(),
    mode: 'new',
    person: interaction.user.id,
    channel: interaction.channelId!,
    open: mayPost(interaction),
  }
  const acknowledged = resumeInteractionResponder(interaction.client, address, warn, now)
  return {
    ...acknowledged,

    async defer(isEphemeral) {
      await interaction.deferReply(isEphemeral ? { flags: MessageFlags.Ephemeral } : {})
      address.mode = isEphemeral ? 'alone' : 'thinking'
    },

    canPost: () => address.open,

    async launchActivity() {
      try {
        await interaction.launchActivity()
      } catch (error) {
        if (!isLaunchRefusedError(error)) throw error
        return error
      }
      address.mode = 'asked'
      return undefined
    },

    async showModal(modal) {
      if (interaction.isModalSubmit()) throw new Error('a modal can’t follow a modal')
      await interaction.showModal(modal)
      address.mode = 'asked'
    },

    async update(components) {
      if (interaction.isButton() || (interaction.isModalSubmit() && interaction.isFromMessage())) {
        await (components ? interaction.update({ components }) : interaction.deferUpdate())
        address.mode = 'pressed'
      } else {
        throw new Error('the interaction has no message to update')
      }
    },

    async notify(view) {
      if (address.mode !== 'new') return acknowledged.notify(view)
      const flags = view.flags | MessageFlags.Ephemeral
      await interaction.reply({ ...view, files: [...view.files], flags })
    },
  }
}

/**
 * Replies to an interaction that was acknowledged, by its token.
 *
 * @param address changes with what is shown
 */
export function resumeInteractionResponder(
  client: Client<true>,
  address: InteractionAddress,
  warn: (error: unknown) => void,
  now: () => number = Date.now,
): Responder {
  const { id, application, token, received, person } = address
  const webhook = new InteractionWebhook(client, application, token)
  let wasRefused = false
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

  return {
    address: () => ({ ...address }),

    async showProgress(view) {
      if (isExpired()) return
      await show(view).catch(error => {
        if (!isExpiredTokenError(error)) throw error
        wasRefused = true
      })
    },

    async deliver(viewFor, parent) {
      const channel = address.open ? await fetchSendableChannel(client, address.channel) : undefined
      const posted = channel && (await undefinedIfClosed(() => postMessage(channel, viewFor('channel'), parent, id)))
      if (!posted && !isExpired()) {
        const reply = await undefinedIfClosed(() => show(viewFor('interaction')))
        if (reply) return reply
      }
      const message = posted ?? (await sendDirectMessage(await client.users.fetch(person), viewFor('direct')))
      await deleteProgress().catch(warn)
      return message
    },

    async findDelivered(isResult) {
      const { progress } = address
      const reply = progress && !isExpired() ? await undefinedIfClosed(() => webhook.fetchMessage(progress)) : undefined
      if (reply && isResult(reply)) return reply
      const found = await findOwnMessage(client, address, isResult)
      if (found) await deleteProgress().catch(warn)
      return found
    },

    async notify(view) {
      const files = [...view.files]
      if (isExpired()) {
        await deleteProgress()
        await (await client.users.fetch(person)).send({ ...view, files })
      } else if (address.mode === 'alone') {
        await show(view)
      } else {
        // A public reply can't become ephemeral: delete it, and send another.
        await deleteProgress()
        await webhook.send({ ...view, files, flags: view.flags | MessageFlags.Ephemeral })
      }
    },
  }
}

/** Whether the bot is a member where it was asked, and may post pictures there. */
function mayPost(interaction: RespondableInteraction): boolean {
  const installed = interaction.authorizingIntegrationOwners[ApplicationIntegrationType.GuildInstall]
  if (installed === undefined || interaction.context === InteractionContextType.PrivateChannel) return false
  const needed = permissionsToPost(interaction.channel?.isThread() ?? false)
  return !(interaction.inGuild() && !interaction.appPermissions.has([...needed]))
}
