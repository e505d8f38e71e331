import type { APIInteraction, APIUser } from 'discord.js'
import type { Upload } from './cdn.js'
import {
  alreadyAcknowledged,
  invalidBody,
  invalidToken,
  tooManyFollowUps,
  unknownChannel,
  unknownInteraction,
  unknownMessage,
  unknownWebhook,
} from './errors.js'
import { createMessage, deleteMessage, EPHEMERAL, editMessage, LOADING, present, replyTo } from './messages.js'
import { permissionsIn } from './permissions.js'
import { contextOf, guildOf, isMember } from './places.js'
import { choiceErrors, type MessageBody, type ModalBody, modalErrors } from './rules.js'
import { changed, FILE_LIMIT, localeOf, type StoredInteraction, type StoredMessage, tell, type World } from './world.js'

/** Where only the person installed the bot, an interaction has so many further messages at most. */
const FOLLOW_UPS = 5

const ACK_WITHIN = 3000
const TOKEN_LIFE = 15 * 60_000

/** The kinds of interactions. */
const COMPONENT = 3
const TYPING = 4
const SUBMIT = 5

/** The kinds of first answers. */
export const MESSAGE = 4
const DEFER_MESSAGE = 5
const DEFER_UPDATE = 6
export const UPDATE = 7
const AUTOCOMPLETE = 8
const MODAL = 9
export const LAUNCH_ACTIVITY = 12

export type Ask = {
  readonly type: number
  readonly user: APIUser
  readonly channelId: string
  readonly data: Record<string, unknown>
  readonly source?: StoredMessage
  /** The interaction that brought up the dialog that is sent off. */
  readonly trigger?: string
}

/** Start an interaction: what the gateway sends, and how it is going. */
export function startInteraction(world: World, { type, user, channelId, data, source, trigger }: Ask) {
  const id = world.id()
  const token = `interaction-${id}-${Math.random().toString(36).slice(2)}`
  const channel = world.channels.get(channelId)!
  const guild = guildOf(world, channelId)
  const locale = localeOf(world, user.id)
  let acknowledge!: StoredInteraction['acknowledge']
  const acknowledged = new Promise<{ type: number; afterMs: number }>((resolve, reject) => {
    const late = () => reject(new Error('The application did not respond'))
    const callOff = world.clock.after(ACK_WITHIN, late)
    acknowledge = answer => {
      callOff()
      resolve(answer)
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
    acknowledge,
    ...(source && { source }),
    ...(trigger !== undefined && { trigger }),
  }
  world.interactions.set(token, stored)
  tell(world, 'interaction', stored)
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
    ...(guild !== undefined
      ? {
          guild_id: guild,
          guild: { id: guild, locale: 'en-US', features: [] },
          guild_locale: 'en-US',
          member: {
            ...member,
            roles: guild === world.guild.id ? member.roles : [],
            user,
            permissions: permissionsIn(world, user.id, channelId),
          },
        }
      : { user }),
    locale,
    app_permissions: permissionsIn(world, world.bot.id, channelId),
    entitlements: [],
    authorizing_integration_owners: owners(world, channelId, user.id),
    context: contextOf(world, channelId),
    attachment_size_limit: FILE_LIMIT,
    ...(source && { message: present(world, source) }),
  } as unknown as APIInteraction
  return { stored, payload, acknowledged }
}

export type Callback = { type: number; data?: MessageBody & Record<string, unknown> }

/** The first answer. @throws ApiError */
export async function answerInteraction(world: World, id: string, token: string, body: Callback, files: Upload[]) {
  const interaction = world.interactions.get(token)
  if (!interaction || interaction.id !== id) throw unknownInteraction()
  if (interaction.answered !== undefined) throw alreadyAcknowledged()
  const afterMs = world.clock.now() - interaction.born
  if (afterMs > ACK_WITHIN) throw unknownInteraction()
  const errors = callbackErrors(interaction, body)
  if (errors.length > 0) throw invalidBody(errors)
  // From now on it counts as answered, so that a second answer is refused while this one's files are looked at.
  interaction.answered = body.type
  try {
    await carryOut(world, interaction, body, files)
  } catch (error) {
    delete interaction.answered
    throw error
  }
  interaction.callback = body.data ?? {}
  interaction.acknowledge({ type: body.type, afterMs })
  tell(world, 'interaction', interaction)
  return interaction
}

/** Not every kind of answer goes with every kind of interaction. */
function callbackErrors({ type, source }: StoredInteraction, { type: answer, data }: Callback): string[] {
  const typing = type === TYPING
  switch (answer) {
    case MESSAGE:
    case DEFER_MESSAGE:
    case LAUNCH_ACTIVITY:
      return typing ? ['type: only choices can answer an autocomplete'] : []
    case DEFER_UPDATE:
    case UPDATE:
      return (type === COMPONENT || type === SUBMIT) && source ? [] : ['type: there is no message to update']
    case AUTOCOMPLETE:
      return typing ? choiceErrors(data?.choices) : ['type: choices answer only an autocomplete']
    case MODAL:
      return typing || type === SUBMIT ? ['type: a modal cannot answer this'] : modalErrors((data ?? {}) as ModalBody)
    default:
      return [`type: ${answer} is no callback type`]
  }
}

async function carryOut(world: World, interaction: StoredInteraction, { type, data = {} }: Callback, files: Upload[]) {
  switch (type) {
    case MESSAGE:
      interaction.original = await reply(world, interaction, data, files, 0)
      break
    case DEFER_MESSAGE:
      // Of the flags only EPHEMERAL counts here.
      interaction.original = await reply(world, interaction, { flags: (data.flags ?? 0) & EPHEMERAL }, [], LOADING)
      interaction.loading = true
      break
    case DEFER_UPDATE:
    case UPDATE: {
      const source = interaction.source!
      if (!world.messages.has(source.id)) throw unknownMessage()
      interaction.original = source
      if (type === UPDATE) await editMessage(world, source, data, files)
    }
  }
}

/** The interaction of a webhook's token, while it is good. @throws ApiError 50027, 10015 */
export function byToken(world: World, token: string): StoredInteraction {
  const interaction = world.interactions.get(token)
  if (!interaction) throw unknownWebhook()
  if (world.clock.now() - interaction.born > TOKEN_LIFE) throw invalidToken()
  if (interaction.answered === undefined) throw unknownWebhook()
  if (!world.channels.has(interaction.channelId)) throw unknownChannel()
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
    return editAnswer(world, token, '@original', body, files)
  }
  if (!isMember(world, interaction.channelId) && interaction.followUps.length >= FOLLOW_UPS) throw tooManyFollowUps()
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
  if (interaction.original === message) {
    interaction.loading = false
    interaction.edited = true
    changed(world)
  }
  return edited
}

export function deleteAnswer(world: World, token: string, id: string): void {
  const { interaction, message } = messageOf(world, token, id)
  deleteMessage(world, message)
  interaction.loading = false
}

/** For whom the bot was installed: the server, or the person alone; in direct messages Discord says 0. */
function owners(world: World, channelId: string, userId: string): Record<string, string> {
  return isMember(world, channelId) ? { 0: guildOf(world, channelId) ?? '0' } : { 1: userId }
}

function reply(world: World, interaction: StoredInteraction, body: MessageBody, files: Upload[], flags: number) {
  const { user, source, channelId } = interaction
  const ephemeral = (((body.flags ?? 0) | flags) & EPHEMERAL) !== 0
  return createMessage(world, {
    channelId,
    author: world.bot,
    body,
    files,
    flags,
    more: {
      type: 20,
      application_id: world.applicationId,
      webhook_id: world.applicationId,
      ...(ephemeral && { for: user.id }),
      ...(source && replyTo(world, source)),
      interaction_metadata: metadataOf(world, interaction),
    } as Partial<StoredMessage>,
  })
}

/** Where a message came from: the interaction, and for a dialog the one that brought it up. */
function metadataOf(world: World, { id, type, user, source, channelId, trigger }: StoredInteraction): object {
  const before = [...world.interactions.values()].find(one => one.id === trigger)
  return {
    id,
    type,
    user,
    authorizing_integration_owners: owners(world, channelId, user.id),
    ...(source && type === COMPONENT && { interacted_message_id: source.id }),
    ...(before && { triggering_interaction_metadata: metadataOf(world, before) }),
  }
}
