import {
  type Client,
  Events,
  type Interaction,
  type Message,
  PermissionFlagsBits,
  type PermissionsString,
  type TextChannel,
} from 'discord.js'
import { describe, expect, test } from 'vitest'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { loginAnsweringClient, loginClient, pngFile, rejectionOf, startEmulator, TRY, toUpload } from './client.js'

/** The first channel in the cache of discord.js. */
async function channelIn(client: Client, discord: DiscordEmulator): Promise<TextChannel> {
  return (await client.channels.fetch(discord.channel.id)) as TextChannel
}

describe('people', () => {
  test('have the permissions of @everyone and of their roles', async () => {
    const discord = await startEmulator()
    const before = discord.role('Editors', ['ManageMessages'])
    const seen: Interaction[] = []
    const { client, settled } = await loginAnsweringClient(discord, async interaction => {
      seen.push(interaction)
      if (interaction.isChatInputCommand()) await interaction.reply('yes')
    })
    const coming = new Promise(resolve => client.once(Events.GuildRoleCreate, resolve))
    const after = discord.role('Keepers', ['ManageGuild'])
    await coming
    expect(discord.role('Keepers')).toBe(after)
    const guild = client.guilds.cache.get(discord.guild.id)!
    expect([before, after].map(({ id }) => guild.roles.cache.get(id)?.name)).toEqual(['Editors', 'Keepers'])

    const ada = discord.person('Ada')
    ada.addRole(after)
    await (await ada.slash('try')).response()
    await (await discord.person('Bob').slash('try')).response()
    const has = (names: PermissionsString[]) => seen.map(one => names.map(name => one.memberPermissions?.has(name)))
    expect(has(['ManageGuild', 'ManageMessages', 'SendMessages'])).toEqual([
      [true, false, true],
      [false, false, true],
    ])
    expect(seen.map(({ member }) => member?.roles)).toMatchObject([
      { cache: expect.toSatisfy(roles => roles.has(after.id)) },
      { cache: expect.toSatisfy(roles => !roles.has(after.id)) },
    ])
    await settled()
    expect(discord.violations).toEqual([])
  })

  test('are not offered a command without its permission', async () => {
    const discord = await startEmulator()
    const needs = String(PermissionFlagsBits.ManageGuild)
    await loginAnsweringClient(discord, async () => {}, [{ ...TRY, default_member_permissions: needs }])
    const [ada, bob] = [discord.person('Ada'), discord.person('Bob')]
    ada.addRole(discord.role('Keepers', ['ManageGuild']))
    await ada.slash('try')
    await expect(bob.slash('try')).rejects.toThrow('Bob may not use try')
  })
})

describe('the bot', () => {
  const text = { content: 'hello' }
  test.each<[PermissionsString, number, (channel: TextChannel, theirs: Message) => Promise<unknown>]>([
    ['ViewChannel', 50_001, channel => channel.send(text)],
    ['ViewChannel', 50_001, channel => channel.messages.fetch()],
    ['ViewChannel', 50_001, channel => channel.client.channels.fetch(channel.id, { force: true })],
    ['SendMessages', 50_013, channel => channel.send(text)],
    ['SendMessages', 50_013, channel => channel.sendTyping()],
    ['AttachFiles', 50_013, async channel => channel.send({ files: [toUpload(await pngFile())] })],
    ['ReadMessageHistory', 160_002, (_, theirs) => theirs.reply(text)],
    ['ReadMessageHistory', 50_001, (channel, theirs) => channel.messages.fetch({ message: theirs.id, force: true })],
    ['ManageMessages', 50_013, (_, theirs) => theirs.delete()],
  ])('without %s gets %d', async (permission, code, act) => {
    const discord = await startEmulator()
    const client = await loginClient(discord)
    const channel = await channelIn(client, discord)
    const told = () => new Promise(resolve => client.once(Events.ChannelUpdate, resolve))
    const heard = new Promise<Message>(resolve => client.once(Events.MessageCreate, resolve))
    await discord.person('Ada').sendMessage('mine')
    const theirs = await heard

    const forbidden = told()
    discord.deny(channel.id, permission)
    await forbidden
    expect(channel.permissionsFor(client.user)?.has(permission)).toBe(false)
    expect(await rejectionOf(act(channel, theirs))).toMatchObject({ code })

    const allowed = told()
    discord.allow(channel.id, permission)
    await allowed
    expect(channel.permissionsFor(client.user)?.has(permission)).toBe(true)
    await act(channel, theirs)
    expect(discord.violations).toEqual([])
  })

  test("deletes its own messages, and others' with permission only", async () => {
    const discord = await startEmulator()
    const channel = await channelIn(await loginClient(discord), discord)
    const theirs = await discord.person('Ada').sendMessage('mine')
    expect(await rejectionOf(channel.messages.delete(theirs.id))).toMatchObject({ code: 50_013 })
    await (await channel.send(text)).delete()
    expect(discord.messages()).toHaveLength(1)
  })

  test('gets an empty list without ReadMessageHistory', async () => {
    const discord = await startEmulator()
    const channel = await channelIn(await loginClient(discord), discord)
    await channel.send(text)
    expect((await channel.messages.fetch()).size).toBe(1)
    discord.deny(channel.id, 'ReadMessageHistory')
    expect((await channel.messages.fetch({ cache: false })).size).toBe(0)
  })

  test('receives no events of a channel without ViewChannel', async () => {
    const discord = await startEmulator()
    const client = await loginClient(discord)
    const heard: string[] = []
    client.on(Events.MessageCreate, ({ content }) => void heard.push(content))
    const ada = discord.person('Ada')
    const direct = ada.dmChannel()
    discord.deny(discord.channel.id, 'ViewChannel')
    await ada.sendMessage('unheard')
    const last = new Promise(resolve => client.once(Events.MessageCreate, resolve))
    await ada.sendMessage('heard', { channel: direct })
    await last
    expect(heard).toEqual(['heard'])
  })

  test('responds to interactions there, which have its permissions', async () => {
    const discord = await startEmulator()
    const may: unknown[] = []
    const { settled } = await loginAnsweringClient(discord, async interaction => {
      if (!interaction.isChatInputCommand()) return
      may.push(interaction.appPermissions.has('SendMessages'), interaction.appPermissions.has('AttachFiles'))
      await interaction.reply({ content: 'here', files: [toUpload(await pngFile())] })
      await interaction.followUp('more')
    })
    discord.deny(discord.channel.id, 'SendMessages')
    const sent = await discord.person('Ada').slash('try')
    await discord.waitUntil(() => sent.followUps()[0])
    expect(may).toEqual([false, false])
    await settled()
    expect(discord.violations).toEqual([])
  })

  test("can't write to a user who refuses direct messages", async () => {
    const discord = await startEmulator()
    const { client, settled } = await loginAnsweringClient(discord, async interaction => {
      if (interaction.isChatInputCommand()) await interaction.reply('an answer')
    })
    const ada = discord.person('Ada')
    const user = await client.users.fetch(ada.user.id)
    await user.send(text)
    ada.closeDirectMessages()
    expect(await rejectionOf(user.send(text))).toMatchObject({ status: 403, code: 50_007 })
    await (await ada.slash('try', {}, { channel: ada.dmChannel() })).response()
    expect(ada.directMessages().map(({ content }) => content)).toEqual(['hello', 'an answer'])
    await settled()
    expect(discord.violations).toEqual([])
  })
})
