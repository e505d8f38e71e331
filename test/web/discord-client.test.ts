import { afterEach, expect, test, vi } from 'vitest'
import { connectToDiscord } from '../../src/web/editor/discord-client.js'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

const APPLICATION = '1441122334455667788'
const DISCORD = 'https://discord.com'
const CONFIG = { cdn_host: 'cdn.discordapp.com', api_endpoint: '//discord.com/api', environment: 'production' }
const READY = [1, { cmd: 'DISPATCH', evt: 'READY', data: { v: 1, config: CONFIG }, nonce: null }]
const AUTHORIZE = { client_id: APPLICATION, response_type: 'code', prompt: 'none', scope: ['identify'] } as const

/** A page in a frame of Discord's client, and what it sends there. */
function framedPage(query: string) {
  /** Messages and origins, as JSON. */
  const sent: string[] = []
  const listeners: ((event: { origin: string; data: unknown }) => void)[] = []
  const page = {
    parent: { postMessage: (message: unknown, origin: string) => void sent.push(JSON.stringify([message, origin])) },
    location: { origin: 'https://1.discordsays.com', search: `?frame_id=f1&instance_id=i1&${query}` },
    document: { referrer: `${DISCORD}/` },
    addEventListener: (_: 'message', listener: (typeof listeners)[number]) => void listeners.push(listener),
  }
  const receive = (data: unknown, origin = DISCORD) => {
    for (const listener of listeners) listener({ origin, data })
  }
  /** Answer the last command. */
  const answer = (evt: 'ERROR' | null, data: unknown) => {
    const [[, body]] = JSON.parse(sent.at(-1)!)
    receive([1, { ...body, evt, data }])
  }
  return { page, sent, receive, answer }
}

/** With the random part of each message replaced. */
const comparable = (sent: readonly string[]) =>
  sent.map(message => JSON.parse(message.replace(/(?<="nonce":")[^"]+/, 'random')))

test.each([
  'platform=desktop',
  'platform=mobile',
  'platform=mobile&mobile_app_version=249.1',
  'platform=mobile&mobile_app_version=250.0',
])('sends what Discord’s own SDK sends: %s', async query => {
  const ours = framedPage(query)
  const client = connectToDiscord(APPLICATION, ours.page)
  ours.receive(READY)
  await client.ready
  const granted = client.command('AUTHORIZE', AUTHORIZE)
  ours.answer(null, { code: 'secret' })
  expect(await granted).toEqual({ code: 'secret' })
  void client.command('AUTHENTICATE', { access_token: 'token' })

  const theirs = framedPage(query)
  for (const [name, value] of Object.entries({ window: theirs.page, document: theirs.page.document })) {
    vi.stubGlobal(name, value)
  }
  // It reads the window when it is loaded.
  const { DiscordSDK } = await import('@discord/embedded-app-sdk')
  const sdk = new DiscordSDK(APPLICATION, { disableConsoleLogOverride: true })
  theirs.receive(READY)
  await sdk.ready()
  const code = sdk.commands.authorize({ ...AUTHORIZE, scope: ['identify'] })
  theirs.answer(null, { code: 'secret' })
  expect(await code).toEqual({ code: 'secret' })
  void sdk.commands.authenticate({ access_token: 'token' })
  expect(client.instanceId).toBe(sdk.instanceId)
  expect(comparable(ours.sent)).toEqual(comparable(theirs.sent))
  expect(ours.sent).toHaveLength(3)
})

test('a refused command is an error with the message of Discord’s client; closing refuses what is under way', async () => {
  const { page, answer, receive } = framedPage('platform=desktop')
  const client = connectToDiscord(APPLICATION, page)
  const refused = client.command('AUTHORIZE', AUTHORIZE)
  answer('ERROR', { code: 5000, message: 'OAuth2 Error: access_denied' })
  await expect(refused).rejects.toThrow('access_denied')
  const cut = client.command('AUTHENTICATE', {})
  receive([2, { code: 4000, message: 'Invalid Client ID' }])
  await expect(cut).rejects.toThrow('Invalid Client ID')
})

test('only Discord’s client is listened to', async () => {
  const { page, receive } = framedPage('platform=desktop')
  const client = connectToDiscord(APPLICATION, page)
  const isReady = vi.fn()
  client.ready.then(isReady)
  receive(READY, 'https://discord.com.example')
  for (const message of ['text', [1], [1, null], [1, { cmd: 'DISPATCH' }], [9, {}], READY.toReversed()])
    receive(message)
  await Promise.resolve()
  expect(isReady).not.toHaveBeenCalled()
  receive(READY)
  await client.ready
})
