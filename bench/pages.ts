import { pino } from 'pino'
import { chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { openPlayground } from '../src/cli/playground.js'
import { parseEnvVars } from '../src/config.js'

/** The side of the picture that is drawn on, in pixels. */
const SIDE = 4096

/** Scripts of {@link framesPerSecond}. */
const TURN_WHEEL = `stage.dispatchEvent(new WheelEvent('wheel', { deltaY: turn % 60 < 30 ? -20 : 20, ctrlKey: true, cancelable: true,
  clientX: 400, clientY: 400 }))`
const point = (kind: string) =>
  `stage.dispatchEvent(new PointerEvent('pointer${kind}', { pointerId: 1, bubbles: true,
    clientX: 400 + 150 * Math.cos(turn / 9), clientY: 400 + 150 * Math.sin(turn / 9) }))`
const DRAG = `${point('move')}; if (turn === 0) ${point('down')}; if (turn === last) ${point('up')}`
const COMPARE = "stage.value = 50 + 40 * Math.sin(turn / 9); stage.dispatchEvent(new Event('input', { bubbles: true }))"

/**
 * Both pages: first contentful paint and bytes loaded; and for the editor, with a picture of 4096 × 4096 pixels, frames per second
 * while zooming, panning and drawing with a hard and a soft brush, and in the viewer of a result of that size, next to those of an
 * empty page.
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
    await page.evaluate("document.querySelector('.paper img').decode()")
    const editorPage = await loadStats(page)
    const zooming = await framesPerSecond(page, frames, TURN_WHEEL)
    await page.keyboard.press('h')
    // The browser can't capture a pointer of a synthetic event.
    await page.evaluate('Element.prototype.setPointerCapture = () => {}')
    const panning = await framesPerSecond(page, frames, DRAG)
    await page.getByRole('button', { name: 'Brush', exact: true }).click()
    const drawing = await framesPerSecond(page, frames, DRAG)
    await page.getByLabel('Hardness').fill('0')
    const drawingSoftly = await framesPerSecond(page, frames, DRAG)
    await paintResult(page)
    const result = {
      zooming: await framesPerSecond(page, frames, TURN_WHEEL, '.viewer .stage'),
      panning: await framesPerSecond(page, frames, DRAG, '.viewer .stage'),
      comparing: await framesPerSecond(page, frames, COMPARE, '.viewer .compare input'),
    }
    return {
      chatPage,
      editorPage,
      picture: `${SIDE} × ${SIDE}`,
      framesPerSecond: { idle, zooming, panning, drawing, drawingSoftly, result },
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

/** Remove something small, and wait for the result and for the browser to have decoded it. */
async function paintResult(page: Page): Promise<void> {
  await page.getByLabel('Painted area').selectOption('Remove')
  await page.getByLabel('Model').selectOption('fill:pde')
  await page.getByLabel('Variations').selectOption('1')
  await page.getByRole('button', { name: 'Paint', exact: true }).click()
  await page.getByText('Done,').waitFor({ timeout: 300_000 })
  await page.evaluate("Promise.all([...document.querySelectorAll('.viewer img')].map(image => image.decode()))")
}

/** @param script runs once a frame, with `stage` (which the selector finds), `turn` and `last` in scope */
async function framesPerSecond(page: Page, count: number, script: string, selector = '.stage'): Promise<number> {
  return page.evaluate(`new Promise(resolve => {
    const stage = document.querySelector('${selector}')
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
