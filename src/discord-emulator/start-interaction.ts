import type { APIInteraction, APIUser } from 'discord.js'
import { placeOf } from './channels.js'
import { memberIn } from './guild.js'
import { present } from './messages.js'
import { permissionsIn } from './permissions.js'
import { FILE_LIMIT, type StoredInteraction, type StoredMessage, tell, type World } from './world.js'

/** In milliseconds. */
export const ACK_WITHIN = 3000

const CONTEXTS = { server: 0, 'foreign server': 0, direct: 1, group: 2 }

/** What somebody does, as the bot is to hear of it. */
export type Ask = {
  readonly type: number
  readonly user: APIUser
  readonly locale: string
  readonly channelId: string
  readonly data: Record<string, unknown>
  readonly source?: StoredMessage
  /** The interaction that brought up the dialog that is sent off. */
  readonly trigger?: string
}

/** Start an interaction: what the gateway sends, and how it is going. */
export function startInteraction(world: World, { type, user, locale, channelId, data, source, trigger }: Ask) {
  const id = world.id()
  const token = `interaction-${id}-${Math.random().toString(36).slice(2)}`
  let acknowledge!: StoredInteraction['acknowledge']
  const acknowledged = new Promise<{ type: number; afterMs: number }>((resolve, reject) => {
    const late = () => reject(new Error('The application did not respond'))
    const callOff = world.clock.after(ACK_WITHIN, late)
    acknowledge = answer => {
      callOff()
      resolve(answer)
    }
  })
  acknowledged.catch(() => {}) // not every caller looks
  const owners = ownersOf(world, channelId, user, source)
  const stored: StoredInteraction = {
    id,
    token,
    type,
    user,
    channelId,
    owners,
    born: world.clock.now(),
    followUps: [],
    acknowledge,
    ...(source && { source }),
    ...(trigger !== undefined && { trigger }),
  }
  world.interactions.set(token, stored)
  tell(world, 'interaction', stored)
  const channel = world.channels.get(channelId)!
  const payload = {
    id,
    token,
    type,
    application_id: world.applicationId,
    version: 1,
    data,
    channel_id: channelId,
    channel,
    ...asker(world, channelId, user),
    locale,
    app_permissions: String(permissionsIn(world, channel, world.bot.id)),
    entitlements: [],
    authorizing_integration_owners: owners,
    context: CONTEXTS[placeOf(world, channel)],
    attachment_size_limit: FILE_LIMIT,
    ...(source && { message: present(world, source) }),
  } as unknown as APIInteraction
  return { stored, payload, acknowledged }
}

/** Who asks: in a server as its member, elsewhere as themselves. */
function asker(world: World, channelId: string, user: APIUser): object {
  const channel = world.channels.get(channelId)!
  if (!('guild_id' in channel)) return { user }
  const locale = placeOf(world, channel) === 'server' ? world.guild.locale : 'en-US'
  return {
    guild_id: channel.guild_id,
    guild: { id: channel.guild_id, locale, features: [] },
    guild_locale: locale,
    member: { ...memberIn(world, channel, user.id), user },
  }
}

/** For whom the bot was installed: the server, of which direct messages say 0; or somebody themselves. */
function ownersOf(world: World, channelId: string, user: APIUser, source?: StoredMessage): Record<string, string> {
  const known = source?.interaction_metadata?.authorizing_integration_owners
  if (known) return known as Record<string, string>
  const place = placeOf(world, world.channels.get(channelId)!)
  return place === 'server' ? { 0: world.guild.id } : place === 'direct' ? { 0: '0' } : { 1: user.id }
}
