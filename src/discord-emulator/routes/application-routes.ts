import { userOfGrant } from '../activities.js'
import { ApiError, unauthorized } from '../api-errors.js'
import { guildObject } from '../guild.js'
import { type EmulatorState, SESSION_START_LIMIT } from '../world.js'
import { ok, type Route, type RouteRequest } from './route.js'

/** Who the bot is, where its gateway is, and which server it is in. */
export const applicationRoutes: Route[] = [
  ['GET /gateway', world => ok({ url: gatewayUrl(world) })],
  [
    'GET /gateway/bot',
    world =>
      ok({
        url: gatewayUrl(world),
        shards: 1,
        session_start_limit: {
          total: SESSION_START_LIMIT,
          remaining: world.sessionStarts,
          reset_after: 14_400_000,
          max_concurrency: 1,
        },
      }),
  ],
  [
    'GET /users/@me',
    (world, { bearer }) => {
      if (!bearer) return ok({ ...world.bot, mfa_enabled: false, locale: 'en-US', verified: true, email: null })
      return ok({
        ...userOfGrant(world, bearer),
        mfa_enabled: false,
        locale: world.locales.get(bearer.user) ?? 'en-US',
      })
    },
  ],
  [
    'GET /users/{user}',
    (world, { path }) => {
      const member = world.members.get(path.user!)
      if (!member) throw new ApiError(404, 10_013, 'Unknown User')
      return ok(member.user)
    },
  ],
  ['GET /applications/@me', world => ok(application(world))],
  [
    'GET /oauth2/@me',
    (world, { bearer }) => {
      if (!bearer) throw unauthorized()
      const { scopes, expiresAt } = bearer
      const user = userOfGrant(world, bearer)
      return ok({ application: application(world), scopes, expires: new Date(expiresAt).toISOString(), user })
    },
  ],
  ['GET /oauth2/applications/@me', world => ok(application(world))],
  ['GET /guilds/{guild}', (world, request) => ok(guildOf(world, request))],
  [
    'GET /guilds/{guild}/channels',
    (world, request) => {
      const { id } = guildOf(world, request)
      return ok([...world.channels.values()].filter(one => 'guild_id' in one && one.guild_id === id))
    },
  ],
  ['GET /guilds/{guild}/roles', (world, request) => ok(guildOf(world, request).roles)],
  [
    'GET /guilds/{guild}/members/{user}',
    (world, request) => {
      guildOf(world, request)
      const member = world.members.get(request.path.user!)
      if (!member) throw new ApiError(404, 10_007, 'Unknown Member')
      return ok(member)
    },
  ],
]

function gatewayUrl(world: EmulatorState): string {
  return world.url.replace('http', 'ws')
}

function guildOf(world: EmulatorState, { path }: RouteRequest): Record<string, unknown> {
  if (path.guild !== world.guild.id) throw new ApiError(404, 10_004, 'Unknown Guild')
  return guildObject(world)
}

function application(world: EmulatorState): unknown {
  return {
    id: world.applicationId,
    name: world.bot.username,
    icon: null,
    description: '',
    type: null,
    bot: world.bot,
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: '0'.repeat(64),
    flags: 0,
    flags_new: '0',
    redirect_uris: [],
    interactions_endpoint_url: world.interactionsEndpoint ?? null,
    role_connections_verification_url: null,
    owner: world.members.get(world.guild.ownerId)!.user,
    approximate_guild_count: 1,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    explicit_content_filter: 0,
    team: null,
    eligible_oauth2_scopes: [],
  }
}
