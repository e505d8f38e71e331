import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { findInCatalog } from '../../src/cli/models/model-catalog.js'
import type { DiscordEmulator } from '../../src/discord-emulator/emulator.js'
import { setPngTexts } from '../../src/inference/image/png-texts.js'
import { graphBuilder } from '../../src/inference/onnx/graph-builder.js'
import { formatParameters } from '../../src/inference/pipeline/recipe.js'
import { readRecipe } from '../../src/inference/pipeline/recipe-file.js'
import { writeSingleFile } from '../support/checkpoints.js'
import { commandFault } from '../support/documented-commands.js'
import { discordEnvironment, startTestDiscord } from '../support/emulator.js'
import { startFileServer } from '../support/file-server.js'
import { modelFiles, publishRepository } from '../support/hub.js'
import { readPages, shellCommands, shellWords } from '../support/markdown.js'
import { runOverscan } from '../support/overscan.js'
import { writeSegmentModel } from '../support/segment-models.js'
import { freePort, hasRedis, type RedisServer, startRedis } from '../support/servers.js'

// Every command that the pages tell people to type is run: in a copy of the project, in the order of the page. Those that need no
// shell are given to the program in this process, the others are typed. Servers that they would ask are stand-ins on this machine.

const pages = await readPages()
const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string }

/** What is not run here, and why. That its script, command and options exist is looked at all the same. */
const NOT_RUN: readonly (readonly [RegExp, string])[] = [
  [/^npm install$/, 'it is what made this test run; .ci/run does it on a clean checkout'],
  [/^npm test$/, '.ci/run does it'],
  [/^npm run test:program$/, 'this is it'],
  [/^npm start$/, 'test/program/package.test.ts does, and asks the playground for its page'],
  [/^npm run (?:lint|check)$/, '.ci/run does it'],
  [/^npm run format$/, 'it changes the sources; whether it would is a part of npm run lint'],
  [/^npm run bench -- /, 'it takes minutes, and some need a model of full size, G’MIC or torch'],
  [/^npm run webgpu-faults/, 'it takes a GPU; test/program/webgpu.test.ts runs it with the smallest graph'],
  [/^npm run parity -- CASES_DIR$/, 'test/tools/parity.test.ts does'],
  [
    /^node dist\/main\.js setup cuda(?: --dry-run)?$/,
    'it downloads from pypi.org; test/cli/cuda.test.ts has a stand-in for that',
  ],
  [/^npm install \.\/overscan-.+\.tgz$/, 'test/program/package.test.ts does, with what npm run pack makes'],
  [/models add realesrgan-x4$/, 'its file has a published checksum; test/cli/model-catalog.test.ts adds an upscaler'],
  [
    /^docker /,
    'no test has Docker; test/program/docker.test.ts does what the Dockerfile says, and starts what comes of it',
  ],
  [/^npx overscan demo$/, 'test/program/package.test.ts does, where the package was installed'],
]

/** Commands that go on until they get a signal to stop, and what they say when they are up. */
const LASTING: readonly (readonly [RegExp, RegExp])[] = [
  [/main\.js bot$/, /"msg":"bot online"/],
  [/main\.js worker$/, /"msg":"worker ready"/],
]

/** Where people are asked for the token, or have put it into the environment. */
const WITH_TOKEN = /(?:main\.js|npm run) setup$|^REDIS_URL=\S+ node dist\/main\.js bot$/

/** Done once, before everything else: it does the same each time. */
const BUILD = 'npm run build'

/** What has to be there afterwards and was not before. */
const MADE: readonly (readonly [RegExp, Readonly<Record<string, number>>])[] = [
  [/^npm run build$/, { 'dist/main.js': 1, 'dist/web/chat.html': 1 }],
  [/ zoom photo\.jpg -o out$/, { 'out/*.png': 4 }],
  [/^(?!.* upscale ).* -o out(?!.* --engine)/, { 'out/*.png': 1 }],
  [/ upscale .* -o out/, { 'out/*.png': 1 }],
  [/ --engine NAME /, { 'out/*.png': 1 }],
  [/ setup$/, { '.env': 1, 'out/setup/*.png': 1 }],
  [/ models add /, { 'models/*': 1 }],
]

let folder: string
let discord: DiscordEmulator
let redis: RedisServer | undefined
let hub: Awaited<ReturnType<typeof startFileServer>>
let pagesPort = 0
const running = new Set<ChildProcess>()
const file = (name: string) => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overscan-docs-'))
  for (const name of [
    'package.json',
    '.npmrc',
    'tsconfig.json',
    'tsconfig.build.json',
    'src',
    'tools',
    'docs',
    'examples',
    '.env.example',
  ]) {
    await cp(name, file(name), { recursive: true })
  }
  await symlink(resolve('node_modules'), file('node_modules'))
  discord = await startTestDiscord()
  redis = hasRedis ? await startRedis() : undefined
  hub = await startFileServer(await published())
  await belongings()
  // A page may take for granted that another one was read before.
  await run(BUILD)
}, 180_000)
afterAll(async () => {
  for (const { pid } of running) process.kill(-pid!, 'SIGKILL')
  await hub.close()
  await redis?.close()
  await discord.close()
  await rm(folder, { recursive: true, force: true })
})

/** What Hugging Face and example.com have. */
async function published(): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const inpainting = await modelFiles()
  const { repository, revision } = findInCatalog('sd15-inpainting')!
  publishRepository(files, repository, inpainting, { revision })
  const preview = findInCatalog('taesd')!
  publishRepository(files, preview.repository, { [preview.path!]: decoder() }, { revision: preview.revision })
  const selecting = findInCatalog('mobilesam')!
  await writeSegmentModel(file('selecting'), 'acly')
  const graphs = await readdir(file('selecting'))
  const contents = graphs.map(async name => [name, await readFile(file(`selecting/${name}`))] as const)
  publishRepository(files, selecting.repository, Object.fromEntries(await Promise.all(contents)), {
    revision: selecting.revision,
  })
  const single = file('single.safetensors')
  await writeSingleFile('sd1', single, 'F16')
  const checkpoint = await readFile(single)
  for (const name of ['NAME', 'my-model']) files.set(`/${name}.safetensors`, checkpoint)
  publishRepository(files, 'owner/name', { ...inpainting, 'other-model.safetensors': checkpoint })
  return files
}

/** A graph that takes latents, as TAESD's does. */
function decoder(): Buffer {
  const g = graphBuilder('decoder', '/')
  const x = g.input('latent_sample', 'F32', [1, 4, 8, 8])
  g.output('sample', g.node('Add', [x, x]), 'F32', [1, 4, 8, 8])
  return Buffer.from(g.bytes())
}

/** The reader's files. */
async function belongings(): Promise<void> {
  const size = { width: 192, height: 128 }
  await sharp('examples/lighthouse.png').resize(size).jpeg().toFile(file('photo.jpg'))
  await writeFile(file('zoomed.png'), await zoomed())
  const hole = { create: { width: 40, height: 60, channels: 3, background: 'white' } } as const
  await sharp({ create: { ...size, channels: 3, background: 'black' } })
    .composite([{ input: hole, left: 60, top: 30 }])
    .png()
    .toFile(file('mask.png'))
  await writeFile(file('token.txt'), `${discord.token}\n`)
  const own = file('home/stable-diffusion-webui/models/Stable-diffusion/sd-v1-5-inpainting.safetensors')
  await mkdir(dirname(own), { recursive: true })
  await writeSingleFile('sd1-inpaint', own, 'F16')
}

/** The sample that was zoomed out of, smaller, so that less is repainted. */
async function zoomed(): Promise<Buffer> {
  const sample = await readFile('examples/lighthouse-zoomed.png')
  const size = { width: 192, height: 128 }
  const recipe = { ...(await readRecipe(sample))!, old: { x: 32, y: 21, width: 128, height: 85 } }
  const png = await sharp(sample).resize(size).png().toBuffer()
  return setPngTexts(png, { parameters: formatParameters(recipe, size) })
}

/** A command with stand-ins for what is elsewhere. */
function here(command: string): string {
  return (
    command
      .replace('https://example.com', hub.url)
      .replace('redis://10.0.0.5:6379', redis?.url ?? '')
      .replace('--device cuda', '--device cpu')
      .replace('--pages-port 8787', `--pages-port ${pagesPort}`)
      // One picture is like the next, and one step of a model whose weights are nobody's.
      .replace(/^(?!.*(?:zoom photo\.jpg -o out$|--variations| upscale )).* -o out\b/, '$& --variations 1')
      .replace(/--steps (20|8)/, '--steps 1')
  )
}

function environment(command: string): Record<string, string> {
  const { PATH = '' } = process.env
  const { DISCORD_TOKEN, ...discordIsAt } = discordEnvironment(discord)
  return {
    PATH,
    HOME: file('home'),
    ...discordIsAt,
    ...(WITH_TOKEN.test(command) && { DISCORD_TOKEN: DISCORD_TOKEN! }),
    HF_ENDPOINT: hub.url,
    DEVICE: 'cpu',
    LOG_LEVEL: 'info',
  }
}

/** The program with arguments, and nothing for a shell to do but to split them. */
const PROGRAM = /^node dist\/main\.js (?=[^|<>$;]*$)/

/** Give a command to the program in this process, which has been loaded already. */
async function give(command: string): Promise<{ code: number; said: string }> {
  const words = shellWords(here(command).replace(PROGRAM, '')).map(word => word.replace(/^~(?=\/)/, file('home')))
  const { code, stdout, stderr } = await runOverscan(words, { environment: environment(command), folder })
  return { code, said: stdout + stderr }
}

/** Type it. @param until what it says before it gets the signal to stop; to its own end if left out */
async function type(command: string, until?: RegExp): Promise<{ code: number | null; said: string }> {
  const child = spawn('bash', ['-c', here(command)], { cwd: folder, env: environment(command), detached: true })
  running.add(child)
  child.stdin.end()
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      const was = until?.test(said)
      said += part
      if (!was && until?.test(said)) process.kill(-child.pid!, 'SIGTERM')
    })
  }
  const code = await new Promise<number | null>(end => child.once('close', end))
  running.delete(child)
  return { code, said }
}

/** Files in the copy that match a pattern in which * is anything but a folder. */
async function filesLike(pattern: string): Promise<string[]> {
  const names = await readdir(file(dirname(pattern))).catch(() => [])
  const like = new RegExp(`^${basename(pattern).replaceAll('.', '\\.').replaceAll('*', '.+')}$`)
  return names.filter(name => like.test(name))
}

async function run(command: string): Promise<void> {
  const [, until] = LASTING.find(([like]) => like.test(command)) ?? []
  const promised = MADE.filter(([like]) => like.test(command)).flatMap(([, files]) => Object.entries(files))
  const before = await Promise.all(promised.map(([pattern]) => filesLike(pattern)))
  const { code, said } = PROGRAM.test(command) && !until ? await give(command) : await type(command, until)
  if (until) expect(said).toMatch(until)
  expect(code, said).toBe(0)
  for (const [at, [pattern, count]] of promised.entries()) {
    const made = (await filesLike(pattern)).filter(name => !before[at]!.includes(name))
    expect(made.length, `${pattern}: ${said}`).toBeGreaterThanOrEqual(count)
  }
}

const told = pages.map(({ name, blocks }) => [name, blocks.flatMap(shellCommands)] as const)

function isRun(command: string): boolean {
  return command !== BUILD && !NOT_RUN.some(([like]) => like.test(command))
}

describe.each(told.filter(([, commands]) => commands.some(isRun)))('%s', (_, commands) => {
  beforeAll(async () => {
    pagesPort = await freePort()
    for (const name of ['out', 'models', 'data', '.env']) await rm(file(name), { recursive: true, force: true })
    // Made before: to make one takes seconds.
    await cp(inject('database'), file('data/line/queue'), { recursive: true })
  })

  for (const command of commands.filter(isRun)) {
    test.skipIf(command.startsWith('REDIS_URL=') && !hasRedis)(command, async () => {
      await run(command)
    })
  }
})

test('commands that are not run exist in a page, have a reason, and have valid arguments', () => {
  const all = told.flatMap(([, commands]) => commands)
  for (const [like, why] of NOT_RUN) {
    const matching = all.filter(command => like.test(command))
    expect(matching.length, `${like} is in no page`).toBeGreaterThan(0)
    expect(why).not.toBe('')
    for (const command of matching) expect(commandFault(command), command).toBeUndefined()
  }
})

test('code blocks without a language are commands', () => {
  const languages = pages.flatMap(({ blocks }) => blocks.map(({ language }) => language))
  expect([...new Set(languages)].sort()).toEqual(['', 'ini', 'powershell', 'text'])
})

test('the package version and the service’s command are valid', () => {
  const text = pages.map(page => page.text).join('\n')
  for (const [, named] of text.matchAll(/overscan-(\d+\.\d+\.\d+)\.tgz/g)) expect(named).toBe(version)
  const units = pages.flatMap(({ blocks }) => blocks.filter(({ language }) => language === 'ini'))
  const starts = units.flatMap(({ text }) =>
    [...text.matchAll(/^ExecStart=\S*\/(node .+)$/gm)].map(([, line]) => line!),
  )
  expect(starts).toHaveLength(1)
  for (const line of starts) expect(commandFault(line)).toBeUndefined()
})
