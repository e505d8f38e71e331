import { readFile } from 'node:fs/promises'
import type { APIMessage } from 'discord.js'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPngTexts } from '../../src/inference/image/png-texts.js'
import { readRecipe } from '../../src/inference/pipeline/recipe-file.js'
import { expectAccessible, hasBrowser, waitForImage } from '../support/browser.js'
import { drag, openEditor, pictureToDrawOn } from '../support/editor-page.js'
import { type PagesFixture, startPagesFixture } from '../support/pages.js'

const SIZE = { width: 120, height: 80 }

let world: PagesFixture
let message: APIMessage
let link: string
beforeAll(async () => {
  if (!hasBrowser) return
  world = await startPagesFixture()
  ;({ message, link } = await pictureToDrawOn(world, SIZE))
})
afterAll(async () => {
  await world?.close()
  expect(world?.discord.violations ?? []).toEqual([])
})

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

/** Extend the picture to the left by its own width, which moves it on the result. */
async function extend(page: Page, variations: string): Promise<void> {
  await press(page, 'Extend')
  await page.getByLabel('Left', { exact: true }).fill(String(SIZE.width))
  await page.getByLabel('Variations').selectOption(variations)
  await page.getByLabel('Prompt', { exact: true }).fill('hills')
  await press(page, 'Paint')
  await page.getByText('Done,').waitFor()
  await waitForViewer(page)
}

/** Wait until the pictures of the viewer are drawn. */
async function waitForViewer(page: Page): Promise<void> {
  for (const image of await page.locator('.viewer img').all()) await waitForImage(image)
}

/** How many pixels are masked. */
const maskPixels = (page: Page) =>
  page.evaluate<number>(`{
    const canvas = document.querySelector('.mask canvas')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    data.filter((value, at) => at % 4 === 3 && value > 127).length
  }`)

/** Whether the browser keeps a mask for the next visit. */
const isMaskKept = (page: Page) =>
  page.evaluate<boolean>(`new Promise(resolve => {
    const opening = indexedDB.open('overscan editor')
    opening.onsuccess = () => {
      const reading = opening.result.transaction('records').objectStore('records').getAll()
      reading.onsuccess = () => resolve(reading.result.some(({ value }) => value.mask))
    }
  })`)

/** The stage's pixels. */
async function stagePixels(page: Page) {
  const { data, info } = await sharp(await page.locator('.viewer .paper').screenshot())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, ...info }
}

/** Mean difference of two pictures in a part of the width, in grey levels. */
function difference(a: Awaited<ReturnType<typeof stagePixels>>, b: typeof a, from: number, to: number): number {
  let [sum, count] = [0, 0]
  for (let y = 4; y < a.height - 4; y++) {
    for (let x = Math.round(from * a.width) + 4; x < Math.round(to * a.width) - 4; x++) {
      const at = (y * a.width + x) * 3
      sum += Math.abs(a.data[at]! - b.data[at]!)
      count++
    }
  }
  return sum / count
}

describe.skipIf(!hasBrowser)('results', () => {
  test('are large on the stage, chosen by keys, compared with the original at its place, and used with the same settings', async () => {
    const { page, complaints } = await openEditor(link)
    await extend(page, '3')
    // All of it is in view.
    const viewer = page.getByRole('region', { name: 'Results' })
    for (const part of [viewer.locator('.paper'), ...(await viewer.getByRole('button').all())]) {
      const box = (await part.boundingBox())!
      expect([box.y >= 0, box.y + box.height <= 800]).toEqual([true, true])
    }
    expect((await viewer.locator('.paper').boundingBox())!.width).toBeGreaterThan(600)
    const chosen = () => viewer.locator('.thumbnail[aria-pressed=true]').getAttribute('aria-label')
    expect(await chosen()).toBe('Picture 1')
    await page.locator('body').press('3')
    expect(await chosen()).toBe('Picture 3')
    const after = await stagePixels(page)
    await page.keyboard.down('c')
    const held = await stagePixels(page)
    await page.keyboard.up('c')
    // The right half is the original, unmoved; the left half was not there.
    expect(difference(after, held, 0.5, 1)).toBeLessThan(1)
    expect(difference(after, held, 0, 0.5)).toBeGreaterThan(20)
    await page.getByLabel('Before / after').fill('25')
    const quarter = await stagePixels(page)
    expect(difference(after, quarter, 0, 0.25)).toBeGreaterThan(20)
    expect(difference(after, quarter, 0.26, 0.5)).toBeLessThan(1)
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await viewer.waitFor({ state: 'detached' })
    await press(page, 'Show painted picture 2')
    await page.getByRole('button', { name: 'Picture 2', exact: true, pressed: true }).waitFor()
    await press(page, 'Use this')
    await page.getByRole('heading', { name: '240 × 80' }).waitFor()
    expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).toBe('hills')
    expect(await page.getByLabel('Variations').inputValue()).toBe('3')
    expect(await page.getByLabel('Left', { exact: true }).inputValue()).toBe('0')
    expect(complaints).toEqual([])
  })

  test('the opened picture and a result are upscaled, as an answer to the message that has them', async () => {
    const { page, complaints } = await openEditor(link)
    const upscaled = async (width: number) => {
      await press(page, 'Upscale (Subtle)')
      await page.locator(`.viewer .paper[style*="width: ${width}px"]`).waitFor()
      await waitForViewer(page)
      const result = world.discord.messages().at(-1)!
      const recipe = readRecipe(await world.discord.download(result.attachments[0]!))
      return { recipe, parent: result.message_reference?.message_id, message: result.id }
    }
    await press(page, 'Show the original')
    const first = await upscaled(2 * SIZE.width)
    expect(first).toMatchObject({
      parent: message.id,
      recipe: { engine: 'lanczos', edit: { kind: 'upscale', scale: 2 } },
    })
    // Both are the same picture, so they look the same on the stage.
    const after = await stagePixels(page)
    await page.keyboard.down('c')
    expect(difference(after, await stagePixels(page), 0, 1)).toBeLessThan(10)
    await page.keyboard.up('c')
    expect(await upscaled(4 * SIZE.width)).toMatchObject({ parent: first.message })
    // It needs a model that paints.
    await press(page, 'Upscale (Creative)')
    await page.getByRole('alert').filter({ hasText: 'none is installed' }).waitFor()
    await expectAccessible(page)
    expect(complaints.filter(line => !line.includes('status of 400'))).toEqual([])
  })

  test('reloading and going back lose nothing', async () => {
    const { page, complaints } = await openEditor(link)
    await press(page, 'Rectangle')
    await drag(page, [0.1, 0.1], [0.5, 0.6])
    const drawn = await maskPixels(page)
    expect(drawn).toBeGreaterThan(0)
    await page.getByLabel('Prompt', { exact: true }).fill('hills')
    await page.getByLabel('Grow mask').fill('3')
    await expect.poll(() => isMaskKept(page)).toBe(true)
    await page.reload()
    await page.getByRole('application').waitFor()
    expect(await maskPixels(page)).toBe(drawn)
    expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).toBe('hills')
    expect(await page.getByLabel('Grow mask').inputValue()).toBe('3')
    await page.getByLabel('Variations').selectOption('2')
    await press(page, 'Paint')
    const viewer = page.getByRole('region', { name: 'Results' })
    await viewer.waitFor()
    await press(page, 'Picture 2')
    await page.reload()
    await page.getByRole('button', { name: 'Picture 2', exact: true, pressed: true }).waitFor()
    await press(page, 'Use this')
    await viewer.waitFor({ state: 'detached' })
    await page.getByRole('application').waitFor()
    expect(await maskPixels(page)).toBe(0)
    expect(await page.locator('.strip .thumbnail').count()).toBe(3)
    await page.goBack()
    await page.getByRole('button', { name: 'Picture 2', exact: true, pressed: true }).waitFor()
    expect(await maskPixels(page)).toBe(drawn)
    await page.goForward()
    await press(page, 'Back')
    await page.getByRole('button', { name: 'Picture 2', exact: true, pressed: true }).waitFor()
    expect(complaints).toEqual([])
  })

  test('the seed of a picture can be locked, a prompt returns, and the recipe is in the downloaded file', async () => {
    const { page } = await openEditor(link)
    await extend(page, '2')
    await page.locator('body').press('2')
    await press(page, 'Lock the seed')
    const seed = await page.getByLabel('Seed', { exact: true }).inputValue()
    await page.getByLabel('Variations').selectOption('1')
    await page.getByLabel('Prompt', { exact: true }).fill('mountains')
    await page.keyboard.press('Control+Enter')
    await press(page, 'Show painted picture 3')
    // The form moves when the job's progress is gone.
    await page.getByRole('button', { name: 'Paint', exact: true }).waitFor()
    await page.getByText('Recipe').click()
    // The picture before has the same seed.
    await page.locator('.recipe', { hasText: /^mountains/ }).waitFor()
    await page.getByText(`Seed: ${seed}`).waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'Download')])
    expect(download.suggestedFilename()).toBe(`overscan-${seed}.png`)
    const { parameters } = readPngTexts(await readFile(await download.path()))
    expect(parameters).toMatch(new RegExp(`^mountains\n.*Seed: ${seed},`))
    await page.getByLabel('Earlier prompts').selectOption('hills')
    expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).toBe('hills')
    await press(page, 'Lock the seed')
    expect(await page.getByLabel('Seed', { exact: true }).inputValue()).toBe('')
  })

  test('a mask is saved and loaded; the wheel zooms, Space pans, ? lists the shortcuts', async () => {
    const { page } = await openEditor(link)
    await press(page, 'Rectangle')
    await drag(page, [0.1, 0.1], [0.5, 0.6])
    const drawn = await maskPixels(page)
    const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'Save mask')])
    const file = await readFile(await download.path())
    const { info, data } = await sharp(file).extractChannel(0).raw().toBuffer({ resolveWithObject: true })
    expect([info.width, info.height, data.filter(value => value > 127).length]).toEqual([
      SIZE.width,
      SIZE.height,
      drawn,
    ])
    await press(page, 'Clear')
    await page.getByLabel('Load mask').setInputFiles({ name: 'mask.png', mimeType: 'image/png', buffer: file })
    await expect.poll(() => maskPixels(page)).toBe(drawn)
    const text = { name: 'mask.png', mimeType: 'image/png', buffer: Buffer.from('nothing') }
    await page.getByLabel('Load mask').setInputFiles(text)
    await page.getByText('That file can’t be read as a picture.').waitFor()

    const paper = async () => (await page.locator('.paper').boundingBox())!
    const before = await paper()
    await page.getByRole('application').focus()
    await page.keyboard.down('Space')
    await drag(page, [0.5, 0.5], [0.6, 0.6])
    await page.keyboard.up('Space')
    expect((await paper()).x).toBeCloseTo(before.x + 0.1 * before.width, 0)
    expect(await maskPixels(page)).toBe(drawn)
    await page.mouse.wheel(0, -300)
    await expect.poll(async () => (await paper()).width).toBeGreaterThan(before.width * 2)
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('on a phone the stage keeps two thirds, and the sheet can be pulled over it', async () => {
    const { page } = await openEditor(link, { hasTouch: true, viewport: { width: 390, height: 780 } })
    const stage = async () => (await page.locator('.stage-area').boundingBox())!.height
    expect(await stage()).toBeGreaterThanOrEqual(519)
    await extend(page, '4')
    expect(await stage()).toBeGreaterThanOrEqual(519)
    for (const button of await page.locator('.viewer button').all()) {
      const box = (await button.boundingBox())!
      expect([box.height >= 36, box.y + box.height <= 521, box.x + box.width <= 390]).toEqual([true, true, true])
    }
    await expectAccessible(page)
    await page.getByRole('button', { name: 'What to paint' }).tap()
    expect((await page.getByRole('form').boundingBox())!.y).toBeLessThan(250)
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  })
})
