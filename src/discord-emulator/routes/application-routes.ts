import { userOfGrant } from '../activities.js'
import { ApiError, unauthorized } from '../api-errors.js'
import { findGuild, recommendedShards } from '../guilds.js'
import { type EmulatorState, SESSION_START_LIMIT } from '../state.js'
import { ok, type Route, type RouteRequest } from './route.js'

/** The application, the gateway's URL, users, and the server. */
export const applicationRoutes: Route[] = [
  ['GET /gateway', state => ok({ url: gatewayUrl(state) })],
  [
    'GET /gateway/bot',
    state =>
      ok({
        url: gatewayUrl(state),
        shards: recommendedShards(state),
        session_start_limit: {
          total: SESSION_START_LIMIT,
          remaining: state.sessionStarts,
          reset_after: 14_400_000,
          max_concurrency: state.maxConcurrency ?? 1,
        },
      }),
  ],
  [
    'GET /users/@me',
    (state, { bearer }) => {
      if (!bearer) return ok({ ...state.bot, mfa_enabled: false, locale: 'en-US', verified: true, email: null })
      return ok({
        ...userOfGrant(state, bearer),
        mfa_enabled: false,
        locale: state.locales.get(bearer.user) ?? 'en-US',
      })
    },
  ],
  [
    'GET /users/{user}',
    (state, { path }) => {
      const member = state.members.get(path.user!)
      if (!member) throw new ApiError(404, 10_013, 'Unknown User')
      return ok(member.user)
    },
  ],
  ['GET /applications/@me', state => ok(application(state))],
  [
    'GET /oauth2/@me',
    (state, { bearer }) => {
      if (!bearer) throw unauthorized()
      const { scopes, expiresAt } = bearer
      const user = userOfGrant(state, bearer)
      return ok({ application: application(state), scopes, expires: new Date(expiresAt).toISOString(), user })
    },
  ],
  ['GET /oauth2/applications/@me', state => ok(application(state))],
  ['GET /guilds/{guild}', (state, request) => ok(guildOf(state, request))],
  [
    'GET /guilds/{guild}/channels',
    (state, request) => {
      const { id } = guildOf(state, request)
      return ok([...state.channels.values()].filter(one => 'guild_id' in one && one.guild_id === id))
    },
  ],
  ['GET /guilds/{guild}/roles', (state, request) => ok(guildOf(state, request).roles)],
  [
    'GET /guilds/{guild}/members/{user}',
    (state, request) => {
      guildOf(state, request)
      const member = state.members.get(request.path.user!)
      if (!member) throw new ApiError(404, 10_007, 'Unknown Member')
      return ok(member)
    },
  ],
]

function gatewayUrl(state: EmulatorState): string {
  return state.url.replace('http', 'ws')
}

function guildOf(state: EmulatorState, { path }: RouteRequest): Record<string, unknown> {
  const guild = findGuild(state, path.guild!)
  if (!guild) throw new ApiError(404, 10_004, 'Unknown Guild')
  return guild
}

function application(state: EmulatorState): unknown {
  return {
    id: state.applicationId,
    name: state.bot.username,
    icon: null,
    description: '',
    type: null,
    bot: state.bot,
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: '0'.repeat(64),
    flags: 0,
    flags_new: '0',
    redirect_uris: [],
    interactions_endpoint_url: state.interactionsEndpoint ?? null,
    role_connections_verification_url: null,
    owner: state.members.get(state.guild.ownerId)!.user,
    approximate_guild_count: state.smallGuilds.size + 1,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    explicit_content_filter: 0,
    team: null,
    eligible_oauth2_scopes: [],
  }
}
