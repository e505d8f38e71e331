import type { APIMessage } from 'discord.js'
import { describe, expect, test } from 'vitest'
import { landscapeFile, recipesIn, useSharedTestBot } from '../support/e2e.js'
import { buttonsOf, isPrivate, shownAttachments, textOf, waitForButton, waitForRefusal } from '../support/emulator.js'

const world = useSharedTestBot()

const POST = { method: 'POST', path: /^\/channels\/\d+\/messages$/ }

/** A separate person for each test, and their request for a picture in a separate channel. */
let count = 0
async function ask(options: Record<string, unknown> = {}) {
  const { discord } = world
  const person = discord.person(`Person ${++count}`)
  const channel = discord.createChannel(`channel-${count}`).id
  const slash = () =>
    landscapeFile().then(image => person.slash('zoom', { image, variations: 1, ...options } as never, { channel }))
  return { discord, person, channel, slash }
}

function isHidden(message: APIMessage): boolean {
  const gallery = message.components?.find(component => component.type === 12)
  return gallery !== undefined && 'items' in gallery && gallery.items.every(item => item.spoiler)
}

describe('where the channel refuses a result, it comes as the answer, with the reason:', () => {
  test.each([
    ['a locked and archived thread', 403, 50_083, /thread where you asked is archived or locked/],
    ['a locked thread', 400, 160_005, /thread where you asked is archived or locked/],
    ['AutoMod', 400, 200_000, /AutoMod blocked my message/],
    ['the filter for harmful links', 400, 240_000, /AutoMod blocked my message/],
    ['explicit content', 400, 20_009, /filter for explicit content/],
    ['a channel type without messages', 400, 50_024, /Discord refused my message/],
    ['uploads limited in the server', 403, 400_001, /Discord refused my message/],
    ['a lost permission', 403, 50_013, /can’t post pictures in this channel/],
    ['a code of the future', 400, 987_654, /Discord refused my message/],
  ])('%s', async (_name, status, code, sentence) => {
    const { discord, slash } = await ask({ spoiler: true })
    discord.injectFault(POST, { status, code })
    const message = await waitForButton(discord, await slash(), 'Recipe')
    expect(message.interaction_metadata).toBeDefined()
    expect(textOf(message)).toMatch(sentence)
    expect(isHidden(message)).toBe(true)
  })
})

test('what passes by itself is waited for, and the result is in its channel once', async () => {
  const { discord, slash, channel } = await ask()
  discord.injectFault({ ...POST, times: 2 }, { status: 403, code: 40_058 })
  const sent = await slash()
  const message = await waitForButton(discord, sent, 'Recipe')
  expect(message.nonce).toBe(sent.id)
  await discord.waitUntil(() => discord.messages(channel).length === 1, { what: 'the progress to go' })
})

test.each([
  [413, 40_005],
  [400, 50_045],
])('a file that is too large (%i, %i) is sent smaller', async (status, code) => {
  const { discord, slash } = await ask()
  discord.injectFault(POST, { status, code })
  const sent = await slash()
  expect((await waitForButton(discord, sent, 'Recipe')).nonce).toBe(sent.id)
})

test('a result that Discord refuses as a reply comes without one', async () => {
  const { discord, person, slash } = await ask()
  const message = await waitForButton(discord, await slash(), 'Recipe')
  discord.injectFault(POST, { status: 403, code: 160_002 })
  const grid = await waitForButton(discord, await person.press(message, 'Zoom Out 2×'), 'U1')
  expect(grid.message_reference).toBeUndefined()
})

test('where channel and answer are closed, the result comes as a direct message with the reason', async () => {
  const { discord, person, slash } = await ask({ spoiler: true })
  discord.injectFault(POST, { status: 400, code: 200_000 })
  await (await slash()).acknowledged
  discord.clock.advance(16 * 60_000)
  const direct = await discord.waitUntil(() => person.directMessages().find(one => buttonsOf(one).includes('Recipe')), {
    what: 'a direct message',
    timeoutMs: 60_000,
  })
  expect(textOf(direct)).toMatch(/AutoMod blocked my message in the channel/)
  expect(isHidden(direct)).toBe(true)
})

test('a picked picture takes the same ways, and a sentence says why there is none', async () => {
  const { discord, person, slash } = await ask({ variations: 2 })
  const grid = await waitForButton(discord, await slash(), 'U1')
  discord.injectFault(POST, { status: 403, code: 50_083 })
  const answer = await waitForButton(discord, await person.press(grid, 'U1'), 'Recipe')
  expect(answer.interaction_metadata).toBeDefined()
  person.closeDirectMessages()
  discord.injectFault(POST, { status: 403, code: 50_083 })
  discord.injectFault({ method: 'POST', path: /^\/webhooks\/\d+\/[^/]+$/ }, { status: 400, code: 987_654 })
  expect(await waitForRefusal(discord, await person.press(grid, 'U2'))).toMatch(/thread is archived or locked/)
})

describe('where every way is closed, the result is kept, and /queue mine gives it:', () => {
  /** A hidden result that can't be delivered. */
  async function loseResult() {
    const { discord, person, slash } = await ask({ spoiler: true })
    person.closeDirectMessages()
    const refusals = () =>
      discord.requestLog.filter(({ status, path }) => status === 403 && POST.path.test(path)).length
    const before = refusals()
    discord.injectFault(POST, { status: 403, code: 50_083 })
    const sent = await slash()
    await sent.acknowledged
    discord.clock.advance(16 * 60_000)
    // The thread, then the direct message, twice: the result and the sentence about it.
    await discord.waitUntil(() => refusals() === before + 3, { what: 'all ways to be refused', timeoutMs: 60_000 })
    return { discord, person, sent }
  }

  test('hidden, to them alone, with its buttons, and again', async () => {
    const { discord, person } = await loseResult()
    const kept = await (await person.slash('queue mine')).response()
    expect(isPrivate(kept)).toBe(true)
    expect(isHidden(kept)).toBe(true)
    expect(textOf(kept)).toMatch(/kept for you/)
    expect(shownAttachments(kept)).toHaveLength(1)
    const [recipe] = await recipesIn(discord, kept)
    expect(recipe).toMatchObject({ edit: { kind: 'zoom' } })
    expect(isHidden(await (await person.slash('queue mine')).response())).toBe(true)
    const grid = await waitForButton(discord, await person.press(kept, 'Vary (Subtle)'), 'U1')
    expect(isHidden(grid)).toBe(true)
    const others = await (await discord.person('Somebody').slash('queue mine')).response()
    expect(textOf(others)).toMatch(/no results are kept for you/)
  })

  test('also if Discord calls the message malformed; the person is told', async () => {
    const { discord, person, slash } = await ask()
    discord.injectFault(POST, { status: 400, code: 50_035 })
    const sent = await slash()
    const sentence = await discord.waitUntil(() => sent.followUps().find(isPrivate), {
      what: 'a sentence',
      timeoutMs: 60_000,
    })
    expect(textOf(sentence)).toMatch(/Discord refused the message.*I keep them for a day.*\/queue mine/)
    expect(buttonsOf(await (await person.slash('queue mine')).response())).toContain('Recipe')
  })

  test('until the person wants to be forgotten', async () => {
    const { discord, person, slash } = await ask()
    discord.injectFault(POST, { status: 400, code: 50_035 })
    const sent = await slash()
    await discord.waitUntil(() => sent.followUps().find(isPrivate), { what: 'a sentence', timeoutMs: 60_000 })
    await (await person.slash('forget-me')).response()
    expect(textOf(await (await person.slash('queue mine')).response())).toMatch(/no results are kept/)
  })
})
