import { readFile } from 'node:fs/promises'
import type { APIMessage } from 'discord.js'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import type { Person } from '../../src/discord-emulator/emulator.js'
import { fingerprint } from '../../src/inference/pipeline/recipe.js'
import { allowSvg } from '../support/allow-svg.js'
import { landscapeFile, recipesIn, useTestBot } from '../support/e2e.js'
import {
  buttonsOf,
  isPrivate,
  rawButtonsOf,
  shownAttachments,
  textOf,
  waitForButton,
  waitForRefusal,
} from '../support/emulator.js'
import { shared, testWithShared } from '../support/shared.js'

const world = useTestBot()

const CONFIRMATION_BUTTONS = ['Paint', 'Invert', 'Grow', 'Shrink', 'Cancel']

/** A white rectangle on black. */
async function mask(width = 96, height = 64, box = { left: 20, top: 10, width: 30, height: 20 }) {
  const white = await sharp({ create: { width: box.width, height: box.height, channels: 3, background: '#fff' } })
    .png()
    .toBuffer()
  const data = await sharp({ create: { width, height, channels: 3, background: '#000' } })
    .composite([{ input: white, left: box.left, top: box.top }])
    .png()
    .toBuffer()
  return { name: 'mask.png', data }
}

/** A copy of a picture with a red lasso around its middle, as a phone sends it. */
async function marked(picture: Buffer) {
  const { width, height } = await sharp(picture).metadata()
  const lasso = `<svg width="${width}" height="${height}" viewBox="0 0 100 100" preserveAspectRatio="none"><ellipse cx="50" cy="50" rx="25" ry="25" fill="none" stroke="#f00" stroke-width="4"/></svg>`
  allowSvg()
  const data = await sharp(picture)
    .composite([{ input: Buffer.from(lasso) }])
    .jpeg({ quality: 80 })
    .toBuffer()
  return { name: 'marked.jpg', data }
}

/** The share of a picture that differs between two files, from 0 to 1, and the columns of the differences. */
async function difference(one: Buffer, other: Buffer) {
  const [a, b] = await Promise.all(
    [one, other].map(file => sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true })),
  )
  const { width, height } = a!.info
  let count = 0
  let [left, right] = [width, -1]
  for (let at = 0; at < width * height; at++) {
    if ([0, 1, 2].every(channel => a!.data[at * 3 + channel] === b!.data[at * 3 + channel])) continue
    count++
    left = Math.min(left, at % width)
    right = Math.max(right, at % width)
  }
  return { share: count / (width * height), left, right }
}

/** The confirmation of a request, and the mask's share of the picture in percent. */
async function confirmationOf(
  sent: Awaited<ReturnType<Person['slash']>>,
): Promise<{ confirmation: APIMessage; percent: number }> {
  const confirmation = await waitForButton(world.discord, sent, 'Paint')
  return { confirmation, percent: Number(/(\d+)%/.exec(textOf(confirmation))?.[1]) }
}

/** The confirmation as it is after a button was pressed. */
async function pressConfirmation(
  person: Person,
  confirmation: APIMessage,
  label: string,
): Promise<{ confirmation: APIMessage; percent: number }> {
  const before = textOf(confirmation)
  await person.press(confirmation, label)
  const now = await world.discord.waitUntil(
    () =>
      world.discord.messages(confirmation.channel_id).find(one => one.id === confirmation.id && textOf(one) !== before),
    { what: `the confirmation after ${label}` },
  )
  return { confirmation: now, percent: Number(/(\d+)%/.exec(textOf(now))?.[1]) }
}

describe('/inpaint and /remove', () => {
  test('first show how the mask was interpreted, only to the person; then paint in public', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const image = await landscapeFile(96, 64)
    const sent = await ada.slash('inpaint', { image, mask: await mask(), prompt: 'a tree', variations: 2, seed: 9 })
    const { confirmation, percent } = await confirmationOf(sent)
    expect(isPrivate(confirmation)).toBe(true)
    expect(buttonsOf(confirmation)).toEqual(CONFIRMATION_BUTTONS)
    expect(percent).toBe(10)
    expect(textOf(confirmation)).toMatch(/the white part of your mask/)
    expect(shownAttachments(confirmation).map(({ filename }) => filename)).toEqual(['overlay.webp'])

    const grid = await waitForButton(discord, await ada.press(confirmation, 'Paint'), 'U1')
    expect((await recipesIn(discord, grid)).map(recipe => [recipe?.edit.kind, recipe?.prompt, recipe?.seed])).toEqual([
      ['inpaint', 'a tree', 9],
      ['inpaint', 'a tree', 10],
    ])
    await discord.waitUntil(() => discord.messages().length === 1, { what: 'the confirmation and the progress to go' })
    const changed = await difference(image.data, await discord.download(shownAttachments(grid)[0]!))
    expect(changed.left).toBeGreaterThanOrEqual(20)
    expect(changed.right).toBeLessThan(50)
    expect(changed.share).toBeGreaterThan(0.02)

    const [before] = await recipesIn(discord, grid)

    // It can be repainted, also after a restart, since the message has its mask.
    await world.restart()
    discord.expireAttachments()
    const repainted = await waitForButton(discord, await ada.press(grid, '🔄'), 'U2')
    const [after] = await recipesIn(discord, repainted)
    expect(after).toMatchObject({ edit: before!.edit, source: before!.source, mask: before!.mask })
    // And varied: only what was repainted changes.
    const varied = await waitForButton(discord, await ada.press(grid, 'V2'), 'U1')
    const variation = await difference(image.data, await discord.download(shownAttachments(varied)[0]!))
    expect(variation.left).toBeGreaterThanOrEqual(20)
    expect(variation.right).toBeLessThan(50)
  })

  test('Flip, Grow and Shrink change the mask, also after a restart; Cancel deletes the confirmation', async () => {
    const ada = world.discord.person('Ada')
    const sent = await ada.slash('remove', { image: await landscapeFile(96, 64), mask: await mask() })
    const first = await confirmationOf(sent)
    const grown = await pressConfirmation(ada, first.confirmation, 'Grow')
    expect(grown.percent).toBeGreaterThan(first.percent)
    await world.restart()
    const shrunk = await pressConfirmation(ada, grown.confirmation, 'Shrink')
    expect(shrunk.percent).toBeLessThan(grown.percent)
    const flipped = await pressConfirmation(ada, shrunk.confirmation, 'Invert')
    expect(flipped.percent).toBe(100 - shrunk.percent)
    expect(flipped.confirmation.attachments).toHaveLength(2)
    await ada.press(flipped.confirmation, 'Cancel')
    await world.discord.waitUntil(() => world.discord.messages().length === 0, { what: 'the confirmation to go' })
  })

  test('only the requester can use a confirmation', async () => {
    const { discord } = world
    const [ada, bob] = [discord.person('Ada'), discord.person('Bob')]
    const grid = await waitForButton(
      discord,
      await ada.slash('zoom', { image: await landscapeFile(96, 64), variations: 1 }),
      'Recipe',
    )
    const drawn = await marked(await discord.download(shownAttachments(grid)[0]!))
    const reply = await ada.sendMessage('', { files: [drawn], replyTo: grid })
    const confirmation = await world.discord.waitUntil(
      () =>
        discord
          .messages()
          .find(one => one.message_reference?.message_id === reply.id && buttonsOf(one).includes('Paint')),
      { what: 'a confirmation' },
    )
    expect(await waitForRefusal(discord, await bob.press(confirmation, 'Paint'))).toMatch(/Only the person who asked/)
  })

  test('a person who has turned confirmations off is asked only where the mask is uncertain', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    expect(await waitForRefusal(discord, await ada.slash('settings mine', { confirm: 'unsure' }))).toMatch(
      /only when unsure/,
    )
    const sure = await ada.slash('remove', { image: await landscapeFile(96, 64), mask: await mask(), variations: 1 })
    expect(buttonsOf(await waitForButton(discord, sure, 'Recipe'))).toContain('Zoom Out 2×')
    const mostlyWhite = await mask(96, 64, { left: 0, top: 0, width: 80, height: 64 })
    const unsure = await ada.slash('remove', { image: await landscapeFile(96, 64), mask: mostlyWhite })
    expect(textOf((await confirmationOf(unsure)).confirmation)).toMatch(/not sure that I read your mask correctly/)
  })

  test('Paint pressed twice paints once', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const sent = await ada.slash('remove', { image: await landscapeFile(96, 64), mask: await mask(), variations: 1 })
    const { confirmation } = await confirmationOf(sent)
    const [one, other] = await Promise.all([ada.press(confirmation, 'Paint'), ada.press(confirmation, 'Paint')])
    await discord.waitUntil(() => discord.messages().some(({ nonce }) => nonce === one.id || nonce === other.id), {
      what: 'the picture',
    })
    const second = discord.messages().some(({ nonce }) => nonce === one.id) ? other : one
    expect(await waitForRefusal(discord, second)).toMatch(/has already ended/)
    expect(await waitForRefusal(discord, await ada.slash('queue show'))).toMatch(/Nothing is waiting/)
    expect(discord.messages().filter(message => !isPrivate(message))).toHaveLength(1)
  })

  test('a confirmation whose picture has expired says so, and stays', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const { confirmation } = await confirmationOf(
      await ada.slash('remove', { image: await landscapeFile(96, 64), mask: await mask() }),
    )
    discord.expireAttachments()
    expect(await waitForRefusal(discord, await ada.press(confirmation, 'Paint'))).toMatch(/its link has expired/)
    expect(discord.messages().some(({ id }) => id === confirmation.id)).toBe(true)
  })

  test('invert paints outside of the mask', async () => {
    const ada = world.discord.person('Ada')
    const sent = await ada.slash('remove', { image: await landscapeFile(96, 64), mask: await mask(), invert: true })
    expect((await confirmationOf(sent)).percent).toBe(90)
  })

  test('paints only the masked area with its padding, and feathers its edge', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const image = await landscapeFile(96, 64)
    const options = { area: 'masked', padding: 20, 'mask-blur': 4, variations: 1, seed: 3 }
    const { confirmation } = await confirmationOf(await ada.slash('inpaint', { image, mask: await mask(), ...options }))
    const message = await waitForButton(discord, await ada.press(confirmation, 'Paint'), 'Recipe')
    expect((await recipesIn(discord, message))[0]).toMatchObject({ edit: { area: 'masked', padding: 20, blur: 4 } })
    const changed = await difference(image.data, await discord.download(shownAttachments(message)[0]!))
    expect(changed.share).toBeGreaterThan(0)
    expect([changed.left >= 20, changed.right < 50]).toEqual([true, true])
  })

  test('options that the engine ignores are named', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const options = { 'masked-content': 'latent noise', 'denoising-strength': 0.5, variations: 1 }
    const { confirmation } = await confirmationOf(
      await ada.slash('inpaint', { image: await landscapeFile(96, 64), mask: await mask(), ...options }),
    )
    const text = textOf(await waitForButton(discord, await ada.press(confirmation, 'Paint'), 'Recipe'))
    expect(text).toMatch(/ignores: denoising strength, masked content/)
  })

  test.each<[string, () => Promise<{ name: string; data: Buffer }>, RegExp]>([
    ['full', () => mask(96, 64, { left: 0, top: 0, width: 96, height: 64 }), /covers the whole picture/],
    ['of another shape', () => mask(96, 96), /The mask is 96×96 but the picture is 96×64/],
    ['no picture', async () => ({ name: 'mask.png', data: Buffer.from('no picture') }), /read that file as a picture/],
    ['a copy without marks', () => landscapeFile(96, 64), /marks nothing/],
  ])('a mask that is %s is answered with an error', async (_, drawn, sentence) => {
    const sent = await world.discord
      .person('Ada')
      .slash('remove', { image: await landscapeFile(96, 64), mask: await drawn() })
    expect(await waitForRefusal(world.discord, sent)).toMatch(sentence)
  })
})

test('without a model that finds objects, numbers of objects name the command that brings one', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const image = await landscapeFile(96, 64)
  const numbered = await ada.slash('remove', { image, object: '1' })
  expect(await waitForRefusal(discord, numbered)).toMatch(/overscan models add mobilesam/)
  expect(await waitForRefusal(discord, await ada.slash('remove', { image }))).toMatch(/don’t know where to paint/)
})

describe('Vary (Region)', () => {
  async function openModal(prompt = 'fog') {
    const { discord } = world
    const ada = discord.person('Ada')
    const sent = await ada.slash('zoom', { image: await landscapeFile(96, 64), variations: 1, prompt })
    const message = await waitForButton(discord, sent, 'Recipe')
    const modal = await ada.press(message, 'Vary (Region)')
    await modal.acknowledged
    return { ada, message, modal }
  }

  test('takes a mask and a prompt from its modal', async () => {
    const { discord } = world
    const { ada, message, modal } = await openModal()
    const { confirmation, percent } = await confirmationOf(
      await ada.submitModal(modal, { mask: [await mask()], prompt: 'a barn' }),
    )
    expect([isPrivate(confirmation), percent]).toEqual([true, 10])
    const grid = await waitForButton(discord, await ada.press(confirmation, 'Paint'), 'U1')
    expect((await recipesIn(discord, grid))[0]).toMatchObject({ edit: { kind: 'inpaint' }, prompt: 'a barn' })
    expect(grid.message_reference?.message_id).toBe(message.id)
  })

  test('takes grid cells, without a mask file', async () => {
    const { ada, modal } = await openModal()
    const sent = await ada.submitModal(modal, { 'cells-3': ['1', '2'], 'cells-4': ['16'], prompt: '' })
    const { confirmation, percent } = await confirmationOf(sent)
    expect(percent).toBe(Math.round(100 * (2 / 9 + 1 / 16)))
    expect(textOf(confirmation)).toMatch(/the grid cells you chose/)
  })

  test('says what is missing where there is neither', async () => {
    const { ada, modal } = await openModal()
    expect(await waitForRefusal(world.discord, await ada.submitModal(modal, { prompt: 'x' }))).toMatch(
      /don’t know where to paint/,
    )
  })

  test('refuses a grid with every cell selected', async () => {
    const { ada, modal } = await openModal()
    const all = Array.from({ length: 9 }, (_, index) => String(index + 1))
    expect(await waitForRefusal(world.discord, await ada.submitModal(modal, { 'cells-3': all }))).toMatch(
      /covers the whole picture/,
    )
  })
})

describe('a reply to a result, with a picture', () => {
  async function result(variations = 1, image = landscapeFile(96, 64)) {
    const ada = world.discord.person('Ada')
    const sent = await ada.slash('zoom', { image: await image, variations, seed: 4 })
    return { ada, message: await waitForButton(world.discord, sent, variations > 1 ? 'U1' : 'Recipe') }
  }
  const cardFor = (reply: APIMessage) =>
    world.discord.waitUntil(
      () =>
        world.discord
          .messages()
          .find(one => one.message_reference?.message_id === reply.id && buttonsOf(one).includes('Paint')),
      { what: 'a confirmation', timeoutMs: 20_000 },
    )

  test('that was drawn over with a marker is a mask, and its text is the prompt', async () => {
    const { discord } = world
    const { ada, message } = await result(1, landscapeFile(144, 96))
    const drawn = await marked(await discord.download(shownAttachments(message)[0]!))
    const reply = await ada.sendMessage(`<@${discord.applicationId}> a red barn`, { files: [drawn], replyTo: message })
    const confirmation = await cardFor(reply)
    expect(textOf(confirmation)).toMatch(/what you marked/)
    expect(Number(/(\d+)%/.exec(textOf(confirmation))?.[1])).toBeGreaterThan(15)
    const grid = await waitForButton(discord, await ada.press(confirmation, 'Paint'), 'U1')
    expect((await recipesIn(discord, grid))[0]).toMatchObject({ edit: { kind: 'inpaint' }, prompt: 'a red barn' })
    expect(grid.message_reference?.message_id).toBe(message.id)
    expect(discord.messages().some(({ id }) => id === confirmation.id)).toBe(false)
  })

  test('to a grid belongs to the picture that was drawn over; for another mask the person picks one', async () => {
    const { discord } = world
    const { ada, message } = await result(3, landscapeFile(144, 96))
    const drawn = await marked(await discord.download(shownAttachments(message)[2]!))
    const confirmation = await cardFor(await ada.sendMessage('snow', { files: [drawn], replyTo: message }))
    expect(buttonsOf(confirmation)).toEqual(['1', '2', '3', ...CONFIRMATION_BUTTONS])
    const disabled = rawButtonsOf(confirmation).filter(button => button.disabled)
    expect(disabled.map(({ label }) => label)).toEqual(['3'])

    const plain = await cardFor(await ada.sendMessage('snow', { files: [await mask(144, 96)], replyTo: message }))
    const before = shownAttachments(plain)[0]!.id
    await ada.press(plain, '2')
    await discord.waitUntil(
      () => discord.messages().some(one => one.id === plain.id && shownAttachments(one)[0]?.id !== before),
      {
        what: 'another overlay',
      },
    )
    const grid = await waitForButton(
      discord,
      await ada.press(discord.messages().find(({ id }) => id === plain.id)!, 'Paint'),
      'U1',
    )
    expect((await recipesIn(discord, grid))[0]?.source).toBe(
      fingerprint(await discord.download(shownAttachments(message)[1]!)),
    )
  })

  test('without a text removes the marked area', async () => {
    const { discord } = world
    const { ada, message } = await result()
    const confirmation = await cardFor(await ada.sendMessage('', { files: [await mask()], replyTo: message }))
    const grid = await waitForButton(discord, await ada.press(confirmation, 'Paint'), 'U1')
    expect((await recipesIn(discord, grid))[0]).toMatchObject({ edit: { kind: 'remove' }, prompt: '' })
  })

  test('that is not a mask is answered with an error', async () => {
    const { discord } = world
    const { ada, message } = await result()
    const reply = await ada.sendMessage('here', { files: [await mask(64, 64)], replyTo: message })
    const answer = await discord.waitUntil(
      () => discord.messages().find(one => one.message_reference?.message_id === reply.id),
      { what: 'an answer' },
    )
    expect(textOf(answer)).toMatch(/The mask is 64×64 but the picture is 96×64/)
  })

  test('is painted at once where the person has turned confirmations off', async () => {
    const { discord } = world
    const { ada, message } = await result()
    await waitForRefusal(discord, await ada.slash('settings mine', { confirm: 'unsure', variations: 1 }))
    const reply = await ada.sendMessage('fog', { files: [await mask()], replyTo: message })
    const done = await discord.waitUntil(
      () => discord.messages().find(one => one.nonce === reply.id && buttonsOf(one).includes('Recipe')),
      { what: 'the picture', timeoutMs: 30_000 },
    )
    expect(done.message_reference?.message_id).toBe(message.id)
  })

  test('is ignored where it does not reply to a result', async () => {
    const { discord } = world
    const { ada, message } = await result()
    await ada.sendMessage('lovely!', { replyTo: message })
    await ada.sendMessage('look', { files: [await mask()] })
    const mine = await ada.sendMessage('mine', { files: [await landscapeFile(96, 64)] })
    await ada.sendMessage('and this?', { files: [await mask()], replyTo: mine })
    // Something that is answered for certain comes after them.
    await waitForRefusal(discord, await ada.slash('info'))
    const ours = discord.messages().filter(one => one.author.id === discord.applicationId && !isPrivate(one))
    expect(ours.map(({ id }) => id)).toEqual([message.id])
  })

  testWithShared('photos', 'a photo that went through a phone is understood', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const data = await sharp(await readFile(shared('photos/chelsea.png')))
      .resize(240)
      .png()
      .toBuffer()
    const sent = await ada.slash('zoom', { image: { name: 'cat.png', data }, variations: 1 })
    const message = await waitForButton(discord, sent, 'Recipe')
    const drawn = await marked(await discord.download(shownAttachments(message)[0]!))
    const small = await sharp(drawn.data).resize(160).jpeg({ quality: 70 }).toBuffer()
    const confirmation = await cardFor(
      await ada.sendMessage('a hat', { files: [{ name: 'small.jpg', data: small }], replyTo: message }),
    )
    expect(textOf(confirmation)).toMatch(/what you marked.*scaled to the picture/)
    expect(Number(/(\d+)%/.exec(textOf(confirmation))?.[1])).toBeGreaterThan(18)
    expect(Number(/(\d+)%/.exec(textOf(confirmation))?.[1])).toBeLessThan(28)
  })
})

describe('Discord’s rule for which replies the bot sees', () => {
  test('a reply that does not mention the bot holds no picture, and is ignored', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const message = await waitForButton(
      discord,
      await ada.slash('zoom', { image: await landscapeFile(96, 64), variations: 1 }),
      'Recipe',
    )
    await ada.sendMessage('fog', { files: [await mask()], replyTo: message, ping: false })
    await waitForRefusal(discord, await ada.slash('info'))
    expect(discord.messages().some(one => buttonsOf(one).includes('Paint'))).toBe(false)
  })

  test('where the bot may not post, replies to its interaction response are not seen; its buttons still work', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    discord.deny(discord.channel.id, 'SendMessages')
    const message = await waitForButton(
      discord,
      await ada.slash('zoom', { image: await landscapeFile(96, 64), variations: 1 }),
      'Recipe',
    )
    expect(message.interaction_metadata).toBeDefined()
    expect(textOf(message)).toMatch(/can’t post pictures in this channel/)
    await ada.sendMessage('fog', { files: [await mask()], replyTo: message })
    const modal = await ada.press(message, 'Vary (Region)')
    await modal.acknowledged
    const { confirmation } = await confirmationOf(await ada.submitModal(modal, { mask: [await mask()] }))
    expect(buttonsOf(confirmation)).toEqual(CONFIRMATION_BUTTONS)
  })
})
