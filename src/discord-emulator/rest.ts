import { type Context, Hono } from 'hono'
import { grantOfBearer } from './activities.js'
import { ApiError, INVALID_FORM_BODY, notFound, requestEntityTooLarge, unauthorized } from './api-errors.js'
import { attachmentByUrl } from './cdn.js'
import { linkedPictureByPath } from './link-previews.js'
import type { OpenApiValidator } from './openapi.js'
import { readRequestBody } from './request-body.js'
import { activityInstanceRoutes } from './routes/activity-instance-routes.js'
import { applicationRoutes } from './routes/application-routes.js'
import { channelRoutes } from './routes/channel-routes.js'
import { commandRoutes } from './routes/command-routes.js'
import { interactionRoutes } from './routes/interaction-routes.js'
import type { RouteResponse } from './routes/route.js'
import { type EmulatorState, type LoggedRequest, MAX_REQUEST_BYTES, type OAuthGrant } from './state.js'

/** Routes that accept a user's access token in place of the bot's token. */
const BEARER_ROUTES = ['GET /users/@me', 'GET /oauth2/@me']

type RestOptions = {
  /** Undefined without Discord's OpenAPI document. */
  readonly validator: OpenApiValidator | undefined
  /** The injected error for a request, if there is one. */
  readonly fault: (method: string, path: string) => ApiError | undefined
}

/** The part of Discord's REST API that the emulator has, and its CDN. */
export function restApp(state: EmulatorState, options: RestOptions): Hono {
  const app = new Hono({ strict: false })
  app.get('/attachments/*', context => serveAttachment(state, context))
  app.get('/ephemeral-attachments/*', context => serveAttachment(state, context))
  app.get('/external/*', context => serveLinkedPicture(state, context))
  app.get('/stickers/:file', context => serveSticker(state, context))
  app.all('/api/v10/*', context => handleApi(state, options, context))
  app.all('*', context => context.json(notFound().body, 404))
  return app
}

function serveAttachment(state: EmulatorState, context: Context): Response {
  const found = attachmentByUrl(state, new URL(context.req.url))
  if (!found) return context.text('This content is no longer available.', 404)
  return context.body(new Uint8Array(found.bytes), 200, {
    'content-type': found.info.content_type ?? 'application/octet-stream',
  })
}

function serveLinkedPicture(state: EmulatorState, context: Context): Response {
  const found = linkedPictureByPath(state, new URL(context.req.url).pathname)
  if (!found) return context.text('Not Found', 404)
  return context.body(new Uint8Array(found.data), 200, { 'content-type': found.contentType })
}

function serveSticker(state: EmulatorState, context: Context): Response {
  const [id = '', extension] = (context.req.param('file') ?? '').split('.')
  const found = state.stickers.get(id)
  if (found?.extension !== extension) return context.text('Not Found', 404)
  return context.body(new Uint8Array(found!.data), 200)
}

async function handleApi(state: EmulatorState, options: RestOptions, context: Context): Promise<Response> {
  const url = new URL(context.req.url)
  const path = decodePath(url.pathname.slice('/api/v10'.length))
  const { method } = context.req
  const request = await readRequestBody(context)
  const logEntry: LoggedRequest = {
    at: state.clock.now(),
    method,
    path,
    route: findRoute(method, path)?.template,
    status: 0,
    body: request.body,
    files: request.files.map(({ name, data }) => ({ name, size: data.length })),
  }
  state.requestLog.push(logEntry)
  let counted: Record<string, string> = {}
  const respond = (status: number, content: unknown, headers: Record<string, string> = {}): Response => {
    logEntry.status = status
    state.events.emit('change')
    const date = new Date(state.clock.now()).toUTCString()
    const all = { date, ...rateLimitHeaders(method, path), ...counted, ...headers }
    // discord.js parses every body whose type is JSON, and a 204 has none.
    return content === undefined ? context.body(null, status as 204, all) : context.json(content, status as 200, all)
  }
  const fault = options.fault(method, path)
  if (fault) return respond(fault.status, fault.body, fault.headers)
  try {
    counted = state.rateLimiter?.take(method, logEntry.route, path) ?? {}
    const isWebhook = /^\/(webhooks|interactions)\//.test(path)
    const authorization = context.req.header('authorization')
    const bearer = BEARER_ROUTES.includes(`${method} ${path}`) ? grantOfBearer(state, authorization) : undefined
    const isOpen = isWebhook || path === '/oauth2/token' || bearer !== undefined
    if (!isOpen && authorization !== `Bot ${state.token}`) throw unauthorized()
    if (request.size > MAX_REQUEST_BYTES) throw requestEntityTooLarge()
    if (request.error) throw request.error
    const { status, body } = await handle(state, options, { method, path, query: url.searchParams, bearer, ...request })
    return respond(status, body)
  } catch (error) {
    if (error instanceof ApiError) return respond(error.status, error.body, error.headers)
    console.error(error) // a bug of the emulator
    return respond(500, { code: 0, message: '500: Internal Server Error' })
  }
}

type IncomingRequest = Awaited<ReturnType<typeof readRequestBody>> & {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly bearer: OAuthGrant | undefined
}

/** Find the route and run it. Violations of Discord's rules are recorded. @throws ApiError */
async function handle(
  state: EmulatorState,
  { validator: oracle }: RestOptions,
  incoming: IncomingRequest,
): Promise<RouteResponse> {
  const { method, path, query, body, files, bearer } = incoming
  const match = findRoute(method, path)
  if (!match) throw notFound()
  const route = `${method} ${match.template}`
  const recordViolation = (direction: 'request' | 'response', errors: string[]) => {
    if (errors.length > 0) state.violations.push({ direction, route, errors })
  }
  const errors = body === undefined ? [] : (oracle?.request(method, path, body) ?? [])
  try {
    if (errors.length > 0) throw new ApiError(400, INVALID_FORM_BODY, 'Invalid Form Body', errors)
    const response = await match.handler(state, {
      path: match.params,
      query,
      body: (body ?? {}) as never,
      files,
      bearer,
    })
    recordViolation('response', oracle?.response(method, path, response.status, response.body) ?? [])
    return response
  } catch (error) {
    if (error instanceof ApiError) {
      if (error.code === INVALID_FORM_BODY) recordViolation('request', [...error.errors])
      recordViolation('response', oracle?.response(method, path, error.status, error.body) ?? [])
    }
    throw error
  }
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function rateLimitHeaders(method: string, path: string): Record<string, string> {
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

const routes = [
  ...applicationRoutes,
  ...activityInstanceRoutes,
  ...commandRoutes,
  ...interactionRoutes,
  ...channelRoutes,
].map(([template, handler]) => {
  const [method, path] = template.split(' ') as [string, string]
  const pattern = new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
  return { method, template: path, pattern, handler }
})

function findRoute(method: string, path: string) {
  for (const { method: wanted, pattern, template, handler } of routes) {
    const match = wanted === method ? pattern.exec(path) : null
    if (match) return { template, handler, params: { ...match.groups } }
  }
  return undefined
}
