import type { APIMessage } from 'discord.js'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { landscapeFile, recipesIn, useTestBot } from '../support/e2e.js'
import {
  buttonsOf,
  rawButtonsOf,
  shownAttachments,
  textOf,
  waitForButton,
  waitForRefusal,
} from '../support/emulator.js'

const world = useTestBot()

/** A single picture, as /zoom with one variation gives it. */
async function single(options: Record<string, string | number | boolean> = {}): Promise<APIMessage> {
  const ada = world.discord.person('Ada')
  const asked = await ada.slash('zoom', { image: await landscapeFile(), variations: 1, seed: 5, ...options })
  return waitForButton(world.discord, asked, 'Recipe')
}

const size = (message: APIMessage) => shownAttachments(message).map(({ width, height }) => [width, height])[0]

test('under a single picture lie the buttons of Midjourney, in its order and wording', async () => {
  const message = await single({ prompt: 'hills' })
  expect(buttonsOf(message)).toEqual([
    ...['Vary (Subtle)', 'Vary (Strong)', 'Vary (Region)'],
    ...['Zoom Out 2×', 'Zoom Out 1.5×', 'Custom Zoom', 'Make Square'],
    ...['⬅️', '➡️', '⬆️', '⬇️', 'Journey'],
    ...['Remix', 'Send to DMs', 'Delete', 'Recipe', 'Original'],
  ])
  expect(rawButtonsOf(message).every(({ style }) => style === 2)).toBe(true)
  // One picture is shown; what it was made from travels along.
  expect(shownAttachments(message).map(({ filename }) => filename)).toEqual(['overscan-1.png'])
  expect(message.attachments.map(({ filename }) => filename)).toEqual(['overscan-1.png', 'source.png'])
})

test.each<[string, unknown, [number, number]]>([
  ['Zoom Out 2×', { kind: 'zoom', factor: 2 }, [96, 64]],
  ['Make Square', { kind: 'square' }, [96, 96]],
  ['⬅️', { kind: 'extend', left: { percent: 50 } }, [144, 64]],
  ['➡️', { kind: 'extend', right: { percent: 50 } }, [144, 64]],
  ['⬆️', { kind: 'extend', top: { percent: 50 } }, [96, 96]],
  ['⬇️', { kind: 'extend', bottom: { percent: 50 } }, [96, 96]],
  ['Vary (Subtle)', { kind: 'vary', strength: 'subtle' }, [96, 64]],
  ['Vary (Strong)', { kind: 'vary', strength: 'strong' }, [96, 64]],
])('%s paints, turns blurple, and its result replies to it', async (label, edit, expected) => {
  const { discord } = world
  const message = await single()
  const bob = discord.person('Bob')
  const grid = await waitForButton(discord, await bob.press(message, label), 'U1')
  expect((await recipesIn(discord, grid))[0]).toMatchObject({ edit })
  expect(size(grid)).toEqual(expected)
  expect(grid.message_reference?.message_id).toBe(message.id)
  expect(textOf(grid)).toContain(`<@${bob.user.id}>`)
  const pressed = rawButtonsOf(discord.messages().find(({ id }) => id === message.id)!)
  expect(pressed.filter(({ style }) => style === 1).map(one => one.label ?? one.emoji?.name)).toEqual([label])
  // The picture is still there, and so is what travels along with it.
  const now = discord.messages().find(({ id }) => id === message.id)!
  expect(shownAttachments(now)).toHaveLength(1)
  expect(now.attachments).toHaveLength(2)
})

test('a square picture is not offered to be made square', async () => {
  const ada = world.discord.person('Ada')
  const asked = await ada.slash('square', { image: await landscapeFile(), variations: 1 })
  expect(buttonsOf(await waitForButton(world.discord, asked, 'Recipe'))).not.toContain('Make Square')
})

test('what was kept stays the same through variations; subtle ones change less than strong ones', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const message = await single({ factor: 2 })
  const [before] = await recipesIn(discord, message)
  const changed = async (label: string) => {
    const grid = await waitForButton(discord, await ada.press(message, label), 'U1')
    const [one, other] = await Promise.all([message, grid].map(from => world.pixels(shownAttachments(from)[0]!)))
    let [kept, painted] = [0, 0]
    for (let at = 0; at < one!.length; at++) {
      const [x, y] = [Math.floor(at / 3) % 96, Math.floor(at / 3 / 96)]
      const { old } = before!
      const inside = x >= old.x && x < old.x + old.width && y >= old.y && y < old.y + old.height
      if (one![at] === other![at]) continue
      if (inside) kept++
      else painted++
    }
    expect(kept).toBe(0)
    return painted
  }
  const [subtle, strong] = [await changed('Vary (Subtle)'), await changed('Vary (Strong)')]
  expect(subtle).toBeGreaterThan(0)
  expect(subtle).toBeLessThan(strong * 0.75)
})

test('a grid lets each picture be taken, varied, and all be painted anew', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const asked = await ada.slash('zoom', {
    image: await landscapeFile(),
    variations: 3,
    seed: 5,
    prompt: 'more *hills*',
  })
  const grid = await waitForButton(discord, asked, 'U3')
  expect(buttonsOf(grid)).toEqual(['U1', 'U2', 'U3', '🔄', 'V1', 'V2', 'V3'])

  const taken = await waitForButton(discord, await ada.press(grid, 'U2'), 'Recipe')
  expect(taken.message_reference?.message_id).toBe(grid.id)
  expect(textOf(taken)).toMatch(/Image #2/)
  expect(await discord.download(shownAttachments(taken)[0]!)).toEqual(
    await discord.download(shownAttachments(grid)[1]!),
  )

  // On its own it can still be painted anew with other words, and goes back to where it came from.
  const dialog = await ada.press(taken, 'Remix')
  await dialog.acknowledged
  const remixed = await waitForButton(discord, await ada.submitModal(dialog, { prompt: 'snow' }), 'U1')
  expect((await recipesIn(discord, remixed))[0]).toMatchObject({ prompt: 'snow', edit: { kind: 'zoom' } })

  const varied = await waitForButton(discord, await ada.press(grid, 'V3'), 'U1')
  expect((await recipesIn(discord, varied))[0]).toMatchObject({ edit: { kind: 'vary' }, prompt: 'more *hills*' })
  const anew = await waitForButton(discord, await ada.press(grid, '🔄'), 'U3')
  expect((await recipesIn(discord, anew))[0]).toMatchObject({ edit: { kind: 'zoom' } })
  const pressed = rawButtonsOf(discord.messages().find(({ id }) => id === grid.id)!)
  expect(pressed.filter(({ style }) => style === 1)).toHaveLength(3)
})

test('Custom Zoom opens a dialog with factor, aspect and the prompt, and paints what it says', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const message = await single({ prompt: 'a *red* barn_house' })
  const opened = await ada.press(message, 'Custom Zoom')
  expect((await opened.acknowledged).type).toBe(9)
  expect(fieldsOf(opened.callback())).toEqual({ factor: '2', aspect: undefined, prompt: 'a *red* barn_house' })
  const sent = await ada.submitModal(opened, { factor: '1,5', aspect: '1:1', prompt: 'snow' })
  const grid = await waitForButton(discord, sent, 'U1')
  expect(size(grid)).toEqual([96, 96])
  expect((await recipesIn(discord, grid))[0]).toMatchObject({
    edit: { kind: 'zoom', factor: 1.5, aspect: { width: 1, height: 1 } },
    prompt: 'snow',
  })
  expect(grid.message_reference?.message_id).toBe(message.id)
})

test.each([
  [{ factor: 'far' }, /isn’t a valid factor/],
  [{ factor: '9' }, /Use a factor from 1 to 4/],
  [{ factor: '1' }, /adds nothing/],
  [{ factor: '2', aspect: 'wide' }, /isn’t a valid aspect ratio/],
])('a dialog that says %j is answered with a sentence', async (values, sentence) => {
  const { discord } = world
  const ada = discord.person('Ada')
  const opened = await ada.press(await single(), 'Custom Zoom')
  await opened.acknowledged
  expect(await waitForRefusal(discord, await ada.submitModal(opened, values))).toMatch(sentence)
})

test('Remix paints the same with other words, from what it was made from', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const message = await single({ prompt: 'fog' })
  const opened = await ada.press(message, 'Remix')
  await opened.acknowledged
  expect(fieldsOf(opened.callback())).toEqual({ prompt: 'fog' })
  const grid = await waitForButton(discord, await ada.submitModal(opened, { prompt: 'sun' }), 'U1')
  const [[before], [after]] = await Promise.all([recipesIn(discord, message), recipesIn(discord, grid)])
  expect(after).toMatchObject({ prompt: 'sun', edit: before!.edit, source: before!.source })
})

test('Original goes back along the replies to what somebody sent, and one can go on from there', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const image = await landscapeFile()
  const asked = await ada.slash('zoom', { image, variations: 2 })
  const grid = await waitForButton(discord, asked, 'U1')
  const one = await waitForButton(discord, await ada.press(grid, 'U1'), 'Recipe')
  const farther = await waitForButton(discord, await ada.press(one, 'Zoom Out 2×'), 'U1')
  const last = await waitForButton(discord, await ada.press(farther, 'U4'), 'Recipe')
  discord.expireAttachments()
  const original = await waitForButton(discord, await ada.press(last, 'Original'), 'Zoom Out 2×')
  expect(await discord.download(shownAttachments(original)[0]!)).toEqual(Buffer.from(image.data))
  expect(buttonsOf(original)).not.toContain('Recipe')
  const again = await waitForButton(discord, await ada.press(original, '➡️'), 'U1')
  expect(size(again)).toEqual([144, 64])
})

test('Send to me brings the picture by direct message, or says why it can’t', async () => {
  const { discord } = world
  const bob = discord.person('Bob')
  const message = await single()
  expect(await waitForRefusal(discord, await bob.press(message, 'Send to DMs'))).toBe('Sent to your direct messages.')
  const [direct] = bob.directMessages()
  expect(await discord.download(shownAttachments(direct!)[0]!)).toEqual(
    await discord.download(shownAttachments(message)[0]!),
  )
  // And it can be gone on from there.
  expect(size(await waitForButton(discord, await bob.press(direct!, 'Make Square'), 'U1'))).toEqual([96, 96])
  bob.closeDirectMessages()
  expect(await waitForRefusal(discord, await bob.press(message, 'Send to DMs'))).toMatch(
    /can’t send you direct messages/,
  )
})

test('Delete is for who asked, and for those who manage the server', async () => {
  const { discord } = world
  const message = await single()
  const [bob, mod] = [discord.person('Bob'), discord.person('Mod')]
  mod.addRole(discord.role('mods', ['ManageMessages']))
  expect(await waitForRefusal(discord, await bob.press(message, 'Delete'))).toMatch(/Only the person who asked/)
  await mod.press(message, 'Delete')
  await discord.waitUntil(() => !discord.messages().some(({ id }) => id === message.id), { what: 'the picture to go' })
})

test('Recipe tells, alone, how a picture was made', async () => {
  const { discord } = world
  const text = await waitForRefusal(
    discord,
    await discord.person('Bob').press(await single({ prompt: 'fog' }), 'Recipe'),
  )
  expect(text).toMatch(/Zoom Out 1\.5×[\s\S]*fog[\s\S]*Seed: 5[\s\S]*Model: fill[\s\S]*Source: `[0-9a-f]{16}`/)
})

test('a picture whose source was taken out of its message can’t be painted again, and says so', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const grid = await waitForButton(
    discord,
    await ada.slash('zoom', { image: await landscapeFile(), variations: 2 }),
    '🔄',
  )
  world.dropAttachment(grid, 'source.png')
  expect(await waitForRefusal(discord, await ada.press(grid, '🔄'))).toMatch(/isn’t in its message anymore/)
})

/** What a dialog's text fields hold at first. */
function fieldsOf(dialog: Record<string, unknown> | undefined): Record<string, string | undefined> {
  const labels = (dialog?.components ?? []) as { component: { custom_id: string; value?: string } }[]
  return Object.fromEntries(labels.map(({ component }) => [component.custom_id, component.value]))
}

test('Journey is a film of all that was zoomed out of, back to the first picture', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const image = await landscapeFile()
  let message = await waitForButton(discord, await ada.slash('zoom', { image }), 'U1')
  message = await waitForButton(discord, await ada.press(message, 'U2'), 'Journey')
  message = await waitForButton(discord, await ada.press(message, 'Zoom Out 1.5×'), 'U1')
  message = await waitForButton(discord, await ada.press(message, 'U1'), 'Journey')
  const pressed = await ada.press(message, 'Journey')
  const film = await discord.waitUntil(
    () => discord.messages().find(({ attachments }) => attachments[0]?.filename === 'journey.webp'),
    { what: 'a film', timeoutMs: 60_000 },
  )
  expect(await pressed.acknowledged).toMatchObject({ type: 7 })
  expect(textOf(film)).toContain('A journey through 3 pictures')
  const { pages } = await sharp(await discord.download(film.attachments[0]!), { pages: -1 }).metadata()
  expect(pages).toBeGreaterThan(30)
  // What was only taken out, and never zoomed, has none.
  const extended = await waitForButton(
    discord,
    await ada.slash('extend', { image, left: '20%', variations: 1 }),
    'Recipe',
  )
  expect(buttonsOf(extended)).not.toContain('Journey')
})
