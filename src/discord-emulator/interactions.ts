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
import { channelContext, isBotInChannel } from './channels.js'
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
import { assertOpenThread, openForMessage } from './threads.js'
import { choiceErrors, type MessageBody, type ModalBody, modalErrors } from './validate.js'

const TOKEN_LIFE_MS = 15 * 60_000
/** Follow-ups per interaction if the app is installed by the user only. */
const MAX_USER_INSTALL_FOLLOWUPS = 5

/** Interaction types. */
const MESSAGE_COMPONENT = 3
const AUTOCOMPLETE_INTERACTION = 4
const MODAL_SUBMIT = 5

/** Interaction callback types. */
export const CHANNEL_MESSAGE = 4
const DEFERRED_CHANNEL_MESSAGE = 5
const DEFERRED_UPDATE_MESSAGE = 6
export const UPDATE_MESSAGE = 7
const AUTOCOMPLETE_RESULT = 8
const MODAL = 9
export const LAUNCH_ACTIVITY = 12

export type InteractionCallback = { type: number; data?: MessageBody & Record<string, unknown> }

/** The callback of an interaction. @throws ApiError */
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
  // Set before the files are stored, so that a second callback is refused meanwhile.
  interaction.callbackType = body.type
  try {
    await applyCallback(state, interaction, body, files)
  } catch (error) {
    delete interaction.callbackType
    throw error
  }
  interaction.callback = body.data ?? {}
  interaction.acknowledge({ type: body.type, afterMs })
  emitMessageEvent(state, 'interaction', interaction)
  return interaction
}

/** Which callback types are allowed depends on the interaction's type. */
function callbackErrors(
  { type, sourceMessage: source }: StoredInteraction,
  { type: callback, data }: InteractionCallback,
): string[] {
  const isAutocomplete = type === AUTOCOMPLETE_INTERACTION
  switch (callback) {
    case CHANNEL_MESSAGE:
    case DEFERRED_CHANNEL_MESSAGE:
    case LAUNCH_ACTIVITY:
      return isAutocomplete ? ['type: only choices can answer an autocomplete'] : []
    case DEFERRED_UPDATE_MESSAGE:
    case UPDATE_MESSAGE:
      return (type === MESSAGE_COMPONENT || type === MODAL_SUBMIT) && source
        ? []
        : ['type: there is no message to update']
    case AUTOCOMPLETE_RESULT:
      return isAutocomplete ? choiceErrors(data?.choices) : ['type: choices answer only an autocomplete']
    case MODAL:
      return isAutocomplete || type === MODAL_SUBMIT
        ? ['type: a modal cannot answer this']
        : modalErrors((data ?? {}) as ModalBody)
    default:
      return [`type: ${callback} is not a callback type`]
  }
}

async function applyCallback(
  state: EmulatorState,
  interaction: StoredInteraction,
  { type, data = {} }: InteractionCallback,
  files: Upload[],
) {
  switch (type) {
    case CHANNEL_MESSAGE:
      interaction.originalResponse = await createReply(state, interaction, data, files, 0)
      break
    case DEFERRED_CHANNEL_MESSAGE:
      // A deferred response takes only the EPHEMERAL flag.
      interaction.originalResponse = await createReply(
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
    case DEFERRED_UPDATE_MESSAGE:
    case UPDATE_MESSAGE: {
      const source = interaction.sourceMessage!
      if (!state.messages.has(source.id)) throw unknownMessage()
      if (type === UPDATE_MESSAGE) assertOpenThread(state, source.channel_id)
      interaction.originalResponse = source
      if (type === UPDATE_MESSAGE) await editMessage(state, source, data, files)
    }
  }
}

/** @throws ApiError 50027 if the token has expired, 10015 if it is unknown or has no callback yet */
export function interactionByToken(state: EmulatorState, token: string): StoredInteraction {
  const interaction = state.interactions.get(token)
  if (!interaction) throw unknownWebhook()
  if (state.clock.now() - interaction.createdAt > TOKEN_LIFE_MS) throw invalidWebhookToken()
  if (interaction.callbackType === undefined) throw unknownWebhook()
  return interaction
}

/** Create a follow-up message. The first one after a deferred callback edits the original response. */
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
  const isUserInstallOnly = !('0' in interaction.integrationOwners)
  if (isUserInstallOnly && interaction.followUps.length >= MAX_USER_INSTALL_FOLLOWUPS) throw tooManyFollowUps()
  const message = await createReply(state, interaction, body, files, 0)
  interaction.followUps.push(message)
  emitMessageEvent(state, 'interaction', interaction)
  return message
}

/** @param id of the message, or `@original`. @throws ApiError 10008 */
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
  assertOpenThread(state, message.channel_id)
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

function createReply(
  state: EmulatorState,
  interaction: StoredInteraction,
  body: MessageBody,
  files: Upload[],
  flags: number,
) {
  const { user, sourceMessage: source, channelId } = interaction
  const channel = state.channels.get(channelId)
  if (!channel) throw unknownChannel()
  // A webhook needs no place in a private thread.
  if (isBotInChannel(state, channel)) openForMessage(state, channel)
  // Without UseExternalApps, responses of user-installed apps are ephemeral.
  const isForced =
    channelContext(state, channel) === 'foreign server' &&
    !hasPermission(state, channel, state.bot.id, 'UseExternalApps')
  const forcedFlags = flags | (isForced ? EPHEMERAL : 0)
  const ephemeral = (((body.flags ?? 0) | forcedFlags) & EPHEMERAL) !== 0
  return createMessage(state, {
    channelId,
    author: state.bot,
    body,
    files,
    flags: forcedFlags,
    extra: {
      type: 20,
      application_id: state.applicationId,
      webhook_id: state.applicationId,
      ...(ephemeral && { visibleTo: user.id }),
      ...(source && replyReference(state, source)),
      interaction_metadata: interactionMetadata(state, interaction),
    } as Partial<StoredMessage>,
  })
}

/** The `interaction_metadata` of a message; a modal's names the interaction that opened it. */
function interactionMetadata(
  state: EmulatorState,
  { id, type, user, integrationOwners: owners, sourceMessage: source, triggerId: trigger }: StoredInteraction,
): object {
  const triggering = [...state.interactions.values()].find(one => one.id === trigger)
  return {
    id,
    type,
    user,
    authorizing_integration_owners: owners,
    ...(source && type === MESSAGE_COMPONENT && { interacted_message_id: source.id }),
    ...(triggering && { triggering_interaction_metadata: interactionMetadata(state, triggering) }),
  }
}
