import { Hono } from 'hono'
import type { Bot } from '../../src/bot/start-bot.js'
import { playgroundUser } from '../../src/cli/playground.js'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { activityRoutes } from '../../src/http/activity-routes.js'
import { chatRoutes } from '../../src/http/chat-routes.js'
import { drawingRoutes } from '../../src/http/drawing-routes.js'
import { startPages } from '../../src/http/server.js'
import { createSignedLinks, type SignedLinks } from '../../src/http/signed-links.js'
import type { RunningServer } from '../../src/listen.js'
import { startTestBot, startTestDiscord, type TestBotOptions } from './emulator.js'

export type PagesFixture = {
  readonly discord: DiscordEmulator
  readonly bot: Bot
  readonly pages: RunningServer
  readonly links: SignedLinks
  close(): Promise<void>
}

export type PagesFixtureOptions = Pick<TestBotOptions, 'log' | 'embedded'> & {
  /** Activities are on. @property secret the bot's client secret; the right one if left out */
  readonly activity?: { readonly secret?: string; readonly frameAncestors?: readonly string[] }
}

/** An emulator, a bot, and the pages of both. */
export async function startPagesFixture({
  activity,
  log,
  embedded = false,
}: PagesFixtureOptions = {}): Promise<PagesFixture> {
  const discord = await startTestDiscord({ activities: activity !== undefined })
  const links = createSignedLinks(discord.token)
  const routes = new Hono()
  let bot: Bot | undefined
  routes.route('/', chatRoutes(discord, playgroundUser(discord)))
  routes.route(
    '/',
    drawingRoutes(links, () => bot?.drawing),
  )
  if (activity) {
    routes.route(
      '/',
      activityRoutes(links, () => bot?.activity),
    )
  }
  const page = {
    application: () => bot?.activity?.applicationId,
    frameAncestors: activity?.frameAncestors ?? ["'self'"],
  }
  const pages = await startPages(routes, {
    activity: activity && page,
    port: 0,
    host: '127.0.0.1',
    home: 'chat',
    onError: error => console.error(error),
  })
  const started = await startTestBot(discord, {
    embedded,
    ...(log && { log }),
    ...(activity && { environment: { DISCORD_CLIENT_SECRET: activity.secret ?? discord.clientSecret } }),
    drawingLink: region => links.editorUrl(pages.url, region),
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
