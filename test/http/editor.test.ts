import { readFile } from 'node:fs/promises'
import type { APIMessage } from 'discord.js'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { DrawingTarget } from '../../src/bot/drawing/target.js'
import { translationsFor } from '../../src/i18n/i18n.js'
import { encodePng } from '../../src/inference/image/png.js'
import { jobStateSchema, openedDrawingSchema, submittedSchema } from '../../src/protocol/drawing.js'
import { brushCoverage } from '../../src/web/editor/soft-brush.js'
import { expectAccessible, hasBrowser, openPage } from '../support/browser.js'
import { landscapeFile } from '../support/e2e.js'
import { drag, linksIn, openEditor, pictureToDrawOn, resultOf, toScreen } from '../support/editor-page.js'
import { holdNextJob, waitForButton } from '../support/emulator.js'
import { type PagesFixture, startPagesFixture } from '../support/pages.js'

const SIZE = { width: 120, height: 80 }

let world: PagesFixture
beforeAll(async () => {
  world = await startPagesFixture()
})
afterAll(async () => {
  await world.close()
  expect(world.discord.violations).toEqual([])
})

/** A picture to draw on. */
const picture = (size = SIZE) => pictureToDrawOn(world, size)

/** A picture that the bot painted, and the link of its Vary (Region). */
async function paintedPicture(): Promise<{ message: APIMessage; link: string }> {
  const ada = world.discord.person('Ada')
  const sent = await ada.slash('zoom', { image: await landscapeFile(SIZE.width, SIZE.height), variations: 1 })
  const message = await waitForButton(world.discord, sent, 'Vary (Region)')
  const [link] = linksIn(await (await ada.press(message, 'Vary (Region)')).response())
  return { message, link: link! }
}

/** The mask's coverage, from 0 to 1, in a grid of 12 × 8 cells. */
async function maskGrid(page: Page): Promise<number[]> {
  return page.evaluate(`{
    const small = document.createElement('canvas')
    Object.assign(small, { width: 12, height: 8 })
    const context = small.getContext('2d')
    context.imageSmoothingQuality = 'high'
    context.drawImage(document.querySelector('.mask canvas'), 0, 0, 12, 8)
    Array.from(context.getImageData(0, 0, 12, 8).data).filter((_, at) => at % 4 === 3).map(alpha => alpha / 255)
  }`)
}
const largestDifference = (one: readonly number[], other: readonly number[]) =>
  Math.max(...one.map((level, at) => Math.abs(level - other[at]!)))

const coverage = async (page: Page) => (await maskGrid(page)).reduce((sum, one) => sum + one, 0) / 96

/** Pixels of the screen that show another mask than the one that is drawn, and those that show one. */
const shownMask = (page: Page) =>
  page.evaluate<{ wrong: number; masked: number }>(`{
    const shown = document.querySelector('.shown-mask')
    const [at, paper] = [shown, document.querySelector('.paper')].map(one => one.getBoundingClientRect())
    const expected = document.createElement('canvas').getContext('2d')
    Object.assign(expected.canvas, { width: shown.width, height: shown.height })
    expected.drawImage(document.querySelector('.mask canvas'), paper.x - at.x, paper.y - at.y, paper.width, paper.height)
    const [a, b] = [shown.getContext('2d'), expected].map(one => one.getImageData(0, 0, shown.width, shown.height).data)
    const alphas = Array.from(a).filter((_, index) => index % 4 === 3)
    const wrong = alphas.filter((alpha, index) => Math.abs(alpha - b[index * 4 + 3]) > 100).length
    ;({ wrong, masked: alphas.filter(alpha => alpha > 0).length })
  }`)

/** The mask of a message's pictures, one byte a pixel. */
async function maskOf(message: APIMessage): Promise<Buffer> {
  const file = message.attachments.find(({ filename }) => filename === 'mask.png')!
  return sharp(await world.discord.download(file))
    .extractChannel(0)
    .raw()
    .toBuffer()
}

describe.skipIf(!hasBrowser)('the editor', () => {
  test('a mask drawn with the mouse is painted, in the channel and on the page, and a result can be drawn on', async () => {
    const { message, link } = await paintedPicture()
    const { page, complaints, requests } = await openEditor(link)
    await drag(page, [0.3, 0.3], [0.6, 0.3], [0.6, 0.6])
    await page.getByLabel('Variations').selectOption('2')
    await page.getByRole('button', { name: 'Paint', exact: true }).click()
    const result = await resultOf(world, message)
    const mask = await maskOf(result)
    // White on the stroke's center line, black elsewhere.
    const value = (x: number, y: number) => mask[Math.round(y * SIZE.height) * SIZE.width + Math.round(x * SIZE.width)]
    expect([value(0.3, 0.3), value(0.45, 0.3), value(0.6, 0.5), value(0.1, 0.1), value(0.4, 0.6)]).toEqual([
      255, 255, 255, 0, 0,
    ])
    await page.getByRole('button', { name: 'Picture 2', exact: true }).click()
    await page.getByRole('button', { name: 'Use this' }).click()
    await page.getByText('Done,').waitFor({ state: 'detached' })
    await page.getByRole('application').waitFor()
    expect(await coverage(page)).toBe(0)
    await drag(page, [0.5, 0.5], [0.7, 0.5])
    await page.getByLabel('Painted area').selectOption('Remove')
    await page.getByRole('button', { name: 'Paint', exact: true }).click()
    await resultOf(world, result)
    await page.getByText('Done,').waitFor()
    expect(complaints).toEqual([])
    // No request to another origin, and the token in no address.
    const [, token] = link.split('#')
    for (const url of requests.filter(one => !/^(blob|data):/.test(one))) {
      expect(url.startsWith(world.pages.url)).toBe(true)
      expect(url.split('#')[0]).not.toContain(token)
    }
  })

  test("one finger draws; two fingers zoom and pan, and don't draw", async () => {
    const { message, link } = await picture()
    const { page, context } = await openEditor(link, { hasTouch: true, viewport: { width: 390, height: 780 } })
    const device = await context.newCDPSession(page)
    const touch = async (type: string, ...points: [number, number][]) => {
      const touchPoints = await Promise.all(points.map(async ([x, y], id) => ({ x, y, id })))
      await device.send('Input.dispatchTouchEvent', { type: type as 'touchStart', touchPoints })
    }
    const [x, y] = await toScreen(page, 0.5, 0.5)
    const before = (await page.locator('.paper').boundingBox())!
    await touch('touchStart', [x - 20, y])
    await touch('touchMove', [x - 22, y])
    await touch('touchStart', [x - 22, y], [x + 20, y])
    for (let step = 1; step <= 10; step++) await touch('touchMove', [x - 22 - 4 * step, y], [x + 20 + 4 * step, y])
    await touch('touchEnd')
    const after = (await page.locator('.paper').boundingBox())!
    expect(after.width).toBeGreaterThan(before.width * 1.5)
    expect(await coverage(page)).toBe(0)
    await page.getByRole('button', { name: 'Fit' }).click()
    const [from, to] = [await toScreen(page, 0.3, 0.5), await toScreen(page, 0.7, 0.5)]
    await touch('touchStart', from)
    for (let step = 1; step <= 8; step++) await touch('touchMove', [from[0] + ((to[0] - from[0]) * step) / 8, from[1]])
    await touch('touchEnd')
    const cells = await maskGrid(page)
    expect(cells[4 * 12 + 6]).toBeGreaterThan(0.3)
    expect(cells[0]).toBe(0)
    await page.getByRole('button', { name: 'Paint', exact: true }).click()
    await resultOf(world, message)
  })

  test('the keyboard alone draws and submits', async () => {
    const { message, link } = await picture()
    const { page } = await openEditor(link)
    await page.getByRole('application').focus()
    for (let step = 0; step < 4; step++) await page.keyboard.press('Shift+ArrowLeft')
    await page.keyboard.press('Enter')
    await page.getByText(/Brush down at/).waitFor()
    for (let step = 0; step < 8; step++) await page.keyboard.press('Shift+ArrowRight')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByText(/Brush up at/).waitFor()
    expect(await coverage(page)).toBeGreaterThan(0.01)
    await page.keyboard.press('Control+z')
    expect(await coverage(page)).toBe(0)
    await page.keyboard.press('Control+Shift+z')
    expect(await coverage(page)).toBeGreaterThan(0.01)
    await page.getByLabel('Prompt', { exact: true }).focus()
    await page.keyboard.press('Tab')
    for (let step = 0; step < 16; step++) {
      if (await page.getByRole('button', { name: 'Paint', exact: true }).evaluate(element => element.matches(':focus')))
        break
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await resultOf(world, message)
  })

  test('every tool changes the mask, and each step can be undone', async () => {
    const { link } = await picture()
    const { page } = await openEditor(link)
    const tool = (name: string) => page.getByRole('button', { name, exact: true }).click()
    await tool('Rectangle')
    await drag(page, [0.25, 0.25], [0.75, 0.75])
    const whole = await coverage(page)
    expect(whole).toBeCloseTo(0.25, 1)
    await tool('Eraser')
    await drag(page, [0.3, 0.5], [0.7, 0.5])
    const erased = await coverage(page)
    expect(erased).toBeLessThan(whole - 0.01)
    await tool('Invert')
    expect(await coverage(page)).toBeCloseTo(1 - erased, 2)
    for (let step = 0; step < 3; step++) await tool('Undo')
    expect(await coverage(page)).toBe(0)
    await tool('Redo')
    expect(await coverage(page)).toBeCloseTo(0.25, 1)
    await tool('Clear')
    await tool('Lasso')
    await drag(page, [0.1, 0.1], [0.9, 0.1], [0.1, 0.9])
    const cells = await maskGrid(page)
    expect([cells[1 * 12 + 2]! > 0.8, cells[7 * 12 + 10]! < 0.1]).toEqual([true, true])
    // Shortcuts of tools and brush sizes, and the wheel.
    await page.getByRole('application').focus()
    // The second key comes before the page has shown what the first one did.
    await page.evaluate(`for (const key of ['r', '}']) {
      document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
    }`)
    await page.getByRole('button', { name: 'Rectangle', exact: true, pressed: true }).waitFor()
    await page.keyboard.press('b')
    const size = () => page.getByLabel('Brush size').inputValue().then(Number)
    const usual = await size()
    await page.keyboard.press(']')
    expect(await size()).toBeGreaterThan(usual)
    await page.mouse.move(...(await toScreen(page, 0.5, 0.5)))
    await page.keyboard.down('Shift')
    await page.mouse.wheel(0, 500)
    await page.keyboard.up('Shift')
    await expect.poll(size).toBeLessThan(usual)
    const before = (await page.locator('.paper').boundingBox())!.width
    await page.mouse.wheel(0, -300)
    await expect.poll(async () => (await page.locator('.paper').boundingBox())!.width).toBeGreaterThan(before * 1.5)
    // The grown and blurred mask is previewed.
    await page.getByLabel('Grow').fill('20')
    await page.locator('canvas.preview').waitFor()
    // A stroke is shown while it is drawn, and its preview afterwards.
    await page.mouse.move(...(await toScreen(page, 0.4, 0.5)))
    await page.mouse.down()
    await page.mouse.move(...(await toScreen(page, 0.6, 0.5)), { steps: 4 })
    await page.locator('canvas.shown-mask').waitFor()
    expect(await page.locator('canvas.preview').isVisible()).toBe(false)
    // Enlarged, a stroke is smoother than the pixels of the mask, until it is drawn again.
    const shown = await shownMask(page)
    expect(shown.masked).toBeGreaterThan(10_000)
    expect(shown.wrong).toBeLessThan(0.05 * shown.masked)
    await page.mouse.up()
    await page.locator('canvas.preview').waitFor()
    expect(await page.locator('canvas.shown-mask').isVisible()).toBe(false)
  })

  test('a soft brush draws grays, and a soft eraser takes part away; they are undone, saved, loaded and painted', async () => {
    const size = { width: 240, height: 160 }
    const { message, link } = await picture(size)
    const { page } = await openEditor(link)
    const tool = (name: string) => page.getByRole('button', { name, exact: true }).click()
    await page.getByLabel('Brush size').fill('110')
    const brush = {
      size: Number(await page.locator('label', { hasText: 'Brush size' }).locator('output').innerText()),
      hardness: 0.2,
    }
    // While the slider is held, the brush is shown.
    const slider = (await page.getByLabel('Hardness').boundingBox())!
    await page.mouse.move(slider.x + slider.width / 2, slider.y + slider.height / 2)
    await page.mouse.down()
    await page.mouse.move(slider.x + slider.width / 3, slider.y + slider.height / 2)
    await page.locator('.cursor.filled').waitFor()
    await expectAccessible(page)
    await page.mouse.up()
    await page.getByLabel('Hardness').fill(String(brush.hardness))
    await drag(page, [0.2, 0.5], [0.8, 0.5])
    await page.locator('.cursor .core').waitFor()
    /** The alpha of a column of the mask. */
    const column = (x: number) =>
      page.evaluate<number[]>(`{
        const canvas = document.querySelector('.mask canvas')
        const { data } = canvas.getContext('2d').getImageData(${x}, 0, 1, canvas.height)
        Array.from(data).filter((_, at) => at % 4 === 3)
      }`)
    const drawn = await column(100)
    const shown = await shownMask(page)
    expect([shown.masked > 10_000, shown.wrong]).toEqual([true, 0])
    const expected = drawn.map((_, y) => brushCoverage(Math.abs(y + 0.5 - size.height / 2), brush))
    expect(largestDifference(drawn, expected)).toBeLessThan(12)
    await tool('Eraser')
    await drag(page, [0.7, 0.1], [0.7, 0.9])
    const erased = await column(168 - 15)
    expect(erased[80]).toBeGreaterThan(40)
    expect(erased[80]).toBeLessThan(215)
    expect((await column(168))[80]).toBeLessThan(5)
    await tool('Undo')
    expect((await column(168))[80]).toBeGreaterThan(250)
    await tool('Redo')
    expect(await column(168 - 15)).toEqual(erased)
    expect((await shownMask(page)).wrong).toBe(0)
    const [download] = await Promise.all([page.waitForEvent('download'), tool('Save mask')])
    await tool('Clear')
    expect(await coverage(page)).toBe(0)
    const file = { name: 'mask.png', mimeType: 'image/png', buffer: await readFile(await download.path()) }
    await page.getByLabel('Load mask').setInputFiles(file)
    await expect.poll(async () => largestDifference(await column(100), drawn)).toBeLessThan(3)
    // The shortcuts of hardness.
    await page.getByRole('application').focus()
    await page.keyboard.press('}')
    expect(await page.getByLabel('Hardness').inputValue()).toBe('0.45')
    await page.getByLabel('Variations').selectOption('1')
    await tool('Paint')
    const mask = await maskOf(await resultOf(world, message))
    const sent = drawn.map((_, y) => mask[y * size.width + 100]!)
    // The bot clears what compression leaves of black and white.
    const cleared = drawn.map((level, y) => (sent[y] === (level < 128 ? 0 : 255) ? sent[y]! : level))
    expect(largestDifference(sent, cleared)).toBeLessThan(3)
    expect(sent.filter(level => level > 64 && level < 192).length).toBeGreaterThan(8)
  })

  test('the sides are dragged outward, and the added area is painted', async () => {
    const { message, link } = await picture()
    const { page } = await openEditor(link)
    await page.getByRole('button', { name: 'Extend' }).click()
    await page.getByRole('button', { name: 'Paint', exact: true }).click()
    await page.getByText('Drag a side of the picture outward first.').waitFor()
    const handle = (await page.getByRole('button', { name: /^Right:/ }).boundingBox())!
    await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2)
    await page.mouse.down()
    await page.mouse.move(handle.x + handle.width / 2 + 120, handle.y + 4, { steps: 6 })
    await page.mouse.up()
    await page.getByRole('button', { name: /^Top:/ }).focus()
    await page.keyboard.press('Shift+ArrowUp')
    const right = Number(await page.getByLabel('Right', { exact: true }).inputValue())
    expect(right).toBeGreaterThan(10)
    expect(await page.getByLabel('Top', { exact: true }).inputValue()).toBe('64')
    await page.getByLabel('Variations').selectOption('1')
    await page.getByRole('button', { name: 'Paint', exact: true }).click()
    const [file] = (await resultOf(world, message)).attachments
    expect([file!.width, file!.height]).toEqual([SIZE.width + right, SIZE.height + 64])
  })

  test('a mask from the page, a black and white, a transparent and a drawn-over one paint the same', async () => {
    const { message, link } = await picture()
    const { discord } = world
    const { page } = await openEditor(link)
    await page.getByRole('button', { name: 'Rectangle', exact: true }).click()
    await drag(page, [0.25, 0.25], [0.6, 0.7])
    await page.getByLabel('Variations').selectOption('1')
    await page.getByRole('button', { name: 'Paint', exact: true }).click()
    const fromPage = await maskOf(await resultOf(world, message))
    const ada = discord.person('Ada')
    const data = await discord.download(message.attachments[0]!)
    const image = { name: 'picture.png', data }
    const raw = (channels: 1 | 3 | 4) => ({ raw: { ...SIZE, channels } })
    const alpha = Buffer.from(fromPage.map(value => 255 - value))
    const rgb = await sharp(data).removeAlpha().raw().toBuffer()
    const red = [255, 0, 40]
    const over = Buffer.from(
      rgb.map((value, index) => (fromPage[Math.floor(index / 3)]! > 127 ? red[index % 3]! : value)),
    )
    const masks = {
      'black and white': await sharp(fromPage, raw(1)).png().toBuffer(),
      transparent: await sharp(rgb, raw(3)).joinChannel(alpha, raw(1)).png().toBuffer(),
      'drawn over': await sharp(over, raw(3)).png().toBuffer(),
    }
    for (const [kind, mask] of Object.entries(masks)) {
      const sent = await ada.slash('inpaint', { image, mask: { name: 'mask.png', data: mask }, variations: 1 })
      const card = await waitForButton(discord, sent, 'Paint')
      const result = await waitForButton(discord, await ada.press(card, 'Paint'), 'Vary (Region)')
      expect([kind, Buffer.compare(await maskOf(result), fromPage)]).toEqual([kind, 0])
    }
  })

  test("a job's results appear after a lost connection and after a reload", async () => {
    const { message, link } = await picture()
    const { page, context } = await openEditor(link)
    await drag(page, [0.1, 0.2], [0.9, 0.2])
    await page.getByLabel('Variations').selectOption('4')
    const held = holdNextJob()
    await page.getByRole('button', { name: 'Paint', exact: true }).click()
    await held.begun
    await page.getByRole('progressbar').waitFor()
    expect(await page.evaluate('sessionStorage.length')).toBe(1)
    await context.setOffline(true)
    await page.getByText('Connection lost').waitFor()
    await context.setOffline(false)
    await page.reload()
    await page.getByRole('progressbar').waitFor()
    held.letGo()
    await page.getByText('Done,').waitFor()
    await resultOf(world, message)
    expect(await page.locator('.viewer .thumbnail').count()).toBe(4)
  })

  test.each([
    ['light', 360],
    ['dark', 1280],
  ] as const)('axe-core finds nothing: %s, %i pixels wide', async (colorScheme, width) => {
    const { link } = await picture()
    const { page } = await openEditor(link, { colorScheme, viewport: { width, height: 740 } })
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Extend' }).click()
    await page.getByLabel('Left', { exact: true }).fill('40')
    await page.getByLabel('Prompt', { exact: true }).fill('trees')
    await page.getByRole('button', { name: 'Paint', exact: true }).click()
    await page.getByText('Done,').waitFor()
    await expectAccessible(page)
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  })

  test.each(['de', 'ja'] as const)('speaks the language of the person on Discord: %s', async locale => {
    const { target } = await picture()
    const { editor: texts } = translationsFor(locale).pages
    const link = await world.links.editorUrl(world.pages.url, { ...target, locale })
    const { page } = await openEditor(link, { viewport: { width: 390, height: 780 } })
    expect(await page.evaluate('document.documentElement.lang')).toBe(locale)
    for (const tool of Object.values(texts.tools)) await page.getByRole('button', { name: tool, exact: true }).waitFor()
    await page.getByLabel(texts.paintedArea).selectOption(texts.remove)
    await page.getByRole('button', { name: texts.paint, exact: true }).click()
    await page.getByText(texts.maskMissing).waitFor()
    // “fill” leaves nothing of what is grey either: the page says so before a job waits.
    await page.getByRole('button', { name: texts.invert, exact: true }).click()
    await page.getByRole('button', { name: texts.paint, exact: true }).click()
    await page.getByText(texts.maskFull).waitFor()
    await expectAccessible(page)
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  })

  test("an expired and a missing link are explained in the browser's language", async () => {
    const { target } = await picture()
    const { server: texts } = translationsFor('de').pages
    const expired = await world.links.editorUrl(world.pages.url, target, Date.now() - 31 * 60_000)
    const { page } = await openPage(expired, { locale: 'de-DE' })
    await page.getByText(texts.linkExpired).waitFor()
    expect(await page.evaluate('document.documentElement.lang')).toBe('de')
    await page.goto(`${world.pages.url}/paint`)
    await page.getByText(texts.linkMissing).waitFor()
  })
})

test('a mask or fields can be sent instead; the prompt is prefilled, and a spoiler stays a spoiler', async () => {
  const { discord } = world
  const ada = discord.person('Ada')
  const image = await landscapeFile(SIZE.width, SIZE.height)
  const sent = await ada.slash('zoom', { image, variations: 1, prompt: 'hills, *many*', spoiler: true })
  const message = await waitForButton(discord, sent, 'Vary (Region)')
  const card = await (await ada.press(message, 'Vary (Region)')).response()
  const asked = await ada.press(card, 'Mask or grid cells…')
  await asked.acknowledged
  expect(JSON.stringify(asked.callback())).toContain('hills, *many*')
  const plan = await waitForButton(discord, await ada.submitModal(asked, { 'cells-3': ['5'] }), 'Paint')
  const result = await waitForButton(discord, await ada.press(plan, 'Paint'), 'U1')
  expect(JSON.stringify(result.components)).toContain('"spoiler":true')
})

describe('the API of the editor', () => {
  let message: APIMessage
  let target: DrawingTarget
  beforeAll(async () => {
    ;({ message, target } = await picture())
  })
  const ask = async (token: string | undefined, path = '', options: RequestInit = {}) => {
    const headers = { ...(token && { authorization: `Bearer ${token}` }), origin: world.pages.url }
    const response = await fetch(`${world.pages.url}/api/drawing${path}`, { ...options, headers })
    return [response.status, (await response.json()) as Record<string, unknown>] as const
  }
  const form = (request: unknown, mask?: Uint8Array) => {
    const body = new FormData()
    body.set('request', JSON.stringify(request))
    if (mask) body.set('mask', new Blob([new Uint8Array(mask)]), 'mask.png')
    return { method: 'POST', body }
  }
  const box = async ({ width, height } = SIZE) => {
    const black = sharp({ create: { width, height, channels: 3, background: '#000' } })
    const white = await sharp({ create: { width: 30, height: 30, channels: 3, background: '#fff' } })
      .png()
      .toBuffer()
    return black
      .composite([{ input: white, left: 20, top: 20 }])
      .png()
      .toBuffer()
  }
  const REPAINT = { edit: { kind: 'inpaint' }, prompt: '', variations: 1 }

  test('an invalid token is refused', async () => {
    const good = await world.links.signTarget(target)
    const late = await world.links.signTarget(target, Date.now() - 31 * 60_000)
    const [head, , tail] = good.split('.')
    const forged = Buffer.from(JSON.stringify({ region: { ...target, person: '1' }, exp: 9e9 })).toString('base64url')
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
    const tokens = [undefined, '', 'x', late, `${head}.${forged}.${tail}`, `${none}.${forged}.`, good.slice(0, -2)]
    for (const token of tokens) expect((await ask(token))[0]).toBe(403)
    const [status, about] = await ask(good)
    expect([status, about.picture]).toEqual([200, expect.stringMatching(/^\/api\/drawing\//)])
  })

  test('a job is visible to the person who submitted it only', async () => {
    const token = await world.links.signTarget(target)
    const [, { job }] = await ask(token, '', form(REPAINT, await box()))
    expect((await ask(token, `/jobs/${job}`))[0]).toBe(200)
    const bob = world.discord.person('Bob')
    const theirs = await world.links.signTarget({ ...target, person: bob.user.id })
    expect((await ask(theirs, `/jobs/${job}`))[0]).toBe(404)
    expect((await ask(token, '/jobs/123'))[0]).toBe(404)
    await expect.poll(async () => (await ask(token, `/jobs/${job}`))[1].state, { timeout: 60_000 }).toBe('done')
  })

  test('the state of a job names its pictures by URLs, which need the same token', async () => {
    const token = await world.links.signTarget(target)
    const get = (path: string, bearer?: string) =>
      fetch(`${world.pages.url}${path}`, { headers: bearer ? { authorization: `Bearer ${bearer}` } : {} })
    const submitted = await ask(token, '', form({ ...REPAINT, variations: 2 }, await box()))
    const { job } = submittedSchema.parse(submitted[1])
    const state = await vi.waitFor(
      async () => {
        const [, body] = await ask(token, `/jobs/${job}`)
        const parsed = jobStateSchema.parse(body)
        if (parsed.state !== 'done') throw new Error(parsed.state)
        // Nothing but URLs and tokens.
        expect(JSON.stringify(body).length).toBeLessThan(2000)
        return parsed
      },
      { timeout: 60_000, interval: 100 },
    )
    expect(state.pictures.length).toBe(2)
    const someoneElse = await world.links.signTarget({ ...target, person: world.discord.person('Bob').user.id })
    for (const { url, token: next } of state.pictures) {
      expect(url).toMatch(/^\/api\/drawing\//)
      expect((await get(url)).status).toBe(403)
      expect((await get(url, token.slice(0, -2))).status).toBe(403)
      expect((await get(url, someoneElse)).status).toBe(404)
      const response = await get(url, token)
      expect(response.headers.get('content-type')).toBe('image/png')
      expect(response.headers.get('cache-control')).toMatch(/^private, max-age=\d+$/)
      const { width, height } = await sharp(Buffer.from(await response.arrayBuffer())).metadata()
      expect({ width, height }).toEqual(SIZE)
      expect((await ask(next))[0]).toBe(200)
    }
    expect((await get(`/api/drawing/jobs/${job}/pictures/2`, token)).status).toBe(404)
    expect((await get(`/api/drawing/jobs/${job}/preview`, token)).status).toBe(204)
    expect((await get(`/api/drawing/jobs/${job}/preview`, someoneElse)).status).toBe(404)
  })

  test('the picture to draw on is a URL too, which gives the same file each time', async () => {
    const token = await world.links.signTarget(target)
    const [, body] = await ask(token)
    const { picture } = openedDrawingSchema.parse(body)
    const load = async () => {
      const response = await fetch(`${world.pages.url}${picture}`, { headers: { authorization: `Bearer ${token}` } })
      return Buffer.from(await response.arrayBuffer())
    }
    const bytes = await world.discord.download(message.attachments[0]!)
    expect([await load(), await load()].map(loaded => Buffer.compare(loaded, bytes))).toEqual([0, 0])
    expect((await fetch(`${world.pages.url}${picture}`)).status).toBe(403)
  })

  test.each<[string, unknown, () => Promise<Uint8Array | undefined>, RegExp]>([
    ['no mask', REPAINT, async () => undefined, /mask/i],
    ['an empty one', REPAINT, async () => encodePng({ width: 1, height: 1, data: new Uint8Array(3) }), /mask|nothing/i],
    ['what is not a picture', REPAINT, async () => Buffer.from('nothing'), /picture|mask/i],
    ['an edit that is none of its own', { ...REPAINT, edit: { kind: 'vary', strength: 'subtle' } }, box, /isn’t valid/],
    ['an absurd side', { ...REPAINT, edit: extended(1e9) }, async () => undefined, /large|pixels/i],
    ['a model that is not there', { ...REPAINT, engine: 'nothing' }, box, /nothing/],
    ['too many', { ...REPAINT, variations: 9 }, box, /isn’t valid/],
  ])('%s is answered with a sentence, and nothing is painted', async (_, request, mask, sentence) => {
    const before = world.discord.messages().length
    const [status, { error }] = await ask(await world.links.signTarget(target), '', form(request, await mask()))
    expect(status).toBe(400)
    expect(error).toMatch(sentence)
    expect(world.discord.messages().length).toBe(before)
  })

  test('a mask that exceeds the limit is refused with status 413', async () => {
    const token = await world.links.signTarget(target)
    const body = form(REPAINT, new Uint8Array(17 * 1024 * 1024))
    // The server closes the connection without reading the rest, so no other request may use it.
    const headers = { authorization: `Bearer ${token}`, origin: world.pages.url, connection: 'close' }
    const response = await fetch(`${world.pages.url}/api/drawing`, { ...body, headers })
    expect(response.status).toBe(413)
  })

  test("the server's current rules apply, not those of the time when the link was created", async () => {
    const owner = world.discord.person('Eve')
    owner.addRole(world.discord.role('Owner', ['Administrator']))
    const sent = await owner.slash('settings words', { add: 'teapot' })
    await sent.response()
    const request = { ...REPAINT, prompt: 'a teapot' }
    const [status, { error }] = await ask(await world.links.signTarget(target), '', form(request, await box()))
    expect([status, error]).toEqual([400, expect.stringMatching(/teapot/)])
  })

  test('a deleted picture is explained', async () => {
    const painted = await paintedPicture()
    await world.discord.deleteMessage(painted.message)
    const [status, { error }] = await ask(painted.link.split('#')[1])
    expect([status, error]).toEqual([400, expect.any(String)])
  })
})

function extended(pixels: number) {
  const none = { pixels: 0 }
  return { kind: 'extend', left: { pixels }, right: none, top: none, bottom: none }
}
