import { Hono } from 'hono'
import type { Bot } from '../../src/bot/client.js'
import { visitor } from '../../src/cli/playground.js'
import type { Discord } from '../../src/discord-emulator/emulator.js'
import { activityRoutes } from '../../src/http/activity-routes.js'
import { chatRoutes } from '../../src/http/chat-routes.js'
import { painterRoutes } from '../../src/http/drawing-routes.js'
import { startPages } from '../../src/http/server.js'
import { type RegionLinks, regionLinks } from '../../src/http/signed-links.js'
import type { Listening } from '../../src/listen.js'
import { type BotOptions, botFor, discordWorld } from './emulator.js'

export type PagesWorld = {
  readonly discord: Discord
  readonly bot: Bot
  readonly pages: Listening
  readonly links: RegionLinks
  close(): Promise<void>
}

export type PagesWorldOptions = Pick<BotOptions, 'log'> & {
  /** Activities are turned on, and the bot was told this secret or the right one. */
  readonly activity?: { readonly secret?: string; readonly parents?: readonly string[] }
}

/** A stand-in Discord, a bot, and the pages that go with them. */
export async function pagesWorld({ activity, log }: PagesWorldOptions = {}): Promise<PagesWorld> {
  const discord = await discordWorld({ activities: activity !== undefined })
  const links = regionLinks(discord.token)
  const routes = new Hono()
  let bot: Bot | undefined
  routes.route('/', chatRoutes(discord, visitor(discord)))
  routes.route(
    '/',
    painterRoutes(links, () => bot?.regions),
  )
  if (activity) {
    routes.route(
      '/',
      activityRoutes(links, () => bot?.activity),
    )
  }
  const page = { application: () => bot?.activity?.application, parents: activity?.parents ?? ["'self'"] }
  const pages = await startPages(routes, {
    activity: activity && page,
    port: 0,
    host: '127.0.0.1',
    home: 'chat',
    onError: error => console.error(error),
  })
  const started = await botFor(discord, {
    ...(log && { log }),
    ...(activity && { environment: { DISCORD_CLIENT_SECRET: activity.secret ?? discord.clientSecret } }),
    regionLink: region => links.to(pages.url, region),
  })
  bot = started
  return {
    discord,
    bot: started,
    pages,
    links,
    async close() {
      await pages.close()
      await started.close()
      await discord.close()
    },
  }
}
