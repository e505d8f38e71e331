import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, inject, test } from 'vitest'
import type { DiscordEmulator, DiscordEmulatorOptions } from '../../src/discord-emulator/emulator.js'
import { landscapeFile } from '../support/e2e.js'
import { discordEnvironment, resultsOf, startTestDiscord, waitForButton } from '../support/emulator.js'
import { type RunningProgram, startProgram } from '../support/programs.js'
import { freePort, hasRedis, startRedis } from '../support/servers.js'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

async function startDiscord(options: DiscordEmulatorOptions): Promise<DiscordEmulator> {
  const discord = await startTestDiscord(options)
  open.push(() => discord.close())
  return discord
}

async function startBot(discord: DiscordEmulator, environment: Record<string, string>): Promise<RunningProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-'))
  open.push(() => rm(folder, { recursive: true, force: true }))
  await cp(inject('database'), join(folder, 'line', 'queue'), { recursive: true })
  const all = { ...discordEnvironment(discord), DATA_FOLDER: folder, ...environment }
  const bot = await startProgram(['bot'], all, 'bot online')
  open.push(() => bot.stop('SIGTERM'))
  return bot
}

const shardOf = (guildId: string, count: number) => Number((BigInt(guildId) >> 22n) % BigInt(count))

test('one process has 4 shards for 5,000 servers: each answers, and each can be lost alone', async () => {
  const discord = await startDiscord({ shards: 4, maxConcurrency: 16 })
  const guilds = discord.createGuilds(5000)
  const port = await freePort()
  const bot = await startBot(discord, { OPERATOR_PORT: String(port) })
  expect(await bot.waitForLog('bot online')).toMatchObject({ servers: 5001, shards: 4 })
  expect(discord.gateway.logins.map(({ shard }) => shard).sort()).toEqual([0, 1, 2, 3].map(index => [index, 4]))

  const ada = discord.person('Ada')
  for (const index of [0, 1, 2, 3]) {
    const { channel } = guilds.find(({ id }) => shardOf(id, 4) === index)!
    const sent = await ada.slash('zoom', { image: await landscapeFile(), variations: 1 }, { channel: channel.id })
    await waitForButton(discord, sent, 'Recipe')
  }
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${bot.child.pid}/status`, 'utf8')
    const megabytes = Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024
    console.info(`memory of a bot in 5,001 servers: ${Math.round(megabytes)} MB`)
    expect(megabytes).toBeLessThan(600)
  }

  const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).text()
  expect(await ready()).toBe('ready\n')
  discord.gateway.disconnect(2)
  let said = await ready()
  while (said === 'ready\n') said = await ready()
  expect(said).toBe('not connected to Discord: 1 of 4 shards (2)\n')
  await bot.waitForLog('Discord connection restored')
  expect(bot.logLines().filter(({ msg }) => msg === 'Discord connection lost')).toMatchObject([
    { shard: 2, code: 1006 },
  ])
  expect(await ready()).toBe('ready\n')

  // A network that goes away tells nobody. The shard asks within 2 seconds, and waits 2.5 for the answer.
  await new Promise(resolve => setTimeout(resolve, 2500)) // until it has asked once
  discord.gateway.freeze(1)
  const since = Date.now()
  while (said !== 'not connected to Discord: 1 of 4 shards (1)\n') said = await ready()
  console.info(`a shard without network is noticed after ${Date.now() - since} ms`)
  discord.gateway.thaw()
  while (said !== 'ready\n') said = await ready()
  expect(bot.logLines().filter(({ msg }) => msg === 'Discord connection lost')).toMatchObject([
    { shard: 2 },
    { shard: 1, reason: 'Discord no longer answers' },
  ])
  expect(discord.violations).toEqual([])
})

test.runIf(hasRedis)('several processes share the shards, and log in by turns', async () => {
  const redis = await startRedis()
  open.push(() => redis.close())
  const discord = await startDiscord({ shards: 4, maxConcurrency: 2 })
  const guilds = discord.createGuilds(40)
  const common = { REDIS_URL: redis.url }
  const worker = await startProgram(['worker'], common, 'worker ready')
  open.push(() => worker.stop('SIGTERM'))
  const [first, second] = await Promise.all([
    startBot(discord, { ...common, SHARDS: '0-1/4' }),
    startBot(discord, { ...common, SHARDS: '2-3/4' }),
  ])
  const { logins } = discord.gateway
  // Nobody was too early: that would have been one login more.
  expect(logins.map(({ shard }) => shard[0]).sort()).toEqual([0, 1, 2, 3])

  const ada = discord.person('Ada')
  const { channel } = guilds.find(({ id }) => shardOf(id, 4) === 3)!
  const sent = await ada.slash('zoom', { image: await landscapeFile(600, 400) }, { channel: channel.id })
  await waitForButton(discord, sent, 'Cancel')
  // Another process, which does not know that server, delivers to its channel.
  await second.stop('SIGKILL')
  await first.waitForLog('job delivered', sent.id)
  expect(resultsOf(discord, sent.id)).toEqual([])
  expect(discord.messages(channel.id).filter(({ nonce }) => nonce === sent.id)).toHaveLength(1)
  expect(discord.violations).toEqual([])
})

test('one process logs its shards in by turns; each shows what the bot does, unless it is off', async () => {
  const discord = await startDiscord({ shards: 2, maxConcurrency: 1 })
  const bot = await startBot(discord, {})
  expect(discord.gateway.logins.map(({ shard }) => shard[0])).toEqual([0, 1])
  await discord.waitUntil(() => discord.gateway.presences().every(Boolean), { what: 'a status' })
  const ready = { activities: [{ type: 4, state: 'Ready' }] }
  expect(discord.gateway.presences()).toMatchObject([ready, ready])
  await bot.stop('SIGTERM')
  await startBot(discord, { BOT_STATUS: 'off', SHARDS: '0-0/2' })
  expect(discord.gateway.presences()).toEqual([undefined])
})
