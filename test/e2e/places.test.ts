import { describe, expect, test } from 'vitest'
import { landscapeFile, useSharedTestBot } from '../support/e2e.js'
import { buttonsOf, holdNextJob, shownAttachments, textOf, waitForButton } from '../support/emulator.js'

const world = useSharedTestBot()

let count = 0
const newPerson = () => world.discord.person(`Person ${++count}`)

/** A result in a person's direct messages. */
function waitForDirect(person: ReturnType<typeof newPerson>) {
  return world.discord.waitUntil(() => person.directMessages().find(one => buttonsOf(one).includes('Recipe')), {
    what: 'a direct message',
    timeoutMs: 110_000,
  })
}

describe('the result is a message where it was asked for:', () => {
  const PLACES: Readonly<Record<string, () => string>> = {
    'a thread': () => world.discord.createThread(world.discord.channel.id, 'ideas').id,
    'an archived thread': () => {
      const { id } = world.discord.createThread(world.discord.channel.id, 'old ideas')
      world.discord.setThreadState(id, { archived: true })
      return id
    },
    'an announcement channel': () => world.discord.createChannel('news', { kind: 'announcement' }).id,
    'the text of a voice channel': () => world.discord.createChannel('talk', { kind: 'voice' }).id,
    'the text of a stage': () => world.discord.createChannel('stage', { kind: 'stage' }).id,
  }

  test.each(Object.entries(PLACES))('%s', async (_name, create) => {
    const { discord } = world
    const [person, channel] = [newPerson(), create()]
    const picture = await person.sendMessage('', { files: [await landscapeFile()], channel })
    const sent = await person.messageCommand(picture, 'Zoom out')
    const grid = await waitForButton(discord, sent, 'U1')
    expect([grid.nonce, grid.channel_id]).toEqual([sent.id, channel])
    const single = await waitForButton(discord, await person.press(grid, 'U1'), 'Recipe')
    expect(single.interaction_metadata).toBeUndefined()
  })

  test('a post of a forum', async () => {
    const { discord } = world
    const person = newPerson()
    const post = discord.createThread(discord.createChannel('help', { kind: 'forum' }).id, 'mine', { people: [person] })
    await person.sendMessage('here it is', { channel: post.id })
    const sent = await person.slash('zoom', { image: await landscapeFile(), variations: 1 }, { channel: post.id })
    expect((await waitForButton(discord, sent, 'Recipe')).nonce).toBe(sent.id)
  })
})

describe('the result comes another way, with the reason:', () => {
  test.each([{ archived: true, locked: true }, { locked: true }])(
    'a thread is closed while painting: %j',
    async state => {
      const { discord } = world
      const person = newPerson()
      const thread = discord.createThread(discord.channel.id, 'short').id
      const { letGo } = holdNextJob()
      const image = await landscapeFile()
      const sent = await person.slash('zoom', { image, variations: 1 }, { channel: thread })
      await waitForButton(discord, sent, 'Cancel')
      discord.setThreadState(thread, state)
      letGo()
      const direct = await waitForDirect(person)
      expect(textOf(direct)).toMatch(/thread where you asked is archived or locked/)
      expect(shownAttachments(direct)).toHaveLength(1)
    },
  )

  test('a private thread that the bot is not in: the answer is the result', async () => {
    const { discord } = world
    const person = newPerson()
    const thread = discord.createThread(discord.channel.id, 'secret', { isPrivate: true, people: [person] })
    const options = { image: await landscapeFile(), variations: 1 }
    const sent = await person.slash('zoom', options, { channel: thread.id })
    expect((await waitForButton(discord, sent, 'Recipe')).interaction_metadata?.id).toBe(sent.id)
  })

  test('AutoMod blocks a word of the prompt', async () => {
    const { discord } = world
    discord.blockWords('forbiddenword')
    const person = newPerson()
    await person.slash('zoom', { image: await landscapeFile(), variations: 1, prompt: 'a forbiddenword' })
    expect(textOf(await waitForDirect(person))).toMatch(/AutoMod blocked my message/)
  })

  test('Discord takes the picture for explicit content', async () => {
    const { discord } = world
    const person = newPerson()
    const channel = discord.createChannel('strict').id
    discord.blockExplicitContent(channel)
    await person.slash('zoom', { image: await landscapeFile(), variations: 1 }, { channel })
    expect(textOf(await waitForDirect(person))).toMatch(/filter for explicit content/)
  })

  test('where the bot is not installed, a person’s own install answers within five follow-ups', async () => {
    const { discord } = world
    const person = newPerson()
    const channel = discord.createForeignGuild()
    const options = { image: await landscapeFile(), variations: 1 }
    const single = await waitForButton(discord, await person.slash('zoom', options, { channel }), 'Recipe')
    const pressed = await person.press(single, 'Zoom Out 2×')
    await waitForButton(discord, pressed, 'U1')
    expect(pressed.followUps().length).toBeLessThanOrEqual(5)
  })
})

test('progress and results keep within Discord’s rate limits', async () => {
  const { discord } = world
  discord.enforceRateLimits()
  const channel = discord.createChannel('busy').id
  const image = await landscapeFile()
  const sent = await Promise.all(
    Array.from({ length: 6 }, () => newPerson().slash('zoom', { image, variations: 1 }, { channel })),
  )
  await Promise.all(sent.map(one => waitForButton(discord, one, 'Recipe')))
  expect(discord.requestLog.filter(({ status }) => status === 429)).toEqual([])
})
