import { joinActivity } from './activities.js'
import {
  alreadyAcknowledged,
  invalidFormBody,
  invalidWebhookToken,
  tooManyFollowUps,
  unknownChannel,
  unknownInteraction,
  unknownMessage,
  unknownWebhook,
} from './api-errors.js'
import type { Upload } from './cdn.js'
import { channelContext } from './channels.js'
import { createMessage, deleteMessage, EPHEMERAL, editMessage, LOADING, replyReference } from './messages.js'
import { hasPermission } from './permissions.js'
import { ACK_TIMEOUT_MS } from './start-interaction.js'
import {
  type EmulatorState,
  emitMessageEvent,
  notifyChange,
  type StoredInteraction,
  type StoredMessage,
} from './state.js'
import { choiceErrors, type MessageBody, type ModalBody, modalErrors } from './validate.js'

const TOKEN_LIFE = 15 * 60_000
/** Where the bot is not installed but for somebody themselves. */
const MOST_FOLLOW_UPS = 5

/** The kinds of interactions. */
const COMPONENT = 3
const TYPING = 4
const SUBMIT = 5

/** The kinds of first answers. */
export const CHANNEL_MESSAGE = 4
const DEFER_MESSAGE = 5
const DEFER_UPDATE = 6
export const UPDATE_MESSAGE = 7
const AUTOCOMPLETE = 8
const MODAL = 9
export const LAUNCH_ACTIVITY = 12

export type InteractionCallback = { type: number; data?: MessageBody & Record<string, unknown> }

/** The first answer. @throws ApiError */
export async function handleCallback(
  state: EmulatorState,
  id: string,
  token: string,
  body: InteractionCallback,
  files: Upload[],
) {
  const interaction = state.interactions.get(token)
  if (!interaction || interaction.id !== id) throw unknownInteraction()
  if (interaction.callbackType !== undefined) throw alreadyAcknowledged()
  const afterMs = state.clock.now() - interaction.createdAt
  if (afterMs > ACK_TIMEOUT_MS) throw unknownInteraction()
  const errors = callbackErrors(interaction, body)
  if (errors.length > 0) throw invalidFormBody(errors)
  // From now on it counts as answered, so that a second answer is refused while this one's files are looked at.
  interaction.callbackType = body.type
  try {
    await carryOut(state, interaction, body, files)
  } catch (error) {
    delete interaction.callbackType
    throw error
  }
  interaction.callback = body.data ?? {}
  interaction.acknowledge({ type: body.type, afterMs })
  emitMessageEvent(state, 'interaction', interaction)
  return interaction
}

/** Not every kind of answer goes with every kind of interaction. */
function callbackErrors({ type, source }: StoredInteraction, { type: answer, data }: InteractionCallback): string[] {
  const typing = type === TYPING
  switch (answer) {
    case CHANNEL_MESSAGE:
    case DEFER_MESSAGE:
    case LAUNCH_ACTIVITY:
      return typing ? ['type: only choices can answer an autocomplete'] : []
    case DEFER_UPDATE:
    case UPDATE_MESSAGE:
      return (type === COMPONENT || type === SUBMIT) && source ? [] : ['type: there is no message to update']
    case AUTOCOMPLETE:
      return typing ? choiceErrors(data?.choices) : ['type: choices answer only an autocomplete']
    case MODAL:
      return typing || type === SUBMIT ? ['type: a modal cannot answer this'] : modalErrors((data ?? {}) as ModalBody)
    default:
      return [`type: ${answer} is no callback type`]
  }
}

async function carryOut(
  state: EmulatorState,
  interaction: StoredInteraction,
  { type, data = {} }: InteractionCallback,
  files: Upload[],
) {
  switch (type) {
    case CHANNEL_MESSAGE:
      interaction.originalResponse = await reply(state, interaction, data, files, 0)
      break
    case DEFER_MESSAGE:
      // Of the flags only EPHEMERAL counts here.
      interaction.originalResponse = await reply(
        state,
        interaction,
        { flags: (data.flags ?? 0) & EPHEMERAL },
        [],
        LOADING,
      )
      interaction.loading = true
      break
    case LAUNCH_ACTIVITY:
      interaction.activityInstanceId = joinActivity(state, interaction.channelId, interaction.user.id).id
      break
    case DEFER_UPDATE:
    case UPDATE_MESSAGE: {
      const source = interaction.source!
      if (!state.messages.has(source.id)) throw unknownMessage()
      interaction.originalResponse = source
      if (type === UPDATE_MESSAGE) await editMessage(state, source, data, files)
    }
  }
}

/** The interaction of a webhook's token, while it is good. @throws ApiError 50027, 10015 */
export function interactionByToken(state: EmulatorState, token: string): StoredInteraction {
  const interaction = state.interactions.get(token)
  if (!interaction) throw unknownWebhook()
  if (state.clock.now() - interaction.createdAt > TOKEN_LIFE) throw invalidWebhookToken()
  if (interaction.callbackType === undefined) throw unknownWebhook()
  return interaction
}

/** A message further to the first answer; straight after a deferral it becomes the answer itself. */
export async function createFollowup(
  state: EmulatorState,
  token: string,
  body: MessageBody,
  files: Upload[],
): Promise<StoredMessage> {
  const interaction = interactionByToken(state, token)
  if (interaction.loading && interaction.originalResponse) {
    return editResponse(state, token, '@original', body, files)
  }
  const forOnePerson = !('0' in interaction.owners)
  if (forOnePerson && interaction.followUps.length >= MOST_FOLLOW_UPS) throw tooManyFollowUps()
  const message = await reply(state, interaction, body, files, 0)
  interaction.followUps.push(message)
  emitMessageEvent(state, 'interaction', interaction)
  return message
}

/** `@original`, or one of the follow-ups. @throws ApiError 10008 */
export function responseMessage(
  state: EmulatorState,
  token: string,
  id: string,
): { interaction: StoredInteraction; message: StoredMessage } {
  const interaction = interactionByToken(state, token)
  const message =
    id === '@original'
      ? interaction.originalResponse
      : [interaction.originalResponse, ...interaction.followUps].find(one => one?.id === id)
  if (!message || !state.messages.has(message.id)) throw unknownMessage()
  return { interaction, message }
}

export async function editResponse(
  state: EmulatorState,
  token: string,
  id: string,
  body: MessageBody,
  files: Upload[],
) {
  const { interaction, message } = responseMessage(state, token, id)
  const edited = await editMessage(state, message, body, files)
  if (interaction.originalResponse === message) {
    interaction.loading = false
    interaction.edited = true
    notifyChange(state)
  }
  return edited
}

export function deleteResponse(state: EmulatorState, token: string, id: string): void {
  const { interaction, message } = responseMessage(state, token, id)
  deleteMessage(state, message)
  interaction.loading = false
}

function reply(
  state: EmulatorState,
  interaction: StoredInteraction,
  body: MessageBody,
  files: Upload[],
  flags: number,
) {
  const { user, source, channelId } = interaction
  const channel = state.channels.get(channelId)
  if (!channel) throw unknownChannel()
  // Who may not use apps of their own in a server gets answers for themselves alone.
  const hidden =
    channelContext(state, channel) === 'foreign server' &&
    !hasPermission(state, channel, state.bot.id, 'UseExternalApps')
  const set = flags | (hidden ? EPHEMERAL : 0)
  const ephemeral = (((body.flags ?? 0) | set) & EPHEMERAL) !== 0
  return createMessage(state, {
    channelId,
    author: state.bot,
    body,
    files,
    flags: set,
    more: {
      type: 20,
      application_id: state.applicationId,
      webhook_id: state.applicationId,
      ...(ephemeral && { visibleTo: user.id }),
      ...(source && replyReference(state, source)),
      interaction_metadata: metadataOf(state, interaction),
    } as Partial<StoredMessage>,
  })
}

/** Where a message came from: the interaction, and for a dialog the one that brought it up. */
function metadataOf(state: EmulatorState, { id, type, user, owners, source, trigger }: StoredInteraction): object {
  const before = [...state.interactions.values()].find(one => one.id === trigger)
  return {
    id,
    type,
    user,
    authorizing_integration_owners: owners,
    ...(source && type === COMPONENT && { interacted_message_id: source.id }),
    ...(before && { triggering_interaction_metadata: metadataOf(state, before) }),
  }
}
