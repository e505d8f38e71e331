import {
  type APIGatewayBotInfo,
  type Channel,
  Client,
  Events,
  type Guild,
  type GuildBasedChannel,
  GuildPremiumTier,
  REST,
  Routes,
} from 'discord.js'
import { pino } from 'pino'
import { GATEWAY_INTENTS } from '../../bot/discord/create-client.js'
import { throwDiscordProblem } from '../../bot/discord/discord-problem.js'
import { watchGateway } from '../../bot/discord/gateway-watch.js'
import { INVITE_PERMISSIONS, inviteLink, permissionsToPost } from '../../bot/discord/invite.js'
import { logIn } from '../../bot/discord/log-in.js'
import { commandDifference } from '../../bot/discord/register-commands.js'
import { BOT_FILE_LIMIT_BYTES } from '../../bot/messages/file-limit.js'
import { contextMenuCommands } from '../../commands/context-menu-commands.js'
import { slashCommands } from '../../commands/slash-commands.js'
import { UserError } from '../../user-error.js'
import { DISCORD_TIMEOUT_MS, fetchDiscordAccount } from '../setup/discord-account.js'
import type { Check, CheckGroup, DoctorContext, Finding } from './check.js'

const DEVELOPER_PORTAL = 'https://discord.com/developers/applications'

/** A smaller difference to Discord's clock is ignored. */
const MAX_CLOCK_SKEW_SECONDS = 60

/** With fewer logins left for the day, a bot in a restart loop will soon be locked out. */
const FEW_LOGINS = 50

/** With more servers, only those with a problem are listed. */
const MAX_LISTED_SERVERS = 20

const UNREACHABLE = {
  seconds: 30,
  state: 'error',
  says: 'Discord doesn’t respond',
  todo: 'Check this machine’s network connection, and https://discordstatus.com.',
} as const

const reach: Check = {
  id: 'reach',
  title: 'Discord',
  dependsOn: ['token-set'],
  timeout: UNREACHABLE,
  async run(context, signal) {
    if (context.starts === 'playground') return { state: 'skipped', says: 'the playground doesn’t need Discord' }
    const sent = Date.now()
    const response = await fetch(`${context.config.DISCORD_API}/v10/gateway`, { signal }).catch(error => {
      const { message, code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException
      throw new UserError({ code: 'discord-unreachable', reason: message || String(code) }, { cause: error })
    })
    await response.body?.cancel()
    if (response.status >= 500) {
      const todo = 'Check https://discordstatus.com, and try again later.'
      return { state: 'error', says: `Discord has an internal error (${response.status})`, todo }
    }
    const found: Finding = { state: 'ok', says: 'reachable' }
    const discordTime = Date.parse(response.headers.get('date') ?? '')
    return Number.isNaN(discordTime) ? found : [found, clockFinding((sent + Date.now()) / 2, discordTime)]
  },
}

/** Both times are in ms since 1970, at the same moment. Discord reports whole seconds. */
export function clockFinding(localTime: number, discordTime: number): Finding {
  const skew = Math.round((localTime - discordTime) / 1000)
  if (Math.abs(skew) <= MAX_CLOCK_SKEW_SECONDS) return { state: 'ok', says: 'this machine’s clock matches Discord’s' }
  const says = `this machine’s clock is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} Discord’s`
  const todo =
    'Let the system set the clock (timedatectl set-ntp true). Links to the editor and times in messages depend on it.'
  return { state: 'warning', says, todo }
}

const account: Check = {
  id: 'account',
  title: 'Application',
  dependsOn: ['reach'],
  timeout: UNREACHABLE,
  async run({ config }) {
    const { name, id, endpoint } = await fetchDiscordAccount(config.DISCORD_TOKEN!, config.DISCORD_API)
    if (endpoint === undefined) return { state: 'ok', says: `the token belongs to ${name} (${id})` }
    return {
      state: 'warning',
      says: `Discord sends the interactions of ${name} to ${endpoint}, so the bot doesn’t get them`,
      todo: `Clear “Interactions Endpoint URL” of the application: ${DEVELOPER_PORTAL}/${id}/information`,
    }
  },
}

const starts: Check = {
  id: 'starts',
  title: 'Logins',
  dependsOn: ['account'],
  timeout: UNREACHABLE,
  async run(context) {
    const { config } = context
    const rest = new REST({ api: config.DISCORD_API, timeout: DISCORD_TIMEOUT_MS, retries: 1 }).setToken(
      config.DISCORD_TOKEN!,
    )
    const gateway = (await rest.get(Routes.gatewayBot()).catch(throwDiscordProblem)) as APIGatewayBotInfo
    const { remaining, total, reset_after } = gateway.session_start_limit
    context.shards = shardsToCheck(gateway.shards)
    const says = `${remaining} of ${total} logins are left`
    if (remaining >= FEW_LOGINS) return { state: 'ok', says }
    const minutes = Math.ceil(reset_after / 60_000)
    const todo = `Find out in the log why the bot restarts so often. The limit resets in ${minutes} minutes.`
    return { state: remaining === 0 ? 'error' : 'warning', says, todo }
  },
}

/** A shard needs 5 seconds to log in. Of more than some shards only the first is checked. */
const MAX_CHECKED_SHARDS = 4

function shardsToCheck(recommended: number): DoctorContext['shards'] {
  return recommended <= MAX_CHECKED_SHARDS ? { shards: 'auto' } : { shards: [0], shardCount: recommended }
}

const login: Check = {
  id: 'login',
  title: 'Gateway',
  dependsOn: ['starts'],
  timeout: {
    ...UNREACHABLE,
    says: 'the gateway doesn’t respond, but the rest of Discord does',
    todo: 'Check that firewalls and proxies allow WebSockets (wss://gateway.discord.gg).',
  },
  async run(context, signal) {
    const { DISCORD_API: api, DISCORD_TOKEN: token } = context.config
    const client = new Client({
      intents: GATEWAY_INTENTS,
      ...context.shards,
      rest: { api, timeout: DISCORD_TIMEOUT_MS, retries: 1 },
    })
    client.on(Events.Error, () => {}) // discord.js retries until the timeout
    const gateway = watchGateway(client, pino({ level: 'silent' }))
    context.client = await logIn(client, token!, gateway, signal).catch(throwDiscordProblem)
    return { state: 'ok', says: 'the bot can log in with all its intents' }
  },
}

const registered: Check = {
  id: 'commands',
  title: 'Commands',
  dependsOn: ['login'],
  timeout: UNREACHABLE,
  async run({ client }) {
    const expected = [...slashCommands, ...contextMenuCommands].map(({ data }) => data)
    const { missing, changed, foreign } = await commandDifference(client!, expected).catch(throwDiscordProblem)
    const parts = [
      ...(missing.length > 0 ? [`missing: ${firstFive(missing)}`] : []),
      ...(changed.length > 0 ? [`outdated: ${firstFive(changed)}`] : []),
      ...(foreign.length > 0 ? [`unknown: ${firstFive(foreign)}`] : []),
    ]
    if (parts.length === 0) return { state: 'ok', says: `all ${expected.length} are registered` }
    return {
      state: 'warning',
      says: parts.join('; '),
      todo: 'Restart the bot. It registers its commands when it starts.',
    }
  },
}

function firstFive(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ')
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown
}

const servers: Check = {
  id: 'servers',
  title: 'Servers',
  dependsOn: ['login'],
  timeout: UNREACHABLE,
  async run(context) {
    const client = context.client!
    const { id: application } = client.application
    const all = [...client.guilds.cache.values()]
    if (context.server !== undefined) {
      const guild = client.guilds.cache.get(context.server)
      if (guild) return guildFindings(guild, context)
      const says = `the bot isn’t in the server ${context.server}`
      return { state: 'warning', says, todo: `Add the bot there: ${inviteLink(application, context.server)}` }
    }
    if (context.channel !== undefined) {
      const guild = all.find(one => one.channels.cache.has(context.channel!))
      if (guild) return guildFindings(guild, context)
      const says = `the bot can’t see a channel ${context.channel} in any of its servers`
      return { state: 'warning', says, todo: CHANNEL_FIX }
    }
    if (all.length === 0) {
      return {
        state: 'warning',
        says: 'the bot isn’t in a server yet',
        todo: `Add the bot to one: ${inviteLink(application)}`,
      }
    }
    const findings = (await Promise.all(all.map(guild => guildFindings(guild, context)))).flat()
    if (all.length <= MAX_LISTED_SERVERS) return findings
    const others = findings.filter(({ state }) => state !== 'ok')
    return [{ state: 'ok', says: `the bot is in ${all.length} servers` }, ...others]
  },
}

const CHANNEL_FIX =
  'Copy the channel’s ID again (Developer Mode, right-click, Copy Channel ID), or give the bot View Channels there.'

/** What the bot may do in a server, or in one channel of it, and how large files may be there. */
async function guildFindings(guild: Guild, { channel: asked }: DoctorContext): Promise<readonly Finding[]> {
  const name = `“${guild.name}”`
  if (!guild.available)
    return [
      {
        state: 'warning',
        says: `${name} is unavailable right now`,
        todo: 'Check https://discordstatus.com, and try again later.',
      },
    ]
  const me = await guild.members.fetchMe().catch(throwDiscordProblem)
  const link = `Grant the missing permissions in the server’s settings, or with this link: ${inviteLink(guild.client.application.id, guild.id)}`
  if (asked !== undefined) {
    const channel = guild.channels.cache.get(asked) ?? (await guild.channels.fetch(asked).catch(() => null))
    if (!channel) {
      const says = `${name} has no channel ${asked} that the bot can see`
      return [{ state: 'warning', says, todo: CHANNEL_FIX }]
    }
    const missing = missingPermissions(channel)
    const says = `missing permissions in #${channel.name} of ${name}: ${permissionNames(missing)}`
    if (missing.length > 0)
      return [{ state: 'warning', says, todo: `${link} Check the permissions of the channel as well.` }]
    return [
      { state: 'ok', says: `the bot has all permissions in #${channel.name} of ${name}; ${fileLimitText(guild)}` },
    ]
  }
  const missing = INVITE_PERMISSIONS.filter(one => !me.permissions.has(one))
  const texts = guild.channels.cache.filter(one => one.isTextBased() && !one.isThread())
  const open = texts.filter(one => canPostIn(one))
  const findings: Finding[] = []
  if (missing.length > 0)
    findings.push({ state: 'warning', says: `missing permissions in ${name}: ${permissionNames(missing)}`, todo: link })
  else if (open.size === 0 && texts.size > 0) {
    const [first] = texts.values()
    const says = `the bot can’t post in any channel of ${name}. Missing permissions in #${first!.name}: ${permissionNames(missingPermissions(first!))}`
    findings.push({
      state: 'warning',
      says,
      todo: 'Grant them in the settings of the channels where people use the bot.',
    })
  }
  if (findings.length > 0) return findings
  const says = `the bot can post in ${open.size} of ${texts.size} channels of ${name}; ${fileLimitText(guild)}`
  return [{ state: 'ok', says }]
}

function canPostIn(channel: GuildBasedChannel): boolean {
  return channel.permissionsFor(channel.client.user)?.has([...permissionsToPost(channel.isThread())]) ?? false
}

/** The permissions that the bot needs in a channel and does not have there. */
function missingPermissions(channel: Channel & GuildBasedChannel): readonly (typeof INVITE_PERMISSIONS)[number][] {
  const granted = channel.permissionsFor(channel.client.user)
  const irrelevant = channel.isThread() ? 'SendMessages' : 'SendMessagesInThreads'
  return INVITE_PERMISSIONS.filter(one => one !== irrelevant && !granted?.has(one))
}

/** As in Discord's settings. */
const PERMISSION_NAMES: Readonly<Record<(typeof INVITE_PERMISSIONS)[number], string>> = {
  ViewChannel: 'View Channels',
  SendMessages: 'Send Messages',
  SendMessagesInThreads: 'Send Messages in Threads',
  AttachFiles: 'Attach Files',
  ReadMessageHistory: 'Read Message History',
}

function permissionNames(permissions: readonly (typeof INVITE_PERMISSIONS)[number][]): string {
  return permissions.map(one => PERMISSION_NAMES[one]).join(', ')
}

const MIB = 1024 * 1024

/** Maximum file size at a boost tier, in bytes. */
export function attachmentLimit(tier: GuildPremiumTier): number {
  if (tier === GuildPremiumTier.Tier3) return 100 * MIB
  return tier === GuildPremiumTier.Tier2 ? 50 * MIB : 10 * MIB
}

function fileLimitText({ premiumTier }: Guild): string {
  const limit = attachmentLimit(premiumTier)
  const more = limit > BOT_FILE_LIMIT_BYTES ? `, of which Overscan uses ${BOT_FILE_LIMIT_BYTES / MIB} MB` : ''
  return `file size limit ${limit / MIB} MB (boost level ${premiumTier})${more}`
}

export const discordGroup: CheckGroup = {
  title: 'Discord',
  checks: [reach, account, starts, login, registered, servers],
}
