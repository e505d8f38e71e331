import { exchangeCode } from '../activities.js'
import { notFound } from '../api-errors.js'
import { ok, type Route } from './route.js'

/** Activity instances, and the exchange of OAuth 2 codes. */
export const activityInstanceRoutes: Route[] = [
  ['POST /oauth2/token', (state, { body }) => ok(exchangeCode(state, body))],
  [
    'GET /applications/{application}/activity-instances/{instance}',
    (state, { path }) => {
      const instance = state.activityInstances.get(path.instance!)
      if (!instance || path.application !== state.applicationId) throw notFound()
      const { id, launchId, channelId, users } = instance
      const channel = state.channels.get(channelId)!
      const location =
        'guild_id' in channel
          ? { id: `gc-${channel.guild_id}-${channelId}`, kind: 'gc', channel_id: channelId, guild_id: channel.guild_id }
          : { id: `pc-${channelId}`, kind: 'pc', channel_id: channelId }
      return ok({
        application_id: state.applicationId,
        instance_id: id,
        launch_id: launchId,
        location,
        users: [...users],
      })
    },
  ],
]
