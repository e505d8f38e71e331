import { describe, expect, test } from 'vitest'
import { landscapeFile, largeLandscapeFile, useTestBot } from '../support/e2e.js'
import {
  buttonsOf,
  holdNextJob,
  isPrivate,
  shownAttachments,
  textOf,
  waitForButton,
  waitForRefusal,
} from '../support/emulator.js'

const world = useTestBot()

/** A request that runs until it is let go of. */
async function startHeldJob() {
  const { discord } = world
  const { begun, letGo } = holdNextJob()
  const options = { image: await landscapeFile() }
  const sent = await discord.person('Ada').slash('zoom', options)
  await waitForButton(discord, sent, 'Cancel')
  await begun
  return { sent, letGo }
}

/** A request that takes some seconds, once it is running. */
async function startSlowJob(name = 'Ada', channel?: string) {
  const { discord } = world
  const options = { image: await largeLandscapeFile(), variations: 2 }
  const sent = await discord.person(name).slash('zoom', options, channel ? { channel } : {})
  const progress = await waitForButton(discord, sent, 'Cancel')
  return { sent, progress }
}

describe('the pictures arrive, or the person is told why not:', () => {
  test('a permission is lost while painting', async () => {
    const { discord } = world
    const { sent, letGo } = await startHeldJob()
    discord.deny(discord.channel.id, 'AttachFiles')
    letGo()
    const message = await waitForButton(discord, sent, 'U1')
    expect(message.interaction_metadata?.id).toBe(sent.id)
    expect(textOf(message)).toMatch(
      /can’t post pictures in this channel \(Send Messages and Attach Files are missing\)/,
    )
    discord.allow(discord.channel.id, 'AttachFiles')
    const next = await waitForButton(discord, await discord.person('Ada').press(message, 'U1'), 'Recipe')
    expect(next.interaction_metadata).toBeUndefined()
  })

  test('a permission is lost after the token has expired', async () => {
    const { discord } = world
    const { sent, letGo } = await startHeldJob()
    discord.deny(discord.channel.id, 'SendMessages')
    discord.clock.advance(16 * 60_000)
    letGo()
    const ada = discord.person('Ada')
    const direct = await discord.waitUntil(() => ada.directMessages().find(one => buttonsOf(one).includes('U1')), {
      what: 'a direct message',
      timeoutMs: 60_000,
    })
    expect(textOf(direct)).toMatch(/can’t post in the channel where you asked/)
    expect(shownAttachments(direct)).toHaveLength(2)
    expect(discord.messages().some(one => one.nonce === sent.id)).toBe(false)
  })

  test('a channel is deleted while painting, and the job is cancelled', async () => {
    const { discord } = world
    const channel = discord.createChannel('short-lived')
    await startSlowJob('Ada', channel.id)
    discord.deleteChannel(channel.id)
    // The next one does not wait for it to be painted to the end.
    const bobs = await discord.person('Bob').slash('zoom', { image: await landscapeFile(), variations: 1 })
    expect(buttonsOf(await waitForButton(discord, bobs, 'Recipe'))).toContain('Zoom Out 2×')
  })

  test('a message is deleted while its button is pressed', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const sent = await ada.slash('zoom', { image: await landscapeFile(), variations: 1 })
    const message = await waitForButton(discord, sent, 'Recipe')
    const pressed = await ada.press(message, 'Zoom Out 2×')
    await pressed.acknowledged
    await discord.deleteMessage(message)
    // The result comes all the same; there is nothing left to reply to.
    const grid = await waitForButton(discord, pressed, 'U1')
    expect([undefined, message.id]).toContain(grid.message_reference?.message_id)
  })

  test('the gateway drops the connection during a job, or asks to reconnect', async () => {
    const { discord } = world
    const first = await startHeldJob()
    discord.gateway.disconnect()
    first.letGo()
    expect(buttonsOf(await waitForButton(discord, first.sent, 'U1'))).toContain('U2')
    const second = await startHeldJob()
    discord.gateway.reconnect()
    second.letGo()
    expect(buttonsOf(await waitForButton(discord, second.sent, 'U1'))).toContain('U2')
    // A button pressed during the lost connection is answered once it is back.
    const pressed = await discord.person('Ada').press(await waitForButton(discord, second.sent, 'U1'), 'U1')
    expect(buttonsOf(await waitForButton(discord, pressed, 'Recipe'))).toContain('Original')
  })

  test('a rate limit and a server error while the result is posted: it is there once', async () => {
    const { discord } = world
    discord.injectFault({ method: 'POST', path: /channels\/\d+\/messages/, times: 1 }, { status: 429, retryAfter: 0.2 })
    const one = await discord.person('Ada').slash('zoom', { image: await landscapeFile(), variations: 1 })
    await waitForButton(discord, one, 'Recipe')
    discord.injectFault({ method: 'POST', path: /channels\/\d+\/messages/, times: 1 }, { status: 502 })
    const other = await discord.person('Ada').slash('zoom', { image: await landscapeFile(), variations: 1 })
    await waitForButton(discord, other, 'Recipe')
    await discord.waitUntil(() => discord.messages().length === 2, { what: 'the progress to go' })
  })

  test('a file is too large for Discord, below the limit that it named', async () => {
    const { discord } = world
    discord.injectFault({ method: 'POST', path: /channels\/\d+\/messages/, times: 1 }, { status: 413, code: 40_005 })
    const sent = await discord.person('Ada').slash('zoom', { image: await landscapeFile(), variations: 1 })
    expect(buttonsOf(await waitForButton(discord, sent, 'Recipe'))).toContain('Remix')
  })

  test('without the permission to read the history the result is not a reply', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const sent = await ada.slash('zoom', { image: await landscapeFile(), variations: 1 })
    const message = await waitForButton(discord, sent, 'Recipe')
    discord.deny(discord.channel.id, 'ReadMessageHistory')
    const grid = await waitForButton(discord, await ada.press(message, 'Zoom Out 2×'), 'U1')
    expect(grid.message_reference).toBeUndefined()
    expect(grid.interaction_metadata).toBeUndefined()
  })
})

test('interactions are acknowledged within three seconds on a busy machine', async () => {
  const { discord } = world
  await startSlowJob('Cy')
  const image = await landscapeFile(1600, 1200)
  const times = await Promise.all(
    ['Ada', 'Bob', 'Dan', 'Eve'].map(async name => {
      const sent = await discord.person(name).slash('zoom', { image })
      return (await sent.acknowledged).afterMs
    }),
  )
  expect(Math.max(...times)).toBeLessThan(3000)
})

test('a manager can cancel other people’s jobs, which stop within a step', async () => {
  const { discord } = world
  const { sent, progress } = await startSlowJob()
  const boss = discord.person('Boss')
  boss.addRole(discord.role('managers', ['ManageGuild']))
  expect(await waitForRefusal(discord, await discord.person('Bob').press(progress, 'Cancel'))).toMatch(
    /Only the person/,
  )
  await boss.press(progress, 'Cancel')
  expect(await waitForRefusal(discord, sent)).toBe('Cancelled.')
  expect(discord.messages().filter(message => !isPrivate(message))).toEqual([])
})

test('no text of people makes the bot mention anybody', async () => {
  const { discord } = world
  const prompt = `@everyone <@${discord.person('Bob').user.id}> <@&1> [x](https://example.com) **b**`
  const sent = await discord.person('Ada').slash('zoom', { image: await landscapeFile(), variations: 1, prompt })
  const message = await waitForButton(discord, sent, 'Recipe')
  expect([message.mentions, message.mention_everyone, message.mention_roles]).toEqual([[], false, []])
  const requests = discord.requestLog.filter(
    ({ body }) => (body as { components?: unknown } | undefined)?.components !== undefined,
  )
  expect(requests.length).toBeGreaterThan(0)
  for (const { body } of requests) {
    expect((body as { allowed_mentions?: { parse?: string[] } }).allowed_mentions?.parse).toEqual([])
  }
})

test('a close code that no new login can remove ends the bot with what the operator can do', async () => {
  const codes = {
    4004: ['AuthenticationFailed', /Copy the bot’s token/],
    4010: ['InvalidShard', /Correct SHARDS/],
    4011: ['ShardingRequired', /2,500 servers/],
    4012: ['InvalidAPIVersion', /newer version/],
    4013: ['InvalidIntents', /newer version/],
    4014: ['DisallowedIntents', /no privileged intents/],
  } as const
  for (const [code, [name, todo]] of Object.entries(codes)) {
    world.discord.gateway.closeConnections(Number(code))
    await expect(world.bot!.refused).rejects.toMatchObject({
      known: {
        says: `Discord rejects the login (close code ${code}, ${name})`,
        todo: expect.stringMatching(todo),
      },
    })
    expect(world.bot!.unavailableReason()).toBe('not connected to Discord')
    await world.restart()
  }
})
