import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocaleString } from 'discord.js'
import type { Logger } from 'pino'
import { type Bot, startBot } from '../bot/client.js'
import { parseConfig } from '../config.js'
import { type Discord, type Person, startDiscord } from '../discord-emulator/emulator.js'
import { activityRoutes } from '../http/activity-routes.js'
import { chatRoutes } from '../http/chat-routes.js'
import { painterRoutes } from '../http/drawing-routes.js'
import { startPages } from '../http/server.js'
import { regionLinks } from '../http/signed-links.js'
import { ProblemError } from '../user-error.js'
import { quietLog } from './log.js'
import { openLine } from './open-queue.js'

/** Where the page is looked for; where that is taken, any free one will do. */
const PORT = 8787

export type Playground = {
  /** Of the page. */
  readonly url: string
  readonly discord: Discord
  close(): Promise<void>
}

/**
 * The whole bot on a stand-in for Discord, with a page to use it by.
 *
 * @param port of the page; {@link PORT} or any free one if left out
 */
export async function openPlayground(port: number | undefined, log: Logger): Promise<Playground> {
  const discord = await startDiscord({ activities: true })
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
    const line = await openLine(config, log)
    open.push(line)
    let bot: Bot | undefined
    const links = regionLinks(discord.token)
    const routes = chatRoutes(discord, visitor(discord))
    routes.route(
      '/',
      painterRoutes(links, () => bot?.regions),
    )
    routes.route(
      '/',
      activityRoutes(links, () => bot?.activity),
    )
    const onError = (error: Error) => log.error(error, 'a page')
    // The chat page is Discord here.
    const activity = { application: () => bot?.activity?.application, parents: ["'self'"] }
    const place = { host: '127.0.0.1', home: 'chat', activity, onError } as const
    const pages = await startPages(routes, { ...place, port: port ?? PORT }).catch(error => {
      const isTaken = error instanceof ProblemError && error.problem.code === 'port-taken'
      if (port !== undefined || !isTaken) throw error
      return startPages(routes, { ...place, port: 0 })
    })
    open.push(pages)
    bot = await startBot(config, { ...line, regionLink: region => links.to(pages.url, region), log })
    open.push(bot)
    return { url: pages.url, discord, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** `overscan playground`: until it is told to stop. */
export async function playground(port: number | undefined, stopped: Promise<void>): Promise<void> {
  const { url, close } = await openPlayground(port, quietLog(process.env, 'warn'))
  process.stdout.write(`Overscan’s playground: ${url}\n`)
  await stopped
  await close()
}

/** The one person who uses the page: they own the server, and speak what their browser speaks when it is first opened. */
export function visitor(discord: Discord): (locale: string | undefined) => Person {
  let me: Person | undefined
  return locale => {
    if (!me) {
      me = discord.person('You', locale ? { locale: locale as LocaleString } : {})
      me.give(discord.role('Owner', ['Administrator']))
    }
    return me
  }
}
