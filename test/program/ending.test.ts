import { type ChildProcess, type ChildProcessByStdio, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { encodePng } from '../../src/inference/image/png.js'
import { landscape } from '../contracts/engine.js'
import { discordEnvironment, startTestDiscord, waitForButton } from '../support/emulator.js'
import { runOverscan } from '../support/overscan.js'
import { MAIN } from '../support/programs.js'
import { freePort, hasRedis, startRedis } from '../support/servers.js'

/** How long a process may go on after the signal to stop, or has said why it can't go on. In milliseconds. */
const MAX_END_MS = 10_000

/** The uid of the user that owns nothing. */
const NOBODY = 65_534

let discord: DiscordEmulator
let folder: string
let children: ChildProcess[] = []

beforeEach(async () => {
  discord = await startTestDiscord()
  folder = await mkdtemp(join(tmpdir(), 'overscan-'))
  await cp(inject('database'), join(folder, 'line', 'queue'), { recursive: true })
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  await discord.close()
  await rm(folder, { recursive: true })
})

const environment = (more: Record<string, string> = {}) => ({
  ...(process.env as Record<string, string>),
  LOG_LEVEL: 'info',
  DATA_FOLDER: folder,
  ...discordEnvironment(discord),
  ...more,
})

/** What a command says that can't start, in this process, where that is enough. */
async function refused(args: readonly string[], more: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await runOverscan(args, { environment: environment(more), folder })
  expect(code).toBe(2)
  return stdout + stderr
}

/** `overscan` as a process, with what it says on both outputs. */
function run(args: readonly string[], variables: Record<string, string> = {}, more: SpawnOptions = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
    env: environment(variables),
    ...more,
  }) as ChildProcessByStdio<null, Readable, Readable>
  children.push(child)
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', part => {
    said.stdout += part
  })
  child.stderr.on('data', part => {
    said.stderr += part
  })
  const closed = once(child, 'close')
  return {
    said,
    count: (text: string) => said.stdout.split(text).length - 1,
    async until(text: string): Promise<void> {
      while (!said.stdout.includes(text) && !said.stderr.includes(text)) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`it ended before “${text}”: ${said.stdout}${said.stderr}`)
        await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), closed])
      }
    },
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** The exit code. @throws Error if the process goes on for too long */
    async end(): Promise<number | null> {
      const timeout = new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Error(`it lives on: ${said.stdout}${said.stderr}`)), MAX_END_MS).unref()
      })
      await Promise.race([closed, timeout])
      return child.exitCode
    },
  }
}

async function readyStatus(port: number): Promise<[number, string]> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`)
  return [response.status, await response.text()]
}

const waitFor = async (check: () => Promise<boolean>) => {
  while (!(await check())) await new Promise(resolve => setTimeout(resolve, 50))
}

describe('a bot that loses Discord', () => {
  test('is not ready meanwhile, and logs the loss and the return once', async () => {
    const port = await freePort()
    const bot = run(['bot'], { OPERATOR_PORT: String(port) })
    await bot.until('bot online')
    expect(await readyStatus(port)).toEqual([200, 'ready\n'])
    discord.gateway.disconnect()
    await waitFor(async () => (await readyStatus(port))[0] === 503)
    await waitFor(async () => (await readyStatus(port))[0] === 200)
    await bot.until('Discord connection restored')
    expect(bot.count('Discord connection lost')).toBe(1)
    expect(bot.said.stdout).toContain('"reason":"the connection broke off"')

    await discord.close()
    await waitFor(async () => (await readyStatus(port))[0] === 503)
    expect((await readyStatus(port))[1]).toBe('not connected to Discord\n')
    // discord.js tries twice a second.
    await new Promise(resolve => setTimeout(resolve, 2500))
    expect(bot.count('Discord connection lost')).toBe(2)
    bot.kill('SIGTERM')
    expect(await bot.end()).toBe(0)
  })

  // The other close codes: trouble.test.ts.
  test('ends with a sentence after a close code that can’t pass', async () => {
    const bot = run(['bot'])
    await bot.until('bot online')
    discord.gateway.closeConnections(4014)
    expect(await bot.end()).toBe(2)
    expect(bot.said.stderr).toContain('overscan: Discord rejects the login (close code 4014, DisallowedIntents). ')
    expect(bot.said.stderr).toContain('no privileged intents')
    expect(bot.said.stderr).not.toContain('bug')
  })

  test('ends when its token was reset', async () => {
    const bot = run(['bot'])
    await bot.until('bot online')
    discord.resetToken()
    discord.gateway.reconnect()
    expect(await bot.end()).toBe(2)
    expect(bot.said.stderr).toContain('close code 4004')
  })
})

describe('a bot that can’t start', () => {
  test('for a gateway that refuses it says why', async () => {
    discord.gateway.rejectNextIdentify(4014)
    const bot = run(['bot'])
    await bot.until('close code 4014')
    expect(await bot.end()).toBe(2)
  })

  test('without Discord says why', async () => {
    const environment = discordEnvironment(discord)
    await discord.close()
    const said = await refused(['bot'], environment)
    expect(said).toContain('Discord can’t be reached: ')
    expect(said).not.toContain('bug')
  })

  test('for a corrupt settings file says why', async () => {
    await writeFile(join(folder, 'settings.json'), '')
    const said = await refused(['bot'])
    expect(said).toContain('settings.json')
    expect(said).not.toContain('bug')
  })

  test('for a data folder that is a file says why', async () => {
    await writeFile(join(folder, 'file'), '')
    const said = await refused(['bot'], { DATA_FOLDER: join(folder, 'file') })
    expect(said).toContain('because it or a folder above it is a file')
  })

  test.runIf(process.platform === 'linux')('for a data folder that can’t be made says why', async () => {
    const said = await refused(['bot'], { DATA_FOLDER: '/proc/over/scan' })
    expect(said).toContain('/proc/over/scan can’t be made (ENOENT). Check its name')
  })

  test.runIf(process.getuid?.() === 0)('for a data folder of another user says whose it is', async () => {
    const bot = run(['bot'], {}, { uid: NOBODY, gid: NOBODY, cwd: tmpdir() })
    await bot.until(`${folder} belongs to another user (uid 0), and Overscan runs as uid ${NOBODY} (EACCES: `)
    expect(bot.said.stderr).toContain(`chown -R ${NOBODY} ${folder}`)
    expect(await bot.end()).toBe(2)
  })

  test('for a damaged database names it, and the doctor moves it away', async () => {
    const database = join(folder, 'line', 'queue')
    await truncate(join(database, 'global', 'pg_control'))
    const bot = run(['bot'])
    await bot.until(`The queue’s database in ${database} is damaged`)
    expect(bot.said.stderr).toContain('Lost are the requests that wait')
    expect(await bot.end()).toBe(2)

    const look = await refused(['doctor'])
    expect(look).toContain('doctor --repair')
    expect(look).toContain('Fix the errors first')
    expect(look).toContain("Embedded database: The queue's database in")
    const { stdout } = await runOverscan(['doctor', '--repair'], { environment: environment(), folder })
    expect(stdout).toContain(`The damaged database was moved to ${database}.damaged-`)
    expect(stdout).toContain('Embedded database: the first start makes it')
    expect(stdout).toContain('The bot can')
    const next = run(['bot'])
    await next.until('bot online')
    expect(await readdir(join(folder, 'line'))).toContainEqual(expect.stringMatching(/^queue\.damaged-\d{8}T\d{6}$/))
  })

  test.runIf(hasRedis)('on a Redis replica says why', async () => {
    const redis = await startRedis({ replicaof: '127.0.0.1 1' })
    try {
      for (const command of ['bot', 'worker']) {
        const said = await refused([command], { REDIS_URL: redis.url })
        expect(said).toContain('Redis is a read-only replica. Set REDIS_URL to the primary.')
      }
      const said = await refused(['forget', '100000000000000001'], { REDIS_URL: redis.url })
      expect(said).toContain('Redis is a read-only replica.')
    } finally {
      await redis.close()
    }
  })
})

test('a bot whose interaction was answered by another one with its token says so in the log', async () => {
  const other = join(folder, 'other')
  await cp(inject('database'), join(other, 'line', 'queue'), { recursive: true })
  const bots = [run(['bot']), run(['bot'], { DATA_FOLDER: other })]
  for (const bot of bots) await bot.until('bot online')
  const sent = await discord.person('Ada').slash('help')
  await sent.acknowledged
  await Promise.race(bots.map(bot => bot.until('most likely another bot runs with the same token')))
  expect((await sent.response()).content ?? '').not.toContain('code')
})

describe('a process that is told to stop', () => {
  test('ends while it still tries to log in', async () => {
    for (let index = 0; index < 100; index++) discord.gateway.rejectNextIdentify(4000)
    const bot = run(['bot'])
    await bot.until('Discord connection lost')
    bot.kill('SIGTERM')
    expect(await bot.end()).toBe(0)
    expect(bot.said.stderr).toBe('')
  })

  test('ends at once with the second signal, although a picture is being painted', async () => {
    const bot = run(['bot'], { STOP_SECONDS: '600' })
    await bot.until('bot online')
    const image = { name: 'hills.png', data: await encodePng(landscape(1400, 1100)) }
    const sent = await discord.person('Ada').slash('zoom', { image })
    await waitForButton(discord, sent, 'Cancel')
    await bot.until('painting started')
    bot.kill('SIGTERM')
    await bot.until('process stopping')
    bot.kill('SIGTERM')
    await bot.until('process stopping at once')
    expect(await bot.end()).toBe(0)
    // Nothing is lost: the next start goes on.
    const next = run(['bot'])
    await next.until('job taken over')
  })

  test.each(['playground', 'worker'])('%s', async command => {
    const redis = command === 'worker' && hasRedis ? await startRedis() : undefined
    try {
      const program = run([command], { PAGES_PORT: String(await freePort()), ...(redis && { REDIS_URL: redis.url }) })
      await program.until(command === 'worker' ? 'worker ready' : 'Overscan playground: ')
      await redis?.kill()
      program.kill('SIGTERM')
      expect(await program.end()).toBe(0)
    } finally {
      await redis?.close()
    }
  })
})
