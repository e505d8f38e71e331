import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocaleString } from 'discord.js'
import { type Bot, startBot } from '../bot/bot.js'
import { parseConfig } from '../config.js'
import { chatRoutes } from '../pages/chat.js'
import { regionLinks } from '../pages/links.js'
import { painterRoutes } from '../pages/painter.js'
import { startPages } from '../pages/server.js'
import { type Discord, type Person, startDiscord } from '../playground/discord.js'
import { ProblemError } from '../problem.js'
import { openLine } from './line.js'
import { makeLog } from './log.js'

/** Where the page is looked for; where that is taken, any free one will do. */
const PORT = 8787

/**
 * `overscan playground`: the whole bot on a stand-in for Discord, with a page to use it by, until SIGINT or SIGTERM.
 *
 * @param port of the page; {@link PORT} or any free one if left out
 */
export async function playground(port: number | undefined, stopped: Promise<void>): Promise<void> {
  const log = makeLog(process.env.LOG_LEVEL ?? 'warn')
  const discord = await startDiscord()
  const folder = await mkdtemp(join(tmpdir(), 'overscan-playground-'))
  const config = parseConfig({
    ...(process.env.DEVICE && { DEVICE: process.env.DEVICE }),
    ...(process.env.MODEL_FOLDER && { MODEL_FOLDER: process.env.MODEL_FOLDER }),
    DISCORD_TOKEN: discord.token,
    DISCORD_API: `${discord.url}/api`,
    DISCORD_CDN: discord.url,
    DISCORD_MEDIA: discord.url,
    DATA_FOLDER: folder,
  })
  try {
    const line = await openLine(config, log)
    let bot: Bot | undefined
    const links = regionLinks(discord.token)
    const routes = chatRoutes(discord, visitor(discord))
    routes.route(
      '/',
      painterRoutes(links, () => bot?.regions),
    )
    const host = '127.0.0.1'
    const pages = await startPages(routes, { port: port ?? PORT, host, home: 'chat' }).catch(error => {
      const isTaken = error instanceof ProblemError && error.problem.code === 'port-taken'
      if (port !== undefined || !isTaken) throw error
      return startPages(routes, { port: 0, host, home: 'chat' })
    })
    bot = await startBot(config, { ...line, regionLink: region => links.to(pages.url, region), log })
    try {
      process.stdout.write(`Overscan’s playground: ${pages.url}\n`)
      await stopped
    } finally {
      await pages.close()
      await bot.close()
      await line.close()
    }
  } finally {
    await discord.close()
    await rm(folder, { recursive: true, force: true })
  }
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
