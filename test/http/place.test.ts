import type { APIMessage } from 'discord.js'
import type { BrowserContextOptions, Locator, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { translationsFor } from '../../src/i18n/i18n.js'
import { readRecipe } from '../../src/inference/pipeline/recipe-file.js'
import { expectAccessible, hasBrowser, openPage } from '../support/browser.js'
import { pictureToDrawOn, resultOf } from '../support/editor-page.js'
import { type PagesFixture, startPagesFixture } from '../support/pages.js'

/** A portrait. */
const SIZE = { width: 60, height: 90 }

let world: PagesFixture
beforeAll(async () => {
  world = await startPagesFixture()
})
afterAll(async () => {
  await world.close()
  expect(world.discord.violations).toEqual([])
})

/** A picture in the editor, with the tool Place. @param locale of the person on Discord */
async function openPlace(options: BrowserContextOptions = {}, locale = 'en-US') {
  const { message, target } = await pictureToDrawOn(world, SIZE)
  const opened = await openPage(await world.links.editorUrl(world.pages.url, { ...target, locale }), options)
  const { place } = translationsFor(locale).pages.editor
  await opened.page.getByRole('button', { name: place, exact: true }).click()
  await opened.page.locator('.new-frame img').waitFor()
  return { message, ...opened }
}

/** The one picture that was painted from a message, and the file that it was painted from. */
async function paintedFrom(parent: APIMessage) {
  const reply = await resultOf(world, parent)
  const file = reply.attachments.find(({ filename }) => filename.startsWith('overscan-1'))!
  const [png, source] = await Promise.all([file, parent.attachments[0]!].map(one => world.discord.download(one)))
  return { png: png!, source: source!, recipe: readRecipe(png!)! }
}

const pixels = (
  png: Uint8Array,
  { x: left, y: top, width, height }: { x: number; y: number; width: number; height: number },
) => sharp(png).extract({ left, top, width, height }).removeAlpha().raw().toBuffer()

const field = (page: Page, name: string) => page.getByLabel(name, { exact: true })
const value = async (page: Page, name: string) => Number(await field(page, name).inputValue())

async function centerOf(locator: Locator): Promise<[number, number]> {
  const box = (await locator.boundingBox())!
  return [box.x + box.width / 2, box.y + box.height / 2]
}

async function dragBy(page: Page, locator: Locator, x: number, y: number): Promise<void> {
  const [fromX, fromY] = await centerOf(locator)
  await page.mouse.move(fromX, fromY)
  await page.mouse.down()
  await page.mouse.move(fromX + x, fromY + y, { steps: 6 })
  await page.mouse.up()
}

const frameSize = (page: Page) => page.locator('.frame-size').textContent()
const shownFrame = async (page: Page) => (await page.locator('.new-frame').boundingBox())!

async function paintOne(page: Page): Promise<void> {
  await page.getByLabel('Variations').selectOption('1')
  await page.getByRole('button', { name: 'Paint', exact: true }).click()
}

describe.skipIf(!hasBrowser)('the tool Place', () => {
  test('a portrait is placed into 16:9 with the mouse; its pixels stay', async () => {
    const { page, message, complaints } = await openPlace()
    expect(await frameSize(page)).toBe('90 × 135')
    await page.getByRole('button', { name: '16:9', exact: true }).click()
    expect(await frameSize(page)).toBe('160 × 90')
    expect([await value(page, 'From left'), await value(page, 'From top')]).toEqual([50, 0])
    // The whole frame is in view.
    const [frame, stage] = [await shownFrame(page), (await page.getByRole('application').boundingBox())!]
    expect(frame.width).toBeLessThan(stage.width)
    expect(frame.width).toBeGreaterThan(stage.width * 0.6)
    const shown = frame.width / 160
    // It snaps to the edge: this is 4 pixels of the screen away from it.
    await dragBy(page, page.locator('.new-frame img'), -50 * shown + 4, 3)
    expect([await value(page, 'From left'), await value(page, 'From top')]).toEqual([0, 0])
    await dragBy(page, page.locator('.new-frame img'), 40 * shown, 3)
    expect(await value(page, 'From left')).toBe(40)
    await paintOne(page)
    const { png, source, recipe } = await paintedFrom(message)
    expect(recipe.edit).toEqual({ kind: 'place', width: 160, height: 90, at: { x: 40, y: 0 }, scale: 1 })
    expect(await pixels(png, recipe.old)).toEqual(await pixels(source, { x: 0, y: 0, ...SIZE }))
    expect(complaints).toEqual([])
  })

  test('handles resize the frame, with Alt on both sides, and scale the picture', async () => {
    const { page } = await openPlace()
    const shown = (await shownFrame(page)).width / 90
    const handle = (name: RegExp) => page.getByRole('button', { name })
    await dragBy(page, handle(/^Frame, Right:/), 50 * shown, 0)
    expect(await frameSize(page)).toBe('140 × 135')
    expect(await value(page, 'From left')).toBe(15)
    const next = (await shownFrame(page)).width / 140
    await page.keyboard.down('Alt')
    await dragBy(page, handle(/^Frame, Top left:/), -20 * next, -10 * next)
    await page.keyboard.up('Alt')
    expect(await frameSize(page)).toBe('180 × 155')
    expect([await value(page, 'From left'), await value(page, 'From top')]).toEqual([35, 32])
    // The left edge snaps to the picture.
    const last = (await shownFrame(page)).width / 180
    await dragBy(page, handle(/^Frame, Left:/), 35 * last - 5, 0)
    expect([await frameSize(page), await value(page, 'From left')]).toEqual(['145 × 155', 0])
    const before = (await shownFrame(page)).width / 145
    await dragBy(page, handle(/^Picture, Bottom right:/), -30 * before, -45 * before)
    expect(await value(page, 'Picture size, %')).toBeCloseTo(50, 0)
    await page.getByRole('button', { name: 'Keep my pixels' }).click()
    expect(await value(page, 'Picture size, %')).toBe(100)
    await page.getByRole('button', { name: 'Center' }).click()
    expect([await value(page, 'From left'), await value(page, 'From top')]).toEqual([42, 32])
    await page.getByLabel('Size for').selectOption('emoji')
    expect([await frameSize(page), await value(page, 'Picture size, %')]).toEqual(['128 × 128', 142.2])
    await page.getByRole('slider').fill('2')
    expect(await value(page, 'Picture size, %')).toBe(71.1)
    // The wheel zooms the view, with Shift it scales the picture.
    await page.mouse.move(...(await centerOf(page.locator('.new-frame'))))
    await page.keyboard.down('Shift')
    await page.mouse.wheel(0, -300)
    await page.keyboard.up('Shift')
    await expect.poll(() => value(page, 'Picture size, %')).toBeGreaterThan(80)
  })

  test('one finger moves the picture, two scale it', async () => {
    const { page, message, context } = await openPlace({ hasTouch: true, viewport: { width: 390, height: 780 } })
    const device = await context.newCDPSession(page)
    const touch = async (type: 'touchStart' | 'touchMove' | 'touchEnd', ...points: [number, number][]) => {
      await device.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) })
    }
    await page.getByRole('button', { name: '9:16', exact: true }).click()
    expect(await frameSize(page)).toBe('60 × 107')
    const shown = (await shownFrame(page)).width / 60
    const [x, y] = await centerOf(page.locator('.new-frame'))
    await touch('touchStart', [x - 15, y], [x + 15, y])
    for (let step = 1; step <= 5; step++) await touch('touchMove', [x - 15 + step, y], [x + 15 - step, y])
    await touch('touchEnd')
    const scale = await value(page, 'Picture size, %')
    expect(scale).toBeCloseTo(66.7, 0)
    const [left, top] = [await value(page, 'From left'), await value(page, 'From top')]
    await touch('touchStart', [x, y])
    for (let step = 1; step <= 5; step++)
      await touch('touchMove', [x + 10 * shown * step * 0.2, y + 20 * shown * step * 0.2])
    await touch('touchEnd')
    expect([await value(page, 'From left'), await value(page, 'From top')]).toEqual([left + 10, top + 20])
    await paintOne(page)
    const { recipe } = await paintedFrom(message)
    expect(recipe.edit).toMatchObject({ kind: 'place', width: 60, height: 107, at: { x: left + 10, y: top + 20 } })
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  })

  test('the keyboard alone places and submits', async () => {
    const { page, message } = await openPlace()
    await page.getByRole('button', { name: '16:9', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('application').focus()
    for (const key of ['-', '-', '+', 'ArrowLeft', 'ArrowDown', 'Shift+ArrowLeft']) await page.keyboard.press(key)
    await page.getByText(/^Picture at \d+, \d+, 95%$/).waitFor()
    const [left, top] = [await value(page, 'From left'), await value(page, 'From top')]
    await page.getByRole('button', { name: /^Frame, Bottom:/ }).focus()
    await page.keyboard.press('Shift+ArrowDown')
    expect(await frameSize(page)).toBe('160 × 122')
    await page.getByLabel('Variations').focus()
    await page.keyboard.press('1')
    await page.keyboard.press('Control+Enter')
    const { recipe } = await paintedFrom(message)
    expect(recipe.edit).toMatchObject({ kind: 'place', width: 160, height: 122, at: { x: left, y: top } })
    expect(recipe.old).toEqual({ x: left, y: top, width: 57, height: 86 })
  })

  test('a picture that covers the frame is explained, and a number that is none is not taken', async () => {
    const { page } = await openPlace()
    for (const [name, typed] of [
      ['Width', '50'],
      ['Height', '50'],
    ] as const) {
      await field(page, name).fill(typed)
      await field(page, name).press('Tab')
    }
    expect(await frameSize(page)).toBe('50 × 50')
    await page.getByRole('button', { name: 'Paint', exact: true }).click()
    await page.getByText('The picture covers the whole frame.').waitFor()
    await field(page, 'Width').fill('')
    await field(page, 'Width').press('Tab')
    expect(await value(page, 'Width')).toBe(50)
    await field(page, 'Width').fill('99999')
    await field(page, 'Width').press('Tab')
    expect(await value(page, 'Width')).toBe(16384)
  })

  test('is accessible in light and dark colours, on a phone and on a desk', async () => {
    const { page } = await openPlace()
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 780 })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await expectAccessible(page)
      }
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    }
  })

  test.each(['de', 'fr', 'es-ES', 'ja'])('speaks %s', async locale => {
    const { editor: texts } = translationsFor(locale).pages
    const { page } = await openPlace({ viewport: { width: 390, height: 780 } }, locale)
    await page.getByRole('button', { name: texts.keepPixels }).waitFor()
    await page.getByText(texts.placeHint).waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  })
})
