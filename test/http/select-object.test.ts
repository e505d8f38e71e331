import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { DrawingTarget } from '../../src/bot/drawing/target.js'
import { translationsFor } from '../../src/i18n/i18n.js'
import { encodePng } from '../../src/inference/image/png.js'
import { MAX_POINTS } from '../../src/inference/segment/prompt.js'
import { DRAWING_LIMITS } from '../../src/protocol/drawing-limits.js'
import { landscape } from '../contracts/engine.js'
import { expectAccessible, hasBrowser, openPage } from '../support/browser.js'
import { drag, openEditor, pictureToDrawOn, toScreen } from '../support/editor-page.js'
import { type PagesFixture, startPagesFixture } from '../support/pages.js'
import { writeSegmentModel } from '../support/segment-models.js'

const { pages: pageTexts } = translationsFor('en')
const SIZE = { width: 240, height: 160 }

let folder: string
let world: PagesFixture
let target: DrawingTarget
let link: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-select-'))
  await writeSegmentModel(join(folder, 'tiny'))
  vi.stubEnv('MODEL_FOLDER', folder)
  world = await startPagesFixture()
  vi.unstubAllEnvs()
  ;({ target, link } = await pictureToDrawOn(world, SIZE))
})
afterAll(async () => {
  await world.close()
  expect(world.discord.violations).toEqual([])
  await rm(folder, { recursive: true })
})

const point = (x: number, y: number, inside = true) => ({ x, y, inside })

describe('the API', () => {
  const ask = async (request: unknown, token?: string) => {
    const authorization = `Bearer ${token ?? (await world.links.signTarget(target))}`
    const response = await fetch(`${world.pages.url}/api/drawing/selection`, {
      method: 'POST',
      headers: { authorization, origin: world.pages.url },
      body: typeof request === 'string' ? request : JSON.stringify(request),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  test('returns three masks on a grid', async () => {
    const { status, body } = await ask({ points: [point(120, 80)] })
    expect([status, body.best]).toEqual([200, 'medium'])
    // 240 × 160 fills the width of the grid, and two thirds of its height.
    expect(body.content).toEqual({ width: 64, height: 64 * (683 / 1024) })
    expect(Object.keys(body.masks as object)).toEqual(['small', 'medium', 'large'])
  })

  test.each<[string, unknown, number]>([
    ['no JSON', '{', 400],
    ['no points', { points: [] }, 400],
    ['a point outside the picture', { points: [point(240, 10)] }, 400],
    ['more points than are allowed', { points: Array.from({ length: 65 }, () => point(1, 1)) }, 400],
    ['a body of 20 kB', { points: [point(1, 1)], more: 'x'.repeat(20_000) }, 400],
  ])('refuses %s', async (_, request, status) => {
    const answer = await ask(request)
    expect(answer.status).toBe(status)
    expect(answer.body.error).toMatch(/\.$/)
  })

  test('refuses a foreign token, and more than four selections at once', async () => {
    expect((await ask({ points: [point(1, 1)] }, 'x')).status).toBe(403)
    const answers = await Promise.all(Array.from({ length: 6 }, (_, at) => ask({ points: [point(10 + at, 10)] })))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]!.body.error).toBe(pageTexts.server.selectionBusy)
    expect((await ask({ points: [point(10, 10)] })).status).toBe(200)
  })

  test('has the limit of the network', () => {
    expect(DRAWING_LIMITS.points.max).toBe(MAX_POINTS)
  })
})

test.skipIf(!hasBrowser)('in the playground, several numbered objects are chosen, without the editor', async () => {
  const { page, complaints } = await openPage(world.pages.url, { viewport: { width: 390, height: 740 } })
  const buffer = await encodePng(landscape(96, 64))
  await page.getByLabel('Attach a picture').setInputFiles({ name: 'hills.png', mimeType: 'image/png', buffer })
  const field = page.getByLabel('Message', { exact: true })
  await field.fill('/remove variations:1')
  await field.press('Enter')
  const menu = page.getByRole('group', { name: 'Choose objects' })
  await menu.getByLabel(/^2 ·/).check()
  await menu.getByLabel(/^1 ·/).check()
  await expectAccessible(page)
  await menu.getByRole('button', { name: 'Choose', exact: true }).click()
  await page.getByText('the objects you chose').waitFor()
  expect(await menu.getByRole('checkbox', { checked: true }).count()).toBe(2)
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  await page.getByRole('button', { name: 'Paint', exact: true }).click()
  await page.getByRole('button', { name: 'ℹ️ Recipe', exact: true }).waitFor()
  expect(complaints).toEqual([])
})

describe.skipIf(!hasBrowser)('the page', () => {
  async function open() {
    const opened = await openEditor(link)
    await opened.page.getByRole('button', { name: 'Select', exact: true }).click()
    return opened
  }
  /** @param x y in pixels of the picture */
  const at = (page: Page, x: number, y: number) => toScreen(page, x / SIZE.width, y / SIZE.height)
  /** The masked share of the picture, and whether a point is masked. */
  const maskAt = (page: Page, x: number, y: number) =>
    page.evaluate<[share: number, isMasked: boolean]>(`{
      const canvas = document.querySelector('.mask canvas')
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      let count = 0
      for (let index = 3; index < data.length; index += 4) if (data[index] > 127) count++
      ;[count / (data.length / 4), data[(${y} * canvas.width + ${x}) * 4 + 3] > 127]
    }`)
  const share = async (page: Page) => (await maskAt(page, 0, 0))[0]

  test('a click adds an object, a size chooses, Alt takes a part away, undo goes back', async () => {
    const { page, complaints } = await open()
    await page.mouse.move(...(await at(page, 100, 80)))
    // What a click would take is shown.
    await expect
      .poll(() => page.locator('canvas.hover').evaluate((canvas: { width: number }) => canvas.width))
      .toBe(240)
    await page.mouse.click(...(await at(page, 100, 80)))
    await expect.poll(() => share(page)).toBeGreaterThan(0.02)
    expect((await maskAt(page, 100, 80))[1]).toBe(true)
    expect((await maskAt(page, 5, 5))[1]).toBe(false)
    const best = await share(page)
    await page.getByRole('button', { name: 'Large' }).click()
    await expect.poll(() => share(page)).toBeGreaterThan(best * 2)
    await page.getByRole('button', { name: 'Small' }).click()
    await expect.poll(() => share(page)).toBeLessThan(best)
    await page.mouse.move(...(await at(page, 100, 80)))
    await page.keyboard.down('Shift')
    await page.mouse.wheel(0, -100)
    await page.keyboard.up('Shift')
    await expect.poll(() => share(page)).toBeCloseTo(best, 2)
    // A second object is added to the first.
    await page.mouse.click(...(await at(page, 200, 80)))
    await expect.poll(async () => (await maskAt(page, 200, 80))[1]).toBe(true)
    expect((await maskAt(page, 100, 80))[1]).toBe(true)
    await page.keyboard.down('Alt')
    await page.mouse.click(...(await at(page, 206, 80)))
    await page.keyboard.up('Alt')
    await expect.poll(async () => (await maskAt(page, 206, 80))[1]).toBe(false)
    expect((await maskAt(page, 100, 80))[1]).toBe(true)
    await page.mouse.click(...(await at(page, 100, 80)), { button: 'right' })
    await expect.poll(async () => (await maskAt(page, 100, 80))[1]).toBe(false)
    await page.getByRole('button', { name: 'Undo' }).click()
    expect((await maskAt(page, 100, 80))[1]).toBe(true)
    await expectAccessible(page)
    expect(complaints).toEqual([])
  })

  test('the keyboard alone selects; a mask refined by the brush is painted', async () => {
    const { page } = await open()
    await page.getByRole('application').focus()
    for (let step = 0; step < 3; step++) await page.keyboard.press('Shift+ArrowLeft')
    await page.keyboard.press('Enter')
    await expect.poll(() => share(page)).toBeGreaterThan(0.02)
    await page.keyboard.press('b')
    const before = await share(page)
    await drag(page, [0.1, 0.1], [0.3, 0.1])
    await expect.poll(() => share(page)).toBeGreaterThan(before)
    await page.getByLabel('Variations').selectOption('1')
    await page.getByRole('button', { name: 'Paint', exact: true }).click()
    await page.getByText('Done,').waitFor()
  })

  test('without a model the tool is greyed, with the command that installs one', async () => {
    await rm(join(folder, 'tiny'), { recursive: true })
    const { page } = await openPage(link)
    await page.getByText('overscan models add mobilesam').waitFor()
    expect(await page.getByRole('button', { name: 'Select', exact: true }).isDisabled()).toBe(true)
    await expectAccessible(page)
  })
})
