import { Events, GatewayIntentBits, type Message } from 'discord.js'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { createClient, loginClient, pngFile, startEmulator } from './client.js'

const { Guilds, GuildMessages, GuildPresences, DirectMessages, MessageContent } = GatewayIntentBits

test('the real client logs in and knows its server', async () => {
  const discord = await startEmulator()
  const client = await loginClient(discord)
  expect(client.user.id).toBe(discord.applicationId)
  expect(client.guilds.cache.map(({ name, available }) => [name, available])).toEqual([['Server', true]])
  expect(client.channels.cache.get(discord.channel.id)).toMatchObject({ name: 'general' })
  const guild = await client.guilds.fetch({ guild: discord.guild.id, force: true })
  expect([...(await guild.roles.fetch()).keys()]).toEqual([guild.id])
  expect([...(await guild.channels.fetch()).keys()]).toEqual([discord.channel.id])
  expect((await guild.members.fetch(discord.person('Ada').user.id)).displayName).toBe('Ada')
  expect(discord.violations).toEqual([])
})

test('a wrong token is refused', async () => {
  const discord = await startEmulator()
  await expect(createClient(discord).login('wrong')).rejects.toMatchObject({ code: 'TokenInvalid' })
})

test.each([
  ['message content that was not switched on', MessageContent, false],
  ['presences', GuildPresences, true],
])('the intent for %s is refused', async (_, intent, messageContentIntent) => {
  const discord = await startEmulator({ messageContentIntent })
  await expect(createClient(discord, { intents: [Guilds, intent] }).login(discord.token)).rejects.toThrow(/disallowed/)
})

describe('the gateway without discord.js', () => {
  type Packet = { op: number; t?: string; s?: number; d: Record<string, unknown> }
  async function line() {
    const discord = await startEmulator()
    const socket = new WebSocket(`${discord.url.replace('http', 'ws')}/?v=10&encoding=json`)
    onTestFinished(() => socket.terminate())
    const packets: Packet[] = []
    let wake = () => {}
    socket.on('message', raw => {
      packets.push(JSON.parse(String(raw)))
      wake()
    })
    const packet = async (good: (packet: Packet) => boolean): Promise<Packet> => {
      for (;;) {
        const found = packets.find(good)
        if (found) return found
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
    }
    const closed = new Promise<number>(resolve => socket.once('close', resolve))
    const hello = await packet(({ op }) => op === 10)
    return {
      discord,
      packet,
      packets,
      closed,
      hello,
      send: (op: number, d: unknown) => socket.send(JSON.stringify({ op, d })),
    }
  }

  test('sends HELLO, heartbeat ACKs, READY and GUILD_CREATE', async () => {
    const { discord, packet, packets, hello, send } = await line()
    expect(hello.d.heartbeat_interval).toBeGreaterThan(1000)
    send(1, null)
    await packet(({ op }) => op === 11)
    send(2, { token: discord.token, intents: 1, properties: {} })
    const { d } = await packet(({ t }) => t === 'READY')
    expect(d).toMatchObject({ resume_gateway_url: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:/), v: 10 })
    await packet(({ t }) => t === 'GUILD_CREATE')
    expect(packets.filter(({ op }) => op === 0).map(({ s, t }) => [s, t])).toEqual([
      [1, 'READY'],
      [2, 'GUILD_CREATE'],
    ])
  })

  test.each([
    ['a wrong token', 2, { token: 'wrong', intents: 1 }, 4004],
    ['anything before a token', 3, {}, 4003],
  ])('%s closes the connection', async (_, op, data, code) => {
    const { closed, send } = await line()
    send(op, data)
    expect(await closed).toBe(code)
  })

  test("an unknown session can't be resumed", async () => {
    const { discord, packet, send } = await line()
    send(6, { token: discord.token, session_id: '1', seq: 1 })
    expect(await packet(({ op }) => op === 9)).toMatchObject({ d: false })
  })
})

test('messages survive a logout, and two bots can be connected at once', async () => {
  const discord = await startEmulator()
  const first = await loginClient(discord)
  await first.destroy()
  await discord.person('Ada').sendMessage('anybody there?')
  const both = [await loginClient(discord), await loginClient(discord)]
  const heard = both.map(client => new Promise<Message>(resolve => client.once(Events.MessageCreate, resolve)))
  await discord.person('Ada').sendMessage('hello')
  for (const message of await Promise.all(heard)) expect(message.author.globalName).toBe('Ada')
  expect(discord.messages().map(message => message.content)).toEqual(['anybody there?', 'hello'])
})

test.each(['reconnect', 'disconnect'] as const)(
  'after a %s the session is resumed and nothing was missed',
  async how => {
    const discord = await startEmulator()
    const client = await loginClient(discord)
    const heard: string[] = []
    client.on(Events.MessageCreate, message => void heard.push(message.id))
    const resumed = new Promise(resolve => client.once(Events.ShardResume, resolve))
    discord.gateway[how]()
    const said = []
    for (const words of ['one', 'two', 'three']) said.push((await discord.person('Ada').sendMessage(words)).id)
    await resumed
    const last = await discord.person('Ada').sendMessage('four')
    await new Promise<void>(resolve => {
      const look = () => heard.includes(last.id) && resolve()
      client.on(Events.MessageCreate, look)
      look()
    })
    expect(heard).toEqual([...said, last.id])
  },
)

describe("the content of other users' messages", () => {
  async function listening(intents: GatewayIntentBits[], messageContentIntent = false) {
    const discord = await startEmulator({ messageContentIntent })
    const client = await loginClient(discord, { intents })
    const next = async (act: () => Promise<unknown>) => {
      const coming = new Promise<Message>(resolve => client.once(Events.MessageCreate, resolve))
      await act()
      return coming
    }
    return { discord, client, next, ada: discord.person('Ada'), files: [await pngFile()] }
  }

  test('is empty without the intent, also in the REST API', async () => {
    const { discord, next, ada, files } = await listening([Guilds, GuildMessages])
    const message = await next(() => ada.sendMessage('secret', { files }))
    expect([message.content, message.attachments.size]).toEqual(['', 0])
    expect((await message.fetch(true)).content).toBe('')
    expect(discord.messages()).toMatchObject([{ content: 'secret', attachments: [{ filename: 'a.png', width: 24 }] }])
  })

  test('is present with the intent, in sessions that requested it', async () => {
    const { next, ada, files } = await listening([Guilds, GuildMessages, MessageContent], true)
    const message = await next(() => ada.sendMessage('open', { files }))
    expect([message.content, message.attachments.first()?.name]).toEqual(['open', 'a.png'])
    const other = await listening([Guilds, GuildMessages], true)
    expect((await other.next(() => other.ada.sendMessage('secret'))).content).toBe('')
  })

  test('is present if the bot is mentioned or replied to', async () => {
    const { discord, next, ada, client, files } = await listening([Guilds, GuildMessages])
    const named = await next(() => ada.sendMessage(`<@${discord.applicationId}> look`, { files }))
    expect([named.content.endsWith('look'), named.attachments.size]).toEqual([true, 1])
    expect(named.mentions.has(client.user.id)).toBe(true)
    const { data } = files[0]!
    const answer = await next(() => named.reply({ content: 'done', files: [{ attachment: data, name: 'b.png' }] }))
    expect(discord.messages().at(-1)).toMatchObject({ referenced_message: { id: named.id }, content: 'done', type: 19 })
    const theirs = discord.messages().find(message => message.id === answer.id)!
    expect(await discord.download(theirs.attachments[0]!)).toEqual(data)
    expect((await next(() => ada.sendMessage('thanks', { replyTo: theirs }))).content).toBe('thanks')
    expect(discord.violations).toEqual([])
  })

  test('stays empty in the referenced message of a reply', async () => {
    const { discord, next, ada, files } = await listening([Guilds, GuildMessages])
    await next(() => discord.person('Bob').sendMessage('mine', { files }))
    const theirs = discord.messages()[0]!
    const message = await next(() => ada.sendMessage(`<@${discord.applicationId}> that one`, { replyTo: theirs }))
    const original = await message.fetchReference()
    expect([original.content, original.attachments.size]).toEqual(['', 0])
  })

  test('is not dispatched without the messages intent', async () => {
    const { discord, client, ada } = await listening([Guilds, DirectMessages])
    const heard: string[] = []
    client.on(Events.MessageCreate, message => void heard.push(message.content))
    await ada.sendMessage('not for you')
    const user = await client.users.createDM(ada.user.id)
    await user.send('hello')
    await discord.waitUntil(() => heard.length > 0 || discord.messages(user.id).length > 0)
    expect(heard).not.toContain('not for you')
    expect(discord.messages(user.id).map(message => message.content)).toEqual(['hello'])
  })
})
