import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { startEmulator } from './client.js'

type Packet = { op: number; t: string | null; d: Record<string, unknown> & { session_id: string } }

/** A gateway connection without discord.js: the payloads received, and the next one of an opcode. */
async function line(discord: DiscordEmulator) {
  const socket = new WebSocket(`${discord.url.replace('http', 'ws')}/?v=10&encoding=json`)
  onTestFinished(() => socket.terminate())
  const came: Packet[] = []
  socket.on('message', raw => void came.push(JSON.parse(String(raw))))
  const send = (op: number, d: unknown) => socket.send(JSON.stringify({ op, d }))
  async function first(good: (packet: Packet) => boolean): Promise<Packet> {
    for (;;) {
      const found = came.find(good)
      if (found) return found
      await once(socket, 'message')
    }
  }
  await once(socket, 'open')
  const identify = (shard?: number[]) =>
    send(2, { token: discord.token, intents: (1 << 0) | (1 << 9) | (1 << 12), shard, properties: {} })
  return { socket, came, send, first, identify }
}

const named = (name: string) => (packet: Packet) => packet.t === name

test('guilds are spread over the shards, and direct messages go to the first', async () => {
  const discord = await startEmulator()
  const shards = [await line(discord), await line(discord)]
  for (const [index, shard] of shards.entries()) {
    shard.identify([index, 2])
    expect((await shard.first(named('READY'))).d.shard).toEqual([index, 2])
  }
  const ada = discord.person('Ada')
  await ada.sendMessage('to the server')
  await ada.sendMessage('to the bot', { channel: ada.dmChannel() })
  const server = Number((BigInt(discord.guild.id) >> 22n) % 2n)
  await shards[server]!.first(packet => packet.t === 'MESSAGE_CREATE' && packet.d.guild_id !== undefined)
  await shards[0]!.first(packet => packet.t === 'MESSAGE_CREATE' && packet.d.guild_id === undefined)
  const all = shards.flatMap(({ came }) => came)
  expect(all.filter(named('GUILD_CREATE'))).toHaveLength(1)
  expect(all.filter(named('MESSAGE_CREATE'))).toHaveLength(2)
})

test('an invalid shard is refused', async () => {
  const discord = await startEmulator()
  const { socket, identify } = await line(discord)
  identify([2, 2])
  const [code] = await once(socket, 'close')
  expect(code).toBe(4010)
})

test.each([
  ['one minute without a line a session is resumed', 60_000, 'RESUMED'],
  ['four minutes it is gone', 240_000, null],
])('after %s', async (_, away, answer) => {
  const discord = await startEmulator()
  const before = await line(discord)
  before.identify()
  const { session_id } = (await before.first(named('READY'))).d
  await before.first(named('GUILD_CREATE'))
  discord.gateway.disconnect()
  await discord.person('Ada').sendMessage('meanwhile')
  discord.clock.advance(away)
  const after = await line(discord)
  after.send(6, { token: discord.token, session_id, seq: 2 })
  const last = await after.first(packet => packet.t === 'RESUMED' || packet.op === 9)
  expect(last.t ?? null).toBe(answer)
  expect(after.came.filter(named('MESSAGE_CREATE'))).toHaveLength(answer ? 1 : 0)
})

test('a reset token closes the connection with 4004, also for a session that would resume', async () => {
  const discord = await startEmulator()
  const old = discord.token
  const before = await line(discord)
  before.identify()
  const { session_id } = (await before.first(named('READY'))).d
  discord.resetToken()
  before.socket.terminate()
  const after = await line(discord)
  after.send(6, { token: old, session_id, seq: 2 })
  const [code] = await once(after.socket, 'close')
  expect(code).toBe(4004)
})

test.each([
  ['an unknown opcode', 4001, 99, {}],
  ['a second login', 4005, 2, {}],
])('%s closes the connection with %i', async (_, code, op, data) => {
  const { socket, send, first, identify } = await line(await startEmulator())
  identify()
  await first(named('READY'))
  send(op, data)
  expect((await once(socket, 'close'))[0]).toBe(code)
})

test('the 121st payload in a minute closes the connection with 4008; a minute later 120 more are allowed', async () => {
  const discord = await startEmulator()
  const { socket, came, send, first } = await line(discord)
  const acknowledged = () => came.filter(({ op }) => op === 11).length
  for (let index = 0; index < 120; index++) send(1, null)
  await first(() => acknowledged() === 120)
  discord.clock.advance(60_000)
  for (let index = 0; index < 121; index++) send(1, null)
  expect((await once(socket, 'close'))[0]).toBe(4008)
  expect(acknowledged()).toBe(240)
})

test('a session resumed after an event that was never sent is refused with 4007', async () => {
  const discord = await startEmulator()
  const before = await line(discord)
  before.identify()
  const { session_id } = (await before.first(named('READY'))).d
  discord.gateway.disconnect()
  const after = await line(discord)
  after.send(6, { token: discord.token, session_id, seq: 99 })
  expect((await once(after.socket, 'close'))[0]).toBe(4007)
})

test('nothing comes through a frozen connection until it thaws', async () => {
  const discord = await startEmulator()
  const one = await line(discord)
  one.identify()
  await one.first(named('GUILD_CREATE'))
  discord.gateway.freeze()
  await discord.person('Ada').sendMessage('hello')
  one.send(1, null)
  const other = await line(discord) // its HELLO comes later than what was sent before
  await other.first(({ op }) => op === 10)
  expect(one.came.filter(({ op, t }) => op === 11 || t === 'MESSAGE_CREATE')).toEqual([])
  discord.gateway.thaw()
  await one.first(named('MESSAGE_CREATE'))
  await one.first(({ op }) => op === 11)
})

test('a shard with more than 2,500 servers is refused', async () => {
  const discord = await startEmulator()
  discord.createGuilds(5000)
  const one = await line(discord)
  one.identify([0, 1])
  const [code] = await once(one.socket, 'close')
  expect(code).toBe(4011)
  const half = await line(discord)
  half.identify([0, 4])
  const { guilds } = (await half.first(named('READY'))).d as unknown as { guilds: unknown[] }
  expect(guilds.length).toBeGreaterThan(1200)
  expect(guilds.length).toBeLessThan(1300)
})

test('shards of one key of max_concurrency log in 5 seconds apart', async () => {
  const discord = await startEmulator({ maxConcurrency: 2 })
  const answers: (string | number)[] = []
  for (const shard of [0, 1, 2]) {
    const one = await line(discord)
    one.identify([shard, 4])
    const { t, op } = await one.first(packet => packet.t === 'READY' || packet.op === 9)
    answers.push(t ?? op)
  }
  expect(answers).toEqual(['READY', 'READY', 9])
  discord.clock.advance(5000)
  const again = await line(discord)
  again.identify([2, 4])
  await again.first(named('READY'))
  expect(discord.gateway.logins.map(({ shard }) => shard[0])).toEqual([0, 1, 2, 2])
})

test('one shard’s connection is closed with a code', async () => {
  const discord = await startEmulator()
  const shards = [await line(discord), await line(discord)]
  for (const [index, shard] of shards.entries()) {
    shard.identify([index, 2])
    await shard.first(named('READY'))
  }
  discord.gateway.closeConnections(4000, 1)
  const [code] = await once(shards[1]!.socket, 'close')
  expect(code).toBe(4000)
  expect(shards[0]!.socket.readyState).toBe(WebSocket.OPEN)
})
