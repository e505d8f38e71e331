import { userOf } from '../activities.js'
import { ApiError, unauthorized } from '../api-errors.js'
import { guildObject } from '../guild.js'
import { SESSION_STARTS, type World } from '../world.js'
import { ok, type Request, type Route } from './route.js'

/** Who the bot is, where its gateway is, and which server it is in. */
export const aboutRoutes: Route[] = [
  ['GET /gateway', world => ok({ url: gatewayUrl(world) })],
  [
    'GET /gateway/bot',
    world =>
      ok({
        url: gatewayUrl(world),
        shards: 1,
        session_start_limit: {
          total: SESSION_STARTS,
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
      return ok({ ...userOf(world, bearer), mfa_enabled: false, locale: world.locales.get(bearer.user) ?? 'en-US' })
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
      const { scopes, until } = bearer
      const user = userOf(world, bearer)
      return ok({ application: application(world), scopes, expires: new Date(until).toISOString(), user })
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

function gatewayUrl(world: World): string {
  return world.url.replace('http', 'ws')
}

function guildOf(world: World, { path }: Request): Record<string, unknown> {
  if (path.guild !== world.guild.id) throw new ApiError(404, 10_004, 'Unknown Guild')
  return guildObject(world)
}

function application(world: World): unknown {
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
    interactions_endpoint_url: world.endpoint ?? null,
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
