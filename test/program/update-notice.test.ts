import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest'
import { createLogger } from '../../src/cli/log.js'
import { logUpdates } from '../../src/cli/update-notice.js'
import { discordEnvironment, startTestDiscord } from '../support/emulator.js'
import { MAIN, startProgram } from '../support/programs.js'

/** A package registry that answers every request for a package with this; it never answers with undefined. */
let answer: string | undefined
let registry: Server
let url: string
let asked: string[]
let folder: string

beforeAll(async () => {
  registry = createServer((request, response) => {
    asked.push(request.url!)
    if (answer !== undefined) response.end(answer)
  })
  await new Promise<void>(resolve => registry.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`
})
afterAll(() => {
  registry.close().closeAllConnections()
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-notice-'))
  asked = []
  answer = JSON.stringify({ name: 'overscan', 'dist-tags': { latest: '9.0.0', next: '10.0.0-1' } })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const stateFile = () => join(folder, 'overscan', 'version.json')
const state = async () => JSON.parse(await readFile(stateFile(), 'utf8')) as { askedAt: number; latest?: string }

async function writeState(text: string): Promise<void> {
  await mkdir(join(folder, 'overscan'), { recursive: true })
  await writeFile(stateFile(), text)
}

function environment(more: Record<string, string> = {}): Record<string, string> {
  return { PATH: process.env.PATH!, HOME: folder, XDG_CACHE_HOME: folder, npm_config_registry: `${url}/`, ...more }
}

/** What a command shows at a terminal; `script` gives it one. */
async function shown(argv: readonly string[], more: Record<string, string> = {}, program = 'script') {
  const command = [process.execPath, MAIN, ...argv].map(word => `'${word}'`).join(' ')
  const args = program === 'script' ? ['-qefc', command, '/dev/null'] : ['-c', command]
  const env = environment({ TERM: 'xterm', SHELL: '/bin/sh', ...more })
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', part => (text += part))
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, text }
}

test('a newer version is announced at a terminal after the registry was asked, once a day', async () => {
  const first = await shown(['--version'])
  expect(first).toEqual({ code: 0, text: expect.stringMatching(/^\d+\.\d+\.\d+\s*$/) })
  await vi.waitFor(async () => expect((await state()).latest).toBe('9.0.0'), { timeout: 20_000 })
  const second = await shown(['--version'])
  expect(second.code).toBe(0)
  expect(second.text).toMatch(
    /Overscan 9\.0\.0 is available; this is \d+\.\d+\.\d+\. To update, run “git pull”, then “npm install”\./,
  )
  expect(await shown(['no-such-command'])).toMatchObject({ code: 2, text: expect.stringContaining('9.0.0') })
  expect(asked).toEqual(['/overscan'])
  await writeState(JSON.stringify({ ...(await state()), askedAt: Date.now() - 25 * 3_600_000 }))
  await shown(['--version'])
  await vi.waitFor(() => expect(asked).toHaveLength(2), { timeout: 20_000 })
})

test('nobody hears of it who switched it off, in CI, or without a terminal', async () => {
  await writeState(JSON.stringify({ askedAt: 0, latest: '9.0.0' }))
  for (const [more, program] of [
    [{ UPDATE_NOTICE: 'off' }, 'script'],
    [{ CI: 'true' }, 'script'],
    [{ UPDATE_NOTICE: 'maybe' }, 'script'],
    [{}, 'sh'],
  ] as const)
    expect((await shown(['--version'], more, program)).text).not.toContain('9.0.0')
  expect((await state()).askedAt).toBe(0)
  await writeFile(join(folder, '.env'), 'UPDATE_NOTICE=off\n')
  expect((await shown(['--version'])).text).not.toContain('9.0.0')
  expect(asked).toEqual([])
})

test.each<[string, string | undefined]>([
  ['silent', undefined],
  ['broken', '<html>'],
  ['strange', '{"dist-tags":{"latest":"1.0.0; rm -rf /"}}'],
  ['older', '{"dist-tags":{"latest":"0.0.1"}}'],
])('a registry that is %s changes no command', async (_, text) => {
  answer = text
  expect((await shown(['--version'])).code).toBe(0)
  await vi.waitFor(() => expect(asked).toHaveLength(1), { timeout: 20_000 })
  expect(await shown(['--version'])).toEqual({ code: 0, text: expect.stringMatching(/^\d+\.\d+\.\d+\s*$/) })
  expect(asked).toHaveLength(1)
})

test('a state that is damaged or can’t be written changes no command', async () => {
  await writeState('{')
  expect((await shown(['--version'])).code).toBe(0)
  await vi.waitFor(async () => expect((await state()).latest).toBe('9.0.0'), { timeout: 20_000 })
  await writeFile(join(folder, 'file'), '')
  asked = []
  const unwritable = { XDG_CACHE_HOME: join(folder, 'file') }
  expect(await shown(['--version'], unwritable)).toEqual({ code: 0, text: expect.stringMatching(/^\d+\.\d+\.\d+\s*$/) })
  expect(asked).toEqual([])
})

test('a bot logs a newer version in one line', async () => {
  const discord = await startTestDiscord()
  const settings = { ...discordEnvironment(discord), ...environment(), DATA_FOLDER: join(folder, 'data'), CI: '' }
  await cp(inject('database'), join(folder, 'data', 'line', 'queue'), { recursive: true })
  const bot = await startProgram(['bot'], { ...settings, UPDATE_NOTICE: 'on' }, 'bot online')
  try {
    const message = 'newer version available'
    expect(await bot.waitForLog(message)).toMatchObject({ latest: '9.0.0', installed: expect.any(String) })
    expect(bot.logLines().filter(({ msg }) => msg === message)).toHaveLength(1)
  } finally {
    await bot.stop('SIGTERM')
    await discord.close()
  }
  const lines: string[] = []
  answer = undefined
  logUpdates(
    environment({ CI: '1' }),
    createLogger('info', line => lines.push(line)),
  )
  expect(lines).toEqual([])
})
