import {
  type APIApplicationCommandOption,
  ApplicationCommandOptionType,
  ChannelType,
  type ChatInputCommandInteraction,
  type RESTPostAPIApplicationCommandsJSONBody,
} from 'discord.js'
import { expect, test } from 'vitest'
import { loginAnsweringClient, startEmulator, TRY } from './client.js'

const { Boolean: Truth, Channel, Mentionable, Role, Subcommand, SubcommandGroup, User } = ApplicationCommandOptionType
const option = (type: number, more: object = {}) =>
  ({
    type,
    name: ApplicationCommandOptionType[type]!.toLowerCase(),
    description: 'x',
    ...more,
  }) as APIApplicationCommandOption
const command = (...options: APIApplicationCommandOption[]) =>
  ({ ...TRY, options }) as RESTPostAPIApplicationCommandsJSONBody

test('options of users, channels, roles and booleans', async () => {
  const discord = await startEmulator()
  const seen: ChatInputCommandInteraction[] = []
  const { client, settled } = await loginAnsweringClient(
    discord,
    async interaction => {
      if (!interaction.isChatInputCommand()) return
      seen.push(interaction)
      await interaction.reply('thanks')
    },
    [command(option(User), option(Channel), option(Role), option(Mentionable), option(Truth))],
  )
  const [ada, bob] = [discord.person('Ada'), discord.person('Bob')]
  const role = discord.role('Keepers', ['ManageGuild'])
  bob.addRole(role)
  const given = { user: bob.user, channel: discord.createChannel('more'), role, mentionable: role, boolean: true }
  await (await ada.slash('try', given)).response()
  await (await ada.slash('try', { mentionable: bob.user })).response()
  await settled()
  const [{ options }, { options: others }] = seen as [ChatInputCommandInteraction, ChatInputCommandInteraction]
  const member = options.getMember('user')
  expect(options.getUser('user')?.globalName).toBe('Bob')
  expect(
    member &&
      'permissions' in member &&
      typeof member.permissions !== 'string' &&
      member.permissions.has('ManageGuild'),
  ).toBe(true)
  expect([options.getChannel('channel')?.name, options.getRole('role')?.name]).toEqual(['more', 'Keepers'])
  expect([options.getMentionable('mentionable')?.valueOf(), options.getBoolean('boolean')]).toEqual([role.id, true])
  expect(others.getMentionable('mentionable')?.valueOf()).toBe(bob.user.id)
  expect([others.getUser('user'), others.getBoolean('boolean')]).toEqual([null, null])
  expect(client.guilds.cache.size).toBe(1)
  expect(discord.violations).toEqual([])
})

test('in direct messages there are users, but no members', async () => {
  const discord = await startEmulator()
  const seen: ChatInputCommandInteraction[] = []
  await loginAnsweringClient(
    discord,
    async interaction => {
      seen.push(interaction as ChatInputCommandInteraction)
      await (interaction as ChatInputCommandInteraction).reply('thanks')
    },
    [command(option(User))],
  )
  const ada = discord.person('Ada')
  await (await ada.slash('try', { user: ada.user }, { channel: ada.dmChannel() })).response()
  expect([seen[0]!.options.getUser('user')?.globalName, seen[0]!.options.getMember('user')]).toEqual(['Ada', null])
})

test('invalid option values are not sent', async () => {
  const discord = await startEmulator()
  const channel = option(Channel, { channel_types: [ChannelType.GuildVoice] })
  await loginAnsweringClient(discord, async () => {}, [command(option(User), channel, option(Role), option(Truth))])
  const ada = discord.person('Ada')
  const role = discord.role('Keepers')
  await expect(ada.slash('try', { user: 'Bob' })).rejects.toThrow(/user: must be/)
  await expect(ada.slash('try', { user: role })).rejects.toThrow(/user: nobody/)
  await expect(ada.slash('try', { role: ada.user })).rejects.toThrow(/role: nobody/)
  await expect(ada.slash('try', { channel: discord.channel })).rejects.toThrow(/channel: no such channel/)
  await expect(ada.slash('try', { boolean: 'yes' })).rejects.toThrow(/boolean: must be a boolean/)
})

test('a subcommand can be in a group', async () => {
  const discord = await startEmulator()
  const inner = { type: Subcommand, name: 'set', description: 'x', options: [option(Truth)] }
  const group = { type: SubcommandGroup, name: 'engine', description: 'x', options: [inner] }
  const { settled } = await loginAnsweringClient(
    discord,
    async interaction => {
      if (!interaction.isChatInputCommand()) return
      const { options } = interaction
      await interaction.reply(
        `${options.getSubcommandGroup()} ${options.getSubcommand()} ${options.getBoolean('boolean')}`,
      )
    },
    [command(group as APIApplicationCommandOption)],
  )
  const ada = discord.person('Ada')
  expect((await (await ada.slash('try engine set', { boolean: false })).response()).content).toBe('engine set false')
  await expect(ada.slash('try engine')).rejects.toThrow(/subcommand/)
  await settled()
  expect(discord.violations).toEqual([])
})

test('interactions have the locales of the user and of the server', async () => {
  const discord = await startEmulator()
  const seen: unknown[] = []
  const { settled } = await loginAnsweringClient(discord, async interaction => {
    seen.push([interaction.locale, interaction.guildLocale])
    if (interaction.isRepliable()) await interaction.reply('ok')
  })
  await (await discord.person('Ada').slash('try')).response()
  discord.setGuildLocale('fr')
  await (await discord.person('Jörg', { locale: 'de' }).slash('try')).response()
  expect(seen).toEqual([
    ['en-US', 'en-US'],
    ['de', 'fr'],
  ])
  await settled()
})
