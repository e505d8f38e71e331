import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'dotenv'
import sharp from 'sharp'
import { inviteLink, userInstallLink } from '../../bot/discord/invite.js'
import { isSecretEnvVar, parseConfig, parseEnvVars } from '../../config.js'
import { problemMessage } from '../../i18n/i18n.js'
import { listModelNames } from '../../inference/engines/model-folder.js'
import { DEFAULT_ENGINE, engineNamed, modelFolder } from '../../inference/engines/registry.js'
import { AUTO_DEVICE, parseDevice } from '../../inference/onnx/device-names.js'
import { availableDevices, type DeviceStatus } from '../../inference/onnx/devices.js'
import { UserError } from '../../user-error.js'
import { envExample } from '../env/env-example.js'
import { readEnvFile, setEnvValues, startWith, writeEnvFile } from '../env/env-file.js'
import { ENV_FILE } from '../env/read-config.js'
import { detectHardware } from '../hardware.js'
import { addFromCatalog, describeModel } from '../manage-models.js'
import {
  type CatalogEntry,
  catalogLines,
  type DeviceMemory,
  deviceMemory,
  findInCatalog,
  fitsInMemory,
  MODEL_CATALOG,
} from '../model-catalog.js'
import { paintFile } from '../paint-file.js'
import { createProgressBar } from '../progress-bar.js'
import { SAMPLE_PICTURE } from '../sample-picture.js'
import { formatBytes, toGigabytes } from '../text-table.js'
import { type DiscordAccount, fetchDiscordAccount, registerOnDiscord } from './discord-account.js'
import type { Prompts } from './prompts.js'

/** What was said beforehand; the rest is asked where there is somebody. */
export type SetupOptions = {
  readonly token?: string
  readonly tokenFile?: string
  readonly device?: string
  readonly model?: string
  readonly dataFolder?: string
  readonly pagesPort?: string
  /** The file of settings. */
  readonly env: string
  /** Where the test picture goes. */
  readonly output: string
  readonly register: boolean
  readonly test: boolean
}

const NONE = 'none'

/** How wide the test picture is, in pixels. */
const TEST_WIDTH = 256

/** Enough to see whether it paints. */
const TEST_STEPS = 8

const PORTAL = 'https://discord.com/developers/applications'

/**
 * `overscan setup`: from nothing to a bot that can be started. What is asked is asked first; then the settings are written, all at
 * once; then the model is downloaded, the commands are registered and a picture is painted, each of which can be done again.
 *
 * @throws ProblemError `token-missing`, `model-too-large`, `device-unusable`, `engine-unknown`, `configuration-invalid`,
 *   `setting-not-writable`, `cancelled`, those of {@link fetchDiscordAccount} and of `addFromCatalogue`
 */
export async function runSetup(options: SetupOptions, asking: Prompts | undefined): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort(new UserError({ code: 'cancelled' })))
  const before = await readEnvFile(options.env)
  startWith(before, await readEnvFile(ENV_FILE))

  const { token, account } = await logIn(options, asking)
  tell(`Discord knows the bot as ${account.name}.`)
  const device = await deviceFor(options, asking)
  const chosen = await modelFor(options, device, asking)
  const more = await placesFor(options, asking)

  const values = changesTo(before, { DISCORD_TOKEN: token, ...(device !== undefined && { DEVICE: device }), ...more })
  stop.signal.throwIfAborted()
  await write(options.env, before, values, asking)

  if (chosen.entry) await downloadModel(chosen.entry, stop.signal)
  stop.signal.throwIfAborted()
  let servers: number | undefined
  if (options.register) {
    const told = await registerOnDiscord(token, parseEnvVars(process.env, ['DISCORD_API']).DISCORD_API)
    servers = told.servers
    tell(told.done === 'registered' ? 'The commands are registered.' : 'Discord knows the commands already.')
  }
  if (options.test) await paintTest(chosen.name, options.output, stop.signal)

  tell('')
  if (servers === 0 || servers === undefined) {
    tell(`Add it to a server, with what it needs and no more: ${inviteLink(account.id)}`)
    tell(`Or take it along to wherever you write: ${userInstallLink(account.id)}`)
  } else
    tell(`It is in ${servers} ${servers === 1 ? 'server' : 'servers'}. To add it to another: ${inviteLink(account.id)}`)
  if (chosen.name !== DEFAULT_ENGINE) tell(`In Discord, /settings defaults makes ${chosen.name} what paints there.`)
  tell('Start it with “overscan bot”.')
}

/** @returns a token that Discord takes, and what it belongs to */
async function logIn(
  { token, tokenFile }: SetupOptions,
  asking: Prompts | undefined,
): Promise<{ token: string; account: DiscordAccount }> {
  const { DISCORD_API: api, DISCORD_TOKEN: set = '' } = parseEnvVars(process.env, ['DISCORD_API', 'DISCORD_TOKEN'])
  const fromFile = tokenFile === undefined ? undefined : await readEnvToken(tokenFile)
  let given = cleaned(token ?? fromFile ?? set)
  if (!given && asking) {
    tell(`The bot needs a token: open ${PORTAL}, press New Application, and under Bot Reset Token.`)
    tell('It is kept in the file of settings, and sent to nobody but Discord.')
  }
  for (;;) {
    if (!given && !asking) throw new UserError({ code: 'token-missing' })
    if (!given) given = cleaned(await asking!.password('The token'))
    try {
      return { token: given, account: await fetchDiscordAccount(given, api) }
    } catch (error) {
      const isWrong = error instanceof UserError && error.problem.code === 'login-refused'
      if (!isWrong || !asking) throw error
      tell(problemMessage(error.problem))
      given = ''
    }
  }
}

/** As people copy it. */
function cleaned(token: string): string {
  return token.trim().replace(/^Bot\s+/, '')
}

async function readEnvToken(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(cause => {
    throw new UserError({ code: 'no-such-file', path }, { cause })
  })
}

/** @returns what `DEVICE` is to be, empty for the first that works; undefined to leave it */
async function deviceFor({ device }: SetupOptions, asking: Prompts | undefined): Promise<string | undefined> {
  if (device !== undefined && device !== AUTO_DEVICE) {
    for (const one of device.split(',')) await assertWorks(one)
    return device
  }
  if (device === AUTO_DEVICE || !asking) return device && ''
  const found = await availableDevices()
  const first = found.find(({ works }) => works)?.name ?? 'cpu'
  const set = deviceSet()
  const answer = await asking.select(
    'What are models computed on?',
    [
      { value: AUTO_DEVICE, label: 'the first that works', hint: `${first} here` },
      ...found.map(one => ({ value: one.name, label: one.name, disabled: !one.works, hint: stateOf(one) })),
    ],
    set !== undefined && found.some(({ name, works }) => works && name === set) ? set : AUTO_DEVICE,
  )
  return answer === AUTO_DEVICE ? '' : answer
}

/** The first of those that the settings name. */
function deviceSet(): string | undefined {
  return parseEnvVars(process.env, ['DEVICE']).DEVICE?.[0]
}

function stateOf(device: DeviceStatus): string {
  return device.works ? 'works' : device.reason
}

async function assertWorks(device: string): Promise<void> {
  const name = parseDevice(device)?.name
  const found = (await availableDevices()).find(one => one.name === name)
  if (found?.works) return
  const reason = found?.reason ?? 'this build of onnxruntime does not have it'
  throw new UserError({ code: 'device-unusable', device, reason })
}

type Chosen = {
  /** The engine that paints. */
  readonly name: string
  /** To download, unless it is there. */
  readonly entry?: CatalogEntry
}

async function modelFor(
  { model }: SetupOptions,
  device: string | undefined,
  asking: Prompts | undefined,
): Promise<Chosen> {
  const installed = listModelNames(modelFolder())
  if (model === NONE || (model === undefined && !asking)) return { name: DEFAULT_ENGINE }
  if (model !== undefined && installed.includes(model)) return { name: model }
  const name = (device === undefined ? deviceSet() : device.split(',')[0]) || (await firstDevice())
  const room = deviceMemory(name, await detectHardware())
  const wanted = model ?? (await askedModel(room, installed, asking!))
  if (wanted === NONE) return { name: DEFAULT_ENGINE }
  if (installed.includes(wanted)) return { name: wanted }
  const entry = findInCatalog(wanted)
  const offered = MODEL_CATALOG.filter(({ use }) => use === 'model')
  if (entry?.use !== 'model') {
    const known = [NONE, ...installed, ...offered.map(one => one.name)].join(', ')
    throw new UserError({ code: 'engine-unknown', engine: wanted, known })
  }
  if (fitsInMemory(entry, room) === 'no') {
    const [needs, has] = [toGigabytes(entry.memory[room.kind]), toGigabytes(room.bytes!)]
    throw new UserError({ code: 'model-too-large', model: wanted, needs, has, device: name })
  }
  return { name: wanted, entry }
}

async function firstDevice(): Promise<string> {
  return (await availableDevices()).find(({ works }) => works)?.name ?? 'cpu'
}

async function askedModel(room: DeviceMemory, installed: readonly string[], asking: Prompts): Promise<string> {
  for (const line of catalogLines(room)) tell(line)
  const offered = MODEL_CATALOG.filter(({ use, name }) => use === 'model' && !installed.includes(name))
  return asking.select(
    'What paints?',
    [
      { value: NONE, label: 'none: the built-in engine', hint: 'no model, no GPU' },
      ...installed.map(name => ({ value: name, label: name, hint: 'is there already' })),
      ...offered.map(entry => {
        const isTooLarge = fitsInMemory(entry, room) === 'no'
        const hint = isTooLarge ? 'does not fit' : `${formatBytes(entry.bytes)}, ${entry.licence}, ${entry.speed}`
        return { value: entry.name, label: entry.name, disabled: isTooLarge, hint }
      }),
    ],
    installed[0] ?? NONE,
  )
}

/** Where the bot keeps what it knows, and whether people can draw on pages. */
async function placesFor(
  { dataFolder, pagesPort }: SetupOptions,
  asking: Prompts | undefined,
): Promise<Record<string, string>> {
  const { DATA_FOLDER, PAGES_PORT } = parseEnvVars(process.env, ['DATA_FOLDER', 'PAGES_PORT'])
  const folder =
    dataFolder ??
    (await asking?.text('Where are settings and requests kept?', DATA_FOLDER, answer =>
      answer ? undefined : 'A folder is needed.',
    ))
  const port =
    pagesPort ??
    (await asking?.text('Port of the pages to draw masks on (empty: no pages)', String(PAGES_PORT ?? ''), answer =>
      answer === '' || (/^\d{1,5}$/.test(answer) && Number(answer) >= 1 && Number(answer) <= 65_535)
        ? undefined
        : 'A number from 1 to 65535.',
    ))
  return {
    ...(folder !== undefined && folder !== DATA_FOLDER && { DATA_FOLDER: folder }),
    ...(port !== undefined && port !== String(PAGES_PORT ?? '') && { PAGES_PORT: port }),
  }
}

/** Of these, what a file does not say already. */
function changesTo(text: string, wanted: Readonly<Record<string, string>>): Record<string, string> {
  const now = parse(text)
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => (now[name] ?? '') !== value))
}

/** Write settings down, and go on with them. What stands there already is replaced only if that is meant. */
async function write(
  path: string,
  before: string,
  values: Readonly<Record<string, string>>,
  asking: Prompts | undefined,
): Promise<void> {
  parseConfig({ ...process.env, ...values })
  const now = parse(before)
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) {
    const change = now[name] ? `${name}: ${shown(name, now[name])} → ${shown(name, value)}` : undefined
    if (change && asking && !(await asking.confirm(`Change ${change} in ${path}?`))) continue
    if (change) tell(`${path}: ${change}`)
    kept[name] = value
  }
  Object.assign(process.env, kept)
  if (Object.keys(kept).length === 0) {
    tell(`${path} stays as it is.`)
    return
  }
  await writeEnvFile(path, setEnvValues(before.trim() === '' ? envExample() : before, kept))
  tell(`${path} is written (${Object.keys(kept).join(', ')}).`)
}

/** Nobody's business in a terminal that others may see. */
function shown(name: string, value: string): string {
  if (value === '') return 'nothing'
  return isSecretEnvVar(name) ? `…${value.slice(-4)}` : value
}

async function downloadModel(entry: CatalogEntry, signal: AbortSignal): Promise<void> {
  tell(`Downloading ${entry.name}: ${formatBytes(entry.bytes)}, ${entry.licence}.`)
  const bar = createProgressBar(process.stderr, 'downloading')
  const onProgress = (done: number) => bar.show(done)
  tell(describeModel(await addFromCatalog(entry, { signal, onProgress }).finally(() => bar.end())))
}

/** Zoom the sample out, small, as a sign that everything works. */
async function paintTest(engine: string, output: string, signal: AbortSignal): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'overscan-setup-'))
  const bar = createProgressBar(process.stderr, 'painting')
  try {
    const source = join(folder, 'lighthouse.png')
    await sharp(SAMPLE_PICTURE).resize({ width: TEST_WIDTH }).png().toFile(source)
    const model = engineNamed(engine).supportsPrompt ? { options: { steps: TEST_STEPS } } : {}
    const { pictures, timings } = await paintFile(
      {
        edit: { kind: 'zoom', factor: 1.5, grow: false },
        source,
        output,
        variations: 1,
        seed: 1,
        prompt: 'a lighthouse by the sea',
        engine,
        ...model,
      },
      { signal, onProgress: done => bar.show(done) },
    )
    for (const { file } of pictures) {
      bar.end()
      tell(`A test picture by ${engine}, in ${(timings.total / 1000).toFixed(1)} s: ${file}`)
    }
  } finally {
    bar.end()
    await rm(folder, { recursive: true })
  }
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}
