import type { APIMessage } from 'discord.js'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import type { Bot } from '../../src/bot/start-bot.js'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { encodePng } from '../../src/inference/image/png.js'
import type { Recipe } from '../../src/inference/pipeline/recipe.js'
import { readRecipe } from '../../src/inference/pipeline/recipe-file.js'
import { landscape } from '../contracts/engine.js'
import { shownAttachments, startTestBot, startTestDiscord, type TestBotOptions } from './emulator.js'

type DiscordOptions = Parameters<typeof startTestDiscord>[0]

/** An emulated Discord and a bot for each test. After each test no request may have broken Discord's rules. */
export function useTestBot(discordOptions: DiscordOptions = {}) {
  const world = createWorld()
  beforeEach(async () => {
    world.discord = await startTestDiscord(discordOptions)
    world.bot = await startTestBot(world.discord)
  })
  afterEach(async () => {
    await world.bot?.close()
    const { violations } = world.discord
    await world.discord.close()
    expect(violations).toEqual([])
  })
  return world
}

/** One emulated Discord and one bot for all tests of a file, which is faster. Each test has separate people and channels. */
export function useSharedTestBot(discordOptions: DiscordOptions = {}, botOptions: TestBotOptions = {}) {
  const world = createWorld()
  beforeAll(async () => {
    world.discord = await startTestDiscord(discordOptions)
    world.bot = await startTestBot(world.discord, botOptions)
  })
  afterEach(() => expect(world.discord.violations).toEqual([]))
  afterAll(async () => {
    await world.bot?.close()
    await world.discord.close()
  })
  return world
}

function createWorld() {
  const world = {
    discord: undefined as unknown as DiscordEmulator,
    bot: undefined as Bot | undefined,
    /** Replaces the bot by a new one. */
    async restart(options: TestBotOptions = {}): Promise<void> {
      await world.bot?.close()
      world.bot = await startTestBot(world.discord, options)
    },
    /** 8-bit RGB pixels of a picture, row-major. */
    async pixels(attachment: { url: string }): Promise<Buffer> {
      return sharp(await world.discord.download(attachment))
        .removeAlpha()
        .raw()
        .toBuffer()
    },
    /** Removes a file from a message. */
    dropAttachment(message: APIMessage, filename: string): void {
      const found = message.attachments.find(one => one.filename === filename)
      if (!found) throw new Error(`there is no ${filename}`)
      world.discord.removeAttachment(message, found.id)
    },
  }
  return world
}

/** A landscape as an attachment; as small as pictures of it still differ, because painting them takes most of a test's time. */
export async function landscapeFile(width = 48, height = 32): Promise<{ name: string; data: Buffer }> {
  return { name: 'hills.png', data: await encodePng(landscape(width, height)) }
}

/** A picture that takes some seconds to outpaint. */
export const largeLandscapeFile = () => landscapeFile(1400, 1100)

/** The recipes of the pictures that a message shows. */
export async function recipesIn(discord: DiscordEmulator, message: APIMessage): Promise<(Recipe | undefined)[]> {
  const files = await Promise.all(shownAttachments(message).map(attachment => discord.download(attachment)))
  return Promise.all(files.map(file => readRecipe(file)))
}
