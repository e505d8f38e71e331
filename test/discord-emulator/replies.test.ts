import { Events, type Message, type MessageCreateOptions, MessageFlags, type TextChannel } from 'discord.js'
import { describe, expect, test } from 'vitest'
import type { DiscordEmulator, DiscordEmulatorOptions } from '../../src/discord-emulator/emulator.js'
import { loginAnsweringClient, loginClient, pngFile, startEmulator } from './client.js'

/** A bot with an ordinary message and a response to an interaction, and the messages that it receives. */
async function spoken(options: DiscordEmulatorOptions = {}) {
  const discord = await startEmulator(options)
  const { client } = await loginAnsweringClient(discord, async interaction => {
    if (interaction.isChatInputCommand()) await interaction.reply('an answer')
  })
  const ada = discord.person('Ada')
  const answer = await (await ada.slash('try')).response()
  const channel = (await client.channels.fetch(discord.channel.id)) as TextChannel
  await channel.send('of its own')
  const own = discord.messages().at(-1)!
  const hears = async (content: string, more: Parameters<typeof ada.sendMessage>[1]) => {
    const heard = new Promise<Message>(resolve =>
      client.on(Events.MessageCreate, one => void (one.author.id === ada.user.id && resolve(one))),
    )
    await ada.sendMessage(content, { files: [await pngFile()], ...more })
    const message = await heard
    client.removeAllListeners(Events.MessageCreate)
    return message
  }
  return { discord, client, ada, answer, own, channel, hears }
}

const readable = ({ content, attachments, mentions, client }: Message) => [
  content,
  attachments.size,
  mentions.has(client.user),
]

describe('a reply of a person', () => {
  test.each([
    ['to its own message is for the bot', {}, 'own', true, true],
    ['without a ping is not', {}, 'own', false, false],
    ['to an answer is not', {}, 'answer', true, false],
    ['to an answer is, where answers are pinged', { mentionInInteractionReplies: true }, 'answer', true, true],
    ['to an answer without a ping is not even there', { mentionInInteractionReplies: true }, 'answer', false, false],
  ] as const)('%s', async (_, options, which, ping, named) => {
    const all = await spoken(options)
    const to = all[which]
    const message = await all.hears('mask', { replyTo: to, ping })
    expect(readable(message)).toEqual(named ? ['mask', 1, true] : ['', 0, false])
    expect(message.reference).toMatchObject({
      messageId: to.id,
      channelId: all.discord.channel.id,
      guildId: all.discord.guild.id,
    })
    expect((await message.fetchReference()).content).toBe(to.content)
    expect(all.discord.violations).toEqual([])
  })

  test('is readable if it mentions the bot, or with the intent', async () => {
    const { answer, discord, hears } = await spoken()
    const words = `<@${discord.applicationId}> mask`
    expect(readable(await hears(words, { replyTo: answer, ping: false }))).toEqual([words, 1, true])
    const other = await spoken({ messageContentIntent: true })
    expect((await other.channel.messages.fetch((await other.ada.sendMessage('mask', {})).id)).content).toBe('mask')
  })

  test('has the referenced message, as far as the bot may read it', async () => {
    const { own, hears, client, discord } = await spoken()
    const seen: unknown[] = []
    client.on(Events.Raw, ({ t, d }) => t === 'MESSAGE_CREATE' && seen.push(d.referenced_message))
    await hears('first', { replyTo: own })
    const theirs = await discord.person('Bob').sendMessage('my cat', { files: [await pngFile()] })
    await hears(`<@${discord.applicationId}> this`, { replyTo: theirs })
    expect(seen[0]).toMatchObject({ id: own.id, content: 'of its own' })
    expect(seen.at(-1)).toMatchObject({ id: theirs.id, content: '', attachments: [] })
  })

  test("can't refer to an ephemeral message", async () => {
    const discord = await startEmulator()
    await loginAnsweringClient(
      discord,
      async one => one.isChatInputCommand() && one.reply({ content: 'psst', flags: MessageFlags.Ephemeral }),
    )
    const ada = discord.person('Ada')
    const answer = await (await ada.slash('try')).response()
    await expect(ada.sendMessage('hm', { replyTo: answer })).rejects.toThrow(/no reply/)
  })
})

describe('a reply of the bot', () => {
  async function send(discord: DiscordEmulator, options: MessageCreateOptions) {
    const client = await loginClient(discord)
    return ((await client.channels.fetch(discord.channel.id)) as TextChannel).send(options)
  }

  test('has its reference and its nonce', async () => {
    const discord = await startEmulator()
    const { id } = await discord.person('Ada').sendMessage('paint this')
    const reply = { messageReference: id, failIfNotExists: false }
    const sent = await send(discord, { content: 'done', reply, nonce: 'job-7', enforceNonce: true })
    expect([sent.reference?.messageId, sent.nonce]).toEqual([id, 'job-7'])
    expect(discord.messages().at(-1)).toMatchObject({
      type: 19,
      nonce: 'job-7',
      message_reference: { message_id: id, guild_id: discord.guild.id },
      referenced_message: { id, content: 'paint this' },
    })
    expect(discord.violations).toEqual([])
  })

  test.each([
    ['names who wrote that', undefined, ['Ada']],
    ['names nobody, where nobody is to be told', { parse: [] }, []],
    ['names who wrote that, if that alone is wished', { parse: [], repliedUser: true }, ['Ada']],
  ] as const)('%s', async (_, allowed, named) => {
    const discord = await startEmulator()
    const { id } = await discord.person('Ada').sendMessage('paint this')
    const mentions = allowed ? { allowedMentions: { ...allowed, parse: [] } } : {}
    await send(discord, { content: 'x', reply: { messageReference: id }, ...mentions })
    expect(
      discord
        .messages()
        .at(-1)!
        .mentions.map(one => one.global_name),
    ).toEqual(named)
  })

  test('to a deleted message is an ordinary message with fail_if_not_exists: false', async () => {
    const discord = await startEmulator()
    const theirs = await discord.person('Ada').sendMessage('paint this')
    await discord.deleteMessage(theirs)
    const sent = await send(discord, {
      content: 'done',
      reply: { messageReference: theirs.id, failIfNotExists: false },
    })
    expect([sent.reference, sent.content]).toEqual([null, 'done'])
    await expect(send(discord, { content: 'done', reply: { messageReference: theirs.id } })).rejects.toThrow(/Invalid/)
  })

  test('has no referenced message after that was deleted', async () => {
    const discord = await startEmulator()
    const theirs = await discord.person('Ada').sendMessage('paint this')
    await send(discord, { content: 'done', reply: { messageReference: theirs.id } })
    await discord.deleteMessage(theirs)
    expect(discord.messages()).toMatchObject([
      { message_reference: { message_id: theirs.id }, referenced_message: null },
    ])
  })
})
