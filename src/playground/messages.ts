import type { APIMessage, APIUser } from 'discord.js'
import { shown, type Upload, upload } from './cdn.js'
import { invalidBody } from './errors.js'
import { COMPONENTS_V2, flat, type MessageBody, messageErrors } from './rules.js'
import { type StoredAttachment, type StoredMessage, tell, type World } from './world.js'

export const EPHEMERAL = 64
export const LOADING = 128

/** The flags that a bot may set itself: no embeds, ephemeral, no notification, components V2. */
const SETTABLE = 4 | EPHEMERAL | 4096 | COMPONENTS_V2

export type Draft = {
  readonly channelId: string
  readonly author: APIUser
  readonly body: MessageBody
  readonly files: readonly Upload[]
  readonly more?: Partial<StoredMessage>
  /** Not to be told to anybody yet: a message that only says "is thinking". */
  readonly flags?: number
}

/** Make a message and tell of it. @throws ApiError 50035, 40005 */
export async function createMessage(world: World, { channelId, author, body, files, more, flags }: Draft) {
  const set = ((body.flags ?? 0) & SETTABLE) | (flags ?? 0)
  const ephemeral = (set & EPHEMERAL) !== 0
  refuse(
    world,
    messageErrors(
      body,
      (set & COMPONENTS_V2) !== 0,
      files.map(file => fileName(file.name)),
    ),
  )
  if (!body.content && !body.embeds?.length && !body.components?.length && files.length === 0 && !(set & LOADING)) {
    throw invalidBody(['Cannot send an empty message'])
  }
  const attachments = await attach(world, channelId, body, files, ephemeral)
  const id = world.id()
  const message: StoredMessage = {
    id,
    channel_id: channelId,
    type: 0,
    author,
    content: body.content ?? '',
    mentions: [],
    mention_roles: [],
    mention_everyone: false,
    attachments: attachments.map(one => one.info.id),
    embeds: (body.embeds ?? []) as StoredMessage['embeds'],
    components: (body.components ?? []) as NonNullable<StoredMessage['components']>,
    timestamp: new Date(world.clock.now()).toISOString(),
    edited_timestamp: null,
    flags: set,
    pinned: false,
    tts: false,
    ...more,
  }
  world.messages.set(id, message)
  tell(world, 'message', message)
  return message
}

/** Change a message and tell of it: what the body does not name stays. @throws ApiError 50035, 40005 */
export async function editMessage(world: World, message: StoredMessage, body: MessageBody, files: readonly Upload[]) {
  const ephemeral = (message.flags! & EPHEMERAL) !== 0
  // V2 can be switched on, never off again.
  const flags = (message.flags! & ~LOADING) | ((body.flags ?? 0) & COMPONENTS_V2)
  const named = body.attachments?.map(one => String(one.id))
  const kept = message.attachments.filter(id => named?.includes(id) ?? true)
  const names = [...kept.map(id => world.attachments.get(id)!.info.filename), ...files.map(file => fileName(file.name))]
  const whole = {
    content: body.content === undefined ? message.content : body.content,
    embeds: body.embeds === undefined ? message.embeds : body.embeds,
    components: body.components === undefined ? [] : body.components,
  }
  refuse(world, messageErrors(whole as MessageBody, (flags & COMPONENTS_V2) !== 0, names))
  const added = await attach(world, message.channel_id, body, files, ephemeral)
  message.flags = flags
  message.content = whole.content ?? ''
  message.embeds = (whole.embeds ?? []) as StoredMessage['embeds']
  if (body.components !== undefined) {
    message.components = (body.components ?? []) as NonNullable<StoredMessage['components']>
  }
  message.attachments = [...kept, ...added.map(one => one.info.id)]
  message.edited_timestamp = new Date(world.clock.now()).toISOString()
  tell(world, 'edit', message)
  return message
}

export function deleteMessage(world: World, message: StoredMessage): void {
  world.messages.delete(message.id)
  for (const interaction of world.interactions.values()) {
    if (interaction.original === message) interaction.original = null
  }
  tell(world, 'delete', message)
}

/** A message as everybody sees it: ids for its components, links to its files, freshly signed. */
export function present(world: World, message: StoredMessage): APIMessage {
  const { for: _, attachments, components, ...rest } = message
  const files = attachments.map(id => shown(world, world.attachments.get(id)!))
  const copy = structuredClone(components ?? [])
  let next = 1
  for (const one of flat(copy as never) as Record<string, unknown>[]) {
    one.id ??= next++
    for (const holder of [one, ...((one.items ?? []) as Record<string, unknown>[])]) {
      for (const key of ['media', 'file']) {
        const media = holder[key] as { url?: string } | undefined
        if (!media?.url) continue
        const file = files.find(candidate => media.url === `attachment://${candidate.filename}`)
        holder[key] = {
          id: file?.id ?? '0',
          url: file?.url ?? media.url,
          proxy_url: file?.proxy_url ?? media.url,
          width: file?.width ?? null,
          height: file?.height ?? null,
          content_type: file?.content_type ?? null,
          loading_state: 2,
          flags: 0,
          ...(file && { attachment_id: file.id }),
        }
      }
      if (Array.isArray(one.items))
        for (const item of one.items)
          Object.assign(item, { spoiler: item.spoiler ?? false, description: item.description ?? null })
    }
  }
  return { ...rest, attachments: files, components: copy } as APIMessage
}

/** A message as the bot may read it without the intent for it: nothing of what others wrote, unless it was named. */
export function forBot(world: World, message: StoredMessage): APIMessage {
  const whole = present(world, message)
  const isDm = world.channels.get(message.channel_id)?.type === 1
  const named = message.mentions.some(one => one.id === world.bot.id)
  if (world.messageContentIntent || isDm || named || message.author.id === world.bot.id) return whole
  return { ...whole, content: '', attachments: [], embeds: [], components: [] }
}

function refuse(world: World, errors: string[]): void {
  if (errors.length === 0) return
  world.violations.push({ direction: 'request', route: 'message', errors })
  throw invalidBody(errors)
}

async function attach(
  world: World,
  channelId: string,
  body: MessageBody,
  files: readonly Upload[],
  ephemeral: boolean,
): Promise<StoredAttachment[]> {
  return Promise.all(
    files.map((file, index) => {
      const description = body.attachments?.find(one => String(one.id) === String(index))?.description
      return upload(world, channelId, { ...file, ...(description !== undefined && { description }) }, ephemeral)
    }),
  )
}

function fileName(name: string): string {
  return name.replaceAll(/[^\w.-]/g, '_')
}
