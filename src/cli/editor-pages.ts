import type { Logger } from 'pino'
import type { DrawingTarget } from '../bot/drawing/target.js'
import type { Bot } from '../bot/start-bot.js'
import type { Config } from '../config.js'
import type { RunningServer } from '../listen.js'

type EditorPages = Pick<RunningServer, 'close'> & {
  /** A signed link to draw a mask on this picture. */
  readonly drawingLink: (target: DrawingTarget) => Promise<string>
}

/**
 * Serve the mask editor, and with a client secret the Activity inside Discord. Their code is imported only here.
 *
 * @param bot undefined while it starts
 * @returns undefined without `PAGES_PORT`
 */
export async function startEditorPages(
  config: Config,
  token: string,
  bot: () => Bot | undefined,
  log: Logger,
): Promise<EditorPages | undefined> {
  const { PAGES_PORT: port, PAGES_HOST: host, PUBLIC_URL: publicUrl, DISCORD_CLIENT_SECRET: secret } = config
  if (port === undefined) return undefined
  const [{ createSignedLinks }, { drawingRoutes }, { activityRoutes }, { DISCORD_ORIGINS, startPages }] =
    await Promise.all([
      import('../http/signed-links.js'),
      import('../http/drawing-routes.js'),
      import('../http/activity-routes.js'),
      import('../http/server.js'),
    ])
  const links = createSignedLinks(token)
  const routes = drawingRoutes(links, () => bot()?.drawing)
  if (secret !== undefined) {
    routes.route(
      '/',
      activityRoutes(links, () => bot()?.activity),
    )
  }
  const activity =
    secret === undefined
      ? undefined
      : { application: () => bot()?.activity?.applicationId, frameAncestors: DISCORD_ORIGINS }
  const onError = (error: Error) => log.error(error, 'web page request failed')
  const { url, close } = await startPages(routes, { port, host, publicUrl, home: 'editor', activity, onError })
  log.info({ url, activity: secret !== undefined }, 'web pages listening')
  return { drawingLink: target => links.editorUrl(url, target), close }
}
