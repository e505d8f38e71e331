import {
  ApplicationCommandOptionType,
  Events,
  type Message,
  MessageFlags,
  type RESTPostAPIApplicationCommandsJSONBody,
} from 'discord.js'
import { describe, expect, test } from 'vitest'
import { loginAnsweringClient, loginClient, pngFile, rejectionOf, startEmulator, TRY } from './client.js'

const button = (id: string) => ({ type: 1, components: [{ type: 2, style: 2, label: id, custom_id: id }] })

describe('the response of an interaction', () => {
  test('is the original response, once it is not loading', async () => {
    const discord = await startEmulator()
    const { settled } = await loginAnsweringClient(discord, async interaction => {
      if (!interaction.isChatInputCommand()) return
      await interaction.deferReply()
      await interaction.editReply('done')
    })
    const sent = await discord.person('Ada').slash('try')
    expect(await sent.response()).toMatchObject({ content: 'done', flags: 0 })
    await settled()
  })

  test('is the message that a button updates, at once or later', async () => {
    const discord = await startEmulator()
    const { settled } = await loginAnsweringClient(discord, async interaction => {
      if (interaction.isChatInputCommand()) {
        await interaction.reply({ content: 'zero', components: [button('now'), button('later')] })
      } else if (interaction.isButton() && interaction.customId === 'now') await interaction.update('one')
      else if (interaction.isButton()) {
        await interaction.deferUpdate()
        await interaction.editReply('two')
        await interaction.followUp('three')
      }
    })
    const ada = discord.person('Ada')
    const message = await (await ada.slash('try')).response()
    expect(await (await ada.press(message, 'now')).response()).toMatchObject({ id: message.id, content: 'one' })
    const later = await ada.press(message, 'later')
    expect(await later.response()).toMatchObject({ id: message.id, content: 'two' })
    expect(await discord.waitUntil(() => later.followUps()[0])).toMatchObject({ content: 'three' })
    await settled()
    expect(discord.violations).toEqual([])
  })

  test('is a follow-up if the original response was deleted', async () => {
    const discord = await startEmulator()
    const { settled } = await loginAnsweringClient(discord, async interaction => {
      if (!interaction.isChatInputCommand()) return
      await interaction.deferReply()
      await interaction.deleteReply()
      await interaction.followUp({ content: 'sorry', flags: MessageFlags.Ephemeral })
    })
    const sent = await discord.person('Ada').slash('try')
    expect(await sent.response()).toMatchObject({ content: 'sorry', flags: MessageFlags.Ephemeral })
    expect(sent.message()).toBeUndefined()
    await settled()
  })

  test('rejects if the bot does not respond, or not with a message', async () => {
    const discord = await startEmulator()
    const input = { type: 4, style: 1, custom_id: 'words' }
    const dialog = { title: 'Words', custom_id: 'words', components: [{ type: 18, label: 'Words', component: input }] }
    let silent = true
    const { settled } = await loginAnsweringClient(discord, async interaction => {
      if (interaction.isChatInputCommand() && !silent) await interaction.showModal(dialog)
      else discord.clock.advance(3001)
    })
    const ada = discord.person('Ada')
    await expect((await ada.slash('try')).response()).rejects.toThrow('The application did not respond')
    silent = false
    await expect((await ada.slash('try')).response()).rejects.toThrow(/no message/)
    await settled()
  })
})

describe('visibility', () => {
  test('other users neither see nor press an ephemeral message', async () => {
    const discord = await startEmulator()
    await loginAnsweringClient(discord, async interaction => {
      if (!interaction.isChatInputCommand()) return
      await interaction.reply({ content: 'psst', components: [button('go')], flags: MessageFlags.Ephemeral })
    })
    const [ada, bob] = [discord.person('Ada'), discord.person('Bob')]
    const message = await (await ada.slash('try')).response()
    expect(ada.messages().map(one => one.content)).toEqual(['psst'])
    expect(bob.messages()).toEqual([])
    await expect(bob.press(message, 'go')).rejects.toThrow(/can't see/)
  })

  test('direct messages have content without the intent, and no guild commands', async () => {
    const discord = await startEmulator()
    const { client, settled } = await loginAnsweringClient(discord, async interaction => {
      if (interaction.isChatInputCommand()) await interaction.reply(`in a server: ${interaction.inGuild()}`)
    })
    await client.application.commands.set([{ ...TRY, name: 'here' }], discord.guild.id)
    const ada = discord.person('Ada')
    const channel = ada.dmChannel()
    const coming = new Promise<Message>(resolve => client.once(Events.MessageCreate, resolve))
    await ada.sendMessage('hello bot', { channel, files: [await pngFile()] })
    const heard = await coming
    expect([heard.content, heard.attachments.size, heard.guildId]).toEqual(['hello bot', 1, null])
    await heard.reply('hello Ada')

    const sent = await ada.slash('try', {}, { channel })
    expect((await sent.response()).content).toBe('in a server: false')
    await expect(ada.slash('here', {}, { channel })).rejects.toThrow(/no bot has a command/)
    expect(ada.directMessages().map(one => one.content)).toEqual(['hello bot', 'hello Ada', 'in a server: false'])
    expect(discord.messages()).toEqual([])
    await settled()
    expect(discord.violations).toEqual([])
  })

  test('a reply mentions the bot for its own message, but not for its response to an interaction', async () => {
    const discord = await startEmulator()
    const { client } = await loginAnsweringClient(discord, async interaction => {
      if (interaction.isChatInputCommand()) await interaction.reply('an answer')
    })
    const ada = discord.person('Ada')
    const answer = await (await ada.slash('try')).response()
    const channel = await client.channels.fetch(discord.channel.id)
    if (!channel?.isSendable()) throw new Error('nowhere to write')
    await channel.send('of its own')
    const own = discord.messages().at(-1)!
    const mask = { files: [await pngFile()] }
    const filesOf = async ({ id }: { id: string }) => (await channel.messages.fetch(id)).attachments.size
    expect(await filesOf(await ada.sendMessage('mask', { ...mask, replyTo: own }))).toBe(1)
    expect(await filesOf(await ada.sendMessage('mask', { ...mask, replyTo: answer }))).toBe(0)
    expect(await filesOf(await ada.sendMessage(`<@${discord.applicationId}> mask`, { ...mask, replyTo: answer }))).toBe(
      1,
    )
  })
})

describe('what people enter', () => {
  test('subcommands are named in full', async () => {
    const discord = await startEmulator()
    const { String: text, Subcommand } = ApplicationCommandOptionType
    const name = { type: text, name: 'name', description: 'Its name', required: true }
    const engine = { type: Subcommand, name: 'engine', description: 'Who paints', options: [name] }
    const settings = { name: 'settings', description: 'Settings', options: [engine] }
    const { settled } = await loginAnsweringClient(
      discord,
      async interaction => {
        if (!interaction.isChatInputCommand()) return
        await interaction.reply(`${interaction.options.getSubcommand()} ${interaction.options.getString('name', true)}`)
      },
      [settings as RESTPostAPIApplicationCommandsJSONBody],
    )
    const ada = discord.person('Ada')
    expect((await (await ada.slash('settings engine', { name: 'fill' })).response()).content).toBe('engine fill')
    await expect(ada.slash('settings', { name: 'fill' })).rejects.toThrow(/subcommand/)
    await expect(ada.slash('settings model', {})).rejects.toThrow(/subcommand model/)
    await expect(ada.slash('settings engine', {})).rejects.toThrow(/settings engine needs name/)
    await settled()
  })

  test('a select menu accepts its own options only', async () => {
    const discord = await startEmulator()
    const options = ['fill', 'erase'].map(value => ({ label: value, value }))
    const menu = { type: 1, components: [{ type: 3, custom_id: 'engine', options }] }
    const { settled } = await loginAnsweringClient(discord, async interaction => {
      if (interaction.isChatInputCommand()) await interaction.reply({ components: [menu] })
      else if (interaction.isStringSelectMenu()) await interaction.reply(interaction.values.join())
    })
    const ada = discord.person('Ada')
    const message = await (await ada.slash('try')).response()
    await expect(ada.select(message, 'model', ['fill'])).rejects.toThrow(/no menu/)
    await expect(ada.select(message, 'engine', ['oil'])).rejects.toThrow(/oil/)
    await expect(ada.select(message, 'engine', ['fill', 'erase'])).rejects.toThrow(/1 to 1/)
    expect((await (await ada.select(message, 'engine', ['erase'])).response()).content).toBe('erase')
    await settled()
  })

  test('a modal checks its fields, and its response can update the message that opened it', async () => {
    const discord = await startEmulator()
    const words = { type: 4, style: 1, custom_id: 'words', min_length: 2, max_length: 5 }
    const engine = { type: 3, custom_id: 'engine', options: [{ label: 'Fill', value: 'fill' }] }
    const mask = { type: 19, custom_id: 'mask', required: false, max_values: 1 }
    const components = [words, engine, mask].map(component => ({ type: 18, label: component.custom_id, component }))
    const { settled } = await loginAnsweringClient(discord, async interaction => {
      if (interaction.isChatInputCommand()) await interaction.reply({ content: 'before', components: [button('ask')] })
      else if (interaction.isButton()) await interaction.showModal({ title: 'Ask', custom_id: 'ask', components })
      else if (interaction.isModalSubmit() && interaction.isFromMessage()) {
        const { fields } = interaction
        await interaction.update(`${fields.getTextInputValue('words')} ${fields.getStringSelectValues('engine')}`)
      }
    })
    const ada = discord.person('Ada')
    const message = await (await ada.slash('try')).response()
    const pressed = await ada.press(message, 'ask')
    await pressed.acknowledged
    const good = { words: 'sea', engine: ['fill'] }
    const png = await pngFile()
    for (const [values, complaint] of [
      [{ engine: ['fill'] }, /needs words/],
      [{ ...good, words: 'x' }, /words: must be between 2 and 5/],
      [{ ...good, words: 'xxxxxx' }, /words: must be between 2 and 5/],
      [{ ...good, engine: ['oil'] }, /engine: is none of the choices/],
      [{ ...good, mask: [png, png] }, /mask: takes 1 to 1/],
      [{ ...good, colour: 'red' }, /no field colour/],
    ] as const) {
      await expect(ada.submitModal(pressed, values)).rejects.toThrow(complaint)
    }
    const changed = await (await ada.submitModal(pressed, good)).response()
    expect(changed).toMatchObject({ id: message.id, content: 'sea fill' })
    await settled()
    expect(discord.violations).toEqual([])
  })
})

test('the request log has routes, and ids contain their time', async () => {
  const discord = await startEmulator()
  const { rest } = await loginClient(discord)
  await rejectionOf(rest.get('/nothing'))
  const before = Date.now()
  const { id } = await discord.person('Ada').sendMessage('now')
  expect(Math.abs(Number((BigInt(id) >> 22n) + 1_420_070_400_000n) - before)).toBeLessThan(5000)
  await rest.get(`/channels/${discord.channel.id}/messages/${id}`)
  expect(discord.requestLog.slice(-2)).toMatchObject([
    { path: '/nothing', route: undefined, status: 404 },
    { method: 'GET', route: '/channels/{channel}/messages/{message}', status: 200 },
  ])
})

test('two requests with one nonce at the same time create one message, with and without files', async () => {
  const discord = await startEmulator()
  const { data, name } = await pngFile()
  // Without discord.js, which would send them one after the other.
  const send = async () => {
    const body = new FormData()
    body.set('payload_json', JSON.stringify({ content: 'once', nonce: '7', enforce_nonce: true }))
    body.set('files[0]', new Blob([new Uint8Array(data)]), name)
    const headers = { authorization: `Bot ${discord.token}` }
    const url = `${discord.url}/api/v10/channels/${discord.channel.id}/messages`
    return (await (await fetch(url, { method: 'POST', headers, body })).json()) as { id: string }
  }
  const [first, second] = await Promise.all([send(), send()])
  expect(first.id).toBe(second.id)
  expect(discord.messages()).toHaveLength(1)
})

test('an edit of discord.js lists the attachments that stay', async () => {
  const discord = await startEmulator()
  const client = await loginClient(discord)
  const channel = await client.channels.fetch(discord.channel.id)
  if (!channel?.isSendable()) throw new Error('nowhere to write')
  const text = (name: string) => ({ attachment: Buffer.from(name), name })
  const message = await channel.send({ files: [text('a.txt'), text('b.txt')] })
  const names = ({ attachments }: Message) => attachments.map(one => one.name)
  const edited = await message.edit({ attachments: [message.attachments.at(1)!], files: [text('c.txt')] })
  expect(names(edited)).toEqual(['b.txt', 'c.txt'])
  // With new files only, discord.js lists no others, so they are removed.
  expect(names(await message.edit({ files: [text('d.txt')] }))).toEqual(['d.txt'])
  expect(discord.violations).toEqual([])
})
