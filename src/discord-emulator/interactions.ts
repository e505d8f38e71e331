import { join } from './activities.js'
import {
  alreadyAcknowledged,
  invalidBody,
  invalidToken,
  tooManyFollowUps,
  unknownChannel,
  unknownInteraction,
  unknownMessage,
  unknownWebhook,
} from './api-errors.js'
import type { Upload } from './cdn.js'
import { placeOf } from './channels.js'
import { createMessage, deleteMessage, EPHEMERAL, editMessage, LOADING, replyTo } from './messages.js'
import { may } from './permissions.js'
import { ACK_WITHIN } from './start-interaction.js'
import { choiceErrors, type MessageBody, type ModalBody, modalErrors } from './validate.js'
import { changed, type StoredInteraction, type StoredMessage, tell, type World } from './world.js'

const TOKEN_LIFE = 15 * 60_000
/** Where the bot is not installed but for somebody themselves. */
const MOST_FOLLOW_UPS = 5

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
    case LAUNCH_ACTIVITY:
      interaction.activity = join(world, interaction.channelId, interaction.user.id).id
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
  const forOnePerson = !('0' in interaction.owners)
  if (forOnePerson && interaction.followUps.length >= MOST_FOLLOW_UPS) throw tooManyFollowUps()
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

function reply(world: World, interaction: StoredInteraction, body: MessageBody, files: Upload[], flags: number) {
  const { user, source, channelId } = interaction
  const channel = world.channels.get(channelId)
  if (!channel) throw unknownChannel()
  // Who may not use apps of their own in a server gets answers for themselves alone.
  const hidden = placeOf(world, channel) === 'foreign server' && !may(world, channel, world.bot.id, 'UseExternalApps')
  const set = flags | (hidden ? EPHEMERAL : 0)
  const ephemeral = (((body.flags ?? 0) | set) & EPHEMERAL) !== 0
  return createMessage(world, {
    channelId,
    author: world.bot,
    body,
    files,
    flags: set,
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
function metadataOf(world: World, { id, type, user, owners, source, trigger }: StoredInteraction): object {
  const before = [...world.interactions.values()].find(one => one.id === trigger)
  return {
    id,
    type,
    user,
    authorizing_integration_owners: owners,
    ...(source && type === COMPONENT && { interacted_message_id: source.id }),
    ...(before && { triggering_interaction_metadata: metadataOf(world, before) }),
  }
}
