import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { openPlayground } from '../src/terminal/playground.js'

// npm run screenshots
//
// Pictures of the pages for the README, light and dark, into docs/images. Needs a Chromium (CHROMIUM names it, if it lies
// elsewhere than Debian's), and a font that has emoji.

const FOLDER = fileURLToPath(new URL('../docs/images/', import.meta.url))
const SIZE = { width: 1200, height: 800 }

const playground = await openPlayground(0, pino({ level: 'silent' }))
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
await mkdir(FOLDER, { recursive: true })
const address = await begin(await browser.newContext({ viewport: SIZE, locale: 'en-US' }))
for (const colorScheme of ['light', 'dark'] as const) {
  const context = await browser.newContext({ viewport: SIZE, colorScheme, locale: 'en-US' })
  const chat = await context.newPage()
  await chat.goto(playground.url)
  await chat.getByRole('button', { name: 'U4', exact: true }).waitFor()
  await settled(chat)
  await chat.getByRole('button', { name: 'U4', exact: true }).scrollIntoViewIfNeeded()
  await save(chat, `playground-${colorScheme}`)
  const painter = await context.newPage()
  await painter.goto(address)
  await painter.getByRole('application').waitFor()
  await settled(painter)
  await draw(painter)
  await save(painter, `painter-${colorScheme}`)
}
await browser.close()
await playground.close()

/** The first steps that anybody takes. @returns where the second picture can be drawn on */
async function begin(context: BrowserContext): Promise<string> {
  const page = await context.newPage()
  await page.goto(playground.url)
  await page.getByRole('button', { name: 'Zoom out of the balloon' }).click()
  await page.getByRole('button', { name: 'Send', exact: true }).click()
  await page.getByRole('button', { name: 'U3', exact: true }).click()
  await page.getByRole('button', { name: /Vary \(Region\)/ }).click()
  await page
    .getByRole('dialog', { name: /Activity/ })
    .getByRole('button', { name: 'Close' })
    .click()
  const link = page.getByRole('link', { name: 'Draw it' })
  const href = await link.getAttribute('href')
  await page.getByRole('button', { name: 'Dismiss message' }).click()
  await link.waitFor({ state: 'detached' })
  return href!
}

/** A line around the balloon. */
async function draw(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Lasso' }).click()
  const box = (await page.locator('.paper').boundingBox())!
  const at = (turn: number) => {
    const angle = (turn / 40) * 2 * Math.PI
    return [
      box.x + box.width * (0.415 + 0.1 * Math.cos(angle)),
      box.y + box.height * (0.44 + 0.24 * Math.sin(angle)),
    ] as const
  }
  await page.mouse.move(...at(0))
  await page.mouse.down()
  for (let turn = 1; turn <= 40; turn++) await page.mouse.move(...at(turn))
  await page.mouse.up()
}

/** Until every picture is there. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction('[...document.images].every(image => image.complete)')
  await page.waitForTimeout(500)
}

async function save(page: Page, name: string): Promise<void> {
  await sharp(await page.screenshot())
    .webp({ quality: 82 })
    .toFile(`${FOLDER}${name}.webp`)
  process.stdout.write(`docs/images/${name}.webp\n`)
}
