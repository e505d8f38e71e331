import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContextOptions, chromium, firefox, type Page, type Route } from 'playwright-core'
import { expect } from 'vitest'
import { findOrInstall, skipWithout } from './servers.js'

/**
 * A Firefox to run the tests in, as far as they don't speak to Chromium itself. Firefox ESR 140 tells Playwright of no downloads, and
 * scales pictures otherwise. Drawing, selecting by clicks and by keys, results, reloading and Back work there:
 * `FIREFOX=/usr/bin/firefox-esr npx vitest run test/http -t "one is used|reloading|a click adds|the keyboard alone|on a photo"`
 */
const firefoxProgram = process.env.FIREFOX

const FIREFOX_RELAY = fileURLToPath(new URL('./firefox-bidi.mjs', import.meta.url))

const browserProgram =
  firefoxProgram ??
  findOrInstall(['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'], 'chromium') ??
  skipWithout('chromium')

/** Whether tests that need a browser can run. */
export const hasBrowser = browserProgram !== undefined

export async function startBrowser(): Promise<Browser> {
  // The channel makes Playwright speak WebDriver BiDi, which every Firefox knows.
  if (firefoxProgram) return firefox.launch({ executablePath: FIREFOX_RELAY, channel: 'moz-firefox' })
  // Chromium's sandbox does not work as root, which CI may use.
  return chromium.launch({ executablePath: browserProgram!, args: ['--no-sandbox'] })
}

/** A page in a new browser context, its requests, and its errors. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US', ...options })
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

/** Expect no violation of axe-core's rules. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => [id, ...nodes.map(node => `${node.html} ${node.failureSummary}`)])).toEqual(
    [],
  )
}
