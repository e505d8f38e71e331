import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocaleString } from 'discord.js'
import type { Logger } from 'pino'
import { type Bot, startBot } from '../bot/client.js'
import { parseConfig } from '../config.js'
import { type DiscordEmulator, type Person, startDiscordEmulator } from '../discord-emulator/emulator.js'
import { activityRoutes } from '../http/activity-routes.js'
import { chatRoutes } from '../http/chat-routes.js'
import { drawingRoutes } from '../http/drawing-routes.js'
import { startPages } from '../http/server.js'
import { createSignedLinks } from '../http/signed-links.js'
import { UserError } from '../user-error.js'
import { createQuietLogger } from './log.js'
import { openQueue } from './open-queue.js'

/** Where the page is looked for; where that is taken, any free one will do. */
const PORT = 8787

export type Playground = {
  /** Of the page. */
  readonly url: string
  readonly discord: DiscordEmulator
  close(): Promise<void>
}

/**
 * The whole bot on a stand-in for Discord, with a page to use it by.
 *
 * @param port of the page; {@link PORT} or any free one if left out
 */
export async function openPlayground(port: number | undefined, log: Logger): Promise<Playground> {
  const discord = await startDiscordEmulator({ activities: true })
  const folder = await mkdtemp(join(tmpdir(), 'overscan-playground-'))
  const config = parseConfig({
    ...(process.env.DEVICE && { DEVICE: process.env.DEVICE }),
    ...(process.env.MODEL_FOLDER && { MODEL_FOLDER: process.env.MODEL_FOLDER }),
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
    const line = await openQueue(config, log)
    open.push(line)
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
    const onError = (error: Error) => log.error(error, 'a page')
    // The chat page is Discord here.
    const activity = { application: () => bot?.activity?.applicationId, frameAncestors: ["'self'"] }
    const place = { host: '127.0.0.1', home: 'chat', activity, onError } as const
    const pages = await startPages(routes, { ...place, port: port ?? PORT }).catch(error => {
      const isTaken = error instanceof UserError && error.problem.code === 'port-taken'
      if (port !== undefined || !isTaken) throw error
      return startPages(routes, { ...place, port: 0 })
    })
    open.push(pages)
    bot = await startBot(config, { ...line, drawingLink: region => links.editorUrl(pages.url, region), log })
    open.push(bot)
    return { url: pages.url, discord, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** `overscan playground`: until it is told to stop. */
export async function servePlayground(port: number | undefined, stopped: Promise<void>): Promise<void> {
  const { url, close } = await openPlayground(port, createQuietLogger(process.env, 'warn'))
  process.stdout.write(`Overscan’s playground: ${url}\n`)
  await stopped
  await close()
}

/** The one person who uses the page: they own the server, and speak what their browser speaks when it is first opened. */
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
