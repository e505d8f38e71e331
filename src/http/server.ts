import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Context, Hono, type Next } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import { type ListenAddress, listen, type RunningServer } from '../listen.js'
import { UserError } from '../user-error.js'

/** What `npm run build` makes of `src/web`. */
const BUILT = fileURLToPath(new URL('../../dist/web/', import.meta.url))

export type ActivityPage = {
  /** By which Discord knows it; undefined while the bot is not there. */
  readonly application: () => string | undefined
  /** Who may show it in a frame. */
  readonly parents: readonly string[]
}

/** Discord's program, wherever it runs in a browser, and what it opens Activities in. */
export const DISCORD_ORIGINS = [
  'https://discord.com',
  'https://ptb.discord.com',
  'https://canary.discord.com',
  'https://*.discordsays.com',
]

export type PagesOptions = ListenAddress & {
  /** By which it is reached from elsewhere, where that is not what it listens on. */
  readonly publicUrl?: string | undefined
  /** The page that Discord opens within itself, where there is one. */
  readonly activity?: ActivityPage | undefined
  /** What is shown to whoever names no page. */
  readonly home: 'chat' | 'paint'
  /** Takes what nobody expected. */
  readonly onError: (error: Error) => void
}

/**
 * The HTTP server of the pages: what was built of them, and what they ask for.
 *
 * Nothing of another origin is loaded, run, or may ask: a strict content security policy, and requests that change something only
 * from the page itself. No page is shown in anybody's frame, but the one that Discord opens, in Discord's. Names other than those it is known by are refused, so that no other page can reach it by a name of its own
 * ("DNS rebinding").
 *
 * @param routes what the pages ask for, under `/api/` and wherever else they want
 * @returns the address by which people reach it
 * @throws ProblemError `port-taken`, `pages-not-built`
 */
export async function startPages(
  routes: Hono,
  { port, host, publicUrl, home, activity, onError }: PagesOptions,
): Promise<RunningServer> {
  if (!existsSync(BUILT)) throw new UserError({ code: 'pages-not-built' })
  const names = new Set(['127.0.0.1', 'localhost', '[::1]'])
  if (publicUrl) names.add(new URL(publicUrl).hostname)
  // Whoever listens to all the network is reached by names that nobody can tell here.
  const isOpen = host === '0.0.0.0' || host === '::'
  if (!isOpen) names.add(host)

  /** Discord shows Activities by a name that it makes of the application's, and asks here in their place. */
  const discordName = () => {
    const application = activity?.application()
    return application === undefined ? undefined : `${application}.discordsays.com`
  }
  const isActivity = ({ req }: Context) =>
    activity !== undefined && (req.path === '/activity' || (req.path === '/' && req.query('frame_id') !== undefined))

  const app = new Hono()
  const alone = headers(["'none'"], 'DENY')
  const framed = headers(activity?.parents ?? [], false)
  app.use((context, next) => (isActivity(context) ? framed : alone)(context, next))
  app.use(async (context, next) => {
    const name = new URL(`http://${context.req.header('host') ?? ''}`).hostname
    const isKnown = isOpen || names.has(name) || name === discordName()
    return isKnown ? next() : context.text('This page is not known by that name.\n', 421)
  })
  app.use((context, next) => ownRequestsOnly(context, next, discordName()))
  app.route('/', routes)
  const pages: Record<string, string> = { '/': `/${home}.html`, '/paint': '/paint.html' }
  const activityFile = serveStatic({ root: BUILT, path: 'activity.html' })
  app.use('*', (context, next) => (isActivity(context) ? activityFile(context, next) : next()))
  app.use('*', serveStatic({ root: BUILT, rewriteRequestPath: path => pages[path] ?? path }))
  app.notFound(context => context.text('There is no such page.\n', 404))
  app.onError((error, context) => {
    if (error instanceof HTTPException) return error.getResponse()
    onError(error)
    return context.json({ error: 'Something went wrong here. Who runs the bot finds it in its log.' }, 500)
  })

  const listening = await listen(app, { port, host }, 'PAGES_PORT')
  return { url: publicUrl ?? listening.url.replace(/0\.0\.0\.0|\[::\]/, '127.0.0.1'), close: listening.close }
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
    // Plain HTTP on the own network is what there is.
    strictTransportSecurity: false,
  })
}

/** What changes something may be asked by our own pages alone; browsers say who asks. */
async function ownRequestsOnly(context: Context, next: Next, discordName: string | undefined) {
  if (context.req.method === 'GET' || context.req.method === 'HEAD') return next()
  const from = context.req.header('sec-fetch-site')
  const origin = context.req.header('origin')
  const isOwn =
    from === undefined ? origin === undefined || isSame(origin, context, discordName) : from === 'same-origin'
  return isOwn ? next() : context.text('Only the page itself may ask for that.\n', 403)
}

function isSame(origin: string, context: Context, discordName: string | undefined): boolean {
  return URL.canParse(origin) && [context.req.header('host'), discordName].includes(new URL(origin).host)
}
