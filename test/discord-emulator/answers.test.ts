import {
  ActionRowBuilder,
  type APIMessageTopLevelComponent,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ButtonBuilder,
  type ButtonInteraction,
  ButtonStyle,
  ContainerBuilder,
  FileUploadBuilder,
  type JSONEncodable,
  LabelBuilder,
  MediaGalleryBuilder,
  MessageFlags,
  ModalBuilder,
  TextDisplayBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js'
import { expect, test } from 'vitest'
import {
  loginAnsweringClient,
  loginClient,
  pngFile,
  rejectionOf,
  sendTryCommand,
  startEmulator,
  TRY,
  toUpload,
} from './client.js'

const ZOOM = {
  name: 'zoom',
  description: 'Zoom a photo out',
  options: [
    { type: ApplicationCommandOptionType.Attachment as const, name: 'image', description: 'The photo', required: true },
    {
      type: ApplicationCommandOptionType.Number as const,
      name: 'factor',
      description: 'How far',
      min_value: 1.1,
      max_value: 3,
      autocomplete: true,
    },
    {
      type: ApplicationCommandOptionType.String as const,
      name: 'engine',
      description: 'Who paints',
      choices: [{ name: 'Fill', value: 'fill' }],
    },
    { type: ApplicationCommandOptionType.Integer as const, name: 'seed', description: 'A number' },
  ],
}

const button = (id: string, label: string) =>
  new ActionRowBuilder<ButtonBuilder>().addComponents(
    new ButtonBuilder().setCustomId(id).setLabel(label).setStyle(ButtonStyle.Secondary),
  )
const words = (content: string) => new TextDisplayBuilder().setContent(content)
const gallery = (name: string) => new MediaGalleryBuilder().addItems({ media: { url: `attachment://${name}` } })
const v2 = (...components: JSONEncodable<APIMessageTopLevelComponent>[]) => ({
  flags: MessageFlags.IsComponentsV2 as const,
  components,
})

test('registered commands keep their ids, and a server has its own commands', async () => {
  const discord = await startEmulator()
  const { application } = await loginClient(discord)
  const first = (await application.commands.set([ZOOM])).first()!
  const both = await application.commands.set([ZOOM, { name: 'Zoom Out', type: ApplicationCommandType.Message }])
  expect(both.find(one => one.name === 'zoom')?.id).toBe(first.id)
  const fetched = await application.commands.fetch(first.id)
  expect(fetched.options.map(option => option.name)).toEqual(['image', 'factor', 'engine', 'seed'])
  expect((await application.commands.edit(first.id, { description: 'Farther' })).description).toBe('Farther')
  const made = await application.commands.create({ name: 'extend', description: 'Extend a side' })
  await application.commands.delete(made.id)
  await application.commands.set([TRY], discord.guild.id)
  expect((await application.commands.fetch()).map(one => one.name)).toEqual(['zoom', 'Zoom Out'])
  expect((await application.commands.fetch({ guildId: discord.guild.id })).map(one => one.name)).toEqual(['try'])
  expect(discord.violations).toEqual([])
})

test("Discord's client refuses to send invalid interactions", async () => {
  const discord = await startEmulator()
  await loginAnsweringClient(discord, async () => {}, [ZOOM])
  const ada = discord.person('Ada')
  expect(discord.person('Ada')).toBe(ada)
  const image = await pngFile()
  await expect(ada.slash('nothing', {})).rejects.toThrow(/no bot has a command nothing/)
  await expect(ada.slash('zoom', {})).rejects.toThrow(/needs image/)
  await expect(ada.slash('zoom', { image: 'a.png' })).rejects.toThrow(/image: must be a file/)
  await expect(ada.slash('zoom', { image, factor: '2' })).rejects.toThrow(/factor: must be a number/)
  await expect(ada.slash('zoom', { image, factor: 4 })).rejects.toThrow(/factor: must be at most 3/)
  await expect(ada.slash('zoom', { image, seed: 1.5 })).rejects.toThrow(/seed: must be a whole number/)
  await expect(ada.slash('zoom', { image, engine: 'oil' })).rejects.toThrow(/engine: is none of the choices/)
  await expect(ada.slash('zoom', { image, colour: 1 })).rejects.toThrow(/no option colour/)
  await expect(ada.autocomplete('zoom', {}, 'seed')).rejects.toThrow(/suggests nothing/)
})

test('a command takes a file and its response shows a gallery that can be downloaded', async () => {
  const discord = await startEmulator()
  const [image, result] = [await pngFile('in.png', 30, 20), await pngFile('out.png', 60, 40)]
  const { settled } = await loginAnsweringClient(
    discord,
    async interaction => {
      if (!interaction.isChatInputCommand()) return
      expect(interaction.attachmentSizeLimit).toBe(10 * 1024 * 1024)
      const photo = interaction.options.getAttachment('image', true)
      expect([photo.width, photo.height, photo.ephemeral, photo.contentType]).toEqual([30, 20, true, 'image/png'])
      expect(photo.url).toContain('/ephemeral-attachments/')
      expect(await discord.download(photo)).toEqual(image.data)
      await interaction.deferReply()
      await interaction.editReply({
        ...v2(words('halfway'), button('cancel', 'Cancel')),
        files: [toUpload(await pngFile('preview.png'))],
      })
      await interaction.editReply({
        ...v2(new ContainerBuilder().addMediaGalleryComponents(gallery('out.png')), button('more', 'More')),
        files: [toUpload(result)],
        attachments: [],
      })
    },
    [ZOOM],
  )
  const states: string[] = []
  const stop = discord.on('edit', message => void states.push(message.attachments.map(one => one.filename).join()))
  const sent = await discord.person('Ada').slash('zoom', { image, factor: 1.5 })
  expect((await sent.acknowledged).type).toBe(5)
  expect(sent.message()?.flags).toBe(128)
  const message = await discord.waitUntil(
    () => sent.message()?.attachments[0]?.filename === 'out.png' && sent.message(),
  )
  await settled()
  stop()
  expect(states).toEqual(['preview.png', 'out.png'])
  expect(message).toMatchObject({
    flags: MessageFlags.IsComponentsV2,
    interaction_metadata: { id: sent.id, type: 2, user: { global_name: 'Ada' } },
    attachments: [{ filename: 'out.png', width: 60, height: 40, content_type: 'image/png' }],
    components: [{ components: [{ items: [{ media: { width: 60, content_type: 'image/png' } }] }] }, { type: 1 }],
  })
  expect(JSON.stringify(message.components)).toContain(`"attachment_id":"${message.attachments[0]!.id}"`)
  expect(await discord.download(message.attachments[0]!)).toEqual(result.data)
  expect(discord.requestLog.filter(one => one.files.length > 0).map(one => one.files[0]!.name)).toEqual([
    'preview.png',
    'out.png',
  ])
  expect(discord.violations).toEqual([])
})

test("a button's interaction has the whole message; disabled and missing buttons can't be pressed", async () => {
  const discord = await startEmulator()
  const pressed: ButtonInteraction[] = []
  const { settled } = await loginAnsweringClient(discord, async interaction => {
    if (interaction.isChatInputCommand()) {
      const locked = new ButtonBuilder().setCustomId('no').setLabel('No').setStyle(ButtonStyle.Danger).setDisabled(true)
      const rows = [button('go', 'Go'), new ActionRowBuilder<ButtonBuilder>().addComponents(locked)]
      await interaction.reply({ content: 'here', components: rows, files: [toUpload(await pngFile())] })
    } else if (interaction.isButton()) {
      pressed.push(interaction)
      if (interaction.customId === 'go') await interaction.update({ content: 'gone', components: [] })
      else await interaction.reply({ content: 'no such button', flags: MessageFlags.Ephemeral })
    }
  })
  const ada = discord.person('Ada')
  const bob = discord.person('Bob')
  const message = await discord.waitUntil((await ada.slash('try')).message)
  await expect(ada.press(message, 'No')).rejects.toThrow(/can't be pressed/)
  await expect(ada.press(message, 'Other')).rejects.toThrow(/no button Other/)
  const forged = await bob.pressForged(message, 'v9:forged')
  const refused = await discord.waitUntil(forged.message)
  expect(refused).toMatchObject({ content: 'no such button', flags: 64, message_reference: { message_id: message.id } })
  await expect(ada.press(refused, 'x')).rejects.toThrow(/can't see/)
  const sent = await ada.press(message, 'Go')
  expect((await sent.acknowledged).type).toBe(7)
  expect(sent.message()).toMatchObject({ id: message.id, content: 'gone', components: [] })
  expect(pressed.map(one => [one.user.globalName, one.message.attachments.size])).toEqual([
    ['Bob', 1],
    ['Ada', 1],
  ])
  expect(pressed[0]!.message.interactionMetadata?.user.globalName).toBe('Ada')
  await settled()
  expect(discord.violations).toEqual([])
})

test("an ephemeral message stays ephemeral and is not in the channel's API", async () => {
  const discord = await startEmulator()
  const { client, sent, interaction } = await sendTryCommand(discord)
  await interaction.deferReply({ flags: MessageFlags.Ephemeral })
  await interaction.editReply('for you')
  const message = sent.message()!
  expect(message).toMatchObject({ content: 'for you', flags: 64 })
  const channel = await client.channels.fetch(discord.channel.id)
  if (!channel?.isTextBased()) throw new Error('no text channel')
  expect(await rejectionOf(channel.messages.fetch({ message: message.id, force: true }))).toMatchObject({
    status: 404,
    code: 10_008,
  })
  expect((await channel.messages.fetch()).size).toBe(0)
  expect((await interaction.fetchReply()).content).toBe('for you')
  const more = await interaction.followUp('for all')
  expect(sent.followUps().map(one => [one.id, one.content, one.flags])).toEqual([[more.id, 'for all', 0]])
  await interaction.deleteReply()
  expect(sent.message()).toBeUndefined()
})

test('the first follow-up after a deferral is the original response; after a deleted one it is a new message', async () => {
  const discord = await startEmulator()
  const { ada, sent, interaction, client } = await sendTryCommand(discord)
  await interaction.deferReply()
  await interaction.followUp({ content: 'late', flags: MessageFlags.Ephemeral })
  expect(sent.message()).toMatchObject({ content: 'late', flags: 0 })
  expect(sent.followUps()).toEqual([])

  const coming = new Promise<ButtonInteraction>(resolve =>
    client.once('interactionCreate', one => resolve(one as ButtonInteraction)),
  )
  const second = await ada.pressForged(sent.message()!, 'x')
  const press = await coming
  await press.deferReply()
  await press.deleteReply()
  await press.followUp({ content: 'only you', flags: MessageFlags.Ephemeral })
  expect(second.message()).toBeUndefined()
  expect(second.followUps()).toMatchObject([{ content: 'only you', flags: 64 }])
})

test('a callback with_response returns the message', async () => {
  const discord = await startEmulator()
  const { interaction } = await sendTryCommand(discord)
  const response = await interaction.deferReply({ withResponse: true })
  expect(response.interaction).toMatchObject({ responseMessageLoading: true, responseMessageEphemeral: false })
  expect(response.resource).toBeNull()
  const other = await sendTryCommand(discord)
  const reply = await other.interaction.reply({ content: 'here', withResponse: true })
  expect(reply.resource?.message?.content).toBe('here')
  expect(discord.violations).toEqual([])
})

test('a modal with a file upload is opened, filled in and submitted', async () => {
  const discord = await startEmulator()
  const mask = await pngFile('mask.png')
  const { settled } = await loginAnsweringClient(discord, async interaction => {
    if (interaction.isChatInputCommand()) {
      await interaction.showModal(
        new ModalBuilder()
          .setCustomId('paint')
          .setTitle('Paint')
          .addLabelComponents(
            new LabelBuilder().setLabel('Mask').setFileUploadComponent(new FileUploadBuilder().setCustomId('mask')),
            new LabelBuilder()
              .setLabel('Words')
              .setTextInputComponent(
                new TextInputBuilder().setCustomId('words').setStyle(TextInputStyle.Short).setRequired(false),
              ),
          ),
      )
    } else if (interaction.isModalSubmit()) {
      const [upload] = [...interaction.fields.getUploadedFiles('mask', true).values()]
      expect([upload!.name, upload!.ephemeral]).toEqual(['mask.png', true])
      expect(await discord.download(upload!)).toEqual(mask.data)
      await interaction.reply(`${interaction.customId}: ${interaction.fields.getTextInputValue('words')}`)
    }
  })
  const ada = discord.person('Ada')
  const asked = await ada.slash('try')
  await asked.acknowledged
  await expect(ada.submitModal(asked, {})).rejects.toThrow(/needs mask/)
  await expect(ada.submitModal(asked, { mask: [mask], other: 'x' })).rejects.toThrow(/no field other/)
  const sent = await ada.submitModal(asked, { mask: [mask], words: 'more sky' })
  expect((await discord.waitUntil(sent.message)).content).toBe('paint: more sky')
  await settled()
  expect(discord.violations).toEqual([])
})

test('autocomplete sends choices; a message command has the message', async () => {
  const discord = await startEmulator()
  const { settled } = await loginAnsweringClient(
    discord,
    async interaction => {
      if (interaction.isAutocomplete()) {
        const { name, value } = interaction.options.getFocused(true)
        await interaction.respond([{ name: `${name} ${value}`, value: 1.5 }])
      } else if (interaction.isMessageContextMenuCommand()) {
        const { targetMessage } = interaction
        await interaction.reply(`${targetMessage.content}: ${targetMessage.attachments.size} file`)
      }
    },
    [ZOOM, { name: 'Zoom Out', type: ApplicationCommandType.Message }],
  )
  const ada = discord.person('Ada')
  expect(await ada.autocomplete('zoom', { factor: '1' }, 'factor')).toEqual([{ name: 'factor 1', value: 1.5 }])
  const theirs = await discord.person('Bob').sendMessage('my cat', { files: [await pngFile()] })
  const sent = await ada.messageCommand(theirs, 'Zoom Out')
  expect((await discord.waitUntil(sent.message)).content).toBe('my cat: 1 file')
  await expect(ada.messageCommand(theirs, 'Other')).rejects.toThrow(/no bot has a command Other/)
  await settled()
  expect(discord.violations).toEqual([])
})
