import {
  type APIMessageTopLevelComponent,
  ApplicationIntegrationType,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  DiscordAPIError,
  InteractionContextType,
  type Message,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
  type ModalBuilder,
  type ModalSubmitInteraction,
  PermissionFlagsBits,
  type SendableChannels,
} from 'discord.js'
import { ProblemError } from '../problem.js'
import type { View } from './views/parts.js'

/** Interactions that end in a message of ours. */
export type Answerable =
  | ChatInputCommandInteraction
  | MessageContextMenuCommandInteraction
  | ButtonInteraction
  | ModalSubmitInteraction

/** An interaction's token is good for 15 minutes; we stop using it a minute before. In milliseconds. */
const TOKEN_LIFE = 14 * 60_000

/** Discord's error codes. */
const UNKNOWN_CHANNEL = 10_003
const UNKNOWN_MESSAGE = 10_008
const UNKNOWN_WEBHOOK = 10_015
const TOO_LARGE = 40_005
const MISSING_ACCESS = 50_001
const CANNOT_DM = [50_007, 50_278]
const MISSING_PERMISSIONS = 50_013
const INVALID_TOKEN = 50_027
const TOKEN_GONE = [UNKNOWN_WEBHOOK, INVALID_TOKEN]
const NO_HISTORY = 160_002

/** Where the last word goes. */
export type Way = 'channel' | 'interaction' | 'direct'

/** A view for each way that it may have to go, since people are told why it went there. */
export type Views = (way: Way) => View

/** Owns what answers one request: from "is thinking" over progress to the pictures. */
export interface Responder {
  /** Show how things stand. Past the token's life nothing is shown any more until the end. */
  show(view: View): Promise<void>
  /**
   * The last word for all to see: an ordinary message, since only a reply to one of those reaches the bot; by the
   * interaction where the bot may not post; directly to the person where neither is left. What was shown goes away.
   *
   * @param parent the message that it replies to
   */
  finish(views: Views, parent: string | undefined): Promise<Message>
  /** The last word for the person alone; what was shown goes away. */
  tell(view: View): Promise<void>
}

/** Tells Discord within its 3 seconds that an answer will come, and how. */
export interface InteractionResponder extends Responder {
  /** "Overscan is thinking …", for all or for the person alone. */
  think(alone: boolean): Promise<void>
  /** A dialog; what comes of it is another interaction. */
  ask(dialog: ModalBuilder): Promise<void>
  /** The message that was pressed stays as it is, or shows these components from now on. */
  press(components?: readonly APIMessageTopLevelComponent[]): Promise<void>
}

/**
 * @param warn takes what went wrong after all was delivered
 * @param now milliseconds on any clock that does not jump
 */
export function responder(
  interaction: Answerable,
  warn: (error: unknown) => void,
  now: () => number = () => performance.now(),
): InteractionResponder {
  const received = now()
  let gone = false
  const expired = () => gone || now() - received > TOKEN_LIFE
  let mode: 'new' | 'asked' | 'thinking' | 'alone' | 'pressed' = 'new'
  /** The message that shows progress, once there is one. */
  let progress: Message | undefined

  async function clear(): Promise<void> {
    const own = mode === 'thinking' || mode === 'alone'
    const shown = progress
    progress = undefined
    try {
      if (expired()) await deleteOurs(shown)
      else if (own) await interaction.deleteReply()
      else if (shown) await interaction.deleteReply(shown)
    } catch (error) {
      if (hasCode(error, TOKEN_GONE)) await deleteOurs(shown)
      else if (!isDeleted(error)) throw error
    }
  }

  /** By the bot's own token. What only one person sees can't be deleted so, and fades by itself. */
  async function deleteOurs(shown: Message | undefined): Promise<void> {
    if (mode === 'alone') return
    await shown?.delete().catch(error => {
      if (!isDeleted(error)) throw error
    })
  }

  async function byInteraction({ files, ...rest }: View): Promise<Message> {
    if (mode === 'thinking' || mode === 'alone') {
      progress = await interaction.editReply({ ...rest, files, attachments: [] })
    } else if (progress) {
      progress = await interaction.editReply({ message: progress, ...rest, files, attachments: [] })
    } else {
      progress = await interaction.followUp({ ...rest, files })
    }
    return progress
  }

  return {
    async think(alone) {
      await interaction.deferReply(alone ? { flags: MessageFlags.Ephemeral } : {})
      mode = alone ? 'alone' : 'thinking'
    },

    async ask(dialog) {
      if (interaction.isModalSubmit()) throw new Error('a dialog can’t follow a dialog')
      await interaction.showModal(dialog)
      mode = 'asked'
    },

    async press(components) {
      if (interaction.isButton() || (interaction.isModalSubmit() && interaction.isFromMessage())) {
        await (components ? interaction.update({ components }) : interaction.deferUpdate())
        mode = 'pressed'
      } else {
        throw new Error('there is no message that was pressed')
      }
    },

    async show(view) {
      if (expired()) return
      await byInteraction(view).catch(error => {
        if (!hasCode(error, TOKEN_GONE)) throw error
        gone = true
      })
    },

    async finish(views, parent) {
      const { id, user } = interaction
      const channel = await channelOf(interaction)
      const posted = channel && (await open(() => post(channel, views('channel'), parent, id)))
      if (!posted && !expired()) {
        const answer = await open(() => byInteraction(views('interaction')))
        if (answer) return answer
      }
      const message = posted ?? (await sendDirectly(user, views('direct')))
      await clear().catch(warn)
      return message
    },

    async tell(view) {
      const flags = view.flags | MessageFlags.Ephemeral
      if (mode === 'new') {
        await interaction.reply({ ...view, files: [...view.files], flags })
      } else if (expired()) {
        await clear()
        await interaction.user.send({ ...view, files: [...view.files] })
      } else if (mode === 'alone') {
        await byInteraction(view)
      } else {
        // What was begun for all to see can't become private: take it away and answer anew.
        await clear()
        await interaction.followUp({ ...view, files: [...view.files], flags })
      }
    },
  }
}

/** The channel, if the bot is a member there and may post pictures. */
async function channelOf(interaction: Answerable): Promise<SendableChannels | undefined> {
  const installed = interaction.authorizingIntegrationOwners[ApplicationIntegrationType.GuildInstall]
  if (installed === undefined || interaction.context === InteractionContextType.PrivateChannel) return undefined
  const needed = [PermissionFlagsBits.ViewChannel, PermissionFlagsBits.SendMessages, PermissionFlagsBits.AttachFiles]
  if (interaction.inGuild() && !interaction.appPermissions.has(needed)) return undefined
  const channel =
    interaction.channel ?? (await interaction.client.channels.fetch(interaction.channelId!).catch(() => null))
  return channel?.isSendable() ? channel : undefined
}

/** Post an ordinary message. @param nonce makes a repeated request the same message */
export async function post(
  channel: SendableChannels,
  view: View,
  parent: string | undefined,
  nonce: string,
): Promise<Message> {
  const message = { ...view, files: [...view.files], nonce, enforceNonce: true }
  if (!parent) return channel.send(message)
  const reply = { messageReference: parent, failIfNotExists: false }
  try {
    return await channel.send({ ...message, reply })
  } catch (error) {
    if (!hasCode(error, [NO_HISTORY])) throw error
    return channel.send(message)
  }
}

/** @throws ProblemError `direct-messages-closed` */
export async function sendDirectly(user: Answerable['user'], view: View): Promise<Message> {
  return user.send({ ...view, files: [...view.files] }).catch(cause => {
    if (hasCode(cause, CANNOT_DM)) throw new ProblemError({ code: 'direct-messages-closed' }, { cause })
    throw cause
  })
}

/** Answers somebody's message, as {@link responder} answers interactions. */
export function messageResponder(
  asked: Message<boolean> & { channel: SendableChannels },
  warn: (error: unknown) => void,
): Responder {
  let progress: Message | undefined
  const send = async (view: View) => {
    const { files, ...rest } = view
    if (progress) progress = await progress.edit({ ...rest, files: [...files], attachments: [] })
    else progress = await post(asked.channel, view, asked.id, `${asked.id}p`)
    return progress
  }
  const clear = async () => {
    const shown = progress
    progress = undefined
    await shown?.delete().catch(error => {
      if (!isDeleted(error)) throw error
    })
  }
  return {
    async show(view) {
      await send(view)
    },
    async finish(views, parent) {
      const posted = await open(() => post(asked.channel, views('channel'), parent, asked.id))
      const message = posted ?? (await sendDirectly(asked.author, views('direct')))
      await clear().catch(warn)
      return message
    },
    async tell(view) {
      await clear()
      await post(asked.channel, view, asked.id, `${asked.id}t`)
    },
  }
}

/** Somebody deleted the message that we were about to edit, or the channel that it was in. */
export function isDeleted(error: unknown): boolean {
  return hasCode(error, [UNKNOWN_MESSAGE, UNKNOWN_CHANNEL])
}

/** Discord found a file too large, whatever limit it had named. */
export function isTooLarge(error: unknown): boolean {
  return hasCode(error, [TOO_LARGE]) || (error instanceof DiscordAPIError && error.status === 413)
}

/** What a way brings, or undefined where it is closed and another may be open. */
async function open<T>(way: () => Promise<T>): Promise<T | undefined> {
  const closed = [UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, MISSING_ACCESS, MISSING_PERMISSIONS, ...TOKEN_GONE]
  try {
    return await way()
  } catch (error) {
    if (!hasCode(error, closed)) throw error
    return undefined
  }
}

function hasCode(error: unknown, codes: readonly number[]): boolean {
  return error instanceof DiscordAPIError && codes.includes(Number(error.code))
}
