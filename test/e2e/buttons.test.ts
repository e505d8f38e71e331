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
async function paintSingle(options: Record<string, string | number | boolean> = {}): Promise<APIMessage> {
  const ada = world.discord.person('Ada')
  const sent = await ada.slash('zoom', { image: await landscapeFile(), variations: 1, seed: 5, ...options })
  return waitForButton(world.discord, sent, 'Recipe')
}

const size = (message: APIMessage) => shownAttachments(message).map(({ width, height }) => [width, height])[0]

test('a single picture has Midjourney’s buttons, in its order and wording', async () => {
  const message = await paintSingle({ prompt: 'hills' })
  expect(buttonsOf(message)).toEqual([
    ...['Upscale (Subtle)', 'Upscale (Creative)'],
    ...['Vary (Subtle)', 'Vary (Strong)', 'Vary (Region)'],
    ...['Zoom Out 2×', 'Zoom Out 1.5×', 'Custom Zoom', 'Upscale (History)', 'Make Square'],
    ...['⬅️', '➡️', '⬆️', '⬇️', 'Journey'],
    ...['Remix', 'Send to DMs', 'Delete', 'Recipe', 'Original'],
  ])
  expect(rawButtonsOf(message).every(({ style }) => style === 2)).toBe(true)
  // One picture is shown; what it was made from travels along.
  expect(shownAttachments(message).map(({ filename }) => filename)).toEqual(['overscan-1.png'])
  expect(message.attachments.map(({ filename }) => filename)).toEqual(['overscan-1.png', 'source.png'])
})

test.each<[string, unknown, [number, number]]>([
  ['Zoom Out 2×', { kind: 'zoom', factor: 2 }, [48, 32]],
  ['Make Square', { kind: 'square' }, [48, 48]],
  ['⬅️', { kind: 'extend', left: { percent: 50 } }, [72, 32]],
  ['➡️', { kind: 'extend', right: { percent: 50 } }, [72, 32]],
  ['⬆️', { kind: 'extend', top: { percent: 50 } }, [48, 48]],
  ['⬇️', { kind: 'extend', bottom: { percent: 50 } }, [48, 48]],
  ['Vary (Subtle)', { kind: 'vary', strength: 'subtle' }, [48, 32]],
  ['Vary (Strong)', { kind: 'vary', strength: 'strong' }, [48, 32]],
])('%s paints, turns blurple, and its result replies to it', async (label, edit, expected) => {
  const { discord } = world
  const message = await paintSingle()
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

test('a square picture has no button Make Square', async () => {
  const ada = world.discord.person('Ada')
  const sent = await ada.slash('square', { image: await landscapeFile(), variations: 1 })
  expect(buttonsOf(await waitForButton(world.discord, sent, 'Recipe'))).not.toContain('Make Square')
})

test('variations keep what was kept; subtle ones change less than strong ones', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const message = await paintSingle({ factor: 2 })
  const [before] = await recipesIn(discord, message)
  const changed = async (label: string) => {
    const grid = await waitForButton(discord, await ada.press(message, label), 'U1')
    const [one, other] = await Promise.all([message, grid].map(from => world.pixels(shownAttachments(from)[0]!)))
    let [kept, painted] = [0, 0]
    for (let at = 0; at < one!.length; at++) {
      const [x, y] = [Math.floor(at / 3) % 48, Math.floor(at / 3 / 48)]
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

test('each picture of a grid can be picked and varied, and the whole grid repainted', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const sent = await ada.slash('zoom', {
    image: await landscapeFile(),
    variations: 3,
    seed: 5,
    prompt: 'more *hills*',
  })
  const grid = await waitForButton(discord, sent, 'U3')
  expect(buttonsOf(grid)).toEqual(['U1', 'U2', 'U3', '🔄', 'V1', 'V2', 'V3'])

  const picked = await waitForButton(discord, await ada.press(grid, 'U2'), 'Recipe')
  expect(picked.message_reference?.message_id).toBe(grid.id)
  expect(textOf(picked)).toMatch(/Image #2/)
  expect(await discord.download(shownAttachments(picked)[0]!)).toEqual(
    await discord.download(shownAttachments(grid)[1]!),
  )

  // A picked picture can still be repainted with another prompt, and leads back to its source.
  const modal = await ada.press(picked, 'Remix')
  await modal.acknowledged
  const remixed = await waitForButton(discord, await ada.submitModal(modal, { prompt: 'snow' }), 'U1')
  expect((await recipesIn(discord, remixed))[0]).toMatchObject({ prompt: 'snow', edit: { kind: 'zoom' } })

  const varied = await waitForButton(discord, await ada.press(grid, 'V3'), 'U1')
  expect((await recipesIn(discord, varied))[0]).toMatchObject({ edit: { kind: 'vary' }, prompt: 'more *hills*' })
  const repainted = await waitForButton(discord, await ada.press(grid, '🔄'), 'U3')
  expect((await recipesIn(discord, repainted))[0]).toMatchObject({ edit: { kind: 'zoom' } })
  const pressed = rawButtonsOf(discord.messages().find(({ id }) => id === grid.id)!)
  expect(pressed.filter(({ style }) => style === 1)).toHaveLength(3)
})

test('Custom Zoom opens a modal with factor, aspect ratio, anchor and prompt, and paints by it', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const message = await paintSingle({ prompt: 'a *red* barn_house' })
  const modal = await ada.press(message, 'Custom Zoom')
  expect((await modal.acknowledged).type).toBe(9)
  expect(fieldsOf(modal.callback())).toEqual({ factor: '2', aspect: undefined, prompt: 'a *red* barn_house' })
  const sent = await ada.submitModal(modal, { factor: '1,5', aspect: '1:1', anchor: ['top'], prompt: 'snow' })
  const grid = await waitForButton(discord, sent, 'U1')
  expect(size(grid)).toEqual([48, 48])
  expect((await recipesIn(discord, grid))[0]).toMatchObject({
    edit: { kind: 'zoom', factor: 1.5, aspect: { width: 1, height: 1 }, anchor: 'top' },
    prompt: 'snow',
  })
  expect(grid.message_reference?.message_id).toBe(message.id)
})

test.each([
  [{ factor: 'far' }, /isn’t a valid factor/],
  [{ factor: '9' }, /Use a factor from 1 to 4/],
  [{ factor: '1' }, /adds nothing/],
  [{ factor: '2', aspect: 'wide' }, /isn’t a valid aspect ratio/],
])('a modal with %j is answered with an error', async (values, sentence) => {
  const { discord } = world
  const ada = discord.person('Ada')
  const modal = await ada.press(await paintSingle(), 'Custom Zoom')
  await modal.acknowledged
  expect(await waitForRefusal(discord, await ada.submitModal(modal, values))).toMatch(sentence)
})

test('Remix repaints from the source with another prompt', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const message = await paintSingle({ prompt: 'fog' })
  const modal = await ada.press(message, 'Remix')
  await modal.acknowledged
  expect(fieldsOf(modal.callback())).toEqual({ prompt: 'fog' })
  const grid = await waitForButton(discord, await ada.submitModal(modal, { prompt: 'sun' }), 'U1')
  const [[before], [after]] = await Promise.all([recipesIn(discord, message), recipesIn(discord, grid)])
  expect(after).toMatchObject({ prompt: 'sun', edit: before!.edit, source: before!.source })
})

test('Original follows the replies back to the uploaded picture, which has buttons too', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const image = await landscapeFile()
  const sent = await ada.slash('zoom', { image, variations: 2 })
  const grid = await waitForButton(discord, sent, 'U1')
  const one = await waitForButton(discord, await ada.press(grid, 'U1'), 'Recipe')
  const farther = await waitForButton(discord, await ada.press(one, 'Zoom Out 2×'), 'U1')
  const last = await waitForButton(discord, await ada.press(farther, 'U2'), 'Recipe')
  discord.expireAttachments()
  const original = await waitForButton(discord, await ada.press(last, 'Original'), 'Zoom Out 2×')
  expect(await discord.download(shownAttachments(original)[0]!)).toEqual(Buffer.from(image.data))
  expect(buttonsOf(original)).not.toContain('Recipe')
  const again = await waitForButton(discord, await ada.press(original, '➡️'), 'U1')
  expect(size(again)).toEqual([72, 32])
})

test('Send to me sends the picture by direct message, or says why it can’t', async () => {
  const { discord } = world
  const bob = discord.person('Bob')
  const message = await paintSingle()
  expect(await waitForRefusal(discord, await bob.press(message, 'Send to DMs'))).toBe('Sent to your direct messages.')
  const [direct] = bob.directMessages()
  expect(await discord.download(shownAttachments(direct!)[0]!)).toEqual(
    await discord.download(shownAttachments(message)[0]!),
  )
  // And it can be gone on from there.
  expect(size(await waitForButton(discord, await bob.press(direct!, 'Make Square'), 'U1'))).toEqual([48, 48])
  bob.closeDirectMessages()
  expect(await waitForRefusal(discord, await bob.press(message, 'Send to DMs'))).toMatch(
    /can’t send you direct messages/,
  )
})

test('Delete is for the requester and for managers', async () => {
  const { discord } = world
  const message = await paintSingle()
  const [bob, mod] = [discord.person('Bob'), discord.person('Mod')]
  mod.addRole(discord.role('mods', ['ManageMessages']))
  expect(await waitForRefusal(discord, await bob.press(message, 'Delete'))).toMatch(/Only the person who asked/)
  await mod.press(message, 'Delete')
  await discord.waitUntil(() => !discord.messages().some(({ id }) => id === message.id), { what: 'the picture to go' })
})

test('Recipe says only to the person how a picture was painted', async () => {
  const { discord } = world
  const text = await waitForRefusal(
    discord,
    await discord.person('Bob').press(await paintSingle({ prompt: 'fog' }), 'Recipe'),
  )
  expect(text).toMatch(/Zoom Out 1\.5×[\s\S]*fog[\s\S]*Seed: 5[\s\S]*Model: fill[\s\S]*Source: `[0-9a-f]{16}`/)
})

test('a picture without its source file can’t be repainted, and the bot says so', async () => {
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

/** The initial values of a modal's text fields. */
function fieldsOf(modal: Record<string, unknown> | undefined): Record<string, string | undefined> {
  const labels = (modal?.components ?? []) as { component: { custom_id: string; value?: string } }[]
  return Object.fromEntries(labels.map(({ component }) => [component.custom_id, component.value]))
}

test('Journey is a film of all zooms, back to the first picture', async () => {
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
  // A picture that was only picked, and never zoomed, has none.
  const extended = await waitForButton(
    discord,
    await ada.slash('extend', { image, left: '20%', variations: 1 }),
    'Recipe',
  )
  expect(buttonsOf(extended)).not.toContain('Journey')
})
