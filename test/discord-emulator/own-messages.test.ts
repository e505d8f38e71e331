import {
  type APIMessage,
  type ButtonInteraction,
  ComponentType,
  Events,
  type MessageComponentInteraction,
  type MessageCreateOptions,
  MessageFlags,
  type TextChannel,
} from 'discord.js'
import { describe, expect, test } from 'vitest'
import { loginClient, pngFile, startEmulator, toUpload } from './client.js'

const flags = MessageFlags.IsComponentsV2
const gallery = (...names: string[]) => ({
  type: ComponentType.MediaGallery,
  items: names.map(name => ({ media: { url: `attachment://${name}` } })),
})
const button = { type: 1, components: [{ type: 2, style: 2, label: 'Go', custom_id: 'go' }] }

/** A message of the bot with a.png and b.png that answers no interaction, and a press of its button. */
async function written(components: object[] = [gallery('a.png', 'b.png'), button]) {
  const discord = await startEmulator()
  const client = await loginClient(discord)
  const channel = (await client.channels.fetch(discord.channel.id)) as TextChannel
  const files = [await pngFile('a.png'), await pngFile('b.png', 30, 20)].map(toUpload)
  const sent = await channel.send({ flags, components, files } as MessageCreateOptions)
  const message = () => discord.messages().find(({ id }) => id === sent.id)
  const pressed = async () => {
    const coming = new Promise<ButtonInteraction>(resolve => client.once(Events.InteractionCreate, resolve as never))
    return { press: await discord.person('Ada').press(message()!, 'go'), interaction: await coming }
  }
  return { discord, channel, sent, message, pressed }
}

const namesOf = (message: APIMessage | undefined) => message?.attachments.map(one => one.filename)
const itemsOf = (message: APIMessage | undefined) => {
  const [first] = (message?.components ?? []) as { items?: { media: Record<string, unknown> }[] }[]
  return first?.items?.map(({ media }) => media) ?? []
}

/** The ways to edit a message of the bot. */
const WAYS: [string, (all: Awaited<ReturnType<typeof written>>, change: object) => Promise<unknown>][] = [
  ['by its token', ({ sent }, change) => sent.edit(change)],
  ['by an update', async ({ pressed }, change) => (await pressed()).interaction.update(change)],
  [
    'after a deferral',
    async ({ pressed }, change) => {
      const interaction: MessageComponentInteraction = (await pressed()).interaction
      await interaction.deferUpdate()
      await interaction.editReply(change)
    },
  ],
]

describe.each(WAYS)('an edit %s', (_, edit) => {
  test('keeps the attachments if it lists none, and can show them again', async () => {
    const all = await written()
    await edit(all, { components: [gallery('b.png'), button] })
    const message = all.message()!
    expect(namesOf(message)).toEqual(['a.png', 'b.png'])
    const [, kept] = message.attachments
    expect(itemsOf(message)).toMatchObject([
      { attachment_id: kept!.id, width: 30, height: 20, content_type: 'image/png', loading_state: 2 },
    ])
    expect(await all.discord.download({ url: String(itemsOf(message)[0]!.url) })).toEqual(
      await all.discord.download(kept!),
    )
    expect(all.discord.violations).toEqual([])
  })

  test('can show kept and new attachments, but no removed one', async () => {
    const all = await written()
    const [kept] = all.sent.attachments.values()
    const files = [toUpload(await pngFile('c.png'))]
    await edit(all, { attachments: [kept], files, components: [gallery('a.png', 'c.png'), button] })
    expect(namesOf(all.message())).toEqual(['a.png', 'c.png'])
    expect(itemsOf(all.message()).map(one => one.attachment_id)).toEqual(all.message()!.attachments.map(one => one.id))
    expect(all.discord.violations).toEqual([])
    await expect(edit(all, { attachments: [], components: [gallery('a.png'), button] })).rejects.toThrow(/a\.png/)
  })
})

test('attachments need not be shown by components', async () => {
  const { message, discord, sent } = await written([gallery('a.png'), button])
  expect(namesOf(message())).toEqual(['a.png', 'b.png'])
  expect(sent.attachments.map(one => one.name)).toEqual(['a.png', 'b.png'])
  expect(itemsOf(message())).toHaveLength(1)
  expect(discord.violations).toEqual([])
})

test('a shown attachment has a URL', async () => {
  const { channel, sent } = await written()
  const fetched = await channel.messages.fetch({ message: sent.id, force: true })
  const [shown] = fetched.components
  if (shown?.type !== ComponentType.MediaGallery) throw new Error('no gallery')
  expect(shown.items.map(({ media }) => media.url)).toEqual(fetched.attachments.map(one => one.url))
})

test('the message of a pressed button can be deleted without permissions in the channel', async () => {
  const { discord, message, pressed } = await written()
  const { press, interaction } = await pressed()
  discord.deny(discord.channel.id, 'ViewChannel')
  await interaction.deferUpdate()
  await interaction.deleteReply()
  expect(message()).toBeUndefined()
  expect(press.message()).toBeUndefined()
  await interaction.followUp({ content: 'gone', flags: MessageFlags.Ephemeral })
  expect(await press.response()).toMatchObject({ content: 'gone' })
  expect(discord.violations).toEqual([])
})
