import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Context, Hono, type Next } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import { type ListenAddress, listen, type RunningServer } from '../listen.js'
import { UserError } from '../user-error.js'
import { errorResponse } from './error-response.js'
import { requestTexts } from './request-language.js'

/** The output of `npm run build:web`. */
const WEB_FOLDER = fileURLToPath(new URL('../../dist/web/', import.meta.url))

/** Those of {@link WEB_FOLDER}, without `.html`. */
const HTML_FILES = ['chat', 'editor', 'activity'] as const

export type ActivityPage = {
  /** The application's id; undefined until the bot is logged in. */
  readonly application: () => string | undefined
  /** The origins that may show it in a frame. */
  readonly frameAncestors: readonly string[]
}

/** The origins of Discord's client in browsers, and of the frames in which it shows Activities. */
export const DISCORD_ORIGINS = [
  'https://discord.com',
  'https://ptb.discord.com',
  'https://canary.discord.com',
  'https://*.discordsays.com',
]

export type PagesOptions = ListenAddress & {
  /** The address for people, if it is not the one that the server listens on. */
  readonly publicUrl?: string | undefined
  /** Missing if the bot has no Activity. */
  readonly activity?: ActivityPage | undefined
  /** The page at `/`. */
  readonly home: 'chat' | 'editor'
  /** Receives unexpected errors. */
  readonly onError: (error: Error) => void
}

/**
 * The HTTP server of the pages and their API.
 *
 * A strict content security policy allows nothing of another origin. Requests that change something are accepted from the pages
 * themselves only. No page may be shown in a frame, except the Activity in Discord's. Unknown host names are refused, so that no
 * other site can reach the server under its own name (DNS rebinding).
 *
 * @param routes the API under `/api/`, and further paths
 * @returns the address for people
 * @throws UserError `port-taken`, `pages-not-built`
 */
export async function startPages(
  routes: Hono,
  { port, host, publicUrl, home, activity, onError }: PagesOptions,
): Promise<RunningServer> {
  if (!existsSync(WEB_FOLDER)) throw new UserError({ code: 'pages-not-built' })
  const hostNames = new Set(['127.0.0.1', 'localhost', '[::1]'])
  if (publicUrl) hostNames.add(new URL(publicUrl).hostname)
  // A server that listens on all interfaces can't know its names.
  const isWildcard = host === '0.0.0.0' || host === '::'
  if (!isWildcard) hostNames.add(host)

  /** Discord proxies Activities under a name of the application's id. */
  const activityHost = () => {
    const application = activity?.application()
    return application === undefined ? undefined : `${application}.discordsays.com`
  }
  const isActivity = ({ req }: Context) =>
    activity !== undefined && (req.path === '/activity' || (req.path === '/' && req.query('frame_id') !== undefined))

  const app = new Hono()
  const pageHeaders = headers(["'none'"], 'DENY')
  const activityHeaders = headers(activity?.frameAncestors ?? [], false)
  app.use((context, next) => (isActivity(context) ? activityHeaders : pageHeaders)(context, next))
  app.use(async (context, next) => {
    const name = hostName(context)
    const isKnown = name !== undefined && (isWildcard || hostNames.has(name) || name === activityHost())
    return isKnown ? next() : context.text(`${requestTexts(context).server.unknownHost}\n`, 421)
  })
  app.use((context, next) => refuseOtherOrigins(context, next, activityHost()))
  app.route('/', routes)
  app.use('*', (context, next) => (isActivity(context) ? htmlPage(context, 'activity') : next()))
  app.get('/', context => htmlPage(context, home))
  app.get('/paint', context => htmlPage(context, 'editor'))
  for (const name of HTML_FILES) app.get(`/${name}.html`, context => htmlPage(context, name))
  app.use('*', serveStatic({ root: WEB_FOLDER }))
  app.notFound(context => context.text(`${requestTexts(context).server.pageNotFound}\n`, 404))
  app.onError((error, context) => {
    if (error instanceof HTTPException) return error.getResponse()
    onError(error)
    return errorResponse(requestTexts(context).server.internalError, 500)
  })

  const listening = await listen(app, { port, host }, 'PAGES_PORT')
  return { url: publicUrl ?? listening.url.replace(/0\.0\.0\.0|\[::\]/, '127.0.0.1'), close: listening.close }
}

/** The host name that the request was sent to; undefined where it has none (HTTP/1.0), or one that is none. */
function hostName({ req }: Context): string | undefined {
  const url = `http://${req.header('host')}`
  return req.header('host') && URL.canParse(url) ? new URL(url).hostname : undefined
}

/** One of the HTML files, in the language that the request prefers. */
async function htmlPage(context: Context, name: (typeof HTML_FILES)[number]): Promise<Response> {
  const { language, shell } = requestTexts(context)
  const values: Readonly<Record<string, string>> = shell
  const file = await readFile(`${WEB_FOLDER}${name}.html`, 'utf8')
  const filled = file.replace(/\{\{(\w+)\}\}/g, (_, key: string) => escapeHtml(values[key] ?? ''))
  context.header('vary', 'accept-language')
  return context.html(filled.replace('<html lang="en">', `<html lang="${language}">`))
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
}

function headers(frameAncestors: readonly string[], xFrameOptions: 'DENY' | false) {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'blob:', 'data:'],
      mediaSrc: ["'self'", 'blob:'],
      connectSrc: ["'self'"],
      frameSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: [...frameAncestors],
    },
    xFrameOptions,
    referrerPolicy: 'no-referrer',
    // The server speaks plain HTTP; a proxy in front of it may add TLS.
    strictTransportSecurity: false,
  })
}

/** Requests that change something come from our own pages only. Browsers send the origin. */
async function refuseOtherOrigins(context: Context, next: Next, activityHost: string | undefined) {
  if (context.req.method === 'GET' || context.req.method === 'HEAD') return next()
  const site = context.req.header('sec-fetch-site')
  const origin = context.req.header('origin')
  const isOwn =
    site === undefined ? origin === undefined || isOwnOrigin(origin, context, activityHost) : site === 'same-origin'
  return isOwn ? next() : context.text(`${requestTexts(context).server.foreignOrigin}\n`, 403)
}

function isOwnOrigin(origin: string, context: Context, activityHost: string | undefined): boolean {
  return URL.canParse(origin) && [context.req.header('host'), activityHost].includes(new URL(origin).host)
}
