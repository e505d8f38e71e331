import type { APIMessage } from 'discord.js'
import { unknownWebhook } from '../api-errors.js'
import {
  answerInteraction,
  type Callback,
  deleteAnswer,
  editAnswer,
  followUp,
  LAUNCH_ACTIVITY,
  MESSAGE,
  messageOf,
  UPDATE,
} from '../interactions.js'
import { EPHEMERAL, present } from '../messages.js'
import type { MessageBody } from '../validate.js'
import type { StoredInteraction, World } from '../world.js'
import { empty, ok, type Request, type Route } from './route.js'

/** An interaction's webhook bears the application's id. @throws ApiError 10015 */
function tokenIn(world: World, { path }: Request): string {
  if (path.application !== world.applicationId) throw unknownWebhook()
  return path.token!
}

/** First answers to interactions, and all that their tokens allow later. */
export const interactionRoutes: Route[] = [
  [
    'POST /interactions/{id}/{token}/callback',
    async (world, { path, query, body, files }) => {
      const interaction = await answerInteraction(world, path.id!, path.token!, body as Callback, files)
      if (query.get('with_response') !== 'true') return empty
      const message = interaction.original && present(world, interaction.original)
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
    async (world, request) =>
      ok(present(world, await followUp(world, tokenIn(world, request), request.body as MessageBody, request.files))),
  ],
  [
    'GET /webhooks/{application}/{token}/messages/{message}',
    (world, request) => ok(present(world, messageOf(world, tokenIn(world, request), request.path.message!).message)),
  ],
  [
    'PATCH /webhooks/{application}/{token}/messages/{message}',
    async (world, request) => {
      const { path, body, files } = request
      return ok(present(world, await editAnswer(world, tokenIn(world, request), path.message!, body, files)))
    },
  ],
  [
    'DELETE /webhooks/{application}/{token}/messages/{message}',
    (world, request) => {
      deleteAnswer(world, tokenIn(world, request), request.path.message!)
      return empty
    },
  ],
]

/** What the first answer made: a message, for those answers that bring one; an activity. */
function resource({ answered: type, activity }: StoredInteraction, message: APIMessage | undefined): object {
  if (type === LAUNCH_ACTIVITY) return { resource: { type, activity_instance: { id: activity } } }
  return message && (type === MESSAGE || type === UPDATE) ? { resource: { type, message } } : {}
}
