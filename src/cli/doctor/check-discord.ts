import {
  type APIGatewayBotInfo,
  type Channel,
  Client,
  Events,
  GatewayCloseCodes,
  type Guild,
  type GuildBasedChannel,
  GuildPremiumTier,
  REST,
  Routes,
} from 'discord.js'
import { GATEWAY_INTENTS } from '../../bot/client.js'
import { INVITE_PERMISSIONS, inviteLink, permissionsToPost } from '../../bot/discord/invite.js'
import { commandDifference } from '../../bot/discord/register-commands.js'
import { BOT_FILE_LIMIT_BYTES } from '../../bot/jobs/submit.js'
import { contextMenuCommands } from '../../commands/context-menu-commands.js'
import { slashCommands } from '../../commands/slash-commands.js'
import { UserError } from '../../user-error.js'
import { DISCORD_TIMEOUT_MS, fetchDiscordAccount, throwDiscordProblem } from '../setup/discord-account.js'
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
  state: 'wrong',
  says: 'Discord does not answer',
  todo: 'Look whether this machine is on the network, and at https://discordstatus.com.',
} as const

const reach: Check = {
  id: 'reach',
  title: 'Discord',
  dependsOn: ['token-set'],
  timeout: UNREACHABLE,
  async run(context, signal) {
    if (context.starts === 'playground') return { state: 'skipped', says: 'the playground is its own' }
    const sent = Date.now()
    const response = await fetch(`${context.config.DISCORD_API}/v10/gateway`, { signal }).catch(error => {
      const { message, code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException
      throw new UserError({ code: 'discord-unreachable', reason: message || String(code) }, { cause: error })
    })
    await response.body?.cancel()
    if (response.status >= 500) {
      const todo = 'It is Discord that has trouble: look at https://discordstatus.com.'
      return { state: 'wrong', says: `it answers with an error of its own (${response.status})`, todo }
    }
    const found: Finding = { state: 'right', says: 'can be reached' }
    const discordTime = Date.parse(response.headers.get('date') ?? '')
    return Number.isNaN(discordTime) ? found : [found, clockFinding((sent + Date.now()) / 2, discordTime)]
  },
}

/** Both times are in ms since 1970, at the same moment. Discord reports whole seconds. */
export function clockFinding(localTime: number, discordTime: number): Finding {
  const skew = Math.round((localTime - discordTime) / 1000)
  if (Math.abs(skew) <= MAX_CLOCK_SKEW_SECONDS)
    return { state: 'right', says: 'this machine’s clock agrees with Discord’s' }
  const says = `this machine’s clock is ${Math.abs(skew)} s ${skew > 0 ? 'fast' : 'slow'}, by Discord’s`
  const todo = 'Let the system set it (timedatectl set-ntp true): links to pages and times in messages go by it.'
  return { state: 'warning', says, todo }
}

const account: Check = {
  id: 'account',
  title: 'Application',
  dependsOn: ['reach'],
  timeout: UNREACHABLE,
  async run({ config }) {
    const { name, id, endpoint } = await fetchDiscordAccount(config.DISCORD_TOKEN!, config.DISCORD_API)
    if (endpoint === undefined) return { state: 'right', says: `the token is that of ${name} (${id})` }
    return {
      state: 'warning',
      says: `Discord sends what people do with ${name} to ${endpoint}, so the bot hears nothing of it`,
      todo: `Empty “Interactions Endpoint URL” of the application: ${DEVELOPER_PORTAL}/${id}/information`,
    }
  },
}

const starts: Check = {
  id: 'starts',
  title: 'Logins',
  dependsOn: ['account'],
  timeout: UNREACHABLE,
  async run({ config }) {
    const rest = new REST({ api: config.DISCORD_API, timeout: DISCORD_TIMEOUT_MS, retries: 1 }).setToken(
      config.DISCORD_TOKEN!,
    )
    const gateway = (await rest.get(Routes.gatewayBot()).catch(throwDiscordProblem)) as APIGatewayBotInfo
    const { remaining, total, reset_after } = gateway.session_start_limit
    const says = `${remaining} of ${total} are left`
    if (remaining >= FEW_LOGINS) return { state: 'right', says }
    const minutes = Math.ceil(reset_after / 60_000)
    const todo = `Find out why the bot is started again and again (its log tells). There are new ones in ${minutes} minutes.`
    return { state: remaining === 0 ? 'wrong' : 'warning', says, todo }
  },
}

const login: Check = {
  id: 'login',
  title: 'Gateway',
  dependsOn: ['starts'],
  timeout: {
    ...UNREACHABLE,
    says: 'the gateway does not answer, though the rest of Discord does',
    todo: 'Look whether a firewall or proxy lets WebSockets through (wss://gateway.discord.gg).',
  },
  async run(context, signal) {
    const { DISCORD_API: api, DISCORD_TOKEN: token } = context.config
    const client = new Client({ intents: GATEWAY_INTENTS, rest: { api, timeout: DISCORD_TIMEOUT_MS, retries: 1 } })
    const onAbort = () => void client.destroy()
    signal.addEventListener('abort', onAbort)
    let code: number | undefined
    client.once(Events.ShardDisconnect, event => {
      code = event.code
    })
    client.on(Events.Error, () => {}) // discord.js retries until the timeout
    try {
      const ready = new Promise<Client<true>>(resolve => client.once(Events.ClientReady, resolve))
      await client.login(token)
      context.client = await ready
      return { state: 'right', says: 'lets the bot in, with all that it wants to hear of' }
    } catch (error) {
      await client.destroy()
      if (code === undefined) throwDiscordProblem(error)
      return closeFinding(code)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  },
}

/** @param code of the WebSocket close by Discord */
export function closeFinding(code: number): Finding {
  const name = GatewayCloseCodes[code] ?? 'unknown'
  const says = `Discord does not let the bot in (close code ${code}, ${name})`
  return {
    state: 'wrong',
    says,
    todo: CLOSE_CODE_FIXES[code] ?? 'Look at https://discordstatus.com, and try again in some minutes.',
  }
}

const CLOSE_CODE_FIXES: Readonly<Record<number, string>> = {
  [GatewayCloseCodes.AuthenticationFailed]: 'Copy the bot’s token anew from the developer portal into DISCORD_TOKEN.',
  [GatewayCloseCodes.InvalidShard]: 'This is a bug of ours: please tell us.',
  [GatewayCloseCodes.ShardingRequired]:
    'The bot is in more servers than one connection may serve (2500). Overscan has no shards yet.',
  [GatewayCloseCodes.InvalidAPIVersion]: 'Install a newer version of Overscan.',
  [GatewayCloseCodes.InvalidIntents]: 'Install a newer version of Overscan.',
  [GatewayCloseCodes.DisallowedIntents]: `Overscan wants no privileged intent. Look whether Discord has restricted the application: ${DEVELOPER_PORTAL}`,
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
      ...(missing.length > 0 ? [`Discord does not know ${firstFive(missing)}`] : []),
      ...(changed.length > 0 ? [`it knows an older form of ${firstFive(changed)}`] : []),
      ...(foreign.length > 0 ? [`others are registered: ${firstFive(foreign)}`] : []),
    ]
    if (parts.length === 0) return { state: 'right', says: `Discord knows all ${expected.length}` }
    return { state: 'warning', says: parts.join('; '), todo: 'The bot registers them when it starts; start it anew.' }
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
      const says = `it is not in the server ${context.server}`
      return { state: 'warning', says, todo: `Add it there: ${inviteLink(application, context.server)}` }
    }
    if (context.channel !== undefined) {
      const guild = all.find(one => one.channels.cache.has(context.channel!))
      if (guild) return guildFindings(guild, context)
      const says = `it sees no channel ${context.channel} in any of its servers`
      return { state: 'warning', says, todo: CHANNEL_FIX }
    }
    if (all.length === 0) {
      return { state: 'warning', says: 'it is in none yet', todo: `Add it to one: ${inviteLink(application)}` }
    }
    const findings = (await Promise.all(all.map(guild => guildFindings(guild, context)))).flat()
    if (all.length <= MAX_LISTED_SERVERS) return findings
    const others = findings.filter(({ state }) => state !== 'right')
    return [{ state: 'right', says: `it is in ${all.length}` }, ...others]
  },
}

const CHANNEL_FIX = 'Copy its id anew (developer mode, right click), or let the bot see it.'

/** What the bot may do in a server, or in one channel of it, and how large files may be there. */
async function guildFindings(guild: Guild, { channel: asked }: DoctorContext): Promise<readonly Finding[]> {
  const name = `“${guild.name}”`
  if (!guild.available)
    return [{ state: 'warning', says: `${name} is not to be had just now; Discord has trouble with it` }]
  const me = await guild.members.fetchMe().catch(throwDiscordProblem)
  const link = `Give it what it lacks in the server’s settings, or by this link: ${inviteLink(guild.client.application.id, guild.id)}`
  if (asked !== undefined) {
    const channel = guild.channels.cache.get(asked) ?? (await guild.channels.fetch(asked).catch(() => null))
    if (!channel) {
      const says = `${name} has no channel ${asked}, or none that the bot sees`
      return [{ state: 'warning', says, todo: CHANNEL_FIX }]
    }
    const missing = missingPermissions(channel)
    const says = `in #${channel.name} of ${name} it lacks ${permissionNames(missing)}`
    if (missing.length > 0)
      return [{ state: 'warning', says, todo: `${link} The channel’s own permissions count as well.` }]
    return [
      { state: 'right', says: `in #${channel.name} of ${name} it has all that it needs; ${fileLimitText(guild)}` },
    ]
  }
  const missing = INVITE_PERMISSIONS.filter(one => !me.permissions.has(one))
  const texts = guild.channels.cache.filter(one => one.isTextBased() && !one.isThread())
  const open = texts.filter(one => canPostIn(one))
  const findings: Finding[] = []
  if (missing.length > 0)
    findings.push({ state: 'warning', says: `in ${name} it lacks ${permissionNames(missing)}`, todo: link })
  else if (open.size === 0 && texts.size > 0) {
    const [first] = texts.values()
    const says = `in ${name} it may post in no channel: in #${first!.name} it lacks ${permissionNames(missingPermissions(first!))}`
    findings.push({
      state: 'warning',
      says,
      todo: 'Give it these in the settings of the channels in which it is to be used.',
    })
  }
  if (findings.length > 0) return findings
  const says = `in ${name} it may post in ${open.size} of ${texts.size} channels; ${fileLimitText(guild)}`
  return [{ state: 'right', says }]
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
  const more = limit > BOT_FILE_LIMIT_BYTES ? `, of which Overscan uses ${BOT_FILE_LIMIT_BYTES / MIB}` : ''
  return `files of ${limit / MIB} MB (boost level ${premiumTier})${more}`
}

export const discordGroup: CheckGroup = {
  title: 'Discord',
  checks: [reach, account, starts, login, registered, servers],
}
