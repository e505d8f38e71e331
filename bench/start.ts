import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import systeminformation from 'systeminformation'
import { type DiscordEmulator, startDiscordEmulator } from '../src/discord-emulator/emulator.js'
import { hasPostgres, hasRedis, startPostgres, startRedis, waitForOutput } from '../test/support/servers.js'
import { median } from './median.js'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** The flags of `npm start`, the Docker image and the service. */
const NODE_FLAGS = ['--max-semi-space-size=1', '--v8-pool-size=1']

/** How long the bot is idle before its memory is measured. */
const IDLE_MS = 10_000

type Memory = { readonly process: string; readonly residentMB: number; readonly proportionalMB?: number }

type Start = {
  /** From the start of the process to the log line `online`: it is logged in, and Discord has its commands. */
  readonly onlineMs: number
  /** From the start of the process to its first answer, to a command that is sent once it is online. */
  readonly answeredMs: number
  /** Of the bot, then of its child processes. */
  readonly memory: readonly Memory[]
}

/** Start the compiled bot, measure, and stop it. */
async function measureStart(
  main: readonly string[],
  discord: DiscordEmulator,
  environment: Readonly<Record<string, string>>,
): Promise<Start> {
  const begin = performance.now()
  const child = spawn(process.execPath, [...main, 'bot'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      LOG_LEVEL: 'info',
      DISCORD_TOKEN: discord.token,
      DISCORD_API: `${discord.url}/api`,
      DISCORD_CDN: discord.url,
      DISCORD_MEDIA: discord.url,
      ...environment,
    },
  })
  try {
    await waitForOutput(child, /"msg":"bot online"/)
    const onlineMs = performance.now() - begin
    const help = await discord.person('Ada').slash('help')
    await help.acknowledged
    const answeredMs = performance.now() - begin
    await sleep(IDLE_MS)
    return { onlineMs, answeredMs, memory: await memoryOf(child.pid!) }
  } finally {
    const end = once(child, 'exit')
    child.kill('SIGTERM')
    await end
  }
}

/** The memory of a process and its descendants. */
async function memoryOf(pid: number): Promise<Memory[]> {
  const { list } = await systeminformation.processes()
  const family = list.filter(one => one.pid === pid)
  // The loop visits what it appends.
  for (const { pid: parent } of family) family.push(...list.filter(one => one.parentPid === parent))
  return Promise.all(
    family.map(async one => {
      const proportional = await proportionalMB(one.pid)
      return {
        process: one.pid === pid ? 'bot' : `${basename(one.command)} ${one.params}`.trim(),
        residentMB: Math.round((one.memRss * 1024) / 1e6),
        ...(proportional !== undefined && { proportionalMB: proportional }),
      }
    }),
  )
}

/** The memory of a process in which shared pages are divided among their processes (PSS). Undefined except on Linux. */
async function proportionalMB(pid: number): Promise<number | undefined> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(rollup) ?? []
  return kilobytes === undefined ? undefined : Math.round((Number(kilobytes) * 1024) / 1e6)
}

function summary(starts: readonly Start[]) {
  const medianOf = (value: (start: Start) => number) => Math.round(median(starts.map(value)))
  const sum = (memory: readonly Memory[]) => memory.reduce((all, { residentMB }) => all + residentMB, 0)
  const proportional = starts.map(({ memory }) => memory[0]?.proportionalMB).filter(value => value !== undefined)
  return {
    onlineMs: medianOf(({ onlineMs }) => onlineMs),
    answeredMs: medianOf(({ answeredMs }) => answeredMs),
    idle: {
      botMB: medianOf(({ memory }) => memory[0]!.residentMB),
      ...(proportional.length > 0 && { botProportionalMB: Math.round(median(proportional)) }),
      children: starts.at(-1)!.memory.slice(1),
      togetherMB: medianOf(({ memory }) => sum(memory)),
    },
  }
}

/** A backend of the queue: the setting that selects it. */
type QueueBackend = { readonly environment: Readonly<Record<string, string>>; close(): Promise<void> }

/** Undefined where its server is missing on this machine. */
const queueBackends: Readonly<Record<string, () => Promise<QueueBackend | undefined>>> = {
  embedded: async () => ({ environment: {}, close: async () => {} }),
  redis: async () => {
    if (!hasRedis) return undefined
    const { url, close } = await startRedis()
    return { environment: { REDIS_URL: url }, close }
  },
  postgres: async () => {
    if (!hasPostgres) return undefined
    const { url, close } = await startPostgres()
    return { environment: { DATABASE_URL: url }, close }
  },
}

/**
 * The compiled bot as a separate process, on the Discord emulator: how soon it is online and answers, and its memory when idle, for
 * each backend of the queue. Run `npm run build` first.
 *
 * @param compare `main.js` of another build, which is started in turns with this one, without flags
 */
export async function benchStart({ quick, compare }: { quick: boolean; compare?: string }) {
  const thisBuild = [...NODE_FLAGS, MAIN]
  const builds = { ...(compare !== undefined && { other: [resolve(compare)] }), current: thisBuild }
  const result: Record<string, unknown> = {}
  for (const [name, open] of Object.entries(queueBackends)) {
    const backend = await open()
    if (!backend) continue
    const folder = await mkdtemp(join(tmpdir(), 'overscan-bench-'))
    const discord = await startDiscordEmulator()
    const run = (main: readonly string[]) =>
      measureStart(main, discord, { ...backend.environment, DATA_FOLDER: folder })
    try {
      // Not counted: it creates the database and the commands.
      const first = await run(thisBuild)
      const all = Object.entries(builds).map(([build, main]) => ({ build, main, starts: [] as Start[] }))
      for (let round = 0; round < (quick ? 1 : 3); round++) {
        for (const { main, starts } of all) starts.push(await run(main))
      }
      const measured = Object.fromEntries(all.map(({ build, starts }) => [build, summary(starts)]))
      result[name] = { firstOnlineMs: Math.round(first.onlineMs), ...measured }
    } finally {
      await discord.close()
      await backend.close()
      await rm(folder, { recursive: true })
    }
  }
  return result
}
