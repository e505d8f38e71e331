import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import os, { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { parse } from 'dotenv'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { inviteLink } from '../../src/bot/discord/invite.js'
import { envExample } from '../../src/cli/env/env-example.js'
import { setEnvValues } from '../../src/cli/env/env-file.js'
import { findInCatalog } from '../../src/cli/models/model-catalog.js'
import { contextMenuCommands } from '../../src/commands/context-menu-commands.js'
import { slashCommands } from '../../src/commands/slash-commands.js'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { startTestDiscord } from '../support/emulator.js'
import { startFileServer } from '../support/file-server.js'
import { modelFiles, publishRepository } from '../support/hub.js'
import { writeNvidiaSmi } from '../support/nvidia-smi.js'
import { runOverscan } from '../support/overscan.js'
import { MAIN } from '../support/programs.js'
import { CUDA_WHEELS, publishWheels } from '../support/pypi.js'
import { freePort } from '../support/servers.js'
import { runAtTerminal } from '../support/terminal.js'
import { upscalerFile } from '../support/upscalers.js'

const { repository, revision } = findInCatalog('sd15-inpainting')!

let discord: DiscordEmulator
let server: Awaited<ReturnType<typeof startFileServer>>
let made: Record<string, Buffer>
let folder: string
const files = new Map<string, Buffer>()
const running = new Set<ReturnType<typeof spawn>>()
const file = (name: string) => join(folder, name)
const env = () => readFile(file('.env'), 'utf8')

beforeAll(async () => {
  discord = await startTestDiscord()
  server = await startFileServer(files)
  made = await modelFiles()
})
afterAll(async () => {
  await discord.close()
  await server.close()
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-setup-'))
  files.clear()
  server.requests.length = 0
  publishRepository(files, repository, made, { revision })
})
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  expect(discord.violations).toEqual([])
  await rm(folder, { recursive: true })
})

/** The environment of somebody who has set nothing. */
function environment(more: Record<string, string> = {}): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env
  const reach = { DISCORD_API: `${discord.url}/api`, DISCORD_CDN: discord.url, DISCORD_MEDIA: discord.url }
  return { PATH, HOME, ...reach, HF_ENDPOINT: server.url, UPDATE_NOTICE: 'off', ...more }
}

async function ended(child: ReturnType<typeof spawn>): Promise<number | null> {
  running.add(child)
  const code = await new Promise<number | null>(done => child.once('close', done))
  running.delete(child)
  return code
}

type Run = { readonly code: number | null; readonly said: string; readonly wrong: string }

/** Run the program in the folder. */
async function run(argv: readonly string[], more: Record<string, string> = {}): Promise<Run> {
  const { code, stdout, stderr } = await runOverscan(argv, { environment: environment(more), folder })
  return { code, said: stdout, wrong: stderr }
}

/** The same in a new process, which is interrupted once it has said something. */
async function runProcess(argv: readonly string[], more: Record<string, string>, interruptAt?: RegExp): Promise<Run> {
  const child = spawn(process.execPath, [MAIN, ...argv], { cwd: folder, env: environment(more) })
  child.stdin.end()
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', part => {
      const was = interruptAt?.test(said[name])
      said[name] += part
      if (!was && interruptAt?.test(said[name])) child.kill('SIGINT')
    })
  }
  return { code: await ended(child), said: said.stdout, wrong: said.stderr }
}

const setup = (argv: readonly string[], more: Record<string, string> = {}) => run(['setup', '--yes', ...argv], more)

describe('unattended', () => {
  test('prepares a bot in an empty folder, and changes nothing the second time', async () => {
    const argv = ['--model', 'sd15-inpainting', '--device', 'cpu', '--pages-port', '8123', '--data-folder', 'kept']
    const first = await setup(argv, { DISCORD_TOKEN: discord.token })
    expect(first.wrong).toMatch(/downloading \d+%/)
    expect(first).toMatchObject({
      code: 0,
      said: expect.stringContaining('The token is valid. The bot’s name is Overscan.'),
    })
    const set = { DISCORD_TOKEN: discord.token, DEVICE: 'cpu', DATA_FOLDER: 'kept', PAGES_PORT: '8123' }
    expect(parse(await env())).toEqual(set)
    // All other settings are there too, as comments.
    expect(await env()).toBe(setEnvValues(envExample(), set))
    expect((await stat(file('.env'))).mode & 0o777).toBe(0o600)
    expect(discord.commands().map(({ name }) => name)).toEqual(
      expect.arrayContaining([...slashCommands, ...contextMenuCommands].map(({ data }) => data.name)),
    )
    expect(await readdir(file('models'))).toEqual(['catalogue-lock.json', 'sd15-inpainting'])
    const [, picture] = /Test picture by sd15-inpainting, painted in [\d.]+ s: (.+\.png)/.exec(first.said)!
    expect(await sharp(file(picture!)).metadata()).toMatchObject({ format: 'png', width: 256 })
    expect(first.said).toContain(
      `The bot is in 1 server. To add it to another one: ${inviteLink(discord.applicationId)}`,
    )

    const before = { text: await env(), asked: server.requests.length }
    const again = await setup([...argv, '--no-test'])
    expect(again).toMatchObject({ code: 0 })
    expect(again.said).toContain('.env is unchanged.')
    expect(again.said).toContain('The commands are already registered.')
    expect({ text: await env(), asked: server.requests.length }).toEqual(before)
  })

  test('a dry run tells what would be downloaded, and writes nothing', async () => {
    const argv = ['--model', 'sd15-inpainting', '--device', 'cpu', '--dry-run']
    const { code, said } = await setup(argv, { DISCORD_TOKEN: discord.token })
    expect(code).toBe(0)
    expect(said).toContain('.env would get: DISCORD_TOKEN, DEVICE.')
    expect(said).toContain(`sd15-inpainting from ${repository}: `)
    expect(said).toContain('license: CreativeML OpenRAIL-M')
    expect(said).toMatch(/^ {2}unet\/.+, .+B$/m)
    expect(await readdir(folder)).toEqual([])
  })

  test('an upscaler is downloaded too, with its license', async () => {
    const upscaler = findInCatalog('realesrgan-x4')!
    publishRepository(
      files,
      upscaler.repository,
      { [upscaler.path!]: upscalerFile('rrdbnet-x4') },
      { revision: upscaler.revision, hashes: false },
    )
    const argv = ['--model', 'none', '--no-register', '--no-test', '--upscaler']
    const token = { DISCORD_TOKEN: discord.token }
    const dry = await setup([...argv, 'realesrgan-x4', '--dry-run'], token)
    expect(dry.wrong).toBe('')
    expect(dry.said).toMatch(/realesrgan-x4 from Comfy-Org[\s\S]*license: BSD-3-Clause/)
    // The catalog has the checksum of the real file.
    const other = await setup([...argv, 'realesrgan-x4'], token)
    expect([other.code, other.wrong]).toEqual([2, expect.stringContaining('RealESRGAN_x4plus.safetensors')])
    const unknown = await setup([...argv, 'migan'], token)
    expect([unknown.code, unknown.wrong]).toEqual([2, expect.stringContaining('none, realesrgan-x4, ultrasharp-x4')])
    // What is installed is not downloaded again.
    await mkdir(file('models/upscale'), { recursive: true })
    await writeFile(file('models/upscale/realesrgan-x4.safetensors'), upscalerFile('rrdbnet-x4'))
    const asked = server.requests.length
    expect(await setup([...argv, 'realesrgan-x4'], token)).toMatchObject({ code: 0 })
    expect(server.requests.length).toBe(asked)
  })

  test('the chosen model paints from then on, also another than the best', async () => {
    await mkdir(file('models'))
    await cp('test/fixtures/diffusion/models/sd1-inpaint', file('models/best'), { recursive: true })
    await cp('test/fixtures/diffusion/models/sd1', file('models/other'), { recursive: true })
    const argv = (model: string) => ['--model', model, '--device', 'cpu', '--no-register', '--no-test']
    const token = { DISCORD_TOKEN: discord.token }
    await setup(argv('other'), token)
    expect(parse(await env())).toMatchObject({ MODEL: 'other' })
    const { said } = await setup(argv('best'))
    expect(parse(await env()).MODEL).toBe('')
    expect(said).toContain('best paints beyond the frame (zoom, extend, square, fit), under a mask (inpaint)')
    await setup(argv('none'))
    expect(parse(await env())).toMatchObject({ MODEL: 'fill' })
  })

  test('keeps other settings of .env, and prints what it changes', async () => {
    const before = '# mine\nLOG_LEVEL=debug # for now\n#DEVICE=\nDISCORD_TOKEN=old-and-secret\n\nPAGES_PORT=9000\n'
    await mkdir(file('conf'))
    await writeFile(file('conf/env'), before)
    await writeFile(file('token'), `Bot ${discord.token}\n`)
    const told = await setup([
      '--env',
      'conf/env',
      '--token-file',
      'token',
      '--device',
      'cpu',
      '--no-test',
      '--no-register',
    ])
    expect(told).toMatchObject({ code: 0 })
    expect(told.said).toContain(`conf/env: DISCORD_TOKEN: …cret → …${discord.token.slice(-4)}`)
    expect(told.said).toContain(`with only the permissions that it needs: ${inviteLink(discord.applicationId)}`)
    expect(await readFile(file('conf/env'), 'utf8')).toBe(
      before.replace('#DEVICE=', 'DEVICE=cpu').replace('old-and-secret', discord.token),
    )
    expect(existsSync(file('.env'))).toBe(false)
  })

  test('prints what is missing or wrong, and writes nothing', async () => {
    const right = { DISCORD_TOKEN: discord.token }
    const sentence = async (argv: string[], more: Record<string, string>) => {
      const { code, wrong } = await setup([...argv, '--no-test', '--no-register'], more)
      expect(code).toBe(2)
      expect(existsSync(file('.env'))).toBe(false)
      return wrong
    }
    expect(await sentence([], {})).toMatch(/token is missing\. Create one at .* --token-file/)
    expect(await sentence([], { DISCORD_TOKEN: 'wrong' })).toMatch(/Discord rejects DISCORD_TOKEN/)
    discord.injectFault(
      { method: 'GET', path: /applications\/@me/ },
      { status: 403, code: 50_001, message: 'Missing Access' },
    )
    expect(await sentence([], right)).toMatch(
      /Discord accepts the token but rejects the request: Missing Access \(403\)/,
    )
    expect(await sentence([], { ...right, DISCORD_API: 'http://127.0.0.1:9/api' })).toMatch(/Discord can’t be reached/)
    expect(await sentence(['--model', 'nobody'], right)).toMatch(
      /no model “nobody”.*recommended, none, sd15-inpainting/,
    )
    expect(await sentence(['--device', 'tpu'], right)).toMatch(/tpu doesn’t work on this machine/)
    const memory = vi.spyOn(os, 'totalmem').mockReturnValue(4e9)
    syncBuiltinESMExports()
    expect(await sentence(['--model', 'sdxl', '--device', 'cpu'], right)).toMatch(
      /“sdxl” needs about 7\.5 GB of memory, and cpu has 4 GB\./,
    )
    memory.mockRestore()
    syncBuiltinESMExports()
    expect(await sentence(['--pages-port', 'high'], right)).toMatch(/PAGES_PORT is “high”\. Use a whole number/)
  })

  test('refuses a model that is too large for the disk or has the wrong checksum', async () => {
    const argv = ['--model', 'sd15-inpainting', '--no-test', '--no-register']
    publishRepository(files, repository, made, { revision, size: 1e15 })
    const full = await setup(argv, { DISCORD_TOKEN: discord.token })
    expect(full).toMatchObject({
      code: 2,
      wrong: expect.stringMatching(/needs [\d.]+ GB, and models has [\d.]+ GB free/),
    })
    publishRepository(files, repository, made, { revision })
    files.set(`/${repository}/resolve/${revision}/model_index.json`, Buffer.from('[]'))
    const other = await setup(argv)
    expect(other).toMatchObject({
      code: 2,
      wrong: expect.stringContaining('“model_index.json” doesn’t match its published checksum'),
    })
    expect((await readdir(file('models'))).filter(name => !name.startsWith('.'))).toEqual([])
  })

  test('resumes a cancelled download', async () => {
    // The first of those that are not small.
    const largest = Object.keys(made).reduce((one, other) => (made[other]!.length > made[one]!.length ? other : one))
    publishRepository(files, repository, { [largest]: made[largest]!, ...made }, { revision })
    server.stall(`/${repository}/resolve/${revision}/${largest}`, made[largest]!.length / 2)
    const argv = ['--model', 'sd15-inpainting', '--no-test', '--no-register']
    const rest = { DISCORD_TOKEN: discord.token }
    const cancelled = await runProcess(['setup', '--yes', ...argv], rest, /downloading [1-9]0%/)
    expect(cancelled).toMatchObject({ code: 130, wrong: expect.stringContaining('overscan: Cancelled.') })
    expect(await readdir(file('models'))).toEqual([expect.stringMatching(/^\.sd15-inpainting-.*\.coming$/)])
    const gone = await setup(argv, rest)
    expect(gone).toMatchObject({ code: 0 })
    const ranges = server.requests.flatMap(({ path, range }) => (path.endsWith(largest) ? [range] : []))
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)])
    expect(await readdir(file('models'))).toEqual(['catalogue-lock.json', 'sd15-inpainting'])
  })
})

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'without a network setup cuda names the address, and leaves nothing behind',
  async () => {
    const index = { PYPI_ENDPOINT: `http://127.0.0.1:${await freePort()}/simple` }
    const { code, wrong } = await run(['setup', 'cuda', '--without-card'], index)
    expect(code).toBe(2)
    expect(wrong).toMatch(/overscan: Downloading .*onnxruntime-gpu.* failed: connect ECONNREFUSED/)
    expect(await readdir(folder)).toEqual([])
  },
)

/** A machine with an NVIDIA card, and a package index with small CUDA libraries. */
async function nvidiaMachine(driver = '580.65.06'): Promise<Record<string, string>> {
  const card = 'NVIDIA GeForce RTX 4060'
  const properties = { driver_version: driver, compute_cap: '8.9', name: card }
  const all = { ...properties, 'name,memory.total,driver_version': `${card}, 8188, ${driver}` }
  await writeNvidiaSmi(file('driver'), all)
  publishWheels(files, CUDA_WHEELS)
  return {
    DISCORD_TOKEN: discord.token,
    PATH: `${file('driver')}${delimiter}${process.env.PATH}`,
    PYPI_ENDPOINT: `${server.url}/simple`,
  }
}

const downloaded = () => server.requests.some(({ path }) => path.startsWith('/files/'))

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('with an NVIDIA card', () => {
  test('the CUDA libraries are downloaded once, into the data folder, and the model is chosen for the card', async () => {
    const machine = await nvidiaMachine()
    const argv = ['--data-folder', 'kept', '--no-test', '--no-register']
    const dry = await setup([...argv, '--model', 'recommended', '--dry-run'], machine)
    expect(dry.said).toMatch(/The CUDA libraries for onnxruntime .*B from 127\.0\.0\.1, about .*B in \S+kept\/cuda\./)
    expect(dry.said).toContain(`sd15-inpainting from ${repository}`)
    expect(downloaded()).toBe(false)
    const { code, said } = await setup([...argv, '--device', 'auto'], machine)
    expect(code).toBe(0)
    expect(said).toMatch(/Installed the CUDA libraries in \S+kept\/cuda\/onnxruntime-/)
    // These libraries are empty, so the card can't be tested.
    expect(said).toMatch(/cuda doesn’t work on this machine: .*\n/)
    expect(said).toContain('Start the bot: ')
    expect(await readdir(file('kept'))).toEqual(['cuda'])
    server.requests.length = 0
    await setup([...argv], machine)
    expect(server.requests).toEqual([])
  })

  test('nothing is downloaded for a device, a model or a person that needs no CUDA', async () => {
    const machine = await nvidiaMachine()
    for (const more of [['--no-cuda'], ['--device', 'cpu'], ['--model', 'none']])
      expect((await setup([...more, '--no-test', '--no-register'], machine)).said).not.toContain('CUDA')
    expect(downloaded()).toBe(false)
  })

  test('what prevents CUDA is printed, and stops only those who asked for it', async () => {
    const old = await nvidiaMachine('535.183.01')
    const argv = ['--no-test', '--no-register']
    const without = await setup(argv, old)
    expect(without).toMatchObject({
      code: 0,
      said: expect.stringMatching(/driver is version 535.*\nThe bot works without/),
    })
    expect(await setup([...argv, '--cuda'], old)).toMatchObject({ code: 2, wrong: expect.stringContaining('535') })
    const offline = { ...(await nvidiaMachine()), PYPI_ENDPOINT: `http://127.0.0.1:${await freePort()}/simple` }
    expect(await setup(argv, offline)).toMatchObject({ code: 0, said: expect.stringContaining('ECONNREFUSED') })
    const { code, wrong } = await setup([...argv, '--cuda'], { DISCORD_TOKEN: discord.token, PATH: '' })
    expect([code, wrong]).toEqual([2, expect.stringContaining('No NVIDIA card was found')])
  })

  test('at a terminal it asks first', async () => {
    const argv = [
      '--device',
      'auto',
      '--model',
      'recommended',
      '--upscaler',
      'none',
      '--data-folder',
      'data',
      '--pages-port',
      '',
      '--dry-run',
    ]
    const where = { folder, environment: environment(await nvidiaMachine()) }
    const { shown, left } = await runAtTerminal(['setup', ...argv], [['Download the CUDA libraries?', 'n']], where)
    expect(left).toEqual([])
    expect(shown).toContain('“overscan setup cuda”')
    expect(downloaded()).toBe(false)
  })
})

test('values are set in the text of a file, and the rest is kept', () => {
  const text =
    'A=1\r\n# B is two\r\n#B=\r\nexport C = \'x y\' # see\r\nA=2# last\r\nE="two\r\nlines"\r\nF=\r\nG=#none\r\nend'
  const values = { A: '3', B: 'a b', C: "it's #1", D: '', E: 'e$&', F: 'f', G: 'g' }
  const after = setEnvValues(text, values)
  expect(after).toBe(
    "A=1\r\n# B is two\r\nB='a b'\r\nexport C = `it's #1` # see\r\nA=3# last\r\nE=e$&\r\nF=f\r\nG=g#none\r\nend\r\nD=\r\n",
  )
  expect(parse(after)).toEqual(values)
  expect(setEnvValues('', { A: '1' })).toBe('A=1\n')
})
