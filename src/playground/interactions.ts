import type { APIInteraction, APIUser } from 'discord.js'
import type { Upload } from './cdn.js'
import {
  alreadyAcknowledged,
  invalidBody,
  invalidToken,
  unknownInteraction,
  unknownMessage,
  unknownWebhook,
} from './errors.js'
import { createMessage, deleteMessage, EPHEMERAL, editMessage, LOADING, present } from './messages.js'
import { type MessageBody, modalErrors } from './rules.js'
import { FILE_LIMIT, type StoredInteraction, type StoredMessage, tell, type World } from './world.js'

const ACK_WITHIN = 3000
const TOKEN_LIFE = 15 * 60_000

/** The kinds of first answers. */
const PONG = 1
const MESSAGE = 4
const DEFER_MESSAGE = 5
const DEFER_UPDATE = 6
const UPDATE = 7
const AUTOCOMPLETE = 8
const MODAL = 9

export type Ask = {
  readonly type: number
  readonly user: APIUser
  readonly channelId: string
  readonly data: Record<string, unknown>
  readonly source?: StoredMessage
}

/** Start an interaction: what the gateway sends, and how it is going. */
export function startInteraction(world: World, { type, user, channelId, data, source }: Ask) {
  const id = world.id()
  const token = `interaction-${id}-${Math.random().toString(36).slice(2)}`
  const channel = world.channels.get(channelId)!
  const inGuild = 'guild_id' in channel
  let settle!: StoredInteraction['settle']
  const acknowledged = new Promise<{ type: number; afterMs: number }>((resolve, reject) => {
    const callOff = world.clock.after(ACK_WITHIN, () => reject(new Error('The application did not respond')))
    settle = {
      acknowledged(answer) {
        callOff()
        resolve(answer)
      },
      failed() {
        callOff()
        reject(new Error('The application did not respond'))
      },
    }
  })
  acknowledged.catch(() => {}) // not every caller looks
  const stored: StoredInteraction = {
    id,
    token,
    type,
    user,
    channelId,
    born: world.clock.now(),
    followUps: [],
    settle,
    ...(source && { source }),
  }
  world.interactions.set(token, stored)
  const { user: _, ...member } = world.members.get(user.id)!
  const payload = {
    id,
    token,
    type,
    application_id: world.applicationId,
    version: 1,
    data,
    channel_id: channelId,
    channel,
    ...(inGuild
      ? {
          guild_id: world.guild.id,
          guild: { id: world.guild.id, locale: 'en-US', features: [] },
          guild_locale: 'en-US',
          member: { ...member, user, permissions: '562949953421311' },
        }
      : { user }),
    locale: 'en-US',
    app_permissions: '562949953421311',
    entitlements: [],
    authorizing_integration_owners: inGuild ? { 0: world.guild.id } : { 1: user.id },
    context: inGuild ? 0 : 1,
    attachment_size_limit: FILE_LIMIT,
    ...(source && { message: present(world, source) }),
  } as unknown as APIInteraction
  return { stored, payload, acknowledged }
}

export type Callback = { type: number; data?: MessageBody & Record<string, unknown> }

/** The first answer. @throws ApiError */
export async function answerInteraction(world: World, id: string, token: string, body: Callback, files: Upload[]) {
  const interaction = world.interactions.get(token)
  const afterMs = interaction ? world.clock.now() - interaction.born : 0
  if (!interaction || interaction.id !== id) throw unknownInteraction()
  if (interaction.answered !== undefined) throw alreadyAcknowledged()
  if (afterMs > ACK_WITHIN) throw unknownInteraction()
  const data = body.data ?? {}
  const isComponent = interaction.type === 3
  switch (body.type) {
    case MESSAGE:
      interaction.original = await reply(world, interaction, data, files, 0)
      break
    case DEFER_MESSAGE: {
      // Of the flags only EPHEMERAL counts here.
      const flags = (data.flags ?? 0) & EPHEMERAL
      interaction.original = await reply(world, interaction, { flags }, [], LOADING)
      interaction.loading = true
      break
    }
    case DEFER_UPDATE:
    case UPDATE:
      if (!isComponent || !interaction.source) throw invalidBody(['type: only a component has a message to update'])
      interaction.original = interaction.source
      if (body.type === UPDATE) await editMessage(world, interaction.source, data, files)
      break
    case MODAL: {
      const errors = interaction.type === 5 ? ['type: a modal can not answer a modal'] : modalErrors(data as never)
      if (errors.length > 0) {
        world.violations.push({ direction: 'request', route: 'modal', errors })
        throw invalidBody(errors)
      }
      break
    }
    case AUTOCOMPLETE:
    case PONG:
      break
    default:
      throw invalidBody([`type: ${body.type} is no callback type`])
  }
  interaction.answered = body.type
  interaction.callback = data
  interaction.settle.acknowledged({ type: body.type, afterMs })
  tell(world, 'interaction', interaction)
  return interaction
}

/** The interaction of a webhook's token, while it is good. @throws ApiError 50027, 10015 */
export function byToken(world: World, token: string): StoredInteraction {
  const interaction = world.interactions.get(token)
  if (!interaction) throw unknownWebhook()
  if (world.clock.now() - interaction.born > TOKEN_LIFE) throw invalidToken()
  if (interaction.answered === undefined) throw unknownWebhook()
  return interaction
}

/** A message further to the first answer; straight after a deferral it becomes the answer itself. */
export async function followUp(
  world: World,
  token: string,
  body: MessageBody,
  files: Upload[],
): Promise<StoredMessage> {
  const interaction = byToken(world, token)
  if (interaction.loading && interaction.original) {
    interaction.loading = false
    return editMessage(world, interaction.original, body, files)
  }
  const message = await reply(world, interaction, body, files, 0)
  interaction.followUps.push(message)
  tell(world, 'interaction', interaction)
  return message
}

/** `@original`, or one of the follow-ups. @throws ApiError 10008 */
export function messageOf(
  world: World,
  token: string,
  id: string,
): { interaction: StoredInteraction; message: StoredMessage } {
  const interaction = byToken(world, token)
  const message =
    id === '@original'
      ? interaction.original
      : [interaction.original, ...interaction.followUps].find(one => one?.id === id)
  if (!message || !world.messages.has(message.id)) throw unknownMessage()
  return { interaction, message }
}

export async function editAnswer(world: World, token: string, id: string, body: MessageBody, files: Upload[]) {
  const { interaction, message } = messageOf(world, token, id)
  const edited = await editMessage(world, message, body, files)
  if (interaction.original === message) interaction.loading = false
  return edited
}

export function deleteAnswer(world: World, token: string, id: string): void {
  const { interaction, message } = messageOf(world, token, id)
  deleteMessage(world, message)
  interaction.loading = false
}

function reply(world: World, interaction: StoredInteraction, body: MessageBody, files: Upload[], flags: number) {
  const { id, type, user, source, channelId } = interaction
  const ephemeral = (((body.flags ?? 0) | flags) & EPHEMERAL) !== 0
  const reference = source && {
    message_reference: { type: 0, channel_id: channelId, message_id: source.id, guild_id: world.guild.id },
    referenced_message: present(world, source),
  }
  return createMessage(world, {
    channelId,
    author: world.bot,
    body,
    files,
    flags,
    more: {
      type: source ? 19 : 20,
      application_id: world.applicationId,
      webhook_id: world.applicationId,
      ...(ephemeral && { for: user.id }),
      ...reference,
      interaction_metadata: {
        id,
        type,
        user,
        authorizing_integration_owners: { 0: world.guild.id },
        ...(source && { interacted_message_id: source.id }),
      },
    } as Partial<StoredMessage>,
  })
}
