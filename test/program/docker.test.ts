import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createProgram } from '../../src/cli/program.js'
import { parseConfig } from '../../src/config.js'
import {
  argumentsOf,
  type BuildStage,
  buildContextFiles,
  copyFiles,
  environmentOf,
  matchingFiles,
  moveTo,
  parseDockerfile,
} from '../support/dockerfile.js'
import { discordEnvironment, startTestDiscord } from '../support/emulator.js'
import { freePort, hasRedis, startRedis, waitForOutput } from '../support/servers.js'

// No image is built here: what its instructions say is done by hand, as far as it can be outside a container.

const root = fileURLToPath(new URL('../../', import.meta.url))
const require = createRequire(import.meta.url)
const text = (name: string) => readFile(join(root, name), 'utf8')

type Service = {
  readonly image: string
  readonly build?: { readonly context: string; readonly target: string }
  readonly pull_policy?: string
  readonly command: string | readonly string[]
  readonly environment?: Readonly<Record<string, string | number>>
  readonly volumes: readonly string[]
  readonly ports?: readonly string[]
  readonly profiles?: readonly string[]
  readonly stop_grace_period?: string
  readonly init?: boolean
}

let stages: BuildStage[]
let compose: { readonly services: Readonly<Record<string, Service>>; readonly volumes: Readonly<Record<string, null>> }
let ours: [string, Service][]
let files: string[]

beforeAll(async () => {
  stages = parseDockerfile(await text('Dockerfile'))
  compose = parse(await text('compose.yaml'), { merge: true })
  ours = Object.entries(compose.services).filter(([name]) => name !== 'redis')
  files = buildContextFiles(root, await text('.dockerignore'))
})

const stage = (name: string) => stages.find(one => one.name === name)!

test('compose.yaml follows the Compose Specification', async () => {
  const schema = join(dirname(require.resolve('dclint/package.json')), 'schemas')
  // It names its draft by another address than Ajv does.
  const ajv = new Ajv({ strict: false, validateFormats: false, validateSchema: false, allErrors: true })
  const check = ajv.compile(JSON.parse(await readFile(join(schema, 'compose.schema.json'), 'utf8')))
  check(compose)
  expect(check.errors).toBeNull()
})

test('the build context has every file of COPY, and nothing secret or large', () => {
  for (const { name, steps } of stages) {
    for (const { words, from } of steps.filter(({ keyword }) => keyword === 'COPY')) {
      if (from !== undefined) expect(stages.map(one => one.name)).toContain(from)
      else
        for (const source of words.slice(0, -1))
          expect(matchingFiles(source, files), `${name}: ${source}`).not.toEqual([])
    }
  }
  const wanted = /^(package(-lock)?\.json|\.npmrc|tsconfig(\.build)?\.json|src\/.+|examples\/[\w-]+\.png)$/
  expect(files.filter(file => !wanted.test(file))).toEqual([])
})

test('images and services set only known settings', async () => {
  const example = await text('.env.example')
  const known = new Set([...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name!))
  const sets = [
    ...stages
      .flatMap(one => Object.entries(environmentOf(one)))
      .filter(([name]) => name !== 'NODE_ENV' && !name.startsWith('NVIDIA_')),
    ...ours.flatMap(([, { environment = {} }]) => Object.entries(environment)),
  ]
  expect(sets.map(([name]) => name).filter(name => !known.has(name))).toEqual([])
  for (const [name, { environment = {} }] of ours) {
    // As Compose fills it in with nothing said.
    const filled = Object.entries(environment).map(([key, value]) => [
      key,
      String(value).replace(/\$\{\w+:-(.*?)\}/, '$1'),
    ])
    expect(() => parseConfig(Object.fromEntries(filled)), name).not.toThrow()
  }
})

test('each service runs an existing command in a built image, with enough time to stop', () => {
  const { STOP_SECONDS } = parseConfig({})
  const built = new Map(ours.flatMap(([, { image, build }]) => (build ? [[image, build.target]] : [])))
  for (const [name, { image, build, command, pull_policy, stop_grace_period, init }] of ours) {
    expect(['bot', 'worker'], name).toContain(command[0])
    expect(
      stages.map(one => one.name),
      name,
    ).toContain(built.get(image))
    if (!build) expect(pull_policy, name).toBe('never')
    // Answers may take ten seconds more.
    expect(Number.parseInt(stop_grace_period!, 10), name).toBeGreaterThan(STOP_SECONDS + 10)
    expect(init, name).toBe(true)
  }
})

test('data is in named volumes at the paths of the images', () => {
  for (const [name, { image, volumes }] of ours) {
    // The image for CUDA has its volumes from the other.
    const { DATA_FOLDER, MODEL_FOLDER } = environmentOf(stage('cpu'))
    expect(argumentsOf(stage('cpu'), 'VOLUME'), name).toEqual([DATA_FOLDER, MODEL_FOLDER])
    if (image !== 'overscan') expect(stage('cuda').from).toBe('cpu')
    const mounts = volumes.map(volume => volume.split(':'))
    for (const [volume] of mounts) expect(Object.keys(compose.volumes), name).toContain(volume)
    expect(
      mounts.map(([, folder]) => folder),
      name,
    ).toContain(MODEL_FOLDER)
  }
  expect(compose.services.bot!.volumes).toContain(`data:${environmentOf(stage('cpu')).DATA_FOLDER}`)
})

test('the profiles that the docs name exist', async () => {
  const profiles = ours.flatMap(([, service]) => service.profiles ?? [])
  const told = (await Promise.all(['README.md', 'docs/operating.md', 'compose.yaml'].map(text))).join('\n')
  const asked = [...told.matchAll(/--profile (\w+)/g)].map(([, name]) => name!)
  expect(asked.length).toBeGreaterThan(2)
  expect(asked.filter(name => !profiles.includes(name))).toEqual([])
})

test('the CUDA libraries are installed by the program, outside the volumes, for the image’s user', () => {
  const { steps } = stage('cuda')
  const at = steps.findIndex(({ keyword }) => keyword === 'RUN')
  expect(steps[at]!.text).toBe('node dist/main.js setup cuda --without-card')
  const setup = createProgram().commands.find(command => command.name() === 'setup')!
  const cuda = setup.commands.find(command => command.name() === 'cuda')!
  expect(cuda.options.map(({ long }) => long)).toContain('--without-card')
  const { CUDA_FOLDER } = environmentOf(stage('cuda'))
  for (const volume of argumentsOf(stage('cpu'), 'VOLUME')) expect(CUDA_FOLDER!.startsWith(volume)).toBe(false)
  expect(steps.slice(at).find(({ keyword }) => keyword === 'USER')?.words).toEqual([`${USER}:${USER}`])
})

let image = ''
const open: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const close of open.toReversed()) await close()
})

/** The folders of the stage `build`, and then those of `cpu`, below a folder that stands for the root of each. */
async function built(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-image-'))
  open.push(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o755)
  const context = join(folder, 'context')
  await copyFiles(root, files, context)
  for (const name of ['build', 'cpu']) {
    const { steps } = stage(name)
    const workdir = join(folder, name, argumentsOf(stage(name), 'WORKDIR')[0]!)
    await mkdir(workdir, { recursive: true })
    for (const { keyword, words, from, text } of steps) {
      if (keyword === 'COPY') {
        const base = from === undefined ? context : join(folder, from)
        const sources = words
          .slice(0, -1)
          .flatMap(source => (source.includes('*') ? matchingFiles(source, files) : [source]))
        for (const source of sources) await moveTo(join(base, source), join(workdir, words.at(-1)!))
      }
      // Those of the other stage make folders at a system's root.
      if (keyword === 'RUN' && name === 'build') await promisify(execFile)('sh', ['-c', text], { cwd: workdir })
    }
  }
  return join(folder, 'cpu')
}

/** A command of the image, as its own user where we may be others. */
function started(command: readonly string[], environment: Readonly<Record<string, string>>) {
  const folders = Object.entries(environmentOf(stage('cpu'))).map(([name, value]) => [
    name,
    value.startsWith('/') ? join(image, value) : value,
  ])
  const [program, ...args] = command
  expect(program).toBe('node')
  const user = process.getuid?.() === 0 ? { uid: USER, gid: USER } : {}
  return spawn(process.execPath, args, {
    ...user,
    cwd: join(image, argumentsOf(stage('cpu'), 'WORKDIR')[0]!),
    env: { PATH: process.env.PATH, ...Object.fromEntries(folders), ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

const USER = 1000

test.skipIf(process.platform === 'win32' || !hasRedis)(
  'what the instructions build answers as bot and worker, to Discord and to its health check, and ends when it is told to',
  async () => {
    image = await built()
    expect(argumentsOf(stage('cpu'), 'USER')).toEqual([`${USER}:${USER}`])
    for (const volume of argumentsOf(stage('cpu'), 'VOLUME')) {
      await mkdir(join(image, volume))
      if (process.getuid?.() === 0) await chown(join(image, volume), USER, USER)
    }
    expect(await readdir(join(image, 'app'))).toEqual(['dist', 'examples', 'node_modules', 'package.json'])
    const health = argumentsOf(stage('cpu'), 'HEALTHCHECK').slice(1)
    const check = JSON.parse(health.join(' ')) as string[]
    const entry = argumentsOf(stage('cpu'), 'ENTRYPOINT')
    const discord = await startTestDiscord()
    open.push(() => discord.close())
    const redis = await startRedis()
    open.push(() => redis.close())

    for (const [command, ready, environment] of [
      [argumentsOf(stage('cpu'), 'CMD'), /"msg":"bot online"/, discordEnvironment(discord)],
      [['worker'], /"msg":"worker ready"/, { REDIS_URL: redis.url }],
    ] as const) {
      const port = { OPERATOR_PORT: String(await freePort()) }
      const healthy = async () => (await once(started(check, port), 'exit'))[0]
      expect(await healthy()).toBe(1)
      const child = started([...entry, ...command], { ...environment, ...port })
      open.push(async () => child.kill('SIGKILL'))
      await waitForOutput(child, ready)
      expect(await healthy()).toBe(0)
      if (command[0] === 'bot') {
        await (await discord.person('Ada').slash('help')).acknowledged
        expect(await readdir(join(image, 'data'))).toContain('line')
      }
      const end = once(child, 'exit')
      child.kill('SIGTERM')
      expect(await end).toEqual([0, null])
      expect(await healthy()).toBe(1)
    }
    expect(discord.violations).toEqual([])
  },
  180_000,
)
