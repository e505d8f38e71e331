import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodePng } from '../../src/inference/files/png.js'
import type { Discord } from '../../src/playground/discord.js'
import { landscape } from '../contracts/engine.js'
import { answered, buttonsOf, discordWorld, refused } from '../support/world.js'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

let discord: Discord
let bots: ChildProcess[] = []
let folder: string

beforeEach(async () => {
  discord = await discordWorld()
  folder = await mkdtemp(join(tmpdir(), 'overscan-'))
})
afterEach(async () => {
  await Promise.all(bots.map(bot => ended(bot, 'SIGKILL')))
  bots = []
  await discord.close()
  await rm(folder, { recursive: true })
  expect(discord.violations).toEqual([])
})

/** `overscan bot` as a process of its own, once it is online. */
async function started(): Promise<ChildProcess> {
  const bot = spawn(process.execPath, ['--import', 'tsx', main, 'bot'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      DISCORD_TOKEN: discord.token,
      DATA_FOLDER: folder,
      DISCORD_API: `${discord.url}/api`,
      DISCORD_CDN: discord.url,
      DISCORD_MEDIA: discord.url,
    },
  })
  bots.push(bot)
  let log = ''
  await new Promise<void>((resolve, reject) => {
    bot.once('exit', code => reject(new Error(`the bot ended with ${code}: ${log}`)))
    bot.stdout!.on('data', part => {
      log += part
      if (log.includes('"online"')) resolve()
    })
  })
  return bot
}

async function ended(bot: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (bot.exitCode === null && bot.signalCode === null) {
    const exit = once(bot, 'exit')
    bot.kill(signal)
    await exit
  }
  return bot.exitCode
}

const picture = async (width: number, height: number) => ({
  name: 'hills.png',
  data: await encodePng(landscape(width, height)),
})

test('a button that a killed bot left behind works with the next one', async () => {
  const ada = discord.person('Ada')
  const first = await started()
  const asked = await ada.slash('zoom', { image: await picture(96, 64), variations: 1, seed: 5 })
  const message = await answered(discord, asked, 'Zoom Out 1.5×')
  await ended(first, 'SIGKILL')

  await started()
  discord.expireAttachments()
  const again = await answered(discord, await ada.press(message, 'Zoom Out 1.5×'), 'U1')
  expect(buttonsOf(again)).toEqual(['U1', 'U2', 'U3', 'U4', '🔄', 'V1', 'V2', 'V3', 'V4'])
})

test('a bot that is told to stop tells who waits, and leaves', async () => {
  const ada = discord.person('Ada')
  const bot = await started()
  const asked = await ada.slash('zoom', { image: await picture(1200, 900) })
  await answered(discord, asked, 'Cancel')
  expect(await ended(bot, 'SIGTERM')).toBe(0)
  expect(await refused(discord, asked)).toMatch(/being restarted/)
})
