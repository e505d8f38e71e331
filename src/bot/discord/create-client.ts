import { type CacheWithLimitsOptions, Client, Events, GatewayIntentBits, Options, Partials } from 'discord.js'
import type { Logger } from 'pino'
import type { Config } from '../../config.js'
import { probedShards, type SilenceListener } from './gateway-probe.js'
import { type Claim, sharedLoginThrottle } from './login-throttle.js'

/** None is privileged. Interactions need no intent; these are for channels, roles, and replies that mention the bot. */
export const GATEWAY_INTENTS = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.DirectMessages,
]

/**
 * What is cached of servers: channels and roles, from which permissions follow, the bot's own member, and the people who
 * asked last. Each event carries the rest of what it needs.
 */
const CACHE_LIMITS: CacheWithLimitsOptions = {
  ...Options.DefaultMakeCacheSettings,
  MessageManager: 0,
  UserManager: 100,
  GuildMemberManager: { maxSize: 100, keepOverLimit: ({ id, client }) => id === client.user.id },
  GuildEmojiManager: 0,
  GuildStickerManager: 0,
  GuildScheduledEventManager: 0,
  StageInstanceManager: 0,
  PresenceManager: 0,
  VoiceStateManager: 0,
}

const REST_TIMEOUT_MS = 60_000

/**
 * A client of Discord that is not logged in yet.
 *
 * @param claim as in {@link sharedLoginThrottle}; undefined if this is the only process of the bot
 * @param onSilence called when a shard's connection is silent, and when it is not any more
 */
export function createClient(
  config: Config,
  log: Logger,
  claim: Claim | undefined,
  onSilence: SilenceListener,
): Client {
  const { DISCORD_API: api, DISCORD_CDN: cdn, DISCORD_MEDIA: mediaProxy, SHARDS: range } = config
  const client = new Client({
    intents: GATEWAY_INTENTS,
    ...(range === 'auto' ? { shards: 'auto' } : { shards: [...range.ids], shardCount: range.total }),
    ws: {
      buildStrategy: probedShards(onSilence),
      ...(claim && { buildIdentifyThrottler: sharedLoginThrottle(claim, log) }),
    },
    partials: [Partials.Channel],
    rest: { api, cdn, mediaProxy, timeout: REST_TIMEOUT_MS },
    allowedMentions: { parse: [] },
    makeCache: Options.cacheWithLimits(CACHE_LIMITS),
  })
  client.on(Events.Error, error => log.error(error, 'Discord gateway error'))
  client.on(Events.Warn, warning => log.warn({ warning }, 'Discord client warning'))
  client.rest.on('rateLimited', ({ route, timeToReset }) =>
    log.warn({ route, timeToReset }, 'Discord rate limit reached'),
  )
  return client
}
