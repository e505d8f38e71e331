import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocaleString } from 'discord.js'
import type { Logger } from 'pino'
import { type Bot, startBot } from '../bot/start-bot.js'
import { type Config, type Environment, parseConfig } from '../config.js'
import { type DiscordEmulator, type Person, startDiscordEmulator } from '../discord-emulator/emulator.js'
import { activityRoutes } from '../http/activity-routes.js'
import { chatRoutes } from '../http/chat-routes.js'
import { drawingRoutes } from '../http/drawing-routes.js'
import { startPages } from '../http/server.js'
import { createSignedLinks } from '../http/signed-links.js'
import { readHeader } from '../inference/image/header.js'
import { UserError } from '../user-error.js'
import { closeInTime } from './closing.js'
import { createQuietLogger } from './log.js'
import { openQueue, queueErrorLogger } from './open-queue.js'
import type { StopRequest } from './stop-signal.js'

/** The default port of the page. If it is taken, any free port is used. */
const DEFAULT_PORT = 8787

/** As the page shows them. */
const NAMES = { bot: 'Overscan', server: 'Overscan', channel: 'playground' }

export type Playground = {
  /** Address of the page. */
  readonly url: string
  readonly discord: DiscordEmulator
  close(): Promise<void>
}

/**
 * The whole bot on the Discord emulator, with a chat page in the browser.
 *
 * @param port of the page; {@link DEFAULT_PORT} or any free one if undefined
 * @param inference settings of models
 */
export async function openPlayground(
  port: number | undefined,
  log: Logger,
  inference: Pick<Config, 'DEVICE' | 'MODEL_FOLDER'>,
): Promise<Playground> {
  const discord = await startDiscordEmulator({ activities: true, names: NAMES, readPictureSize: readHeader })
  const folder = await mkdtemp(join(tmpdir(), 'overscan-playground-'))
  const config = parseConfig({
    DEVICE: inference.DEVICE?.join(','),
    MODEL_FOLDER: inference.MODEL_FOLDER,
    DISCORD_TOKEN: discord.token,
    DISCORD_CLIENT_SECRET: discord.clientSecret,
    DISCORD_API: `${discord.url}/api`,
    DISCORD_CDN: discord.url,
    DISCORD_MEDIA: discord.url,
    DATA_FOLDER: folder,
  })
  const open: { close(): Promise<void> }[] = [discord]
  const close = async () => {
    for (const one of open.toReversed()) await one.close()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const queue = await openQueue(config, log)
    open.push(queue)
    let bot: Bot | undefined
    const links = createSignedLinks(discord.token)
    const routes = chatRoutes(discord, playgroundUser(discord))
    routes.route(
      '/',
      drawingRoutes(links, () => bot?.drawing),
    )
    routes.route(
      '/',
      activityRoutes(links, () => bot?.activity),
    )
    const onError = (error: Error) => log.error(error, 'web page request failed')
    // The chat page embeds the Activity, as Discord does.
    const activity = { application: () => bot?.activity?.applicationId, frameAncestors: ["'self'"] }
    const options = { host: '127.0.0.1', home: 'chat', activity, onError } as const
    const pages = await startPages(routes, { ...options, port: port ?? DEFAULT_PORT }).catch(error => {
      const isTaken = error instanceof UserError && error.problem.code === 'port-taken'
      if (port !== undefined || !isTaken) throw error
      return startPages(routes, { ...options, port: 0 })
    })
    open.push(pages)
    bot = await startBot(config, { ...queue, drawingLink: target => links.editorUrl(pages.url, target), log })
    open.push(bot)
    return { url: pages.url, discord, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** `overscan playground`: serve it until it is to stop. */
export async function playground(config: Config, environment: Environment, stop: StopRequest): Promise<void> {
  const log = createQuietLogger(environment, 'warn')
  const opening = openPlayground(config.PAGES_PORT, log, config)
  const opened = await Promise.race([opening, stop.requested])
  if (opened) process.stdout.write(`Overscan playground: ${opened.url}\n`)
  await stop.requested
  await closeInTime([async () => (await opening).close()], queueErrorLogger(log), stop.insisted)
}

/** The person at the page, who owns the server. Their locale is that of the browser that opens the page first. */
export function playgroundUser(discord: DiscordEmulator): (locale: string | undefined) => Person {
  let me: Person | undefined
  return locale => {
    if (!me) {
      me = discord.person('You', locale ? { locale: locale as LocaleString } : {})
      me.addRole(discord.role('Owner', ['Administrator']))
    }
    return me
  }
}
