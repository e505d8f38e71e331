import type { APIMessage } from 'discord.js'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Person } from '../../src/discord-emulator/emulator.js'
import { landscapeFile, recipesIn, useTestBot } from '../support/e2e.js'
import { buttonsOf, isPrivate, shownAttachments, textOf, waitForButton, waitForRefusal } from '../support/emulator.js'

const world = useTestBot()

async function postPictures(person: Person, ...sizes: [number, number][]): Promise<APIMessage> {
  const files = await Promise.all(
    sizes.map(async ([width, height], index) => ({
      name: `${index}.png`,
      data: (await landscapeFile(width, height)).data,
    })),
  )
  return person.sendMessage('look at this', { files })
}

async function openModal(person: Person, message: APIMessage, command: string) {
  const sent = await person.messageCommand(message, command)
  expect((await sent.acknowledged).type).toBe(9)
  return sent
}

describe('the context menu of a message (right click → Apps)', () => {
  test('Zoom out paints at once, and the result replies to the picture', async () => {
    const { discord } = world
    const picture = await postPictures(discord.person('Bob'), [48, 32])
    const sent = await discord.person('Ada').messageCommand(picture, 'Zoom out')
    const grid = await waitForButton(discord, sent, 'U1')
    expect((await recipesIn(discord, grid))[0]).toMatchObject({ edit: { kind: 'zoom', factor: 1.5 } })
    expect(grid.message_reference?.message_id).toBe(picture.id)
  })

  test('asks for the picture where the message has several, and never takes the latest one of the channel', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const pictures = await postPictures(discord.person('Bob'), [48, 32], [40, 40], [32, 48])
    await postPictures(discord.person('Cy'), [50, 50])
    const modal = await openModal(ada, pictures, 'Zoom out')
    const grid = await waitForButton(discord, await ada.submitModal(modal, { which: ['2'] }), 'U1')
    expect(shownAttachments(grid).map(({ width, height }) => [width, height])[0]).toEqual([32, 48])
  })

  test('Extend… asks how much on each side', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const modal = await openModal(ada, await postPictures(discord.person('Bob'), [48, 32]), 'Extend…')
    const grid = await waitForButton(discord, await ada.submitModal(modal, { left: '50%', top: '8' }), 'U1')
    expect(shownAttachments(grid).map(({ width, height }) => [width, height])[0]).toEqual([72, 40])
    expect(await waitForRefusal(discord, await ada.submitModal(modal, { left: 'much' }))).toMatch(
      /isn’t a valid length for left/,
    )
    expect(await waitForRefusal(discord, await ada.submitModal(modal, {}))).toMatch(/Nothing would be added/)
  })

  test.each([
    ['Repaint region…', 'inpaint', { prompt: 'a barn' }],
    ['Remove…', 'remove', {}],
  ])('%s asks for the area, shows it, and paints', async (command, kind, more) => {
    const { discord } = world
    const ada = discord.person('Ada')
    const pictures = await postPictures(discord.person('Bob'), [48, 32], [40, 40])
    const modal = await openModal(ada, pictures, command)
    const confirmation = await waitForButton(
      discord,
      await ada.submitModal(modal, { which: ['1'], 'cells-3': ['5'], ...more }),
      'Paint',
    )
    expect(isPrivate(confirmation)).toBe(true)
    const grid = await waitForButton(discord, await ada.press(confirmation, 'Paint'), 'U1')
    expect((await recipesIn(discord, grid))[0]).toMatchObject({ edit: { kind } })
    expect(shownAttachments(grid).map(({ width, height }) => [width, height])[0]).toEqual([40, 40])
    expect(grid.message_reference?.message_id).toBe(pictures.id)
  })

  test('Repaint region… on a mask that replies to a result repaints that result', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const sent = await ada.slash('zoom', { image: await landscapeFile(), variations: 1 })
    const result = await waitForButton(discord, sent, 'Recipe')
    const data = await sharp({ create: { width: 96, height: 64, channels: 3, background: '#000' } })
      .composite([{ input: { create: { width: 48, height: 32, channels: 3, background: '#fff' } }, left: 0, top: 0 }])
      .png()
      .toBuffer()
    // Without the ping the bot has not seen it: the context menu shows it.
    const mask = await ada.sendMessage('a lake', { files: [{ name: 'mask.png', data }], replyTo: result, ping: false })
    const confirmation = await waitForButton(discord, await ada.messageCommand(mask, 'Repaint region…'), 'Paint')
    expect(textOf(confirmation)).toMatch(/25%/)
    const grid = await waitForButton(discord, await ada.press(confirmation, 'Paint'), 'U1')
    expect((await recipesIn(discord, grid))[0]).toMatchObject({ edit: { kind: 'inpaint' }, prompt: 'a lake' })
  })

  describe('a picture that is a spoiler stays hidden', () => {
    /** Whether each picture that a message shows is hidden. */
    const hidesPictures = (message: APIMessage) => {
      const gallery = message.components?.find(component => component.type === 12)
      return gallery !== undefined && 'items' in gallery && gallery.items.every(item => item.spoiler)
    }

    async function hiddenPicture(): Promise<APIMessage> {
      const { data } = await landscapeFile(48, 32)
      return world.discord.person('Bob').sendMessage('careful', { files: [{ name: 'SPOILER_0.png', data }] })
    }

    test('in Zoom out, of another person’s picture and of the bot’s own result', async () => {
      const { discord } = world
      const ada = discord.person('Ada')
      const grid = await waitForButton(discord, await ada.messageCommand(await hiddenPicture(), 'Zoom out'), 'U1')
      expect(hidesPictures(grid)).toBe(true)
      const modal = await openModal(ada, grid, 'Extend…')
      const extended = await waitForButton(discord, await ada.submitModal(modal, { which: ['0'], left: '25%' }), 'U1')
      expect(hidesPictures(extended)).toBe(true)
    })

    test('in the confirmation of a mask and in its result', async () => {
      const { discord } = world
      const ada = discord.person('Ada')
      const modal = await openModal(ada, await hiddenPicture(), 'Repaint region…')
      const confirmation = await waitForButton(discord, await ada.submitModal(modal, { 'cells-3': ['5'] }), 'Paint')
      expect(hidesPictures(confirmation)).toBe(true)
      expect(hidesPictures(await waitForButton(discord, await ada.press(confirmation, 'Paint'), 'U1'))).toBe(true)
    })

    test('in a slash command', async () => {
      const { discord } = world
      const image = { name: 'SPOILER_0.png', data: (await landscapeFile(48, 32)).data }
      const grid = await waitForButton(discord, await discord.person('Ada').slash('zoom', { image }), 'U1')
      expect(hidesPictures(grid)).toBe(true)
    })
  })

  test('is refused on a message without a picture', async () => {
    const { discord } = world
    const words = await discord.person('Bob').sendMessage('just words')
    for (const command of ['Zoom out', 'Extend…', 'Repaint region…', 'Remove…']) {
      expect(await waitForRefusal(discord, await discord.person('Ada').messageCommand(words, command))).toMatch(
        /That message has no picture/,
      )
    }
  })

  test('a modal works after a restart; once its links have expired, only the bot’s own pictures are found again', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const theirs = await postPictures(discord.person('Bob'), [48, 32])
    const kept = await openModal(ada, theirs, 'Extend…')
    await world.restart()
    await waitForButton(discord, await ada.submitModal(kept, { left: '50%' }), 'U1')

    const foreign = await openModal(ada, theirs, 'Extend…')
    const sent = await ada.slash('zoom', { image: await landscapeFile(), variations: 1 })
    const own = await openModal(ada, await waitForButton(discord, sent, 'Recipe'), 'Extend…')
    await world.restart({ queueName: 'another' })
    expect(await waitForRefusal(discord, await ada.submitModal(foreign, { left: '50%' }))).toMatch(
      /can’t find that picture/,
    )
    const grid = await waitForButton(discord, await ada.submitModal(own, { left: '50%' }), 'U1')
    expect(shownAttachments(grid).map(({ width }) => width)[0]).toBe(72)
  })
})

describe('the bot works', () => {
  test('in direct messages', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const channel = ada.dmChannel()
    const sent = await ada.slash('zoom', { image: await landscapeFile(), variations: 1 }, { channel })
    const message = await waitForButton(discord, sent, 'Recipe')
    expect(message.channel_id).toBe(channel)
    const grid = await waitForButton(discord, await ada.press(message, 'Zoom Out 2×'), 'U1')
    expect(grid.message_reference?.message_id).toBe(message.id)
    const drawn = { name: 'mask.png', data: await halfWhite(48, 32) }
    const reply = await ada.sendMessage('fog', { files: [drawn], replyTo: message })
    await discord.waitUntil(
      () =>
        ada
          .directMessages()
          .some(one => one.message_reference?.message_id === reply.id && buttonsOf(one).includes('Paint')),
      { what: 'a confirmation' },
    )
  })

  test.each(['a server that the bot is not in', 'a group'])(
    'for who installed it for themselves: in %s',
    async place => {
      const { discord } = world
      const [ada, bob] = [discord.person('Ada'), discord.person('Bob')]
      const channel = place === 'a group' ? discord.createGroupDm([ada, bob]) : discord.createForeignGuild()
      const sent = await ada.slash('zoom', { image: await landscapeFile(), variations: 2 }, { channel })
      const grid = await waitForButton(discord, sent, 'U1')
      expect([grid.channel_id, grid.interaction_metadata?.id]).toEqual([channel, sent.id])
      const picked = await waitForButton(discord, await bob.press(grid, 'U2'), 'Recipe')
      const again = await waitForButton(discord, await bob.press(picked, 'Make Square'), 'U1')
      expect(shownAttachments(again).map(({ width, height }) => [width, height])[0]).toEqual([48, 48])

      const data = (await landscapeFile()).data
      const picture = await bob.sendMessage('look', { files: [{ name: 'a.png', data }], channel })
      const zoomed = await ada.messageCommand(picture, 'Zoom out')
      expect(buttonsOf(await waitForButton(discord, zoomed, 'U1'))).toContain('V2')
      const modal = await ada.messageCommand(picture, 'Remove…')
      await modal.acknowledged
      const confirmation = await waitForButton(discord, await ada.submitModal(modal, { 'cells-3': ['5'] }), 'Paint')
      expect(buttonsOf(await waitForButton(discord, await ada.press(confirmation, 'Paint'), 'U1'))).toContain('V2')
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
