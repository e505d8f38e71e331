import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { envExample } from '../../src/cli/env/env-example.js'
import { setEnvValues } from '../../src/cli/env/env-file.js'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { startTestDiscord } from '../support/emulator.js'
import { type Answers, runAtTerminal } from '../support/terminal.js'

let discord: DiscordEmulator
let folder: string
const file = (name: string) => join(folder, name)
const env = () => readFile(file('.env'), 'utf8')

beforeAll(async () => {
  discord = await startTestDiscord()
})
afterAll(() => discord.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-setup-'))
})
afterEach(async () => {
  expect(discord.violations).toEqual([])
  await rm(folder, { recursive: true })
})

/** `overscan setup` of somebody who has set nothing. */
async function at(argv: readonly string[], answers: Answers) {
  const { PATH = '', HOME = '' } = process.env
  const reach = { DISCORD_API: `${discord.url}/api`, DISCORD_CDN: discord.url, DISCORD_MEDIA: discord.url }
  const environment = { PATH, HOME, ...reach, UPDATE_NOTICE: 'off' }
  const { code, shown, left } = await runAtTerminal(['setup', ...argv], answers, { folder, environment })
  expect(left).toEqual([])
  return { code, shown }
}

test('setup asks for what is missing, and asks again after a wrong token', async () => {
  const { code, shown } = await at(
    ['--no-test'],
    [
      ['Bot token', 'wrong\r'],
      ['Discord rejects', ''],
      ['Bot token', `${discord.token}\r`],
      ['Folder for settings and the queue', '\r'],
      ['Port of the editor', '8123\r'],
      ['Public address of the editor', 'https://paint.example.com\r'],
      ['Which device runs models?', '\r'],
      ['Recommended: none.', ''],
      ['Which model paints?', '\r'],
      ['Which upscaler enlarges pictures?', ''],
      ['BSD-3-Clause', '\r'],
    ],
  )
  expect(code).toBe(0)
  expect(shown).toContain('The bot is in 1 server.')
  expect(await env()).toBe(
    setEnvValues(envExample(), {
      DISCORD_TOKEN: discord.token,
      PUBLIC_URL: 'https://paint.example.com',
      PAGES_PORT: '8123',
    }),
  )
  expect(shown).toMatch(/Start the bot: node \S*main\.[jt]s bot/)
})

test('setup replaces an existing value only after confirmation', async () => {
  await writeFile(file('.env'), `DISCORD_TOKEN=${discord.token}\nPAGES_PORT=8123\n`)
  const argv = [
    '--no-test',
    '--no-register',
    '--device',
    'auto',
    '--model',
    'none',
    '--upscaler',
    'none',
    '--data-folder',
    'data',
  ]
  const { code } = await at(argv, [
    ['Port of the editor', '\x7f4\r'],
    ['Public address of the editor', '\r'],
    ['Change PAGES_PORT: 8123 → 8124', 'n'],
  ])
  expect(code).toBe(0)
  expect(await env()).toBe(`DISCORD_TOKEN=${discord.token}\nPAGES_PORT=8123\n`)
})

test('setup leaves no files behind after Ctrl+C', async () => {
  const { code, shown } = await at([], [['Bot token', 'abc\x03']])
  expect(code).toBe(130)
  expect(shown).toContain('Cancelled.')
  expect(shown).not.toContain('abc')
  expect(await readdir(folder)).toEqual([])
})
