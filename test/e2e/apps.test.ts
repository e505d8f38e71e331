import type { APIMessage } from 'discord.js'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Person } from '../../src/discord-emulator/emulator.js'
import { landscapeFile, recipesIn, useTestBot } from '../support/e2e.js'
import { buttonsOf, isPrivate, shownAttachments, textOf, waitForButton, waitForRefusal } from '../support/emulator.js'

const world = useTestBot()

async function posted(person: Person, ...sizes: [number, number][]): Promise<APIMessage> {
  const files = await Promise.all(
    sizes.map(async ([width, height], index) => ({
      name: `${index}.png`,
      data: (await landscapeFile(width, height)).data,
    })),
  )
  return person.sendMessage('look at this', { files })
}

async function dialogOf(person: Person, message: APIMessage, command: string) {
  const sent = await person.messageCommand(message, command)
  expect((await sent.acknowledged).type).toBe(9)
  return sent
}

describe('right click on anybody’s picture → Apps', () => {
  test('Zoom out paints at once, and the result replies to the picture', async () => {
    const { discord } = world
    const picture = await posted(discord.person('Bob'), [96, 64])
    const sent = await discord.person('Ada').messageCommand(picture, 'Zoom out')
    const grid = await waitForButton(discord, sent, 'U1')
    expect((await recipesIn(discord, grid))[0]).toMatchObject({ edit: { kind: 'zoom', factor: 1.5 } })
    expect(grid.message_reference?.message_id).toBe(picture.id)
  })

  test('where a message holds several it asks which; it is never the latest one of the channel', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const pictures = await posted(discord.person('Bob'), [96, 64], [80, 80], [64, 96])
    await posted(discord.person('Cy'), [50, 50])
    const dialog = await dialogOf(ada, pictures, 'Zoom out')
    const grid = await waitForButton(discord, await ada.submitModal(dialog, { which: ['2'] }), 'U1')
    expect(shownAttachments(grid).map(({ width, height }) => [width, height])[0]).toEqual([64, 96])
  })

  test('Extend… asks how much on each side', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const dialog = await dialogOf(ada, await posted(discord.person('Bob'), [96, 64]), 'Extend…')
    const grid = await waitForButton(discord, await ada.submitModal(dialog, { left: '50%', top: '8' }), 'U1')
    expect(shownAttachments(grid).map(({ width, height }) => [width, height])[0]).toEqual([144, 72])
    expect(await waitForRefusal(discord, await ada.submitModal(dialog, { left: 'much' }))).toMatch(
      /isn’t a valid length for left/,
    )
    expect(await waitForRefusal(discord, await ada.submitModal(dialog, {}))).toMatch(/Nothing would be added/)
  })

  test.each([
    ['Repaint region…', 'inpaint', { prompt: 'a barn' }],
    ['Remove…', 'remove', {}],
  ])('%s asks where, shows it, and paints', async (command, kind, more) => {
    const { discord } = world
    const ada = discord.person('Ada')
    const pictures = await posted(discord.person('Bob'), [96, 64], [80, 80])
    const dialog = await dialogOf(ada, pictures, command)
    const card = await waitForButton(
      discord,
      await ada.submitModal(dialog, { which: ['1'], 'cells-3': ['5'], ...more }),
      'Paint',
    )
    expect(isPrivate(card)).toBe(true)
    const grid = await waitForButton(discord, await ada.press(card, 'Paint'), 'U1')
    expect((await recipesIn(discord, grid))[0]).toMatchObject({ edit: { kind } })
    expect(shownAttachments(grid).map(({ width, height }) => [width, height])[0]).toEqual([80, 80])
    expect(grid.message_reference?.message_id).toBe(pictures.id)
  })

  test('on a mask in reply to a result, Repaint region… takes it for that result', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const asked = await ada.slash('zoom', { image: await landscapeFile(), variations: 1 })
    const result = await waitForButton(discord, asked, 'Recipe')
    const data = await sharp({ create: { width: 96, height: 64, channels: 3, background: '#000' } })
      .composite([{ input: { create: { width: 48, height: 32, channels: 3, background: '#fff' } }, left: 0, top: 0 }])
      .png()
      .toBuffer()
    // Without the ping the bot has not seen it: the context menu shows it.
    const mask = await ada.sendMessage('a lake', { files: [{ name: 'mask.png', data }], replyTo: result, ping: false })
    const card = await waitForButton(discord, await ada.messageCommand(mask, 'Repaint region…'), 'Paint')
    expect(textOf(card)).toMatch(/25%/)
    const grid = await waitForButton(discord, await ada.press(card, 'Paint'), 'U1')
    expect((await recipesIn(discord, grid))[0]).toMatchObject({ edit: { kind: 'inpaint' }, prompt: 'a lake' })
  })

  test('on a message without a picture says so', async () => {
    const { discord } = world
    const words = await discord.person('Bob').sendMessage('just words')
    for (const command of ['Zoom out', 'Extend…', 'Repaint region…', 'Remove…']) {
      expect(await waitForRefusal(discord, await discord.person('Ada').messageCommand(words, command))).toMatch(
        /no picture in that message/,
      )
    }
  })

  test('a dialog outlives a restart; where nothing is left of it, it says what to do, unless the picture was ours', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const theirs = await posted(discord.person('Bob'), [96, 64])
    const kept = await dialogOf(ada, theirs, 'Extend…')
    await world.restart()
    await waitForButton(discord, await ada.submitModal(kept, { left: '50%' }), 'U1')

    const foreign = await dialogOf(ada, theirs, 'Extend…')
    const asked = await ada.slash('zoom', { image: await landscapeFile(), variations: 1 })
    const own = await dialogOf(ada, await waitForButton(discord, asked, 'Recipe'), 'Extend…')
    await world.restart({ queueName: 'another' })
    expect(await waitForRefusal(discord, await ada.submitModal(foreign, { left: '50%' }))).toMatch(
      /can't find that picture/,
    )
    const grid = await waitForButton(discord, await ada.submitModal(own, { left: '50%' }), 'U1')
    expect(shownAttachments(grid).map(({ width }) => width)[0]).toBe(144)
  })
})

describe('everywhere', () => {
  test('in direct messages', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const channel = ada.dmChannel()
    const asked = await ada.slash('zoom', { image: await landscapeFile(), variations: 1 }, { channel })
    const message = await waitForButton(discord, asked, 'Recipe')
    expect(message.channel_id).toBe(channel)
    const grid = await waitForButton(discord, await ada.press(message, 'Zoom Out 2×'), 'U1')
    expect(grid.message_reference?.message_id).toBe(message.id)
    const drawn = { name: 'mask.png', data: await halfWhite(96, 64) }
    const reply = await ada.sendMessage('fog', { files: [drawn], replyTo: message })
    await discord.waitUntil(
      () =>
        ada
          .directMessages()
          .some(one => one.message_reference?.message_id === reply.id && buttonsOf(one).includes('Paint')),
      { what: 'a card' },
    )
  })

  test.each(['a server that the bot is no member of', 'a group'])(
    'for who installed it for themselves: in %s',
    async place => {
      const { discord } = world
      const [ada, bob] = [discord.person('Ada'), discord.person('Bob')]
      const channel = place === 'a group' ? discord.createGroupDm([ada, bob]) : discord.createForeignGuild()
      const asked = await ada.slash('zoom', { image: await landscapeFile(), variations: 2 }, { channel })
      const grid = await waitForButton(discord, asked, 'U1')
      expect([grid.channel_id, grid.interaction_metadata?.id]).toEqual([channel, asked.id])
      const taken = await waitForButton(discord, await bob.press(grid, 'U2'), 'Recipe')
      const again = await waitForButton(discord, await bob.press(taken, 'Make Square'), 'U1')
      expect(shownAttachments(again).map(({ width, height }) => [width, height])[0]).toEqual([96, 96])

      const data = (await landscapeFile()).data
      const picture = await bob.sendMessage('look', { files: [{ name: 'a.png', data }], channel })
      const sent = await ada.messageCommand(picture, 'Zoom out')
      expect(buttonsOf(await waitForButton(discord, sent, 'U1'))).toContain('V4')
      const dialog = await ada.messageCommand(picture, 'Remove…')
      await dialog.acknowledged
      const card = await waitForButton(discord, await ada.submitModal(dialog, { 'cells-3': ['5'] }), 'Paint')
      expect(buttonsOf(await waitForButton(discord, await ada.press(card, 'Paint'), 'U1'))).toContain('V4')
      expect(await waitForRefusal(discord, await ada.slash('queue pause', {}, { channel }))).toMatch(/only in a server/)
    },
  )
})

function halfWhite(width: number, height: number): Promise<Buffer> {
  const white = { create: { width: width / 2, height, channels: 3 as const, background: '#fff' } }
  return sharp({ create: { width, height, channels: 3, background: '#000' } })
    .composite([{ input: white, left: 0, top: 0 }])
    .png()
    .toBuffer()
}
