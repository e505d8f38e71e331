import { request } from 'node:http'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { problemMessage, translationsFor } from '../../src/i18n/i18n.js'
import type { RunningServer } from '../../src/listen.js'
import { expectAccessible, hasBrowser, openPage } from '../support/browser.js'
import { landscapeFile } from '../support/e2e.js'
import { holdNextJob } from '../support/emulator.js'
import { type PagesFixture, startPagesFixture } from '../support/pages.js'

/** The bot's text for a picture that a person sent. */
const RECIPE_MISSING = problemMessage({ code: 'recipe-missing' }, translationsFor('en-US'))

const { pages: pageTexts } = translationsFor('en')

let world: PagesFixture
let discord: DiscordEmulator
let pages: RunningServer
const startWorld = async () => {
  world = await startPagesFixture()
  discord = world.discord
  pages = world.pages
}
const closeWorld = async () => {
  await world.close()
  expect(discord.violations).toEqual([])
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).last()
const messageWith = (page: Page, text: string) => page.locator('.message', { hasText: text }).last()

/** A picture that is small, so that painting it is fast. */
async function picture(name = 'hills.png') {
  const { data } = await landscapeFile()
  return { name, mimeType: 'image/png', buffer: data }
}

/** Zoom out of a sample, as a new user does. It is smaller than the real one, so that painting it is fast. */
async function zoomOutOfSample(page: Page): Promise<void> {
  const { data: body } = await landscapeFile(120, 80)
  await page.route('**/samples/lighthouse.png', route => route.fulfill({ contentType: 'image/png', body }))
  await page.getByRole('button', { name: 'Zoom out of the lighthouse' }).click()
  await button(page, 'Send').click()
}

/** Fill in a slash command and send it. */
async function slash(page: Page, command: string, fields: Readonly<Record<string, string | undefined>> = {}) {
  const field = page.getByLabel('Message', { exact: true })
  await field.fill(`/${command}`)
  await page.getByRole('option').first().waitFor()
  await field.press('Enter')
  const form = page.getByRole('form', { name: `/${command}` })
  await form.waitFor()
  for (const [name, value] of Object.entries(fields)) {
    const input = form.getByLabel(name, { exact: true })
    if ((await input.count()) === 0) await form.getByRole('button', { name, exact: true }).click()
    if (value === undefined) await input.setInputFiles(await picture())
    else if (await input.evaluate(element => element.tagName === 'SELECT')) await input.selectOption({ label: value })
    else await input.fill(value)
  }
  await form.getByRole('button', { name: 'Send', exact: true }).click()
  await form.waitFor({ state: 'detached' })
}

/** How far the end of the messages is below what is in view, in pixels. */
const belowView = (page: Page) =>
  page.evaluate<number>(`(() => {
    const { scrollHeight, scrollTop, clientHeight } = document.querySelector('main')
    return scrollHeight - scrollTop - clientHeight
  })()`)

describe.skipIf(!hasBrowser)('the playground', () => {
  beforeEach(startWorld)
  afterEach(closeWorld)

  test('a new user loads a small page, and zooms out with two clicks, and then three more times', async () => {
    const { page, complaints, requests } = await openPage(pages.url)
    await page.getByRole('heading', { name: 'What’s outside the frame?' }).waitFor()
    const bytes = await page.evaluate(`performance.getEntriesByType('resource')
      .filter(({ name }) => /\\.(js|css|html)$/.test(name))
      .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)`)
    expect(bytes).toBeGreaterThan(10_000)
    expect(bytes).toBeLessThan(200_000)
    await zoomOutOfSample(page)
    await button(page, 'U1').waitFor()
    await expect.poll(() => belowView(page)).toBeLessThan(2)
    for (let zoom = 2; zoom <= 4; zoom++) {
      await button(page, 'U1').click()
      await page
        .locator('.message', { hasText: 'Image #1' })
        .nth(zoom - 2)
        .waitFor()
      await messageWith(page, 'Image #1').getByRole('button', { name: '🔍 Zoom Out 1.5×', exact: true }).click()
      await page
        .getByRole('button', { name: 'U2', exact: true })
        .nth(zoom - 1)
        .waitFor()
      expect(await page.getByRole('button', { name: 'U2', exact: true }).count()).toBe(zoom)
      // Also while its pictures load.
      await expect.poll(() => belowView(page)).toBeLessThan(2)
    }
    expect(
      await page
        .locator('.message')
        .last()
        .getByRole('button', { name: /^Enlarge/ })
        .count(),
    ).toBe(2)
    // Who reads something older stays there.
    await page.getByRole('main').hover()
    await page.mouse.wheel(0, -100_000)
    const top = () => page.evaluate("document.querySelector('main').scrollTop")
    await expect.poll(top).toBe(0)
    await discord.person('Ada').sendMessage('hello')
    await page.getByText('hello').waitFor({ state: 'attached' })
    expect(await top()).toBe(0)
    // The reference shows names in place of mentions.
    const references = (await page.locator('.reference').allTextContents()).join('\n')
    expect(references).toContain('picked by @You')
    expect(references).not.toContain('<@')
    expect(complaints).toEqual([])
    // No request to another origin.
    expect(requests.filter(url => !url.startsWith(pages.url) && !/^(blob|data):/.test(url))).toEqual([])
  })

  test('every command can be sent', async () => {
    const { page, complaints } = await openPage(pages.url)
    const paints = { image: undefined, variations: '1' }
    const sent: [string, Record<string, string | undefined>, string | RegExp][] = [
      ['zoom', { ...paints, factor: '2' }, 'Zoom Out 2×'],
      ['extend', { ...paints, left: '25%' }, /left/i],
      ['square', paints, /square/i],
      ['fit', { ...paints, shape: '16:9' }, '16:9'],
      ['inpaint', { ...paints, mask: undefined }, /mask|white/i],
      ['remove', { ...paints, mask: undefined }, /mask|white/i],
      ['vary', paints, /Vary|paint/],
      ['imagine', { prompt: 'a fox' }, /model/],
      ['recipe', { image: undefined }, RECIPE_MISSING],
      ['models', {}, 'fill'],
      ['info', {}, 'fill'],
      ['help', {}, '/zoom'],
      ['queue show', {}, /wait|nothing/i],
      ['settings show', {}, /quota|channel/i],
      ['settings mine', { language: 'English' }, /language|English/i],
      ['forget-me', {}, /delete|forg/i],
    ]
    for (const [command, fields, answer] of sent) {
      const answers = page.locator('.message').filter({ hasText: answer })
      const before = await answers.count()
      await slash(page, command, fields)
      await answers.nth(before).waitFor()
      // Until no job is running: its progress message has a Cancel button.
      const underWay = page
        .locator('.message')
        .filter({ has: page.getByRole('button', { name: 'Cancel', exact: true }) })
      await underWay.first().waitFor({ state: 'detached' })
      await page.locator('.thinking').first().waitFor({ state: 'detached' })
    }
    expect(complaints).toEqual([])
  }, 180_000)

  test('a command is typed with its options, and sent at once where nothing is missing', async () => {
    const { page, complaints } = await openPage(pages.url)
    const field = page.getByLabel('Message', { exact: true })
    await field.fill('/fit server banner')
    await page.getByRole('option', { name: '/fit' }).waitFor()
    await field.press('Enter')
    const form = page.getByRole('form', { name: '/fit' })
    expect(await form.getByLabel('shape', { exact: true }).inputValue()).toBe('server banner')
    await form.getByRole('button', { name: 'dunes' }).click()
    await form.getByText('dunes.png').waitFor()
    expect(await form.getByText('or a sample').count()).toBe(0)
    await form.getByRole('button', { name: 'Cancel' }).click()
    await page.getByLabel('Attach a picture').setInputFiles(await picture())
    await field.fill('/fit shape:server banner variations:1')
    await field.press('Enter')
    await messageWith(page, '960×540').waitFor()
    expect(await form.count()).toBe(0)
    expect(await page.locator('.attached').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  test('every form fits a phone', async () => {
    const { page } = await openPage(pages.url, { viewport: { width: 390, height: 740 } })
    const field = page.getByLabel('Message', { exact: true })
    for (const command of ['zoom', 'inpaint', 'remove', 'imagine', 'upscale', 'settings mine', 'forget-me']) {
      await field.fill(`/${command}`)
      await page.getByRole('option').first().waitFor()
      await field.press('Enter')
      const form = page.getByRole('form', { name: `/${command}` })
      for (let left = await form.locator('.rest button').count(); left > 0; left--) {
        await form.locator('.rest button').first().dispatchEvent('click')
      }
      const outside = await page.evaluate(`[...document.querySelectorAll('.command *')]
        .filter(element => element.getBoundingClientRect().right > innerWidth)
        .map(({ outerHTML }) => outerHTML.slice(0, 100))`)
      expect(outside, command).toEqual([])
      await form.getByRole('button', { name: 'Cancel' }).click()
    }
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  })

  test("a picture is dropped in, extended by its message's menu, and viewed in full size", async () => {
    const { page, complaints } = await openPage(pages.url)
    const { buffer } = await picture()
    await page.locator('.app').waitFor()
    await page.evaluate(`{
      const data = new DataTransfer()
      data.items.add(new File([new Uint8Array([${[...buffer]}])], 'hills.png', { type: 'image/png' }))
      const drop = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
      document.querySelector('.app').dispatchEvent(drop)
    }`)
    await page.getByLabel('Message', { exact: true }).fill('look')
    await button(page, 'Send').click()
    await messageWith(page, 'look').click({ button: 'right' })
    await page.getByRole('button', { name: 'Extend… (Apps)' }).click()
    await page.getByRole('link', { name: 'Open the editor' }).waitFor()
    await button(page, 'Lengths…').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Left', { exact: true }).fill('half')
    await dialog.getByRole('button', { name: 'Submit' }).click()
    await messageWith(page, 'half').getByRole('button', { name: 'Dismiss message' }).click()
    await button(page, 'Lengths…').click()
    await dialog.getByLabel('Left', { exact: true }).fill('25%')
    await dialog.getByRole('button', { name: 'Submit' }).click()
    await button(page, 'U2').waitFor()
    await page
      .getByRole('button', { name: /^Enlarge/ })
      .last()
      .click()
    await page.keyboard.press('ArrowRight')
    await page.getByText('1 of 2').waitFor()
    await page.getByRole('button', { name: 'Before / after' }).click()
    await page.getByRole('slider').press('End')
    const over = await page.evaluate("getComputedStyle(document.querySelector('.viewer .over')).clipPath")
    expect(over).toMatch(/inset\(0(px|%)?( 0(px|%)?)*\)/)
    // The source is at its place on the picture, which has a quarter of the source's width more on the left.
    const left = () =>
      page.locator('.viewer .over img').evaluate((image: { style: { left: string } }) => image.style.left)
    await expect.poll(async () => Number.parseFloat(await left())).toBeCloseTo(20, 0)
    await page.keyboard.press('Escape')
    await page.locator('.viewer').waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })

  test('a picture that is attached opens in the editor, also without a message', async () => {
    const { page, context } = await openPage(pages.url)
    await page.getByLabel('Attach a picture').setInputFiles(await picture())
    await button(page, 'Open the editor').click()
    await page.getByRole('link', { name: 'Open the editor' }).waitFor()
    expect(await page.locator('.attached').count()).toBe(0)
    const popup = context.waitForEvent('page')
    await page.getByRole('link', { name: 'Open the editor' }).click()
    const editor = await popup
    await editor.getByRole('button', { name: 'Place', exact: true }).click()
    await editor.getByRole('button', { name: '1:1', exact: true }).click()
    await editor.getByLabel('Variations').selectOption('1')
    await editor.getByRole('button', { name: 'Paint', exact: true }).click()
    await messageWith(page, 'Place in 48×48 pixels').waitFor()
  })

  test('an unknown component is shown as unknown', async () => {
    const { page } = await openPage(pages.url)
    const menu = { type: 5, custom_id: 'somebody' }
    const posted = await fetch(`${discord.url}/api/v10/channels/${discord.channel.id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bot ${discord.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ content: 'Who?', components: [{ type: 1, components: [menu] }] }),
    })
    expect(posted.status).toBe(200)
    await page.getByText('This page can’t show components of type 5.').waitFor()
  })

  test('messages of a lost connection appear after it is restored', async () => {
    const { page, context } = await openPage(pages.url)
    const held = holdNextJob()
    await zoomOutOfSample(page)
    await held.begun
    await messageWith(page, 'Zoom Out 1.5×').waitFor()
    await context.setOffline(true)
    held.letGo()
    await discord.waitUntil(() => discord.messages().find(({ attachments }) => attachments.length > 2), {
      what: 'the pictures',
      timeoutMs: 110_000,
    })
    await context.setOffline(false)
    await button(page, 'U2').waitFor()
    await page.getByText('Connection lost').waitFor({ state: 'detached' })
  })

  test('axe-core finds nothing, in light colours on a phone and in dark ones on a desk', async () => {
    const { page } = await openPage(pages.url)
    const expectBothAccessible = async () => {
      for (const [colorScheme, width] of [
        ['light', 360],
        ['dark', 1280],
      ] as const) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 740 })
        await expectAccessible(page)
        // The page does not scroll horizontally.
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
      }
    }
    await expectBothAccessible()
    await page.getByLabel('Message', { exact: true }).fill('/s')
    await expectBothAccessible()
    await page.getByLabel('Message', { exact: true }).fill('')
    await slash(page, 'zoom', { image: undefined, variations: '1' })
    await button(page, 'ℹ️ Recipe').waitFor()
    await button(page, 'ℹ️ Recipe').click()
    await page.getByText('Only you can see this').waitFor()
    await button(page, '🖌️ Vary (Region)').click()
    await page.getByRole('link', { name: 'Open the editor' }).waitFor()
    // The picture, its recipe and the offer of the editor.
    await expectBothAccessible()
    await button(page, 'Mask or grid cells…').click()
    await page.getByRole('dialog').waitFor()
    await expectBothAccessible()
    await page.keyboard.press('Escape')
    await page
      .getByRole('button', { name: /^Enlarge/ })
      .last()
      .click()
    await page.getByRole('button', { name: 'Before / after' }).click()
    await expectBothAccessible()
  })

  test('speaks German in a German browser, and says in plain words what a command can’t take', async () => {
    const texts = translationsFor('de').pages
    const { page } = await openPage(pages.url, { locale: 'de-DE', viewport: { width: 390, height: 740 } })
    await page.getByRole('heading', { name: texts.chat.welcomeTitle }).waitFor()
    expect(await page.title()).toBe(texts.shell.chatTitle)
    expect(await page.evaluate('document.documentElement.lang')).toBe('de')
    await page.getByRole('button', { name: 'Herauszoomen: Leuchtturm' }).click()
    await button(page, 'Senden').waitFor()
    await expectAccessible(page)
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await button(page, 'Abbrechen').click()
    const field = page.getByLabel('Nachricht', { exact: true })
    await field.fill('/recipe')
    await page.getByRole('option').first().waitFor()
    await field.press('Enter')
    const form = page.getByRole('form')
    const notes = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') }
    await form.locator('input[type=file]').setInputFiles(notes)
    await form.getByRole('button', { name: 'Senden', exact: true }).click()
    const sentence = translationsFor('de').pages.server.fileNotPicture.replace('{field}', 'bild')
    await page.getByRole('alert').getByText(sentence).waitFor()
    await form.locator('input[type=file]').setInputFiles(await picture())
    await form.getByRole('button', { name: 'Senden', exact: true }).click()
    await form.waitFor({ state: 'detached' })
  })
})

describe('its server', () => {
  beforeAll(startWorld)
  afterAll(closeWorld)

  test('sends a policy without other origins and inline scripts', async () => {
    const response = await fetch(pages.url)
    const policy = response.headers.get('content-security-policy')!
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  })

  test('refuses unknown host names and requests of other origins', async () => {
    const { port } = new URL(pages.url)
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { host: `evil.example:${port}` }
      request({ port, path: '/api/chat', headers }, answer => resolve(answer.statusCode!))
        .on('error', reject)
        .end()
    })
    expect(status).toBe(421)
    const post = (headers: Record<string, string>) => {
      const body = new FormData()
      body.set('action', JSON.stringify({ type: 'message', content: 'forged' }))
      return fetch(`${pages.url}/api/chat`, { method: 'POST', body, headers })
    }
    expect((await post({ origin: 'https://evil.example' })).status).toBe(403)
    expect((await post({ 'sec-fetch-site': 'cross-site', origin: pages.url })).status).toBe(403)
    expect(discord.messages()).toEqual([])
    expect((await post({ origin: pages.url })).status).toBe(200)
  })

  test("answers in the request's language", async () => {
    const ask = async (path: string, language: string) => {
      const response = await fetch(`${pages.url}${path}`, { headers: { 'accept-language': language } })
      return response.text()
    }
    expect(await ask('/nothing', 'fr-CA,fr;q=0.9,en;q=0.8')).toBe(
      `${translationsFor('fr').pages.server.pageNotFound}\n`,
    )
    // Portuguese is not among the languages, the second choice is.
    expect(await ask('/nothing', 'pt-BR,es;q=0.7')).toBe(`${translationsFor('es').pages.server.pageNotFound}\n`)
    expect(await ask('/nothing', 'pt-BR')).toBe(`${pageTexts.server.pageNotFound}\n`)
    expect(await ask('/paint', 'ja')).toContain('<html lang="ja">')
    for (const path of ['/', '/paint', '/editor.html', '/activity.html']) {
      const html = await ask(path, 'de')
      expect(html).toContain(translationsFor('de').pages.shell.loading)
      expect(html).not.toContain('{{')
    }
  })

  test("serves only pictures with a picture's type", async () => {
    const ada = discord.person('Ada')
    const data = Buffer.from('<script>alert(1)</script>')
    const message = await ada.sendMessage('', { files: [{ name: 'page.html', data }] })
    const response = await fetch(message.attachments[0]!.url.replace(discord.url, pages.url))
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    expect((await fetch(`${pages.url}/attachments/1/2/x.png?ex=0&is=0&hm=0`)).status).toBe(404)
    expect((await fetch(`${pages.url}/samples/..%2fpackage.json`)).status).toBe(404)
    expect((await fetch(`${pages.url}/..%2f..%2fpackage.json`)).status).toBe(404)
  })

  test('answers invalid actions with a sentence', async () => {
    const post = async (action: unknown) => {
      const body = new FormData()
      body.set('action', JSON.stringify(action))
      const response = await fetch(`${pages.url}/api/chat`, { method: 'POST', body, headers: { origin: pages.url } })
      return [response.status, ((await response.json()) as { error: string }).error]
    }
    expect(await post({ type: 'button', message: '1', button: 'x' })).toEqual([400, pageTexts.server.messageDeleted])
    expect(await post({ type: 'modal-submit', interaction: '1', fields: {} })).toEqual([
      400,
      pageTexts.server.formExpired,
    ])
    expect(await post({ type: 'slash', command: 'zoom', options: {} })).toEqual([
      400,
      pageTexts.server.fieldMissing.replace('{field}', 'image'),
    ])
    expect(await post({ type: 'message-command', message: '1', command: 'None' })).toEqual([
      400,
      pageTexts.server.messageDeleted,
    ])
    expect(await post({ type: 'slash', command: 'none', options: {} })).toEqual([400, pageTexts.server.notPossible])
    expect(await post({ type: 'dance' })).toEqual([400, pageTexts.server.invalidRequest])
  })
})
