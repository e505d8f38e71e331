import {
  type APIMessageTopLevelComponent,
  ApplicationIntegrationType,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type Client,
  DiscordAPIError,
  InteractionContextType,
  InteractionWebhook,
  type Message,
  type MessageContextMenuCommandInteraction,
  MessageFlags,
  type ModalBuilder,
  type ModalSubmitInteraction,
  type PrimaryEntryPointCommandInteraction,
  type SendableChannels,
} from 'discord.js'
import { z } from 'zod'
import { UserError } from '../../user-error.js'
import { permissionsToPost } from '../discord/invite.js'
import type { MessageView } from '../views/message-view.js'

/** Interactions that end in a message of ours. */
export type RespondableInteraction =
  | ChatInputCommandInteraction
  | MessageContextMenuCommandInteraction
  | ButtonInteraction
  | ModalSubmitInteraction
  | PrimaryEntryPointCommandInteraction

/** An interaction's token is good for 15 minutes; we stop using it a minute before. In milliseconds. */
const TOKEN_LIFE = 14 * 60_000

/** Discord's error codes. */
const UNKNOWN_CHANNEL = 10_003
const UNKNOWN_MESSAGE = 10_008
const UNKNOWN_WEBHOOK = 10_015
const TOO_LARGE = 40_005
const ANSWERED = 40_060
const MISSING_ACCESS = 50_001
const CANNOT_DM = [50_007, 50_278]
const MISSING_PERMISSIONS = 50_013
const INVALID_TOKEN = 50_027
const TOKEN_GONE = [UNKNOWN_WEBHOOK, INVALID_TOKEN]
const NO_HISTORY = 160_002

/** Where the last word goes. */
export type DeliveryRoute = 'channel' | 'interaction' | 'direct'

/** A view for each way that it may have to go, since people are told why it went there. */
export type ViewForRoute = (way: DeliveryRoute) => MessageView

/** Where an answer goes, as plain data: it outlives the process that was asked. */
export const replyAddressSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('interaction'),
    id: z.string(),
    application: z.string(),
    token: z.string(),
    /** In milliseconds since 1970. */
    received: z.number(),
    /** What was told to Discord at first; what only the person sees can't become visible to all. */
    mode: z.enum(['new', 'asked', 'thinking', 'alone', 'pressed']),
    /** The message that shows progress, once there is one. */
    progress: z.string().optional(),
    person: z.string(),
    channel: z.string(),
    /** The bot may post there. */
    open: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('message'),
    /** Of the message that asks, or a number of its own where it was asked on a page. */
    id: z.string(),
    /** What is replied to, if not the message that asks. */
    parent: z.string().optional(),
    progress: z.string().optional(),
    person: z.string(),
    channel: z.string(),
  }),
])
export type ReplyAddress = z.infer<typeof replyAddressSchema>
type InteractionAddress = Extract<ReplyAddress, { kind: 'interaction' }>
type MessageAddress = Extract<ReplyAddress, { kind: 'message' }>

/** Owns what answers one request: from "is thinking" over progress to the pictures. */
export interface Responder {
  /** Where the answer goes, as things stand. */
  address(): ReplyAddress
  /** Show how things stand. Past the token's life nothing is shown any more until the end. */
  showProgress(view: MessageView): Promise<void>
  /**
   * The last word for all to see: an ordinary message, since only a reply to one of those reaches the bot; by the
   * interaction where the bot may not post; directly to the person where neither is left. What was shown goes away.
   *
   * @param parent the message that it replies to
   */
  deliver(views: ViewForRoute, parent: string | undefined): Promise<Message>
  /** The last word, if somebody has said it already, as far as that can be seen; what was shown goes away. */
  findDelivered(is: (message: Message) => boolean): Promise<Message | undefined>
  /** The last word for the person alone; what was shown goes away. */
  notify(view: MessageView): Promise<void>
}

/** Tells Discord within its 3 seconds that an answer will come, and how. */
export interface InteractionResponder extends Responder {
  /** "Overscan is thinking …", for all or for the person alone. */
  defer(alone: boolean): Promise<void>
  /** Whether the bot may read and post in the place, and not only answer there. */
  canPost(): boolean
  /** Discord opens our page within itself. @returns what it refused that with; then it is to be answered otherwise */
  launchActivity(): Promise<DiscordAPIError | undefined>
  /** A dialog; what comes of it is another interaction. */
  showModal(dialog: ModalBuilder): Promise<void>
  /** The message that was pressed stays as it is, or shows these components from now on. */
  update(components?: readonly APIMessageTopLevelComponent[]): Promise<void>
}

/**
 * @param warn takes what went wrong after all was delivered
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
  const later = byToken(interaction.client, address, warn, now)
  return {
    ...later,

    async defer(alone) {
      await interaction.deferReply(alone ? { flags: MessageFlags.Ephemeral } : {})
      address.mode = alone ? 'alone' : 'thinking'
    },

    canPost: () => address.open,

    async launchActivity() {
      try {
        await interaction.launchActivity()
      } catch (error) {
        const refused = error instanceof DiscordAPIError && [400, 403].includes(error.status)
        if (!refused || hasCode(error, [ANSWERED])) throw error
        return error
      }
      address.mode = 'asked'
      return undefined
    },

    async showModal(dialog) {
      if (interaction.isModalSubmit()) throw new Error('a dialog can’t follow a dialog')
      await interaction.showModal(dialog)
      address.mode = 'asked'
    },

    async update(components) {
      if (interaction.isButton() || (interaction.isModalSubmit() && interaction.isFromMessage())) {
        await (components ? interaction.update({ components }) : interaction.deferUpdate())
        address.mode = 'pressed'
      } else {
        throw new Error('there is no message that was pressed')
      }
    },

    async notify(view) {
      if (address.mode !== 'new') return later.notify(view)
      const flags = view.flags | MessageFlags.Ephemeral
      await interaction.reply({ ...view, files: [...view.files], flags })
    },
  }
}

/** Goes on answering what another process, or this one in an earlier life, was asked. */
export function resumeResponder(
  client: Client<true>,
  address: ReplyAddress,
  warn: (error: unknown) => void,
): Responder {
  if (address.kind === 'interaction') return byToken(client, { ...address }, warn, Date.now)
  return byMessage(client, { ...address }, warn)
}

/** @param address changes with what is shown */
function byToken(
  client: Client<true>,
  address: InteractionAddress,
  warn: (error: unknown) => void,
  now: () => number,
): Responder {
  const { id, application, token, received, person } = address
  const webhook = new InteractionWebhook(client, application, token)
  let gone = false
  const expired = () => gone || now() - received > TOKEN_LIFE
  /** The first answer is ours to change; a pressed message is not. */
  const isOwn = () => address.mode === 'thinking' || address.mode === 'alone'

  async function clear(): Promise<void> {
    const { progress } = address
    delete address.progress
    try {
      if (expired()) await deleteOurs(progress)
      else if (isOwn()) await webhook.deleteMessage('@original')
      else if (progress) await webhook.deleteMessage(progress)
    } catch (error) {
      if (hasCode(error, TOKEN_GONE)) await deleteOurs(progress)
      else if (!isDeletedError(error)) throw error
    }
  }

  /** By the bot's own token. What only one person sees can't be deleted so, and fades by itself. */
  async function deleteOurs(progress: string | undefined): Promise<void> {
    if (address.mode !== 'alone' && progress) await deleteIn(client, address.channel, progress)
  }

  async function byInteraction({ files, ...rest }: MessageView): Promise<Message> {
    const options = { ...rest, files: [...files] }
    const shown = isOwn()
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
      if (expired()) return
      await byInteraction(view).catch(error => {
        if (!hasCode(error, TOKEN_GONE)) throw error
        gone = true
      })
    },

    async deliver(views, parent) {
      const channel = address.open ? await channelAt(client, address.channel) : undefined
      const posted = channel && (await open(() => postMessage(channel, views('channel'), parent, id)))
      if (!posted && !expired()) {
        const answer = await open(() => byInteraction(views('interaction')))
        if (answer) return answer
      }
      const message = posted ?? (await sendDirectMessage(await client.users.fetch(person), views('direct')))
      await clear().catch(warn)
      return message
    },

    async findDelivered(is) {
      const { progress } = address
      const answer = progress && !expired() ? await open(() => webhook.fetchMessage(progress)) : undefined
      if (answer && is(answer)) return answer
      const found = await findMessage(client, address, is)
      if (found) await clear().catch(warn)
      return found
    },

    async notify(view) {
      const files = [...view.files]
      if (expired()) {
        await clear()
        await (await client.users.fetch(person)).send({ ...view, files })
      } else if (address.mode === 'alone') {
        await byInteraction(view)
      } else {
        // What was begun for all to see can't become private: take it away and answer anew.
        await clear()
        await webhook.send({ ...view, files, flags: view.flags | MessageFlags.Ephemeral })
      }
    },
  }
}

/** The bot is a member of the place that it was asked in, and may post pictures there. */
function mayPost(interaction: RespondableInteraction): boolean {
  const installed = interaction.authorizingIntegrationOwners[ApplicationIntegrationType.GuildInstall]
  if (installed === undefined || interaction.context === InteractionContextType.PrivateChannel) return false
  const needed = permissionsToPost(interaction.channel?.isThread() ?? false)
  return !(interaction.inGuild() && !interaction.appPermissions.has([...needed]))
}

async function channelAt(client: Client, id: string): Promise<SendableChannels | undefined> {
  const channel = await client.channels.fetch(id).catch(() => null)
  return channel?.isSendable() ? channel : undefined
}

/** A message of ours that is no older than the request, in its channel or sent directly to the person. */
async function findMessage(
  client: Client<true>,
  { id, channel, person }: ReplyAddress,
  is: (message: Message) => boolean,
): Promise<Message | undefined> {
  const direct = await client.users.createDM(person).catch(() => undefined)
  for (const place of [await channelAt(client, channel), direct]) {
    // Not every place lets us read its messages.
    const messages = await place?.messages.fetch({ after: id, limit: 100 }).catch(() => undefined)
    const found = messages?.find(message => message.author.id === client.user.id && is(message))
    if (found) return found
  }
  return undefined
}

async function deleteIn(client: Client, channel: string, message: string): Promise<void> {
  const place = await channelAt(client, channel)
  await place?.messages.delete(message).catch(error => {
    if (!isDeletedError(error)) throw error
  })
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
    if (!hasCode(error, [NO_HISTORY])) throw error
    return channel.send(message)
  }
}

/** @throws ProblemError `direct-messages-closed` */
export async function sendDirectMessage(user: RespondableInteraction['user'], view: MessageView): Promise<Message> {
  return user.send({ ...view, files: [...view.files] }).catch(cause => {
    if (hasCode(cause, CANNOT_DM)) throw new UserError({ code: 'direct-messages-closed' }, { cause })
    throw cause
  })
}

/** Answers somebody's message, as {@link createInteractionResponder} answers interactions. */
export function createChannelResponder(
  asked: Message<boolean> & { channel: SendableChannels },
  warn: (error: unknown) => void,
): Responder {
  const address = { kind: 'message', id: asked.id, person: asked.author.id, channel: asked.channelId } as const
  return byMessage(asked.client, address, warn)
}

function byMessage(client: Client<true>, start: MessageAddress, warn: (error: unknown) => void): Responder {
  const address = { ...start }
  const { id, person, channel } = address

  async function posted(
    view: MessageView,
    nonce: string,
    parent: string | undefined = address.parent ?? id,
  ): Promise<Message | undefined> {
    const place = await channelAt(client, channel)
    return place && open(() => postMessage(place, view, parent, nonce))
  }

  async function clear(): Promise<void> {
    const { progress } = address
    delete address.progress
    if (progress) await deleteIn(client, channel, progress)
  }

  return {
    address: () => ({ ...address }),
    async showProgress(view) {
      const { files, ...rest } = view
      const { progress } = address
      if (!progress) {
        address.progress = (await posted(view, `${id}p`))?.id
        return
      }
      const place = await channelAt(client, channel)
      await place?.messages.edit(progress, { ...rest, files: [...files], attachments: [] })
    },
    async deliver(views, parent) {
      const message =
        (await posted(views('channel'), id, parent)) ??
        (await sendDirectMessage(await client.users.fetch(person), views('direct')))
      await clear().catch(warn)
      return message
    },
    async findDelivered(is) {
      const found = await findMessage(client, address, is)
      if (found) await clear().catch(warn)
      return found
    },
    async notify(view) {
      await clear()
      await posted(view, `${id}t`)
    },
  }
}

/** Somebody deleted the message that we were about to edit, or the channel that it was in. */
export function isDeletedError(error: unknown): boolean {
  return hasCode(error, [UNKNOWN_MESSAGE, UNKNOWN_CHANNEL])
}

/** Discord found a file too large, whatever limit it had named. */
export function isTooLargeError(error: unknown): boolean {
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
