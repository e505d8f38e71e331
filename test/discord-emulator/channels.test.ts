import {
  ApplicationCommandType,
  ApplicationIntegrationType,
  ChannelType,
  Events,
  type Interaction,
  InteractionContextType,
  type Message,
  MessageFlags,
  type RESTPostAPIApplicationCommandsJSONBody,
  type TextChannel,
} from 'discord.js'
import { describe, expect, test } from 'vitest'
import { loginAnsweringClient, pngFile, rejectionOf, sendTryCommand, startEmulator, TRY, toUpload } from './client.js'

const EVERYWHERE = {
  integration_types: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel],
}
const COMMANDS: RESTPostAPIApplicationCommandsJSONBody[] = [
  { ...TRY, ...EVERYWHERE },
  { name: 'Zoom Out', type: ApplicationCommandType.Message, ...EVERYWHERE },
  { name: 'server', description: 'Not for a person alone' },
]
const row = { type: 1, components: [{ type: 2, style: 2, label: 'Go', custom_id: 'go' }] }

describe('channels of the server', () => {
  test('are created with their age restriction', async () => {
    const discord = await startEmulator()
    const ages: unknown[] = []
    const { client, settled } = await loginAnsweringClient(discord, async interaction => {
      if (!interaction.isChatInputCommand()) return
      ages.push(interaction.channel && 'nsfw' in interaction.channel && interaction.channel.nsfw)
      await interaction.reply('here')
    })
    const coming = new Promise<TextChannel>(resolve => client.once(Events.ChannelCreate, one => resolve(one as never)))
    const adults = discord.createChannel('adults', { nsfw: true })
    const opened = await coming
    expect([opened.id, opened.name, opened.nsfw]).toEqual([adults.id, 'adults', true])
    const ada = discord.person('Ada')
    await (await ada.slash('try', {}, { channel: adults.id })).response()
    await (await ada.slash('try', {}, { channel: discord.createChannel('all').id })).response()
    expect(ages).toEqual([true, false])
    expect(discord.messages(adults.id).map(({ content }) => content)).toEqual(['here'])
    expect(discord.messages()).toEqual([])
    await settled()
    expect(discord.violations).toEqual([])
  })

  test('are deleted with their messages, also while the bot responds', async () => {
    const discord = await startEmulator()
    const { client, ada, interaction } = await sendTryCommand(discord)
    const channel = (await client.channels.fetch(discord.channel.id)) as TextChannel
    const message = await channel.send('soon gone')
    await interaction.deferReply()
    const gone = new Promise(resolve => client.once(Events.ChannelDelete, resolve))
    discord.deleteChannel(channel.id)
    await gone
    for (const [attempt, code] of [
      [() => channel.send('x'), 10_003],
      [() => channel.messages.edit(message.id, 'x'), 10_003],
      [() => interaction.editReply('x'), 10_008],
      [async () => interaction.followUp({ content: 'x', files: [toUpload(await pngFile())] }), 10_003],
    ] as const) {
      expect(await rejectionOf(attempt())).toMatchObject({ status: 404, code })
    }
    expect(discord.messages()).toEqual([])
    await expect(ada.slash('try')).rejects.toThrow('that channel is gone')
    await expect(ada.sendMessage('x')).rejects.toThrow('that channel is gone')
    await expect(ada.press(message as never, 'x')).rejects.toThrow('that message is gone')
    expect(discord.violations).toEqual([])
  })

  test('can be deleted before an interaction has a response', async () => {
    const discord = await startEmulator()
    const { interaction } = await sendTryCommand(discord)
    discord.deleteChannel(discord.channel.id)
    expect(await rejectionOf(interaction.reply('x'))).toMatchObject({ code: 10_003 })
  })
})

describe('channels where the bot is not a member', () => {
  test.each(['group', 'foreign server'])('have the commands of user installs: %s', async place => {
    const discord = await startEmulator()
    const [ada, bob] = [discord.person('Ada'), discord.person('Bob')]
    const channel = place === 'group' ? discord.createGroupDm([ada, bob]) : discord.createForeignGuild()
    const seen: Interaction[] = []
    const heard: unknown[] = []
    const { client, settled } = await loginAnsweringClient(
      discord,
      async interaction => {
        seen.push(interaction)
        if (interaction.isMessageContextMenuCommand()) await interaction.reply(interaction.targetMessage.content)
        else if (interaction.isChatInputCommand()) await interaction.deferReply()
        else if (interaction.isButton()) await interaction.update('pressed')
        if (interaction.isChatInputCommand()) {
          await interaction.editReply({ content: 'here', components: [row], files: [toUpload(await pngFile())] })
        }
      },
      COMMANDS,
    )
    client.on(Events.MessageCreate, message => void heard.push(message))
    await expect(ada.slash('server', {}, { channel })).rejects.toThrow(/no bot has/)
    const answer = await (await ada.slash('try', {}, { channel })).response()
    expect(await discord.download(answer.attachments[0]!)).toBeInstanceOf(Buffer)
    const pressed = await (await bob.press(answer, 'go')).response()
    expect(pressed).toMatchObject({ id: answer.id, content: 'pressed', attachments: [{ filename: 'a.png' }] })
    const said = await bob.sendMessage('of mine', { channel })
    expect((await (await ada.messageCommand(said, 'Zoom Out')).response()).content).toBe('of mine')

    const owner = { guildId: null, userId: ada.user.id }
    expect(seen.map(one => [one.user.globalName, one.authorizingIntegrationOwners])).toMatchObject([
      ['Ada', owner],
      ['Bob', owner],
      ['Ada', owner],
    ])
    const [first] = seen
    const { Guild, PrivateChannel } = InteractionContextType
    expect([first!.context, first!.inGuild(), first!.guild]).toEqual(
      place === 'group' ? [PrivateChannel, false, null] : [Guild, true, null],
    )
    expect(discord.messages(channel).map(({ content }) => content)).toEqual(['pressed', 'of mine', 'of mine'])
    for (const attempt of [
      client.rest.get(`/channels/${channel}`),
      client.rest.get(`/channels/${channel}/messages/${answer.id}`),
      client.rest.post(`/channels/${channel}/messages`, { body: { content: 'x' } }),
    ]) {
      expect(await rejectionOf(attempt)).toMatchObject({ status: 403, code: 50_001 })
    }
    expect(heard).toEqual([])
    expect(client.guilds.cache.size).toBe(1)
    await settled()
    expect(discord.violations).toEqual([])
  })

  test('five follow-ups are allowed there, and any number where it is a member', async () => {
    const discord = await startEmulator()
    const { settled } = await loginAnsweringClient(
      discord,
      async interaction => {
        if (!interaction.isChatInputCommand()) return
        await interaction.deferReply()
        await interaction.followUp('the answer itself')
        for (let count = 0; count < 5; count++) await interaction.followUp(`${count}`)
        const sixth = await interaction.followUp('sixth').catch(error => error)
        await interaction.editReply(`done ${sixth.status} ${sixth.code}`)
      },
      COMMANDS,
    )
    const ada = discord.person('Ada')
    for (const [channel, done, count] of [
      [discord.channel.id, 'done undefined undefined', 6],
      [discord.createGroupDm([ada]), 'done 400 40094', 5],
    ] as const) {
      const sent = await ada.slash('try', {}, { channel })
      const { content } = await discord.waitUntil(() => /done/.test(sent.message()?.content ?? '') && sent.message())
      expect([content, sent.followUps().length]).toEqual([done, count])
    }
    await settled()
    expect(discord.violations).toEqual([])
  })

  test('without UseExternalApps the response is ephemeral', async () => {
    const discord = await startEmulator()
    const channel = discord.createForeignGuild()
    discord.deny(channel, 'UseExternalApps')
    await loginAnsweringClient(
      discord,
      async interaction => interaction.isChatInputCommand() && interaction.reply('psst'),
      COMMANDS,
    )
    const answer = await (await discord.person('Ada').slash('try', {}, { channel })).response()
    expect(answer.flags).toBe(MessageFlags.Ephemeral)
    expect(discord.person('Bob').messages(channel)).toEqual([])
  })

  test('a group DM is visible to its recipients only', async () => {
    const discord = await startEmulator()
    await loginAnsweringClient(discord, async () => {}, COMMANDS)
    const channel = discord.createGroupDm([discord.person('Ada')])
    const bob = discord.person('Bob')
    await expect(bob.slash('try', {}, { channel })).rejects.toThrow('Bob is not in that channel')
    await expect(bob.sendMessage('x', { channel })).rejects.toThrow('Bob is not in that channel')
  })
})

test('a command is offered in its contexts only', async () => {
  const discord = await startEmulator()
  const { BotDM, Guild } = InteractionContextType
  const { client } = await loginAnsweringClient(discord, async () => {}, [
    { ...TRY, contexts: [Guild] },
    { name: 'direct', description: 'x', contexts: [BotDM] },
  ])
  const fetched = await client.application.commands.fetch()
  expect(fetched.map(({ contexts, integrationTypes }) => [contexts, integrationTypes])).toEqual([
    [[Guild], [ApplicationIntegrationType.GuildInstall]],
    [[BotDM], [ApplicationIntegrationType.GuildInstall]],
  ])
  const ada = discord.person('Ada')
  const direct = { channel: ada.dmChannel() }
  await ada.slash('try')
  await ada.slash('direct', {}, direct)
  await expect(ada.slash('direct')).rejects.toThrow(/no bot has/)
  await expect(ada.slash('try', {}, direct)).rejects.toThrow(/no bot has/)
})

test('interactions in direct messages have their context', async () => {
  const discord = await startEmulator()
  const { client, settled } = await loginAnsweringClient(discord, async interaction => {
    if (interaction.isChatInputCommand()) {
      expect([interaction.context, interaction.channel?.type]).toEqual([InteractionContextType.BotDM, ChannelType.DM])
      expect(interaction.appPermissions.has('AttachFiles')).toBe(true)
      await interaction.reply('here')
    }
  })
  const ada = discord.person('Ada')
  const sent = await ada.slash('try', {}, { channel: ada.dmChannel() })
  const answer = await sent.response()
  const heard = new Promise<Message>(resolve =>
    client.on(Events.MessageCreate, one => void (one.author.bot || resolve(one))),
  )
  await ada.sendMessage('thanks', { replyTo: answer })
  expect((await heard).reference?.messageId).toBe(answer.id)
  await settled()
  expect(discord.violations).toEqual([])
})
