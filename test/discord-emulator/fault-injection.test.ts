import { MessageFlags } from 'discord.js'
import { describe, expect, test } from 'vitest'
import {
  createClient,
  loginAnsweringClient,
  loginClient,
  pngFile,
  rejectionOf,
  sendTryCommand,
  startEmulator,
  toUpload,
} from './client.js'

const MINUTE = 60_000

/** The first channel, as a text channel of discord.js. */
async function channelOf(discord: Awaited<ReturnType<typeof startEmulator>>, options = {}) {
  const client = await loginClient(discord, options)
  const channel = await client.channels.fetch(discord.channel.id)
  if (!channel?.isSendable()) throw new Error('no text channel')
  return channel
}

describe('time', () => {
  test('a callback after 3 seconds is refused', async () => {
    const discord = await startEmulator()
    const { sent, interaction } = await sendTryCommand(discord)
    discord.clock.advance(3001)
    await expect(sent.acknowledged).rejects.toThrow('The application did not respond')
    expect(await rejectionOf(interaction.reply('late'))).toMatchObject({ status: 404, code: 10_062 })
    expect(discord.messages()).toEqual([])
  })

  test('a callback within 3 seconds is reported with its time', async () => {
    const discord = await startEmulator()
    const { sent, interaction } = await sendTryCommand(discord)
    discord.clock.advance(2500)
    await interaction.reply('in time')
    expect((await sent.acknowledged).afterMs).toBeGreaterThanOrEqual(2500)
  })

  test('the token expires after 15 minutes', async () => {
    const discord = await startEmulator()
    const { interaction } = await sendTryCommand(discord)
    await interaction.deferReply()
    discord.clock.advance(14 * MINUTE)
    await interaction.editReply('still here')
    discord.clock.advance(MINUTE + 1)
    expect(await rejectionOf(interaction.editReply('gone'))).toMatchObject({ status: 401, code: 50_027 })
    expect(await rejectionOf(interaction.followUp('gone'))).toMatchObject({ status: 401, code: 50_027 })
    expect(discord.messages().map(message => message.content)).toEqual(['still here'])
  })

  test('without a bot an interaction fails', async () => {
    const discord = await startEmulator()
    const client = await loginClient(discord)
    await client.application.commands.set([{ name: 'try', description: 'Try' }])
    await client.destroy()
    const sent = await discord.person('Ada').slash('try')
    discord.clock.advance(3000)
    await expect(sent.acknowledged).rejects.toThrow('The application did not respond')
  })
})

test('an interaction accepts one callback, also when two arrive at the same time', async () => {
  const discord = await startEmulator()
  const { client, interaction } = await sendTryCommand(discord)
  const path = `/interactions/${interaction.id}/${interaction.token}/callback` as const
  const reply = () => client.rest.post(path, { auth: false, body: { type: 4, data: { content: 'hello' } } })
  const results = await Promise.allSettled([reply(), reply()])
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(await rejectionOf(reply())).toMatchObject({ status: 400, code: 40_060 })
  expect(discord.messages()).toHaveLength(1)
})

test('without a callback there is no original response', async () => {
  const discord = await startEmulator()
  const { interaction } = await sendTryCommand(discord)
  expect(await rejectionOf(interaction.webhook.editMessage('@original', 'x'))).toMatchObject({
    status: 404,
    code: 10_015,
  })
})

test("a deleted message can't be edited", async () => {
  const discord = await startEmulator()
  const { sent, interaction } = await sendTryCommand(discord)
  await interaction.reply('hello')
  await discord.deleteMessage(sent.message()!)
  expect(sent.message()).toBeUndefined()
  expect(await rejectionOf(interaction.editReply('again'))).toMatchObject({ status: 404, code: 10_008 })
})

test('an edit keeps the attachments that it lists, or all if it lists none, and adds files', async () => {
  const discord = await startEmulator()
  const { sent, interaction } = await sendTryCommand(discord)
  const [a, b, c] = await Promise.all(['a.png', 'b.png', 'c.png'].map(name => pngFile(name)))
  await interaction.reply({ content: 'files', files: [toUpload(a!), toUpload(b!)] })
  const names = () => sent.message()!.attachments.map(one => one.filename)
  await interaction.editReply('words only')
  expect(names()).toEqual(['a.png', 'b.png'])
  await interaction.editReply({ attachments: [{ id: sent.message()!.attachments[1]!.id }], files: [toUpload(c!)] })
  expect(names()).toEqual(['b.png', 'c.png'])
  await interaction.editReply({ attachments: [] })
  expect(names()).toEqual([])
  expect(discord.violations).toEqual([])
})

test("the flags IS_COMPONENTS_V2 and EPHEMERAL can't be removed", async () => {
  const discord = await startEmulator()
  const { sent, interaction } = await sendTryCommand(discord)
  const text = (content: string) => ({ type: 10, content })
  await interaction.reply({ flags: MessageFlags.IsComponentsV2, components: [text('one')] })
  await interaction.editReply({ components: [text('two')] })
  expect(sent.message()).toMatchObject({ flags: MessageFlags.IsComponentsV2, components: [{ content: 'two' }] })
  expect(await rejectionOf(interaction.editReply({ content: 'plain' }))).toMatchObject({ code: 50_035 })
})

describe('injected faults', () => {
  test('discord.js waits after a 429', async () => {
    const discord = await startEmulator()
    const channel = await channelOf(discord)
    const limited: number[] = []
    channel.client.rest.on('rateLimited', ({ retryAfter }) => void limited.push(retryAfter))
    discord.injectFault({ method: 'POST', path: /messages$/ }, { status: 429, retryAfter: 0.1 })
    await channel.send('hello')
    expect(limited).toHaveLength(1)
    expect(discord.requestLog.filter(one => one.path.endsWith('/messages')).map(one => one.status)).toEqual([429, 200])
  })

  test('discord.js retries after a server error, and a nonce prevents a second message', async () => {
    const discord = await startEmulator()
    const channel = await channelOf(discord)
    discord.injectFault({ method: 'POST', path: /messages$/, times: 2 }, { status: 502 })
    const message = { content: 'hello', nonce: '77', enforceNonce: true }
    const first = await channel.send(message)
    const again = await channel.send(message)
    expect(again.id).toBe(first.id)
    expect(discord.messages()).toHaveLength(1)
  })

  test('any other error arrives as injected', async () => {
    const discord = await startEmulator()
    const channel = await channelOf(discord)
    discord.injectFault(
      { method: 'POST', path: /messages$/ },
      { status: 403, code: 50_013, message: 'Missing Permissions' },
    )
    const error = await rejectionOf(channel.send('hello'))
    expect(error).toMatchObject({ status: 403, code: 50_013, rawError: { message: 'Missing Permissions' } })
    expect(discord.violations).toEqual([])
  })
})

describe('sizes', () => {
  test('a file of more than 10 MiB is refused, without a violation', async () => {
    const discord = await startEmulator()
    const channel = await channelOf(discord)
    const just = { attachment: Buffer.alloc(10 * 1024 * 1024), name: 'a.bin' }
    expect((await channel.send({ files: [just] })).attachments.first()?.size).toBe(just.attachment.length)
    const large = { attachment: Buffer.alloc(10 * 1024 * 1024 + 1), name: 'a.bin' }
    expect(await rejectionOf(channel.send({ files: [large] }))).toMatchObject({ status: 413, code: 40_005 })
    expect(await rejectionOf(channel.send({ files: [just, just, just] }))).toMatchObject({ status: 413, code: 40_005 })
    expect(discord.violations).toEqual([])
  })
})

describe('attachment URLs', () => {
  test('expire, and are signed again in messages, in interactions and by refresh-urls', async () => {
    const discord = await startEmulator()
    const channel = await channelOf(discord)
    const { data, name } = await pngFile()
    const message = await channel.send({ files: [{ attachment: data, name }] })
    const { url } = message.attachments.first()!
    expect(new URL(url).pathname).toMatch(/^\/attachments\/\d+\/\d+\/a\.png$/)
    expect(await discord.download({ url })).toEqual(data)
    discord.expireAttachments()
    await expect(discord.download({ url })).rejects.toThrow('404 This content is no longer available.')
    const fresh = await message.fetch(true)
    expect(await discord.download({ url: fresh.attachments.first()!.url })).toEqual(data)
    discord.clock.advance(15 * 24 * 60 * MINUTE)
    await expect(discord.download({ url: fresh.attachments.first()!.url })).rejects.toThrow('404')
    const { refreshed_urls } = (await channel.client.rest.post('/attachments/refresh-urls', {
      body: { attachment_urls: [url] },
    })) as { refreshed_urls: { original: string; refreshed: string }[] }
    expect(refreshed_urls[0]!.original).toBe(url)
    expect(await discord.download({ url: refreshed_urls[0]!.refreshed })).toEqual(data)
  })

  test('are signed', async () => {
    const discord = await startEmulator()
    const said = await discord.person('Ada').sendMessage('', { files: [await pngFile()] })
    const { url } = said.attachments[0]!
    await expect(discord.download({ url: url.replace(/hm=../, 'hm=zz') })).rejects.toThrow('404')
    await expect(discord.download({ url: url.replace(/ex=./, 'ex=f') })).rejects.toThrow('404')
    await expect(discord.download({ url: url.replace(/\?.*/, '') })).rejects.toThrow('404')
  })
})

test('unknown routes, objects and tokens are refused', async () => {
  const discord = await startEmulator()
  const { rest } = await loginClient(discord)
  expect(await rejectionOf(rest.get('/guilds/1/nothing'))).toMatchObject({
    status: 404,
    code: 0,
    message: '404: Not Found',
  })
  expect(await rejectionOf(rest.get('/guilds/1'))).toMatchObject({ status: 404, code: 10_004 })
  expect(await rejectionOf(rest.get('/channels/1'))).toMatchObject({ status: 404, code: 10_003 })
  expect(await rejectionOf(rest.get(`/channels/${discord.channel.id}/messages/1`))).toMatchObject({ code: 10_008 })
  expect(await rejectionOf(rest.get('/applications/1/commands'))).toMatchObject({ status: 403, code: 20_012 })
  const stranger = createClient(discord).rest.setToken('wrong')
  expect(await rejectionOf(stranger.get('/users/@me'))).toMatchObject({ status: 401 })
  const response = await fetch(`${discord.url}/api/v10/gateway`, { headers: { authorization: `Bot ${discord.token}` } })
  expect(response.headers.get('x-ratelimit-bucket')).toBeTruthy()
  const nothing = await fetch(`${discord.url}/api/v10/channels/${discord.channel.id}/messages`, {
    method: 'POST',
    headers: { authorization: `Bot ${discord.token}`, 'content-type': 'application/json' },
    body: '{',
  })
  expect([nothing.status, ((await nothing.json()) as { code: number }).code]).toEqual([400, 50_109])
})

test('a timeout names what was waited for; a listener receives events until it unsubscribes', async () => {
  const discord = await startEmulator()
  await expect(discord.waitUntil(() => undefined, { timeoutMs: 20, what: 'a miracle' })).rejects.toThrow(/a miracle/)
  const heard: string[] = []
  const stops = [
    discord.on('message', message => void heard.push(`+${message.content}`)),
    discord.on('edit', message => void heard.push(`~${message.content}`)),
    discord.on('delete', message => void heard.push(`-${message.content}`)),
    discord.on('interaction', ({ callbackType }) => void heard.push(`? ${callbackType ?? ''}`)),
  ]
  const { settled } = await loginAnsweringClient(discord, async interaction => {
    if (!interaction.isChatInputCommand()) return
    await interaction.reply('one')
    await interaction.editReply('two')
    await interaction.deleteReply()
  })
  await discord.person('Ada').slash('try')
  await discord.waitUntil(() => heard.includes('-two'))
  await settled()
  expect(heard).toEqual(['? ', '+one', '? 4', '~two', '-two'])
  for (const stop of stops) stop()
  await discord.person('Ada').sendMessage('unheard')
  expect(heard).toHaveLength(5)
})
