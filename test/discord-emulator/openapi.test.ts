import { type ChatInputCommandInteraction, MessageFlags } from 'discord.js'
import { expect, test } from 'vitest'
import { createOpenApiValidator } from '../../src/discord-emulator/openapi.js'
import { shared, testWithShared } from '../support/shared.js'
import {
  LAUNCH,
  loginAnsweringClient,
  loginClient,
  pngFile,
  rejectionOf,
  sendTryCommand,
  startEmulator,
  TRY,
} from './client.js'

const DOCUMENT = 'reference/discord-openapi.json'
const V2 = MessageFlags.IsComponentsV2

test('without the document only the built-in rules are checked', async () => {
  const { startDiscordEmulator } = await import('../../src/discord-emulator/emulator.js')
  const discord = await startDiscordEmulator()
  expect(discord.validation).toBe('rules only')
  const client = await loginClient(discord)
  const body = { content: 'hello', contnet: 'hello' }
  await client.rest.post(`/channels/${discord.channel.id}/messages`, { body })
  expect(discord.violations).toEqual([])
  await client.destroy()
  await discord.close()
})

testWithShared(DOCUMENT, 'invalid requests are refused and recorded', async () => {
  const discord = await startEmulator()
  expect(discord.validation).toBe('openapi')
  const { rest, application } = await loginClient(discord)
  const path = `/channels/${discord.channel.id}/messages` as const
  const row = (custom_id: string) => ({ type: 1, components: [{ type: 2, style: 2, label: 'Go', custom_id }] })
  const planted: [path: `/${string}`, body: unknown, words: RegExp][] = [
    [path, { contnet: 'hello' }, /contnet/],
    [path, { content: 'x', components: [row('x'.repeat(101))] }, /100 characters|length/],
    [path, { content: 'x', components: [{ type: 1, components: [{ type: 2, style: 2, labl: 'x' }] }] }, /labl|schema/],
    [path, { content: 7 }, /content/],
    [path, { flags: V2, components: [{ type: 10, content: 'x'.repeat(4001) }] }, /4000/],
    [`/applications/${application.id}/commands`, { name: 'a', description: 'a', optoins: [] }, /optoins/],
    [`/applications/${application.id}/commands`, { name: 'a', description: 'a', options: [{ type: 99 }] }, /./],
  ]
  for (const [index, [to, body, words]] of planted.entries()) {
    expect(await rejectionOf(rest.post(to, { body })), String(words)).toMatchObject({ status: 400, code: 50_035 })
    expect(discord.violations).toHaveLength(index + 1)
    expect(discord.violations[index]).toMatchObject({ direction: 'request' })
    expect(discord.violations[index]!.errors.join()).toMatch(words)
  }
  expect(discord.messages()).toEqual([])
})

testWithShared(DOCUMENT, 'errors in callbacks and edits are refused too, also in forms', async () => {
  const discord = await startEmulator()
  const { client, interaction } = await sendTryCommand(discord)
  const callback = `/interactions/${interaction.id}/${interaction.token}/callback` as const
  const post = (body: unknown) => client.rest.post(callback, { auth: false, body })
  await rejectionOf(post({ type: 99 }))
  await rejectionOf(post({ type: 4, data: { contnet: 'x' } }))
  await rejectionOf(post({ type: 9, data: { title: 'x'.repeat(46), custom_id: 'a', components: [] } }))
  expect(discord.violations).toHaveLength(3)
  await interaction.deferReply()
  const edit = client.rest.patch(`/webhooks/${client.application.id}/${interaction.token}/messages/@original`, {
    auth: false,
    body: { contnet: 'x' },
    files: [{ name: 'a.png', data: (await pngFile()).data }],
  })
  expect(await rejectionOf(edit)).toMatchObject({ code: 50_035 })
  expect(discord.violations.at(-1)).toMatchObject({
    route: 'PATCH /webhooks/{application}/{token}/messages/{message}',
    errors: [expect.stringContaining('contnet')],
  })
})

testWithShared(DOCUMENT, 'all requests of discord.js and all responses match the document', async () => {
  const discord = await startEmulator({ activities: true })
  const steps: ((interaction: ChatInputCommandInteraction) => Promise<unknown>)[] = [
    async one => {
      await one.deferReply({ flags: MessageFlags.Ephemeral })
      await one.editReply({ content: 'hello', allowedMentions: { parse: [] } })
      await one.followUp({ content: 'more', flags: MessageFlags.Ephemeral })
    },
    async one => {
      const accessory = { type: 11, media: { url: 'attachment://a.png' } }
      await one.reply({
        withResponse: true,
        flags: V2,
        files: [{ attachment: (await pngFile()).data, name: 'a.png', description: 'A picture' }],
        components: [
          { type: 9, components: [{ type: 10, content: 'hello' }], accessory },
          { type: 14 },
          { type: 17, components: [{ type: 12, items: [{ media: { url: 'attachment://a.png' } }] }] },
          { type: 13, file: { url: 'attachment://a.png' } },
          { type: 1, components: [{ type: 3, custom_id: 's', options: [{ label: 'a', value: 'a' }] }] },
          { type: 1, components: [{ type: 2, style: 2, custom_id: 'b', emoji: { name: '🔍' } }] },
          { type: 1, components: [{ type: 2, style: 5, url: 'https://example.com', label: 'Elsewhere' }] },
        ],
      })
    },
    async one => {
      await one.reply({ content: 'hello', embeds: [{ title: 'Title', description: 'x' }] })
      const message = await one.fetchReply()
      await message.edit('by the channel')
      await message.reply({ content: 'reply', nonce: '1', enforceNonce: true })
      await one.followUp({ content: 'more', files: [{ attachment: Buffer.from('x'), name: 'a.txt' }] })
      await one.deleteReply()
    },
    async one => {
      await one.launchActivity({ withResponse: true })
    },
  ]
  const { client, settled } = await loginAnsweringClient(
    discord,
    async interaction => {
      if (interaction.isChatInputCommand()) await steps.shift()?.(interaction)
    },
    [TRY, LAUNCH],
  )
  const ada = discord.person('Ada')
  while (steps.length > 0) {
    await (await ada.slash('try')).acknowledged
    await settled()
  }
  await client.rest.get('/users/@me')
  await client.rest.get('/applications/@me')
  await client.rest.get('/oauth2/applications/@me')
  await client.rest.get('/gateway')
  await client.rest.get(`/users/${ada.user.id}`)
  await client.rest.get(`/guilds/${discord.guild.id}`)
  await client.rest.get(`/guilds/${discord.guild.id}/roles`)
  await client.rest.get(`/guilds/${discord.guild.id}/channels`)
  await client.rest.get(`/guilds/${discord.guild.id}/members/${ada.user.id}`)
  await client.rest.get(`/channels/${discord.channel.id}`)
  await client.rest.get(`/channels/${discord.channel.id}/messages`)
  await (await client.users.createDM(ada.user.id)).send('hello')
  await rejectionOf(client.rest.get('/channels/1'))
  const commands = [{ name: 'a', description: 'a', nsfw: false, defaultMemberPermissions: '8', contexts: [0] }, LAUNCH]
  await client.application.commands.set(commands)
  await client.application.commands.fetch()
  expect(discord.violations).toEqual([])
})

testWithShared(DOCUMENT, 'a response of the emulator that does not match the document is recorded', async () => {
  const oracle = createOpenApiValidator(shared(DOCUMENT))
  expect(oracle.response('GET', '/users/1', 200, { id: '1' }).join()).toMatch(/required property/)
  expect(oracle.response('GET', '/gateway', 200, { url: 'ws://127.0.0.1:1' })).toEqual([])
})
