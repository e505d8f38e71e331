import type { APIMessage } from 'discord.js'
import type { BrowserContextOptions, Page } from 'playwright-core'
import type { DrawingTarget } from '../../src/bot/drawing/target.js'
import { openPage, waitForImage } from './browser.js'
import { landscapeFile } from './e2e.js'
import type { PagesFixture } from './pages.js'

/** The links to the editor in a message. */
export const linksIn = (message: APIMessage) =>
  [...JSON.stringify(message.components).matchAll(/"url":"([^"]+#[^"]+)"/g)].map(([, link]) => link!)

/** A picture that Ada sent, and the link that Apps → Repaint region… offers her. Nothing is painted for it. */
export async function pictureToDrawOn(
  { discord }: PagesFixture,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<{ message: APIMessage; target: DrawingTarget; link: string }> {
  const ada = discord.person('Ada')
  const message = await ada.sendMessage('', { files: [await landscapeFile(width, height)] })
  const offer = await (await ada.messageCommand(message, 'Repaint region…')).response()
  const [link] = linksIn(offer)
  const place = { server: discord.guild.id, channel: discord.channel.id, message: message.id }
  return { message, target: { person: ada.user.id, ...place, index: 0 }, link: link! }
}

/** The editor in a page, with its picture. */
export async function openEditor(link: string, options: BrowserContextOptions = {}) {
  const opened = await openPage(link, options)
  await opened.page.getByRole('application').waitFor()
  await waitForImage(opened.page.locator('.paper img').first())
  return opened
}

/** A point of the picture, from 0 to 1, in pixels of the page. */
export async function toScreen(page: Page, x: number, y: number): Promise<[number, number]> {
  const box = (await page.locator('.paper').first().boundingBox())!
  return [box.x + x * box.width, box.y + y * box.height]
}

/** Draw with the mouse. @param points of the picture, from 0 to 1 */
export async function drag(page: Page, ...points: [number, number][]): Promise<void> {
  const [first, ...rest] = points
  await page.mouse.move(...(await toScreen(page, ...first!)))
  await page.mouse.down()
  for (const point of rest) await page.mouse.move(...(await toScreen(page, ...point)), { steps: 4 })
  await page.mouse.up()
}

/** The first reply to a message that has painted pictures. */
export function resultOf({ discord }: PagesFixture, parent: APIMessage): Promise<APIMessage> {
  return discord.waitUntil(
    () => {
      const replies = discord.messages().filter(one => one.message_reference?.message_id === parent.id)
      return replies.find(({ attachments }) => attachments.some(({ filename }) => filename.startsWith('overscan-1')))
    },
    { what: 'the pictures', timeoutMs: 110_000 },
  )
}
