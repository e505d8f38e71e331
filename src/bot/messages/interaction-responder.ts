import {
  type APIMessageTopLevelComponent,
  ApplicationIntegrationType,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type DiscordAPIError,
  InteractionContextType,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
  type ModalBuilder,
  type ModalSubmitInteraction,
  type PrimaryEntryPointCommandInteraction,
  type StringSelectMenuInteraction,
} from 'discord.js'
import { permissionsToPost } from '../discord/invite.js'
import { isExpiredTokenError, isFinalRefusal, isLaunchRefusedError, type Refusal } from './discord-errors.js'
import { SENTENCE_WAIT_LIMITS, sendByFirstOpenWay } from './open-way.js'
import { postDirectMessage } from './post-message.js'
import type { InteractionAddress, Responder } from './responder.js'
import { createTokenResponder } from './token-responder.js'

/** Interactions that the bot answers by messages. */
export type RespondableInteraction =
  | ChatInputCommandInteraction
  | MessageContextMenuCommandInteraction
  | ButtonInteraction
  | StringSelectMenuInteraction
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
  /**
   * Acknowledge a component's interaction: leave its message as it is, or replace its components. Where the message was
   * deleted or can't be changed, the reply is deferred in its place.
   *
   * @returns whether the message is still there
   */
  update(components?: readonly APIMessageTopLevelComponent[]): Promise<boolean>
}

/**
 * @param warn takes errors from after the delivery
 * @param onDeferred called once the person sees that the answer follows
 * @param now milliseconds since 1970
 */
export function createInteractionResponder(
  interaction: RespondableInteraction,
  warn: (error: unknown) => void,
  onDeferred: (address: InteractionAddress) => void = () => {},
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
  const acknowledged = createTokenResponder(interaction.client, address, warn, now)
  return {
    ...acknowledged,

    async defer(isEphemeral) {
      await interaction.deferReply(isEphemeral ? { flags: MessageFlags.Ephemeral } : {})
      address.mode = isEphemeral ? 'alone' : 'thinking'
      onDeferred({ ...address })
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
      const isComponent = interaction.isButton() || interaction.isStringSelectMenu()
      if (!isComponent && !(interaction.isModalSubmit() && interaction.isFromMessage())) {
        throw new Error('the interaction has no message to update')
      }
      const ways = [...(components ? [() => interaction.update({ components })] : []), () => interaction.deferUpdate()]
      for (const acknowledge of ways) {
        try {
          await acknowledge()
          address.mode = 'pressed'
          return true
        } catch (error) {
          if (!isFinalRefusal(error) || isExpiredTokenError(error)) throw error
        }
      }
      await interaction.deferReply()
      address.mode = 'thinking'
      return false
    },

    async notify(view) {
      if (address.mode !== 'new') return acknowledged.notify(view)
      const flags = view.flags | MessageFlags.Ephemeral
      const { client, user, id } = interaction
      const reply = () => interaction.reply({ ...view, files: [...view.files], flags })
      // To a person whose interaction has failed, Discord says so.
      const direct = async (why: Refusal | undefined) =>
        why === 'interaction-over' ? undefined : postDirectMessage(client, user.id, view, `${id}t`)
      await sendByFirstOpenWay<unknown>([reply, direct], SENTENCE_WAIT_LIMITS)
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
