import type { APIMessage } from 'discord.js'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readRecipe } from '../../src/inference/pipeline/recipe-file.js'
import { openedDrawingSchema } from '../../src/protocol/drawing.js'
import { hasBrowser, openPage } from '../support/browser.js'
import { landscapeFile } from '../support/e2e.js'
import { drag, linksIn, openEditor } from '../support/editor-page.js'
import { buttonsOf, isPrivate, textOf, waitForButton } from '../support/emulator.js'
import { type PagesFixture, startPagesFixture } from '../support/pages.js'

let world: PagesFixture
beforeEach(async () => {
  world = await startPagesFixture()
})
afterEach(async () => {
  await world.close()
  expect(world.discord.violations).toEqual([])
})

/** A message of Bob's. Without the message content intent the bot sees its pictures only through the context menu. */
async function picturesOfBob(...sizes: [number, number][]): Promise<APIMessage> {
  const files = await Promise.all(
    sizes.map(async ([width, height], index) => ({
      name: `${index}.png`,
      data: (await landscapeFile(width, height)).data,
    })),
  )
  return world.discord.person('Bob').sendMessage('look at this', { files })
}

const tokenOf = (link: string) => link.split('#')[1]!

async function ask(token: string, options: RequestInit = {}) {
  const headers = { authorization: `Bearer ${token}`, origin: world.pages.url }
  return fetch(`${world.pages.url}/api/drawing`, { ...options, headers })
}

/** What the page gets when a link is opened. */
async function opened(link: string) {
  const token = tokenOf(link)
  const drawing = openedDrawingSchema.parse(await (await ask(token)).json())
  const headers = { authorization: `Bearer ${token}` }
  const picture = await (await fetch(`${world.pages.url}${drawing.picture}`, { headers })).arrayBuffer()
  const { width, height } = await sharp(Buffer.from(picture)).metadata()
  return { ...drawing, size: [width, height] }
}

function post(
  link: string,
  edit: unknown,
  { mask, ...more }: { mask?: Blob; engine?: string } = {},
): Promise<Response> {
  const body = new FormData()
  body.set('request', JSON.stringify({ edit, prompt: '', variations: 1, ...more }))
  if (mask) body.set('mask', mask, 'mask.png')
  return ask(tokenOf(link), { method: 'POST', body })
}

async function submit(link: string, edit: unknown): Promise<void> {
  expect((await post(link, edit)).status).toBe(200)
}

/** The next message with a painted picture. */
async function painted() {
  const { discord } = world
  const message = await discord.waitUntil(
    () =>
      discord.messages().find(one => one.attachments.some(({ filename }) => /^(SPOILER_)?overscan-1/.test(filename))),
    { what: 'the picture', timeoutMs: 110_000 },
  )
  const file = message.attachments.find(({ filename }) => /overscan-1/.test(filename))!
  return { message, recipe: readRecipe(await discord.download(file))!, file }
}

const EXTEND = { kind: 'extend', left: { pixels: 16 }, right: { pixels: 0 }, top: { pixels: 0 }, bottom: { pixels: 0 } }

describe('Apps on another person’s picture offers the editor', () => {
  test.each([
    ['Repaint region…', undefined, 'Mask or grid cells…'],
    ['Remove…', 'remove', 'Mask or grid cells…'],
    ['Extend…', 'extend', 'Lengths…'],
  ])('%s', async (command, task, other) => {
    const { discord } = world
    const ada = discord.person('Ada')
    const picture = await picturesOfBob([96, 64])
    const offer = await (await ada.messageCommand(picture, command)).response()
    expect(isPrivate(offer)).toBe(true)
    expect(buttonsOf(offer)).toEqual(['Open the editor', other])
    const [link] = linksIn(offer)
    // Discord's limit of a link button.
    expect(link!.length).toBeLessThanOrEqual(512)
    expect(await opened(link!)).toMatchObject({ ...(task && { task }), size: [96, 64] })
    await submit(link!, EXTEND)
    const { message, recipe } = await painted()
    expect(recipe).toMatchObject({ edit: EXTEND, old: { x: 16, y: 0, width: 96, height: 64 } })
    expect(message.message_reference?.message_id).toBe(picture.id)
  })

  test('for each of several pictures, and the form next to it knows them too', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const pictures = await picturesOfBob([96, 64], [80, 80], [64, 96], [50, 50], [40, 40], [90, 30])
    const offer = await (await ada.messageCommand(pictures, 'Extend…')).response()
    const links = linksIn(offer)
    expect(links).toHaveLength(6)
    expect(await opened(links[5]!)).toMatchObject({ size: [90, 30] })
    const modal = await ada.press(offer, 'Lengths…')
    await modal.acknowledged
    await waitForButton(discord, await ada.submitModal(modal, { which: ['1'], left: '50%' }), 'U1')
    expect((await painted()).recipe).toMatchObject({ old: { x: 40, width: 80 } })
  })

  test('a spoiler stays one', async () => {
    const data = (await landscapeFile(96, 64)).data
    const hidden = await world.discord.person('Bob').sendMessage('', { files: [{ name: 'SPOILER_0.png', data }] })
    const offer = await (await world.discord.person('Ada').messageCommand(hidden, 'Extend…')).response()
    await submit(linksIn(offer)[0]!, EXTEND)
    expect(JSON.stringify((await painted()).message.components)).toContain('"spoiler":true')
  })

  test('nobody else can press what is offered', async () => {
    const { discord } = world
    const offer = await (
      await discord.person('Ada').messageCommand(await picturesOfBob([96, 64]), 'Remove…')
    ).response()
    const { custom_id: id } = JSON.parse(JSON.stringify(offer.components).match(/\{[^{}]*"custom_id"[^{}]*\}/)![0])
    const sent = await discord
      .person('Bob')
      .pressForged(await picturesOfBob([96, 64]), id)
      .catch(error => error)
    if (!(sent instanceof Error)) expect(textOf(await sent.response())).toMatch(/Only the person who asked/)
  })
})

describe('a command that does not say where to paint offers the editor', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['inpaint', {}, undefined],
    ['remove', {}, 'remove'],
    ['extend', { left: '0' }, 'extend'],
  ])('/%s %j', async (name, options, task) => {
    const { discord } = world
    const ada = discord.person('Ada')
    const sent = await ada.slash(name, { image: await landscapeFile(96, 64), ...options })
    const offer = await waitForButton(discord, sent, 'Open the editor')
    expect(isPrivate(offer)).toBe(true)
    const [link] = linksIn(offer)
    expect(await opened(link!)).toMatchObject({ ...(task && { task }), size: [96, 64] })
    await submit(link!, { kind: 'place', width: 128, height: 72, at: { x: 0, y: 8 }, scale: 1 })
    const { recipe, file } = await painted()
    expect(recipe.edit).toMatchObject({ kind: 'place', at: { x: 0, y: 8 } })
    expect([file.width, file.height]).toEqual([128, 72])
  })

  test('/inpaint with a prompt shows it, and its form paints', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const sent = await ada.slash('inpaint', { image: await landscapeFile(96, 64), prompt: 'a barn' })
    const offer = await waitForButton(discord, sent, 'Open the editor')
    expect(textOf(offer)).toContain('a barn')
    const modal = await ada.press(offer, 'Mask or grid cells…')
    await modal.acknowledged
    expect(JSON.stringify(modal.callback())).toContain('a barn')
    const plan = await waitForButton(discord, await ada.submitModal(modal, { 'cells-3': ['5'] }), 'Paint')
    await waitForButton(discord, await ada.press(plan, 'Paint'), 'U1')
    expect((await painted()).recipe.edit).toMatchObject({ kind: 'inpaint' })
  })
})

test('the options of /inpaint are in the editor; those that it has no field for are kept', async () => {
  const { discord } = world
  const shown = { 'mask-grow': 3, 'mask-blur': 2, 'denoising-strength': 0.4, seed: 7, variations: 2, control: 'none' }
  const options = { ...shown, area: 'masked', padding: 8, prompt: 'a barn', negative: 'fog', model: 'fill:pde' }
  const sent = await discord.person('Ada').slash('inpaint', { image: await landscapeFile(96, 64), ...options })
  const [link] = linksIn(await waitForButton(discord, sent, 'Open the editor'))
  expect(await opened(link!)).toMatchObject({
    prompt: 'a barn',
    negative: 'fog',
    engine: 'fill:pde',
    draft: { variations: 2, seed: 7, control: 'none', area: 'masked', grow: 3, blur: 2, strength: 0.4 },
  })
  if (hasBrowser) {
    const { page } = await openPage(link!)
    const fieldValue = (label: string) =>
      page
        .getByRole('form')
        .getByLabel(new RegExp(`^${label}`))
        .inputValue()
    await page.getByRole('application').waitFor()
    expect([await fieldValue('Seed'), await fieldValue('Variations'), await fieldValue('Grow mask')]).toEqual([
      '7',
      '2',
      '3',
    ])
    expect([await fieldValue('Denoising strength'), await fieldValue('Model')]).toEqual(['0.4', 'fill:pde'])
  }
  // The strength was emptied in the form: it is the default again.
  const edit = { kind: 'inpaint', area: 'masked', grow: 3, blur: 2 }
  const mask = sharp({ create: { width: 96, height: 64, channels: 3, background: '#000' } }).composite([
    { input: { create: { width: 30, height: 30, channels: 3, background: '#fff' } }, left: 10, top: 10 },
  ])
  const file = new Blob([new Uint8Array(await mask.png().toBuffer())])
  expect((await post(link!, edit, { mask: file, engine: 'fill:pde' })).status).toBe(200)
  expect((await painted()).recipe.edit).toEqual({ ...edit, padding: 8 })
})

test('a picture that would be too large to upscale is refused with a sentence', async () => {
  const { discord } = world
  const flat = sharp({ create: { width: 3600, height: 3600, channels: 3, background: '#345' } })
  const image = { name: 'large.png', data: await flat.png().toBuffer() }
  const offer = await waitForButton(discord, await discord.person('Ada').slash('extend', { image }), 'Open the editor')
  const refused = await post(linksIn(offer)[0]!, { kind: 'upscale', way: 'subtle' })
  expect([refused.status, await refused.json()]).toEqual([
    400,
    { error: expect.stringMatching(/7200×7200; the limit is 50 megapixels\. Send a smaller picture/) },
  ])
})

test.skipIf(!hasBrowser)('a person draws on a photo of their own from Apps', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const photo = await ada.sendMessage('my photo', { files: [await landscapeFile(120, 80)] })
  const offer = await (await ada.messageCommand(photo, 'Repaint region…')).response()
  const { page, complaints } = await openEditor(linksIn(offer)[0]!)
  await drag(page, [0.4, 0.5], [0.6, 0.5])
  await page.getByLabel('Variations').selectOption('1')
  await page.getByRole('button', { name: 'Paint', exact: true }).click()
  const { message, recipe } = await painted()
  expect(recipe.edit.kind).toBe('inpaint')
  expect(message.message_reference?.message_id).toBe(photo.id)
  expect(complaints).toEqual([])
})
