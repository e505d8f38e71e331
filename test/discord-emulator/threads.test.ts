import { ChannelType, Events, type TextChannel, type ThreadChannel } from 'discord.js'
import { describe, expect, test } from 'vitest'
import {
  loginAnsweringClient,
  loginClient,
  pngFile,
  rejectionOf,
  sendTryCommand,
  startEmulator,
  toUpload,
} from './client.js'

describe('threads', () => {
  test('are created, seen by the bot, and take messages and interactions', async () => {
    const discord = await startEmulator()
    const { client, settled } = await loginAnsweringClient(discord, async interaction => {
      if (interaction.isChatInputCommand()) await interaction.reply(String(interaction.channel?.isThread()))
    })
    const coming = new Promise<ThreadChannel>(resolve => client.once(Events.ThreadCreate, one => resolve(one)))
    const thread = discord.createThread(discord.channel.id, 'ideas')
    expect([(await coming).id, (await coming).parentId]).toEqual([thread.id, discord.channel.id])
    await ((await client.channels.fetch(thread.id)) as ThreadChannel).send({ files: [toUpload(await pngFile())] })
    const sent = await discord.person('Ada').slash('try', {}, { channel: thread.id })
    expect((await sent.response()).content).toBe('true')
    await settled()
    expect(discord.violations).toEqual([])
  })

  test('are in the server that a bot gets when it logs in, without the archived ones', async () => {
    const discord = await startEmulator()
    const open = discord.createThread(discord.channel.id, 'open')
    const closed = discord.createThread(discord.channel.id, 'closed')
    discord.setThreadState(closed.id, { archived: true })
    const client = await loginClient(discord)
    expect([open, closed].map(({ id }) => client.channels.cache.has(id))).toEqual([true, false])
    expect(client.channels.cache.get(discord.channel.id)?.type).toBe(ChannelType.GuildText)
  })

  test('need Send Messages in Threads, and have the overwrites of their channel', async () => {
    const discord = await startEmulator()
    const thread = discord.createThread(discord.channel.id, 'ideas')
    const channel = (await (await loginClient(discord)).channels.fetch(thread.id)) as ThreadChannel
    discord.deny(discord.channel.id, 'SendMessages')
    await channel.send('still here')
    discord.deny(discord.channel.id, 'SendMessagesInThreads')
    expect((await rejectionOf(channel.send('x'))).code).toBe(50_013)
    discord.deny(discord.channel.id, 'ViewChannel')
    expect((await rejectionOf(channel.send('x'))).code).toBe(50_001)
  })

  test('that are archived are reopened by a message; their messages can’t be changed before', async () => {
    const discord = await startEmulator()
    const client = await loginClient(discord)
    const thread = discord.createThread(discord.channel.id, 'ideas')
    const channel = (await client.channels.fetch(thread.id)) as ThreadChannel
    const message = await channel.send('one')
    discord.setThreadState(thread.id, { archived: true })
    for (const attempt of [() => message.edit('two'), () => message.delete()]) {
      expect((await rejectionOf(attempt())).code).toBe(50_083)
    }
    const reopened = new Promise<boolean | null>(resolve =>
      client.on(Events.ThreadUpdate, (_old, now) => now.archived === false && resolve(now.archived)),
    )
    await channel.send('three')
    expect(await reopened).toBe(false)
    await message.edit('two')
  })

  test('that are locked refuse the bot and its answers, and people can’t write there', async () => {
    const discord = await startEmulator()
    const { client, settled } = await loginAnsweringClient(discord, async interaction => {
      if (!interaction.isChatInputCommand()) return
      discord.setThreadState(interaction.channelId, { archived: true, locked: true })
      expect((await rejectionOf(interaction.reply('x'))).code).toBe(50_083)
    })
    const thread = discord.createThread(discord.channel.id, 'ideas')
    const channel = (await client.channels.fetch(thread.id)) as ThreadChannel
    const message = await channel.send('before')
    const ada = discord.person('Ada')
    await ada.slash('try', {}, { channel: thread.id })
    await discord.waitUntil(() => discord.requestLog.some(({ status }) => status === 403), { what: 'the refusal' })
    await settled()
    for (const archived of [true, false]) {
      discord.setThreadState(thread.id, { archived })
      for (const attempt of [() => channel.send('x'), () => message.edit('x'), () => message.delete()]) {
        expect(await rejectionOf(attempt())).toMatchObject({ status: 403, code: 50_083 })
      }
    }
    await expect(ada.sendMessage('hi', { channel: thread.id })).rejects.toThrow(/locked/)
    discord.allow(discord.channel.id, 'ManageThreads')
    await channel.send('moderators may')
  })

  test('that are private are closed to those who are not in them, the bot included', async () => {
    const discord = await startEmulator()
    const client = await loginClient(discord)
    const [ada, bob] = [discord.person('Ada'), discord.person('Bob')]
    const secret = discord.createThread(discord.channel.id, 'secret', { isPrivate: true, people: [ada] })
    expect((await rejectionOf(client.channels.fetch(secret.id))).code).toBe(50_001)
    await ada.sendMessage('hi', { channel: secret.id })
    await expect(bob.sendMessage('hi', { channel: secret.id })).rejects.toThrow(/not in that channel/)
    const shared = discord.createThread(discord.channel.id, 'shared', { isPrivate: true, people: [ada], withBot: true })
    await ((await client.channels.fetch(shared.id)) as ThreadChannel).send('hello')
  })
})

test('a forum takes no messages; a post takes them once its author has begun it', async () => {
  const discord = await startEmulator()
  const client = await loginClient(discord)
  const forum = discord.createChannel('help', { kind: 'forum' })
  const ada = discord.person('Ada')
  const post = discord.createThread(forum.id, 'my picture', { people: [ada] })
  const rest = (channel: string) => client.rest.post(`/channels/${channel}/messages`, { body: { content: 'x' } })
  expect((await rejectionOf(rest(forum.id))).code).toBe(50_008)
  expect((await rejectionOf(rest(post.id))).code).toBe(40_058)
  await ada.sendMessage('here it is', { channel: post.id })
  await rest(post.id)
})

test.each([
  ['announcement', ChannelType.GuildAnnouncement],
  ['voice', ChannelType.GuildVoice],
  ['stage', ChannelType.GuildStageVoice],
] as const)('the text of a channel of the kind %s takes messages', async (kind, type) => {
  const discord = await startEmulator()
  const client = await loginClient(discord)
  const channel = (await client.channels.fetch(discord.createChannel('other', { kind }).id)) as TextChannel
  expect(channel.type).toBe(type)
  await channel.send('hello')
  expect(discord.violations).toEqual([])
})

test('a thread of an announcement channel is an announcement thread', async () => {
  const discord = await startEmulator()
  const thread = discord.createThread(discord.createChannel('news', { kind: 'announcement' }).id, 'today')
  const client = await loginClient(discord)
  expect((await client.channels.fetch(thread.id))?.type).toBe(ChannelType.AnnouncementThread)
  expect(discord.violations).toEqual([])
})

describe('moderation', () => {
  test('AutoMod blocks the bot’s messages, answers and edits with a word', async () => {
    const discord = await startEmulator()
    const { client, interaction } = await sendTryCommand(discord)
    discord.blockWords('Barn')
    const channel = (await client.channels.fetch(discord.channel.id)) as TextChannel
    const message = await channel.send('a house')
    const display = { type: 10, content: 'a BARN' }
    for (const attempt of [
      () => channel.send('a barn'),
      () => channel.send({ flags: 1 << 15, components: [display] }),
      () => message.edit('a barn'),
      () => interaction.reply('a barn'),
    ]) {
      expect((await rejectionOf(attempt())).code).toBe(200_000)
    }
    await (await client.users.createDM(interaction.user)).send('a barn')
    expect(discord.violations).toEqual([])
  })

  test('files that are taken for explicit are refused', async () => {
    const discord = await startEmulator()
    const channel = (await (await loginClient(discord)).channels.fetch(discord.channel.id)) as TextChannel
    discord.blockExplicitContent(channel.id)
    expect((await rejectionOf(channel.send({ files: [toUpload(await pngFile())] }))).code).toBe(20_009)
    await channel.send('words')
  })
})
