import { request } from 'node:http'
import { ApplicationCommandType, EntryPointCommandHandlerType, InteractionResponseType } from 'discord.js'
import { pino } from 'pino'
import type { FrameLocator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Person } from '../../src/discord-emulator/emulator.js'
import { DISCORD_ORIGINS } from '../../src/http/server.js'
import { problemMessage, translationsFor } from '../../src/i18n/i18n.js'
import { encodePng } from '../../src/inference/image/png.js'
import { landscape } from '../contracts/engine.js'
import { loginClient } from '../discord-emulator/client.js'
import { expectAccessible, hasBrowser, openPage } from '../support/browser.js'
import {
  buttonsOf,
  startTestBot,
  startTestDiscord,
  textOf,
  waitForButton,
  waitForRefusal,
} from '../support/emulator.js'
import { type PagesFixture, startPagesFixture } from '../support/pages.js'

const REGION = 'Vary (Region)'
const { activity: words } = translationsFor('en')

let world: PagesFixture
beforeAll(async () => {
  world = await startPagesFixture({ activity: {}, embedded: true })
})
afterAll(() => world.close())
afterEach(() => {
  vi.useRealTimers()
  expect(world.discord.violations).toEqual([])
})

/** Paint a small picture in a channel. */
async function painted({ discord }: PagesFixture, person: Person, where: { channel?: string } = {}, width = 120) {
  const image = { name: 'hills.png', data: await encodePng(landscape(width, 80)) }
  const sent = await person.slash('zoom', { image, variations: 1 }, where)
  return waitForButton(discord, sent, REGION)
}

/** Log in as the page does. */
function enter({ pages }: PagesFixture, body: unknown, headers: Record<string, string> = {}) {
  const options = { method: 'POST', body: JSON.stringify(body), headers: { origin: pages.url, ...headers } }
  return answer(fetch(`${pages.url}/api/activity`, options))
}

function asked({ pages }: PagesFixture, pass: unknown, path = '/api/activity/recent') {
  return answer(fetch(`${pages.url}${path}`, { headers: { authorization: `Bearer ${pass}` } }))
}

async function answer(coming: Promise<Response>): Promise<[number, Record<string, unknown>]> {
  const response = await coming
  return [response.status, (await response.json()) as Record<string, unknown>]
}

/** An OAuth code, as Discord's client gives it to the page. */
async function codeOf({ discord }: PagesFixture, person: Person, activity: string): Promise<string> {
  const wish = { client_id: discord.applicationId, response_type: 'code', scope: ['identify'] }
  return ((await person.rpc(activity, 'AUTHORIZE', wish)) as { code: string }).code
}

/** Launch the Activity and log in, as the page does. */
async function signedIn(one: PagesFixture, person: Person) {
  const { activity } = await person.launchActivity()
  const [status, came] = await enter(one, { code: await codeOf(one, person, activity!), instance: activity })
  expect(status).toBe(200)
  return came
}

/** The target of a token. */
function regionOf(token: unknown): Promise<unknown> {
  return world.links.verifyTarget(String(token))
}

test.each([
  ['/paint', 'editor'],
  ['/', 'chat'],
  ['/activity', 'activity'],
])('the page %s weighs less than 200 kB without pictures', async (path, bundle) => {
  const files = [path, `/${bundle}.js`, `/${bundle}.css`].map(async file => {
    const response = await fetch(`${world.pages.url}${file}`)
    expect(response.status).toBe(200)
    return (await response.arrayBuffer()).byteLength
  })
  expect((await Promise.all(files)).reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(200_000)
})

describe.skipIf(!hasBrowser)('in the browser', () => {
  const press = async (page: Page, name: string | RegExp) => page.getByRole('button', { name }).last().click()
  const drag = async (page: Page, frame: FrameLocator) => {
    await frame.getByRole('application').waitFor()
    const box = (await frame.locator('.paper').boundingBox())!
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.3)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.6, { steps: 6 })
    await page.mouse.up()
  }

  test('Vary (Region) opens the editor inside the chat, and its results appear in the channel and in the editor', async () => {
    const { discord, pages } = world
    const you = discord.person('You')
    const first = await painted(world, you)
    const { page, complaints, requests } = await openPage(pages.url)
    await press(page, /Vary \(Region\)/)
    const frame = page.frameLocator('iframe')
    await drag(page, frame)
    await frame.getByLabel('Variations').selectOption('2')
    await frame.getByRole('button', { name: 'Paint', exact: true }).click()
    const result = await discord.waitUntil(
      () =>
        discord.messages().find(one => one.message_reference?.message_id === first.id && buttonsOf(one).includes('U2')),
      { what: 'the result', timeoutMs: 110_000 },
    )
    await frame.getByRole('button', { name: 'Picture 2', exact: true }).click()
    await frame.getByRole('button', { name: 'Use this' }).click()
    await frame.getByText('Done,').waitFor({ state: 'detached' })
    await frame.getByRole('application').waitFor()
    expect(result.attachments.map(({ filename }) => filename)).toContain('mask.png')
    // While the Activity is open, the person presses the button of another picture.
    const other = await painted(world, you, {}, 96)
    await (await you.press(other, REGION)).acknowledged
    await frame.getByText('96 × 80').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.locator('iframe').waitFor({ state: 'detached' })
    // The message offers the link, and masks and fields.
    await page.getByRole('link', { name: 'Open the editor' }).last().waitFor()
    await press(page, 'Mask or grid cells…')
    await page.getByRole('dialog', { name: /Region/ }).waitFor()
    expect(complaints).toEqual([])
    // No request to another origin, and no secret in an address.
    const all = [...requests.filter(one => !/^(blob|data):/.test(one)), ...discord.requestLog.map(({ path }) => path)]
    for (const url of all) expect(url).not.toContain(discord.clientSecret)
    for (const url of requests.filter(one => !/^(blob|data):/.test(one))) expect(url.startsWith(pages.url)).toBe(true)
    expect(all.filter(url => /code|token=|access/.test(url))).toEqual([])
  })

  test('axe-core finds nothing, and all is reached by keys: in light colours on a phone, in dark ones on a desk', async () => {
    await painted(world, world.discord.person('You'))
    const { page } = await openPage(world.pages.url)
    for (const [colorScheme, width] of [
      ['light', 360],
      ['dark', 1280],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 740 })
      await press(page, /Vary \(Region\)/)
      await page.frameLocator('iframe').getByRole('application').waitFor()
      await expectAccessible(page)
      const inside = page.frames().find(one => one.url().includes('/activity?'))!
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
      expect(await inside.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
      await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Close')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      expect(await inside.evaluate('document.activeElement !== document.body')).toBe(true)
      await page.keyboard.press('Shift+Tab')
      await page.keyboard.press('Shift+Tab')
      await page.keyboard.press('Escape')
      await page.locator('iframe').waitFor({ state: 'detached' })
    }
  })

  test('without a picture, and outside Discord, the page says what to do', async () => {
    const { discord, pages } = world
    const { page, complaints } = await openPage(pages.url)
    await (await discord.person('You').slash('forget-me')).response()
    await press(page, 'Activity')
    await page.frameLocator('iframe').getByText(words.nothing).waitFor()
    await expectAccessible(page)
    await page.goto(`${pages.url}/activity`)
    await page.getByText(words.outside).waitFor()
    const german = await openPage(`${pages.url}/activity?frame_id=1`, { locale: 'de-DE' })
    await german.page.getByText(translationsFor('de').activity.outside).waitFor()
    expect([...complaints, ...german.complaints]).toEqual([])
  })

  test('no other page can be shown in a frame', async () => {
    const { page } = await openPage(world.pages.url)
    await page.evaluate(`{
      const frame = document.createElement('iframe')
      frame.src = '/paint'
      document.body.append(frame)
    }`)
    await expect.poll(() => page.frames().map(one => one.url())).toContain('chrome-error://chromewebdata/')
  })

  test('a wrong client secret is explained on the page and in the log, which does not contain it', async () => {
    const lines: string[] = []
    const log = pino({ level: 'info' }, { write: line => void lines.push(line) })
    const other = await startPagesFixture({ activity: { secret: 'not-the-secret' }, log })
    const { page } = await openPage(other.pages.url)
    await press(page, 'Activity')
    const frame = page.frameLocator('iframe')
    const said = problemMessage({ code: 'activity-secret-rejected' })
    await frame.getByText(said).waitFor()
    expect(lines.filter(line => line.includes(said))).toHaveLength(1)
    expect(lines.join()).not.toContain('not-the-secret')
    await frame.getByRole('button', { name: words.again }).click()
    await frame.getByText(said).waitFor()
    // The server does not repeat requests that Discord refused.
    expect(other.discord.requestLog.filter(({ path }) => path === '/oauth2/token')).toHaveLength(1)
    expect(lines.filter(line => line.includes(said))).toHaveLength(1)
    await page.getByRole('button', { name: 'Close' }).click()
    // A person who declines the authorization prompt.
    other.discord.person('You').denyAuthorization()
    await press(page, 'Activity')
    await frame.getByText(words.declined).waitFor()
    expect(other.discord.violations).toEqual([])
    await other.close()
  })
})

describe('authorization', () => {
  test('a picture opens for the person who pressed its button only, for half an hour', async () => {
    const { discord } = world
    const [ada, bob] = [discord.person('Ada'), discord.person('Bob')]
    const message = await painted(world, ada)
    const sent = await ada.press(message, REGION)
    expect((await sent.acknowledged).type).toBe(InteractionResponseType.LaunchActivity)
    const card = await discord.waitUntil(() => sent.followUps()[0], { what: 'the other ways' })
    expect(textOf(card)).toContain(translationsFor('en').drawingPage.openedInDiscord)
    const came = await signedIn(world, ada)
    const region = { person: ada.user.id, message: message.id, channel: discord.channel.id, index: 0 }
    expect(await regionOf(came.token)).toMatchObject(region)
    expect((await asked(world, came.pass))[1].press).toBe(sent.id)
    const theirs = await signedIn(world, bob)
    expect(theirs).toEqual({ pass: expect.any(String), access: expect.any(String) })
    expect(await asked(world, theirs.pass)).toEqual([200, {}])
    // The pass opens no picture, and a picture's token is not a pass.
    expect((await asked(world, came.pass, '/api/drawing'))[0]).toBe(403)
    expect((await asked(world, came.token))[0]).toBe(403)
    for (const forged of ['', 'x', String(came.pass).slice(0, -2)]) expect((await asked(world, forged))[0]).toBe(403)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31 * 60_000 })
    expect((await asked(world, came.pass))[0]).toBe(403)
    expect(await signedIn(world, ada)).not.toHaveProperty('token')
  })

  test('several bots share the recent pictures', async () => {
    const { discord, bot } = world
    const environment = { DISCORD_CLIENT_SECRET: discord.clientSecret }
    const other = await startTestBot(discord, { environment, drawingLink: async () => 'http://127.0.0.1/paint' })
    const ada = discord.person('Ada')
    const sent = await ada.press(await painted(world, ada), REGION)
    await sent.acknowledged
    const visitor = { person: ada.user.id }
    const known = await Promise.all([bot, other].map(({ activity }) => activity!.recentTarget(visitor)))
    expect(known.map(one => one?.press)).toEqual([sent.id, sent.id])
    await other.close()
  })

  test("a recent picture is deleted with the person's other data", async () => {
    const ada = world.discord.person('Ada')
    await (await ada.press(await painted(world, ada), REGION)).acknowledged
    expect(await signedIn(world, ada)).toHaveProperty('token')
    await (await ada.slash('forget-me')).response()
    expect(await signedIn(world, ada)).not.toHaveProperty('token')
  })

  test('forged, used and expired codes, and codes of persons outside the instance, are refused with a sentence', async () => {
    const { discord } = world
    const cleo = discord.person('Cleo')
    const instance = (await cleo.launchActivity()).activity!
    const no = (locale: string) => ({
      error: problemMessage({ code: 'activity-login-refused' }, translationsFor(locale)),
    })
    const german = { 'accept-language': 'de-DE,de;q=0.9,en;q=0.8' }
    expect(await enter(world, { code: 'forged', instance }, german)).toEqual([403, no('de')])
    const code = await codeOf(world, cleo, instance)
    expect((await enter(world, { code, instance }))[0]).toBe(200)
    expect(await enter(world, { code, instance })).toEqual([403, no('en')])
    const late = await codeOf(world, cleo, instance)
    discord.clock.advance(11 * 60_000)
    expect(await enter(world, { code: late, instance })).toEqual([403, no('en')])
    const elsewhere = { code: await codeOf(world, cleo, instance), instance: 'i-1-gc-2-3' }
    expect(await enter(world, elsewhere)).toEqual([403, no('en')])
    const left = await codeOf(world, cleo, instance)
    cleo.leaveActivity(instance)
    expect(await enter(world, { code: left, instance })).toEqual([403, no('en')])
    for (const body of [{}, { code: '../x', instance }, 'x', { code, instance, more: 1 }]) {
      expect(await enter(world, body)).toEqual([403, no('en')])
    }
    discord.injectFault({ method: 'POST', path: /oauth2/ }, { status: 503 })
    const again = (await cleo.launchActivity()).activity!
    const body = { code: await codeOf(world, cleo, again), instance: again }
    expect(await enter(world, body)).toEqual([502, { error: problemMessage({ code: 'discord-not-responding' }) }])
  })

  test('without Activities, the response has the link', async () => {
    const { discord } = world
    const ada = discord.person('Ada')
    const message = await painted(world, ada)
    discord.injectFault({ method: 'POST', path: /callback/ }, { status: 403, code: 50_013 })
    const sent = await ada.press(message, REGION)
    const card = await sent.response()
    expect([(await sent.acknowledged).type, buttonsOf(card)]).toEqual([5, ['Open the editor', 'Mask or grid cells…']])
    const channel = ada.dmChannel()
    const direct = await ada.press(await painted(world, ada, { channel }), REGION)
    expect([(await direct.acknowledged).type, buttonsOf(await direct.response())]).toEqual([5, buttonsOf(card)])
  })
})

describe('its server', () => {
  const policyOf = async (url: string) => (await fetch(url)).headers.get('content-security-policy')!

  test('lets only Discord show the page in a frame, and no other page', async () => {
    const other = await startPagesFixture({ activity: { frameAncestors: DISCORD_ORIGINS } })
    const { url } = other.pages
    const ancestors = `frame-ancestors ${DISCORD_ORIGINS.join(' ')}`
    for (const path of ['/activity', '/?frame_id=1&instance_id=2']) {
      const policy = await policyOf(`${url}${path}`)
      expect([policy.split('; ').find(one => one.startsWith('frame-ancestors')), path]).toEqual([ancestors, path])
      expect((await fetch(`${url}${path}`)).headers.get('x-frame-options')).toBeNull()
      expect(await (await fetch(`${url}${path}`)).text()).toContain('/activity.js')
    }
    for (const path of ['/', '/paint', '/editor.html', '/activity.html', '/api/activity']) {
      expect(await policyOf(`${url}${path}`)).toContain("frame-ancestors 'none'")
      expect((await fetch(`${url}${path}`)).headers.get('x-frame-options')).toBe('DENY')
    }
    await other.close()
  })

  test("accepts Discord's proxy host, and requests of the page there", async () => {
    const { pages, discord } = world
    const { port } = new URL(pages.url)
    const status = (host: string, method = 'GET', origin?: string) =>
      new Promise<number>((resolve, reject) => {
        const headers = { host, ...(origin && { origin }) }
        request({ port, path: '/api/activity', method, headers }, one => resolve(one.statusCode!))
          .on('error', reject)
          .end()
      })
    const name = `${discord.applicationId}.discordsays.com`
    expect(await status(name)).toBe(200)
    expect(await status('1.discordsays.com')).toBe(421)
    // Refused for its body, which comes after.
    expect(await status(`127.0.0.1:${port}`, 'POST', `https://${name}`)).toBe(403)
    expect((await enter(world, {}, { origin: `https://${name}` }))[1].error).toBe(
      problemMessage({ code: 'activity-login-refused' }),
    )
    const foreign = { method: 'POST', body: '{}', headers: { origin: 'https://1.discordsays.com' } }
    expect(await (await fetch(`${pages.url}/api/activity`, foreign)).text()).toContain(
      translationsFor('en').pages.server.foreignOrigin,
    )
  })

  test('has no Activity routes without a client secret', async () => {
    const other = await startPagesFixture()
    expect((await fetch(`${other.pages.url}/activity`)).status).toBe(404)
    expect((await fetch(`${other.pages.url}/api/activity`)).status).toBe(404)
    expect(await policyOf(`${other.pages.url}/?frame_id=1`)).toContain("frame-ancestors 'none'")
    await other.close()
  })
})

test("Discord's entry point command is kept; the bot responds to it if it is the handler", async () => {
  const discord = await startTestDiscord({ activities: true })
  const entry = () => discord.commands().find(({ type }) => type === ApplicationCommandType.PrimaryEntryPoint)!
  const before = entry()
  const puts = () => discord.requestLog.filter(({ method }) => method === 'PUT').length
  const plain = await startTestBot(discord)
  expect([entry().id, entry().name, entry().handler]).toEqual([before.id, 'launch', before.handler])
  expect([puts(), entry().contexts, entry().integration_types]).toEqual([1, [0, 1, 2], [0, 1]])
  const ada = discord.person('Ada')
  const { application } = await loginClient(discord)
  await application.commands.edit(entry().id, { handler: EntryPointCommandHandlerType.AppHandler } as never)
  expect(await waitForRefusal(discord, (await ada.launchActivity()).sent!)).toBe(words.nothing)
  await plain.close()
  const bot = await startTestBot(discord, {
    environment: { DISCORD_CLIENT_SECRET: discord.clientSecret },
    drawingLink: async () => 'http://127.0.0.1/paint',
  })
  // The edit changed nothing.
  expect(puts()).toBe(1)
  const { sent } = await ada.launchActivity()
  expect((await sent!.acknowledged).type).toBe(InteractionResponseType.LaunchActivity)
  expect(sent!.activity()).toEqual(expect.any(String))
  await bot.close()
  expect(discord.violations).toEqual([])
  await discord.close()
})
