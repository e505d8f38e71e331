import type { APIApplicationCommand, APIChannel, RESTPostAPIApplicationCommandsJSONBody } from 'discord.js'
import { type Context, Hono } from 'hono'
import { behind, shown, type Upload } from './cdn.js'
import { ApiError, invalidBody, notFound, tooLarge, unauthorized, unknownChannel, unknownMessage } from './errors.js'
import type { Fault } from './faults.js'
import { guildObject } from './gateway.js'
import { answerInteraction, type Callback, deleteAnswer, editAnswer, followUp, messageOf } from './interactions.js'
import { createMessage, deleteMessage, EPHEMERAL, editMessage, forBot, present } from './messages.js'
import type { Oracle } from './openapi.js'
import { commandErrors, type MessageBody } from './rules.js'
import { type LoggedRequest, REQUEST_LIMIT, type StoredMessage, type World } from './world.js'

type Handled = { readonly status: number; readonly body?: unknown }
type Request = {
  readonly path: Record<string, string>
  readonly query: URLSearchParams
  readonly body: never
  readonly files: Upload[]
}
type Handler = (world: World, request: Request) => Handled | Promise<Handled>

const ok = (body: unknown, status = 200): Handled => ({ status, body })
const empty: Handled = { status: 204 }

/** Discord's REST API and attachment host, as far as a bot like ours can reach. */
export function restApp(
  world: World,
  oracle: Oracle | undefined,
  takeFault: (method: string, path: string) => Fault | undefined,
): Hono {
  const app = new Hono({ strict: false })
  app.get('/attachments/*', context => file(world, context))
  app.get('/ephemeral-attachments/*', context => file(world, context))
  app.all('/api/v10/*', context => api(world, oracle, takeFault, context))
  app.all('*', context => context.json(notFound().body, 404))
  return app
}

function file(world: World, context: Context): Response {
  const found = behind(world, new URL(context.req.url))
  if (!found) return context.text('This content is no longer available.', 404)
  return context.body(new Uint8Array(found.bytes), 200, {
    'content-type': found.info.content_type ?? 'application/octet-stream',
  })
}

async function api(
  world: World,
  oracle: Oracle | undefined,
  takeFault: (method: string, path: string) => Fault | undefined,
  context: Context,
): Promise<Response> {
  const url = new URL(context.req.url)
  const path = decodeURIComponent(url.pathname.slice('/api/v10'.length))
  const { method } = context.req
  const { body, files, size } = await read(context)
  const logged: LoggedRequest = {
    at: world.clock.now(),
    method,
    path,
    status: 0,
    body,
    files: files.map(({ name, data }) => ({ name, size: data.length })),
  }
  world.log.push(logged)
  const answer = (status: number, content: unknown, headers: Record<string, string> = {}): Response => {
    logged.status = status
    const all = { ...rateLimits(method, path), ...headers }
    // discord.js reads the body of whatever says that it is JSON, and a 204 has none.
    return content === undefined ? context.body(null, status as 204, all) : context.json(content, status as 200, all)
  }
  try {
    const fault = takeFault(method, path)
    if (fault) throw fault.error
    const isWebhook = /^\/(webhooks|interactions)\//.test(path)
    if (!isWebhook && context.req.header('authorization') !== `Bot ${world.token}`) throw unauthorized()
    if (size > REQUEST_LIMIT) throw tooLarge()
    const found = route(method, path)
    if (!found) throw notFound()
    const errors = body === undefined ? [] : (oracle?.request(method, path, body) ?? [])
    if (errors.length > 0) {
      world.violations.push({ direction: 'request', route: `${method} ${found.template}`, errors })
      throw invalidBody(errors)
    }
    const handled = await found.handler(world, {
      path: found.params,
      query: url.searchParams,
      body: body as never,
      files,
    })
    const wrong = handled.body === undefined ? [] : (oracle?.response(method, path, handled.status, handled.body) ?? [])
    if (wrong.length > 0)
      world.violations.push({ direction: 'response', route: `${method} ${found.template}`, errors: wrong })
    return answer(handled.status, handled.body)
  } catch (error) {
    if (error instanceof ApiError) return answer(error.status, error.body, error.headers)
    throw error
  }
}

/** JSON, or the `payload_json` and `files[n]` of a form. */
async function read(context: Context): Promise<{ body: unknown; files: Upload[]; size: number }> {
  const type = context.req.header('content-type') ?? ''
  if (type.startsWith('multipart/form-data')) {
    const form = await context.req.formData()
    const files: Upload[] = []
    for (const [key, value] of form) {
      if (typeof value === 'string' || !/^files\[\d\]$/.test(key)) continue
      files.push({ name: value.name, data: new Uint8Array(await value.arrayBuffer()) })
    }
    const json = form.get('payload_json')
    const size = files.reduce((sum, { data }) => sum + data.length, 0)
    return { body: typeof json === 'string' ? JSON.parse(json) : {}, files, size }
  }
  const text = await context.req.text()
  return { body: text === '' ? undefined : JSON.parse(text), files: [], size: text.length }
}

function rateLimits(method: string, path: string): Record<string, string> {
  const bucket = Buffer.from(`${method} ${path.replaceAll(/\d{15,}/g, 'id').slice(0, 60)}`)
    .toString('base64url')
    .slice(0, 32)
  return {
    'x-ratelimit-limit': '50',
    'x-ratelimit-remaining': '49',
    'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 1),
    'x-ratelimit-reset-after': '1.000',
    'x-ratelimit-bucket': bucket,
  }
}

const routes: [template: string, handler: Handler][] = [
  ['GET /gateway', world => ok({ url: world.url.replace('http', 'ws') })],
  [
    'GET /gateway/bot',
    world =>
      ok({
        url: world.url.replace('http', 'ws'),
        shards: 1,
        session_start_limit: { total: 1000, remaining: 999, reset_after: 14_400_000, max_concurrency: 1 },
      }),
  ],
  ['GET /users/@me', world => ok({ ...world.bot, mfa_enabled: false, locale: 'en-US', verified: true, email: null })],
  [
    'POST /users/@me/channels',
    (world, { body }) => ok(directChannel(world, (body as { recipient_id: string }).recipient_id)),
  ],
  ['GET /applications/@me', world => ok(application(world))],
  ['GET /oauth2/applications/@me', world => ok(application(world))],
  ['GET /applications/{application}/commands', world => ok([...world.commands.values()])],
  [
    'PUT /applications/{application}/commands',
    (world, { body }) => {
      const wanted = body as RESTPostAPIApplicationCommandsJSONBody[]
      const errors = wanted.flatMap(commandErrors)
      if (new Set(wanted.map(one => `${one.type ?? 1} ${one.name}`)).size < wanted.length)
        errors.push('name: is not unique')
      if (errors.length > 0) {
        world.violations.push({ direction: 'request', route: 'commands', errors })
        throw invalidBody(errors)
      }
      world.commands.clear()
      for (const one of wanted) keepCommand(world, one)
      return ok([...world.commands.values()])
    },
  ],
  [
    'DELETE /applications/{application}/commands/{command}',
    (world, { path }) => {
      if (!world.commands.delete(path.command!)) throw new ApiError(404, 10_063, 'Unknown application command')
      return empty
    },
  ],
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
          response_message_ephemeral: ((interaction.original?.flags ?? 0) & EPHEMERAL) !== 0,
          ...(message && { response_message_id: message.id }),
        },
        ...(message && { resource: { type: interaction.answered, message } }),
      })
    },
  ],
  [
    'POST /webhooks/{application}/{token}',
    async (world, { path, body, files }) =>
      ok(present(world, await followUp(world, path.token!, body as MessageBody, files))),
  ],
  [
    'GET /webhooks/{application}/{token}/messages/{message}',
    (world, { path }) => ok(present(world, messageOf(world, path.token!, path.message!).message)),
  ],
  [
    'PATCH /webhooks/{application}/{token}/messages/{message}',
    async (world, { path, body, files }) =>
      ok(present(world, await editAnswer(world, path.token!, path.message!, body as MessageBody, files))),
  ],
  [
    'DELETE /webhooks/{application}/{token}/messages/{message}',
    (world, { path }) => {
      deleteAnswer(world, path.token!, path.message!)
      return empty
    },
  ],
  ['GET /channels/{channel}', (world, { path }) => ok(channelOf(world, path.channel!))],
  [
    'GET /channels/{channel}/messages',
    (world, { path, query }) => {
      const { id } = channelOf(world, path.channel!)
      const all = [...world.messages.values()].filter(one => one.channel_id === id && !(one.flags! & EPHEMERAL))
      return ok(
        all
          .slice(-Number(query.get('limit') ?? 50))
          .reverse()
          .map(one => forBot(world, one)),
      )
    },
  ],
  ['GET /channels/{channel}/messages/{message}', (world, { path }) => ok(forBot(world, inChannel(world, path)))],
  [
    'POST /channels/{channel}/messages',
    async (world, { path, body, files }) => {
      const { id } = channelOf(world, path.channel!)
      const draft = body as MessageBody & {
        nonce?: string
        enforce_nonce?: boolean
        message_reference?: { message_id: string }
      }
      const twin =
        draft.enforce_nonce &&
        [...world.messages.values()].find(one => one.nonce !== undefined && one.nonce === draft.nonce)
      if (twin) return ok(present(world, twin))
      const referenced = draft.message_reference && world.messages.get(draft.message_reference.message_id)
      const more: Partial<StoredMessage> = {
        ...(draft.nonce !== undefined && { nonce: draft.nonce }),
        ...(referenced && {
          type: 19,
          message_reference: { type: 0, channel_id: id, message_id: referenced.id },
          referenced_message: present(world, referenced),
        }),
      }
      return ok(
        present(world, await createMessage(world, { channelId: id, author: world.bot, body: draft, files, more })),
      )
    },
  ],
  [
    'PATCH /channels/{channel}/messages/{message}',
    async (world, { path, body, files }) => {
      const message = inChannel(world, path)
      if (message.author.id !== world.bot.id)
        throw new ApiError(403, 50_005, 'Cannot edit a message authored by another user')
      return ok(present(world, await editMessage(world, message, body as MessageBody, files)))
    },
  ],
  [
    'DELETE /channels/{channel}/messages/{message}',
    (world, { path }) => {
      deleteMessage(world, inChannel(world, path))
      return empty
    },
  ],
  ['POST /channels/{channel}/typing', () => empty],
  ['GET /guilds/{guild}', world => ok(guildObject(world))],
  ['GET /guilds/{guild}/channels', world => ok([...world.channels.values()].filter(one => 'guild_id' in one))],
  ['GET /guilds/{guild}/roles', world => ok(guildObject(world).roles)],
  [
    'GET /guilds/{guild}/members/{user}',
    (world, { path }) => {
      const member = world.members.get(path.user!)
      if (!member) throw new ApiError(404, 10_007, 'Unknown Member')
      return ok(member)
    },
  ],
  [
    'POST /attachments/refresh-urls',
    (world, { body }) => {
      const { attachment_urls: urls } = body as { attachment_urls: string[] }
      const refreshed_urls = urls.map(original => {
        const stored = world.attachments.get(/attachments\/\d+\/(\d+)\//.exec(original)?.[1] ?? '')
        return { original, refreshed: stored ? shown(world, stored).url : null }
      })
      return ok({ refreshed_urls })
    },
  ],
]

const table = routes.map(([template, handler]) => {
  const [method, path] = template.split(' ') as [string, string]
  const pattern = new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
  return { method, template: path, pattern, handler }
})

function route(method: string, path: string) {
  for (const { method: wanted, pattern, template, handler } of table) {
    const match = wanted === method ? pattern.exec(path) : null
    if (match) return { template, handler, params: { ...match.groups } }
  }
  return undefined
}

function channelOf(world: World, id: string): APIChannel {
  const channel = world.channels.get(id)
  if (!channel) throw unknownChannel()
  return channel
}

function inChannel(world: World, path: Record<string, string>): StoredMessage {
  const { id } = channelOf(world, path.channel!)
  const message = world.messages.get(path.message!)
  // What only one person can see is not to be had this way.
  if (!message || message.channel_id !== id || message.flags! & EPHEMERAL) throw unknownMessage()
  return message
}

function directChannel(world: World, userId: string): APIChannel {
  const member = world.members.get(userId)
  if (!member) throw new ApiError(400, 50_033, 'Invalid Recipient(s)')
  const known = [...world.channels.values()].find(one => one.type === 1 && one.recipients?.[0]?.id === userId)
  if (known) return known
  const made = {
    id: world.id(),
    type: 1,
    flags: 0,
    last_message_id: null,
    recipients: [member.user],
  } as unknown as APIChannel
  world.channels.set(made.id, made)
  return made
}

function keepCommand(world: World, command: RESTPostAPIApplicationCommandsJSONBody): void {
  const id = world.id()
  world.commands.set(id, {
    id,
    application_id: world.applicationId,
    version: world.id(),
    default_member_permissions: null,
    type: 1,
    description: '',
    nsfw: false,
    dm_permission: true,
    ...command,
  } as unknown as APIApplicationCommand)
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
    interactions_endpoint_url: null,
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
