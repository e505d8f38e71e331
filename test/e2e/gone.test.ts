import type { APIMessage } from 'discord.js'
import { describe, expect, test } from 'vitest'
import { landscapeFile, useSharedTestBot } from '../support/e2e.js'
import { isPrivate, textOf, waitForButton, waitForRefusal } from '../support/emulator.js'

const world = useSharedTestBot()

let count = 0

/** A separate person for each test, with a single result. */
async function paintSingle() {
  const { discord } = world
  const person = discord.person(`Person ${++count}`)
  const sent = await person.slash('zoom', { image: await landscapeFile(), variations: 1, prompt: 'hills' })
  return { discord, person, message: await waitForButton(discord, sent, 'Recipe') }
}

/** A confirmation of a mask. */
async function askForArea() {
  const painted = await paintSingle()
  const { discord, person, message } = painted
  const modal = await person.press(message, 'Vary (Region)')
  await modal.acknowledged
  const card = await waitForButton(
    discord,
    await person.submitModal(modal, { 'cells-3': ['5'], prompt: 'fog' }),
    'Paint',
  )
  return { ...painted, card }
}

describe('a message is deleted while its dialog is open, and the picture comes all the same:', () => {
  test.each([
    ['Remix', { prompt: 'snow' }],
    ['Custom Zoom', { factor: '1.5', prompt: 'snow' }],
  ])('%s', async (button, values) => {
    const { discord, person, message } = await paintSingle()
    const modal = await person.press(message, button)
    await modal.acknowledged
    await discord.deleteMessage(message)
    await waitForButton(discord, await person.submitModal(modal, values), 'U1')
  })

  test.each([
    ['Extend…', { left: '50%' }, 'U1'],
    ['Repaint region…', { 'cells-3': ['5'] }, 'Paint'],
  ])('Apps → %s on another person’s picture', async (command, values, button) => {
    const { discord } = world
    const person = discord.person(`Person ${++count}`)
    const picture = await discord.person('Bob').sendMessage('look', { files: [await landscapeFile()] })
    const modal = await person.messageCommand(picture, command)
    await modal.acknowledged
    await discord.deleteMessage(picture)
    const answer = await waitForButton(discord, await person.submitModal(modal, values), button)
    if (button !== 'Paint') return
    await waitForButton(discord, await person.press(answer, 'Paint'), 'U1')
  })
})

describe('a message is deleted as its button is pressed, before the bot has answered:', () => {
  test.each(['Zoom Out 2×', 'Vary (Subtle)', '⬅️', 'Make Square'])('%s paints', async button => {
    const { discord, person, message } = await paintSingle()
    const sent = await person.press(message, button)
    await discord.deleteMessage(message)
    await waitForButton(discord, sent, 'U1')
  })

  test('Original posts', async () => {
    const { discord, person, message } = await paintSingle()
    const sent = await person.press(message, 'Original')
    await discord.deleteMessage(message)
    await waitForButton(discord, sent, 'Zoom Out 2×')
  })

  test('Delete, pressed twice: the second press gets a sentence', async () => {
    const { discord, person, message } = await paintSingle()
    const [first, second] = [await person.press(message, '🗑️'), await person.press(message, '🗑️')]
    await Promise.all([first.acknowledged, second.acknowledged])
    const sentence = await discord.waitUntil(() => [...first.followUps(), ...second.followUps()].find(isPrivate), {
      what: 'a sentence',
    })
    expect(textOf(sentence)).toMatch(/That message was deleted/)
    expect(discord.messages().some(({ id }) => id === message.id)).toBe(false)
  })

  test.each(['Paint', 'Grow', 'Cancel'])('%s of a confirmation: a sentence', async button => {
    const { discord, person, card } = await askForArea()
    const sent = await person.press(card, button)
    await discord.deleteMessage(card)
    expect(await waitForRefusal(discord, sent)).toMatch(/That message was deleted|has already ended/)
  })

  test('Recipe answers', async () => {
    const { discord, person, message } = await paintSingle()
    const sent = await person.press(message, 'ℹ️')
    await discord.deleteMessage(message)
    expect(await waitForRefusal(discord, sent)).toMatch(/hills/)
  })
})

describe('a permission is lost:', () => {
  /** A mask for a result, as a reply. */
  async function replyWithMask(person: ReturnType<typeof world.discord.person>, message: APIMessage) {
    const { width, height } = message.attachments[0]!
    return person.sendMessage('fog', { files: [await landscapeFile(width!, height!)], replyTo: message })
  }

  test('a mask in a channel where the bot can’t post is answered in a direct message', async () => {
    const { discord, person, message } = await paintSingle()
    discord.deny(discord.channel.id, 'SendMessages')
    await replyWithMask(person, message)
    const direct = await discord.waitUntil(() => person.directMessages()[0], { what: 'a sentence', timeoutMs: 30_000 })
    discord.allow(discord.channel.id, 'SendMessages')
    expect(textOf(direct)).not.toMatch(/Something went wrong/)
  })
})
