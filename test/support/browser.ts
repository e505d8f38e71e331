import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  firefox,
  type Locator,
  type Page,
  type Route,
} from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { findOrInstall, skipWithout } from './servers.js'

/**
 * A Firefox to run the tests in, as far as they don't speak to Chromium itself. Firefox ESR 140 tells Playwright of no downloads, and
 * scales pictures otherwise. Drawing, selecting by clicks and by keys, results, reloading and Back work there:
 * `FIREFOX=/usr/bin/firefox-esr npx vitest run test/http -t "reloading|a click adds|the keyboard alone|on a photo"`
 */
const firefoxProgram = process.env.FIREFOX

const FIREFOX_RELAY = fileURLToPath(new URL('./firefox-bidi.mjs', import.meta.url))

const browserProgram =
  firefoxProgram ??
  process.env.CHROMIUM ??
  findOrInstall(['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'], 'chromium') ??
  skipWithout('chromium')

/** Whether tests that need a browser can run. */
export const hasBrowser = browserProgram !== undefined

/** The browser of this test process: a start takes a second of processor time. It ends with the process. */
let browser: Promise<Browser> | undefined

function startBrowser(): Promise<Browser> {
  // The channel makes Playwright speak WebDriver BiDi, which every Firefox knows.
  if (firefoxProgram) return firefox.launch({ executablePath: FIREFOX_RELAY, channel: 'moz-firefox' })
  // Chromium's sandbox does not work as root, which CI may use.
  return chromium.launch({ executablePath: browserProgram!, args: ['--no-sandbox', '--disable-gpu'] })
}

/** A page in a new browser context, its requests, and its errors. It is closed after the test. */
export async function openPage(url: string, options: BrowserContextOptions = {}) {
  browser ??= startBrowser()
  const context = await (await browser).newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    ...options,
  })
  onTestFinished(() => context.close())
  // On a busy machine a page may need more than the half minute that is the default.
  context.setDefaultTimeout(90_000)
  const page = await context.newPage()
  const complaints: string[] = []
  const requests: string[] = []
  page.on('pageerror', error => complaints.push(error.message))
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('request', request => requests.push(request.url()))
  if (firefoxProgram) await context.route('**', withoutPolicy)
  await page.goto(url)
  return { context, page, complaints, requests }
}

/** In Firefox, Playwright's scripts run under the page's Content Security Policy, which forbids eval. */
async function withoutPolicy(route: Route): Promise<void> {
  if (route.request().resourceType() !== 'document') return route.continue()
  const response = await route.fetch()
  const { 'content-security-policy': _, ...headers } = response.headers()
  await route.fulfill({ response, headers })
}

/** Wait until an image has been loaded and decoded. @throws Error where it can't be loaded */
export function waitForImage(image: Locator): Promise<void> {
  return image.evaluate<void, { decode(): Promise<void> }>(element => element.decode())
}

/** Expect no violation of axe-core's rules in the page and its frames. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const frame of page.frames()) {
    if (!(await frame.evaluate("'axe' in window"))) await frame.evaluate(axe.source)
  }
  const violations = await page.evaluate<string[]>(`axe.run({ resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(node => id + ': ' + node.html + ' ' + node.failureSummary)))`)
  expect(violations).toEqual([])
}
