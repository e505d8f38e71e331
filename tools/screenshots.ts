import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import sharp from 'sharp'
import { openPlayground } from '../src/cli/playground.js'
import { parseEnvVars } from '../src/config.js'

// npm run screenshots
//
// Screenshots of the playground for README.md and docs/commands.md, light and dark, into docs/images. Needs Chromium (the
// variable CHROMIUM names it, if it is not Debian's) and a font with emoji.

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const FOLDER = `${ROOT}docs/images/`
const WIDE = { width: 1200, height: 800 }
/** For parts of a page, which are shown next to text. */
const NARROW = { width: 720, height: 1000 }

/** Text of the message with the third of four pictures of the lighthouse. */
const PICKED_MESSAGE = 'seed 9 · fill · Image #3'

/** Of each screenshot. */
const MAX_FILE_BYTES = 60_000

/** The channel in one color scheme. */
type ThemedPage = { readonly scheme: 'light' | 'dark'; readonly chat: Page }

const playground = await openPlayground(
  0,
  pino({ level: 'silent' }),
  parseEnvVars(process.env, ['DEVICE', 'MODEL_FOLDER']),
)
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
await mkdir(FOLDER, { recursive: true })
const light = await openChat(browser, 'light')
const themes = [light, await openChat(browser, 'dark')]
await takeReadmeScreenshots()
for (const { chat } of themes) await chat.setViewportSize(NARROW)
await takeCommandScreenshots(light.chat)
await browser.close()
await playground.close()

async function openChat(browser: Browser, scheme: ThemedPage['scheme']): Promise<ThemedPage> {
  // The page's policy forbids the evaluation of strings, by which `waitForFunction` polls.
  const context = await browser.newContext({ viewport: WIDE, colorScheme: scheme, locale: 'en-US', bypassCSP: true })
  // A busy machine paints slowly.
  context.setDefaultTimeout(180_000)
  const chat = await context.newPage()
  await chat.goto(playground.url)
  await chat.locator('.app').waitFor()
  return { scheme, chat }
}

/** The first steps of a new user, and the editor. */
async function takeReadmeScreenshots(): Promise<void> {
  const { chat } = light
  await chat.getByRole('button', { name: 'Zoom out of the balloon' }).click()
  await button(chat, 'Send').click()
  await screenshot('playground', async ({ chat }) => {
    await button(chat, 'V4').scrollIntoViewIfNeeded()
    return chat
  })
  await button(chat, 'U3').click()
  await button(chat, '🖌️ Vary (Region)').click()
  await closeActivity(chat)
  const href = await chat.getByRole('link', { name: 'Open the editor' }).getAttribute('href')
  await chat.getByRole('button', { name: 'Dismiss message' }).click()
  await screenshot('painter', async ({ chat }) => {
    const page = await chat.context().newPage()
    await page.goto(href!)
    await page.getByRole('application').waitFor()
    await waitForImages(page)
    await page.getByRole('button', { name: 'Lasso' }).click()
    await encircle(page, page.locator('.paper'), { x: 0.415, y: 0.44, width: 0.2, height: 0.48 })
    return page
  })
}

/** In the order of docs/commands.md, except where one needs another's result. */
async function takeCommandScreenshots(chat: Page): Promise<void> {
  await screenshot('zoom-options', async ({ chat }) => {
    const form = await openCommand(chat, 'zoom')
    await form.getByLabel('image', { exact: true }).setInputFiles(`${ROOT}examples/lighthouse.png`)
    for (const [name, value] of [
      ['factor', '2'],
      ['seed', '7'],
    ] as const) {
      await form.getByRole('button', { name, exact: true }).click()
      await form.getByLabel(name, { exact: true }).fill(value)
    }
    await form.getByLabel('seed', { exact: true }).blur()
    return form
  })
  await light.chat.getByRole('form').getByRole('button', { name: 'Send', exact: true }).click()
  await themes[1]!.chat.getByRole('form').getByRole('button', { name: 'Cancel', exact: true }).click()
  await screenshot('grid', async ({ chat }) => messageWith(chat, 'seeds 7, 8, 9, 10'))

  await button(chat, 'U3').click()
  await screenshot('single', async ({ chat }) => messageWith(chat, PICKED_MESSAGE))
  await screenshot('custom-zoom', async ({ chat }) => {
    await messageWith(chat, PICKED_MESSAGE).getByRole('button', { name: '🔍 Custom Zoom' }).click()
    return chat.getByRole('dialog')
  })
  for (const { chat } of themes) await chat.keyboard.press('Escape')

  await screenshot('activity', async ({ chat }) => {
    await chat.setViewportSize({ width: 1000, height: 700 })
    await messageWith(chat, PICKED_MESSAGE).getByRole('button', { name: '🖌️ Vary (Region)' }).click()
    const inside = chat.frameLocator('iframe')
    await inside.getByRole('application').waitFor()
    await chat.waitForTimeout(1000)
    await inside.getByRole('button', { name: 'Lasso' }).click()
    await encircle(chat, inside.locator('.paper'), { x: 0.463, y: 0.465, width: 0.1, height: 0.3 })
    return chat
  })
  for (const { chat } of themes) {
    await closeActivity(chat)
    await chat.setViewportSize(NARROW)
  }

  await chat.getByRole('textbox', { name: 'Message' }).fill('Look where we were!')
  await chat.getByLabel('Attach a picture').setInputFiles(`${ROOT}examples/dunes.png`)
  await button(chat, 'Send').click()
  await screenshot('apps', async ({ chat }) => {
    const message = messageWith(chat, 'Look where we were!')
    await waitForImages(chat)
    await message.click({ button: 'right' })
    return message
  })
  for (const { chat } of themes) await chat.keyboard.press('Escape')

  const form = await openCommand(chat, 'remove')
  await form.getByRole('button', { name: 'lighthouse' }).first().click()
  await form.getByRole('button', { name: 'mask', exact: true }).click()
  await form.getByLabel('mask', { exact: true }).setInputFiles({
    name: 'drawn-over.png',
    mimeType: 'image/png',
    buffer: await drawnOverPicture(),
  })
  await form.getByRole('button', { name: 'Send', exact: true }).click()
  await screenshot('mask', async ({ chat }) => messageWith(chat, 'Remove this?'))

  await slash(chat, 'settings show')
  await screenshot('settings', async ({ chat }) => messageWith(chat, 'Server settings'))
  await slash(chat, 'models')
  await screenshot('models', async ({ chat }) => messageWith(chat, 'No diffusion model is installed'))

  await slash(chat, 'queue pause')
  await messageWith(chat, 'The queue is paused').waitFor()
  for (const command of ['zoom', 'square', 'zoom']) {
    const form = await openCommand(chat, command)
    await form.getByRole('button', { name: 'balloon' }).click()
    await form.getByRole('button', { name: 'Send', exact: true }).click()
    await form.waitFor({ state: 'detached' })
  }
  await chat.getByRole('button', { name: 'Cancel', exact: true }).nth(3).waitFor()
  await slash(chat, 'queue show')
  await screenshot('queue', async ({ chat }) => messageWith(chat, 'The queue is paused'))
  await slash(chat, 'queue clear')
}

function button(page: Page, name: string): Locator {
  return page.getByRole('button', { name, exact: true }).last()
}

function messageWith(page: Page, text: string): Locator {
  return page.locator('.message', { hasText: text }).last()
}

/** Pick a slash command. @returns its form */
async function openCommand(page: Page, command: string): Promise<Locator> {
  const field = page.getByRole('textbox', { name: 'Message' })
  await field.fill(`/${command}`)
  await field.press('Enter')
  const form = page.getByRole('form', { name: `/${command}` })
  await form.waitFor()
  return form
}

async function slash(page: Page, command: string): Promise<void> {
  const form = await openCommand(page, command)
  await form.getByRole('button', { name: 'Send', exact: true }).click()
  await form.waitFor({ state: 'detached' })
}

async function closeActivity(page: Page): Promise<void> {
  await page
    .getByRole('dialog', { name: /Activity/ })
    .getByRole('button', { name: 'Close' })
    .click()
}

/** A box, in shares of the whole: from 0 to 1. */
type RelativeBox = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** Draw an ellipse into the box with the mouse. */
async function encircle(page: Page, paper: Locator, { x, y, width, height }: RelativeBox): Promise<void> {
  const box = (await paper.boundingBox())!
  const at = (turn: number) => {
    const angle = (turn / 40) * 2 * Math.PI
    return [
      box.x + box.width * (x + (width / 2) * Math.cos(angle)),
      box.y + box.height * (y + (height / 2) * Math.sin(angle)),
    ] as const
  }
  await page.mouse.move(...at(0))
  await page.mouse.down()
  for (let turn = 1; turn <= 40; turn++) await page.mouse.move(...at(turn))
  await page.mouse.up()
}

/** The lighthouse with a red line around it, as drawn on a phone. */
async function drawnOverPicture(): Promise<Buffer> {
  const line = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 768 512" width="768" height="512">
    <ellipse cx="328" cy="202" rx="66" ry="148" fill="none" stroke="#e01020" stroke-width="12"/></svg>`
  return sharp(await readFile(`${ROOT}examples/lighthouse.png`))
    .composite([{ input: Buffer.from(line) }])
    .png()
    .toBuffer()
}

/** Take a screenshot of a page or a part of it, in each theme. */
async function screenshot(name: string, part: (page: ThemedPage) => Promise<Page | Locator>): Promise<void> {
  for (const one of themes) {
    const shown = await part(one)
    const page = 'page' in shown ? shown.page() : shown
    if ('page' in shown) {
      await shown.waitFor()
      await shown.scrollIntoViewIfNeeded()
    }
    // No element should have its hover style.
    const { width, height } = page.viewportSize()!
    await page.mouse.move(width - 2, height - 2)
    await waitForImages(page)
    await save(await shown.screenshot({ animations: 'disabled' }), `${name}-${one.scheme}`)
  }
}

/** Until all images are loaded. */
async function waitForImages(page: Page): Promise<void> {
  await page.waitForFunction('[...document.images].every(image => image.complete)')
  await page.waitForTimeout(500)
}

/** At the best quality that fits into MAX_FILE_BYTES. */
async function save(png: Buffer, name: string): Promise<void> {
  for (let quality = 84; ; quality -= 4) {
    const webp = await sharp(png).webp({ quality, effort: 6 }).toBuffer()
    if (webp.length > MAX_FILE_BYTES && quality > 40) continue
    await writeFile(`${FOLDER}${name}.webp`, webp)
    process.stdout.write(`docs/images/${name}.webp, ${Math.round(webp.length / 1000)} kB\n`)
    return
  }
}
