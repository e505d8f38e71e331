import { pino } from 'pino'
import { chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { openPlayground } from '../src/cli/playground.js'
import { parseEnvVars } from '../src/config.js'

/** The side of the picture that is drawn on, in pixels. */
const SIDE = 4096

/**
 * Both pages: first contentful paint and bytes loaded; and for the editor, with a picture of 4096 × 4096 pixels, frames per second
 * while zooming, panning and drawing, next to those of an empty page.
 */
export async function benchPages({ quick }: { quick: boolean }) {
  const playground = await openPlayground(
    0,
    pino({ level: 'silent' }),
    parseEnvVars(process.env, ['DEVICE', 'MODEL_FOLDER']),
  )
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  const frames = quick ? 60 : 240
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(playground.url)
    await page.getByRole('heading', { name: 'What’s outside the frame?' }).waitFor()
    const chatPage = await loadStats(page)
    const idle = await framesPerSecond(page, frames, '')

    await page.goto(await editorLink(playground))
    await page.getByRole('application').waitFor()
    await page.waitForFunction("document.querySelector('.paper img')?.complete")
    const editorPage = await loadStats(page)
    const zooming = await framesPerSecond(
      page,
      frames,
      `stage.dispatchEvent(new WheelEvent('wheel', { deltaY: turn % 60 < 30 ? -20 : 20, ctrlKey: true, cancelable: true,
        clientX: 400, clientY: 400 }))`,
    )
    await page.keyboard.press('h')
    const point = (kind: string) =>
      `stage.dispatchEvent(new PointerEvent('pointer${kind}', { pointerId: 1, bubbles: true,
        clientX: 400 + 150 * Math.cos(turn / 9), clientY: 400 + 150 * Math.sin(turn / 9) }))`
    // The browser can't capture a pointer of a synthetic event.
    await page.evaluate("document.querySelector('.stage').setPointerCapture = () => {}")
    const drag = `${point('move')}; if (turn === 0) ${point('down')}; if (turn === last) ${point('up')}`
    const panning = await framesPerSecond(page, frames, drag)
    await page.getByRole('button', { name: 'Brush', exact: true }).click()
    const drawing = await framesPerSecond(page, frames, drag)
    return {
      chatPage,
      editorPage,
      picture: `${SIDE} × ${SIDE}`,
      framesPerSecond: { idle, zooming, panning, drawing },
    }
  } finally {
    await browser.close()
    await playground.close()
  }
}

async function loadStats(page: Page) {
  return page.evaluate(`({
    firstPaintMs: Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime),
    bytes: performance.getEntriesByType('resource').filter(({ name }) => /\\.(js|css)$/.test(name))
      .reduce((sum, one) => sum + one.decodedBodySize, 0),
  })`)
}

/** @param script runs once a frame, with `stage`, `turn` and `last` in scope */
async function framesPerSecond(page: Page, count: number, script: string): Promise<number> {
  return page.evaluate(`new Promise(resolve => {
    const stage = document.querySelector('.stage')
    const last = ${count} - 1
    let [turn, begin] = [0, 0]
    const frame = now => {
      if (turn === 0) begin = now
      if (turn > last) return resolve(Math.round((1000 * turn) / (now - begin)))
      ${script}
      turn++
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })`)
}

/** Paint a large picture and press Vary (Region). */
async function editorLink({ discord }: Awaited<ReturnType<typeof openPlayground>>): Promise<string> {
  const ada = discord.person('Ada')
  const background = { r: 90, g: 120, b: 160 }
  const data = await sharp({ create: { width: SIDE - 64, height: SIDE, channels: 3, background } })
    .png()
    .toBuffer()
  const sent = await ada.slash('square', { image: { name: 'large.png', data }, variations: 1, model: 'fill:pde' })
  const message = await discord.waitUntil(() => discord.messages().find(({ nonce }) => nonce === sent.id), {
    what: 'a large picture',
    timeoutMs: 300_000,
  })
  const pressed = await ada.press(message, 'Vary (Region)')
  // The response launches the Activity. A follow-up has the link.
  const followUp = await discord.waitUntil(() => pressed.followUps()[0], { what: 'the link' })
  return JSON.stringify(followUp.components).match(/"url":"([^"]+)"/)![1]!
}
