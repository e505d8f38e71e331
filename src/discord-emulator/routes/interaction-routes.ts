import type { APIMessage } from 'discord.js'
import { unknownWebhook } from '../api-errors.js'
import {
  CHANNEL_MESSAGE,
  createFollowup,
  deleteResponse,
  editResponse,
  handleCallback,
  type InteractionCallback,
  LAUNCH_ACTIVITY,
  responseMessage,
  UPDATE_MESSAGE,
} from '../interactions.js'
import { EPHEMERAL, messageObject } from '../messages.js'
import type { EmulatorState, StoredInteraction } from '../state.js'
import type { MessageBody } from '../validate.js'
import { noContent, ok, type Route, type RouteRequest } from './route.js'

/** The webhook id of interactions is the application's id. @throws ApiError 10015 */
function webhookToken(state: EmulatorState, { path }: RouteRequest): string {
  if (path.application !== state.applicationId) throw unknownWebhook()
  return path.token!
}

/** Interaction callbacks and webhooks. */
export const interactionRoutes: Route[] = [
  [
    'POST /interactions/{id}/{token}/callback',
    async (state, { path, query, body, files }) => {
      const interaction = await handleCallback(state, path.id!, path.token!, body as InteractionCallback, files)
      if (query.get('with_response') !== 'true') return noContent
      const message = interaction.originalResponse && messageObject(state, interaction.originalResponse)
      return ok({
        interaction: {
          id: interaction.id,
          type: interaction.type,
          response_message_loading: interaction.loading ?? false,
          response_message_ephemeral: ((message?.flags ?? 0) & EPHEMERAL) !== 0,
          ...(message && { response_message_id: message.id }),
        },
        ...resource(interaction, message ?? undefined),
      })
    },
  ],
  [
    'POST /webhooks/{application}/{token}',
    async (state, request) =>
      ok(
        messageObject(
          state,
          await createFollowup(state, webhookToken(state, request), request.body as MessageBody, request.files),
        ),
      ),
  ],
  [
    'GET /webhooks/{application}/{token}/messages/{message}',
    (state, request) =>
      ok(messageObject(state, responseMessage(state, webhookToken(state, request), request.path.message!).message)),
  ],
  [
    'PATCH /webhooks/{application}/{token}/messages/{message}',
    async (state, request) => {
      const { path, body, files } = request
      return ok(
        messageObject(state, await editResponse(state, webhookToken(state, request), path.message!, body, files)),
      )
    },
  ],
  [
    'DELETE /webhooks/{application}/{token}/messages/{message}',
    (state, request) => {
      deleteResponse(state, webhookToken(state, request), request.path.message!)
      return noContent
    },
  ],
]

/** The `resource` of a callback response: a message or an Activity instance. */
function resource(
  { callbackType: type, activityInstanceId }: StoredInteraction,
  message: APIMessage | undefined,
): object {
  if (type === LAUNCH_ACTIVITY) return { resource: { type, activity_instance: { id: activityInstanceId } } }
  return message && (type === CHANNEL_MESSAGE || type === UPDATE_MESSAGE) ? { resource: { type, message } } : {}
}
