import { Events } from 'discord.js'
import { expect, test, vi } from 'vitest'
import { probedShards } from '../../../src/bot/discord/gateway-probe.js'
import { loginClient, startEmulator } from '../../discord-emulator/client.js'

/** Ten times faster than in operation. */
const TICK_MS = 50

const sleep = (ticks: number) => new Promise(resolve => setTimeout(resolve, ticks * TICK_MS))

/** A client with a probed shard. `heard` has the calls of its listener, `messages` the messages that it got. */
async function logIn(shards: number) {
  const discord = await startEmulator()
  const heard: [number, boolean][] = []
  const client = await loginClient(discord, {
    shards: [...Array(shards).keys()],
    shardCount: shards,
    ws: { buildStrategy: probedShards((shard, isSilent) => void heard.push([shard, isSilent]), TICK_MS) },
  })
  const messages: string[] = []
  client.on(Events.MessageCreate, ({ id }) => void messages.push(id))
  const untilHeard = (count: number) => vi.waitFor(() => expect(heard).toHaveLength(count), { timeout: 10_000 })
  return { discord, client, heard, messages, untilHeard }
}

test('a shard whose connection falls silent says so, connects again and has missed nothing; the other one stays', async () => {
  const { discord, client, heard, messages, untilHeard } = await logIn(2)
  const closed: number[] = []
  client.ws.shards.get(0)!.on('close', ({ code }) => void closed.push(code))
  const resumed = new Promise(resolve => client.once(Events.ShardResume, resolve))
  await sleep(8) // until it has asked once
  discord.gateway.freeze(0)
  const ada = discord.person('Ada')
  const { id } = await ada.sendMessage('to the bot', { channel: ada.dmChannel() })
  await untilHeard(1)
  expect(heard).toEqual([[0, true]])
  await sleep(15)
  discord.gateway.thaw() // the close is answered
  expect(await resumed).toBe(0)
  expect(heard).toEqual([
    [0, true],
    [0, false],
  ])
  expect(closed).toEqual([4900])
  expect(messages).toEqual([id])
})

test('a connection that answers again in time is kept', async () => {
  const { discord, client, heard, messages, untilHeard } = await logIn(1)
  client.on(Events.ShardReconnecting, () => void heard.push([-1, true]))
  await sleep(8)
  discord.gateway.freeze()
  const { id } = await discord.person('Ada').sendMessage('hello')
  await untilHeard(1)
  discord.gateway.thaw()
  await untilHeard(2)
  expect(heard).toEqual([
    [0, true],
    [0, false],
  ])
  expect(messages).toEqual([id])
  await sleep(15)
  expect(heard).toHaveLength(2)
})

test('a connection that has never acknowledged a heartbeat is left to discord.js', async () => {
  const { discord, heard } = await logIn(1)
  discord.gateway.freeze()
  await sleep(25)
  expect(heard).toEqual([])
  discord.gateway.thaw()
})

test('a quiet shard stays far below Discord’s limit of 120 payloads in a minute', async () => {
  const { client, heard } = await logIn(1)
  let acknowledged = 0
  client.on(Events.Debug, text => {
    if (text.includes('Heartbeat acknowledged')) acknowledged++
  })
  await sleep(40)
  // One for every four ticks, so 30 in a minute of operation.
  expect(acknowledged).toBeGreaterThan(2)
  expect(acknowledged).toBeLessThanOrEqual(10)
  expect(heard).toEqual([])
})
